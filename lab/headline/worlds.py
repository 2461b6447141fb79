"""One world with one luck, lived under every contender; what comes of it, as plain numbers."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

from config.prices.catalogue import load_prices
from config.rules import RulesFactory
from config.settings import ROOT, Settings
from domain.channels import Channel
from domain.conversation.work_words import WorkReason
from domain.ledger.call_outcome import CallOutcome
from domain.report.prices import Prices
from domain.strategy import Strategy
from lab.headline.clients import Client, Clients, classes_of
from lab.headline.levers import BASELINES, BEST, MAIN, OURS, Contender
from lab.headline.portfolio import BEGAN, RATES, portfolio
from people.draws import u
from people.worlds import World
from workers.simulation.life import Life
from workers.simulation.portfolio import Group
from workers.simulation.record import Account, Record
from workers.simulation.settings import Run, factory_of

DAYS: Final = 30
COSTS: Final = ("messages", "calls", "people")
TALK_MINUTES: Final = 6
"""Of a person who is on the telephone with somebody: assumed."""
_PRICES: Final = ROOT / "config" / "prices" / "prices.yaml"
SHUFFLED_PAIR: Final = (BEST, BASELINES[0])
_SETTINGS: Final = Settings(law=ROOT / "config" / "law").model_dump_json(
    include={"readings", "actor", "least_amounts", "law"}
)


Cured = Mapping[tuple[str, str], bool]
"""By person and account."""


class Task(NamedTuple):
    """A world and a luck, and who is tried in it."""

    name: str
    world: World
    seed: int
    contenders: tuple[str, ...]


@dataclass(frozen=True)
class Setup:
    """What each process needs once."""

    clients: tuple[Client, ...]
    told: Clients
    contenders: Mapping[str, Contender]


_here: Final[dict[str, Any]] = {}


def lived(setup: Setup, tasks: Sequence[Task], cores: int) -> Iterator[dict[str, Any]]:
    """What came of each, in their order: the same on one core or many."""
    if cores == 1 or len(tasks) == 1:
        _begin(setup)
        yield from map(_live, tasks)
        return
    with ProcessPoolExecutor(
        cores, mp_context=get_context("spawn"), initializer=_begin, initargs=(setup,)
    ) as pool:
        yield from pool.map(_live, tasks)


def _begin(setup: Setup) -> None:
    made = {one.made for one in setup.contenders.values()}
    _here.clear()
    _here["setup"] = setup
    _here["portfolio"] = {one: portfolio(setup.clients, setup.told, one) for one in sorted(made)}
    _here["factory"] = {}


def _live(task: Task) -> dict[str, Any]:
    setup: Setup = _here["setup"]
    classes = classes_of(task.world, setup.clients, setup.told)
    found: dict[str, Any] = {
        "task": task.name,
        "seed": task.seed,
        "world": dict(sorted(task.world.values.items())),
        "of": {},
        "beside": {},
    }
    cured: dict[str, Cured] = {}
    for name in task.contenders:
        contender = setup.contenders[name]
        record = Record()
        for risk, groups in _here["portfolio"][contender.made].items():
            record.add(_lived(contender, classes[risk], task.seed, groups))
        found["of"][name] = _numbers(record)
        cured[name] = {(one.customer, one.key): one.cured_on >= 0 for one in record.accounts}
    for one, other in pairs_of(task.contenders):
        found["beside"][f"{one}/{other}"] = _pairs(cured[other], cured[one])
        if (one, other) == SHUFFLED_PAIR:
            found["shuffled"] = shuffled(task.name, task.seed, cured[other], cured[one])
    return found


def pairs_of(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Which are set beside which, person by person: ours beside each baseline, and ours without a
    lever beside ours with it."""
    for one, other in product(names, names):
        against_baseline = one in OURS and other in BASELINES
        if against_baseline or (other == BEST and one not in MAIN):
            yield one, other


def run_of(strategy: Strategy, world: World, seed: int) -> Run:
    """The dry run of one strategy."""
    return Run(
        strategy=strategy.model_dump_json(),
        world=world,
        seed=seed,
        began=BEGAN,
        days=DAYS,
        settings=_SETTINGS,
    )


def _lived(contender: Contender, world: World, seed: int, groups: Sequence[Group]) -> Record:
    run = run_of(contender.strategy, world, seed)
    factories: dict[str, RulesFactory] = _here["factory"]
    if contender.name not in factories:
        factories[contender.name] = factory_of(run)
    found = Record()
    for group in groups:
        found.add(Life(run, factories[contender.name], group).lived())
    return found


def _numbers(record: Record) -> dict[str, Any]:
    accounts, sums = list(record.accounts), record.sums
    calls = sum(n for what, n in sums.items() if what[0] == "call by person")
    spent, minutes = cost(record, load_prices(_PRICES))
    return {
        "accounts": len(accounts),
        "contacts": sum(one.contacts for one in accounts) + calls,
        "calls_by_person": calls,
        "by_channel": _by(sums, "contact", 1),
        "read": sum(n for what, n in sums.items() if what[0] == "became" and what[3]),
        "cured": sum(one.cured_on >= 0 for one in accounts),
        "on_plan": sum(_on_plan(one) for one in accounts),
        "owed": round(sum(float(one.owed) / RATES[one.currency] for one in accounts), 2),
        "paid": round(sum(float(one.paid) / RATES[one.currency] for one in accounts), 2),
        "opt_outs": sum(one.stops for one in accounts),
        "complaints": sum(one.complaints for one in accounts),
        "inbound": sum(n for what, n in sums.items() if what[0] == "inbound"),
        "minutes": minutes,
        "cost": round(sum(spent.values()), 4),
        "costs": spent,
        "countries": {
            country: {
                "accounts": sum(one.country == country for one in accounts),
                "contacts": sum(one.contacts for one in accounts if one.country == country),
                "cured": sum(one.cured_on >= 0 for one in accounts if one.country == country),
            }
            for country in sorted({one.country for one in accounts})
        },
        "touched": _digest(accounts),
    }


def cost(record: Record, prices: Prices) -> tuple[dict[str, float], float]:
    """What messages, the telephone and people cost, and people's minutes.

    A dialler rings: a call in vain takes nobody's time, whoever would have spoken; what a voicemail
    costs is the telephone's. What comes in and has to be answered takes a person as long as an item
    of work. A message counts as one segment.
    """
    spent = dict.fromkeys(COSTS, 0.0)
    voice, work, minutes = Channel.VOICE.value, Decimal(), 0
    for (kind, *rest), number in record.sums.items():
        if kind == "sent":
            country, channel, outcome, arrived = rest
            if arrived or prices.costs_if_lost(channel):
                each = prices.of(channel, country, outcome) or Decimal()
                spent["calls" if channel == voice else "messages"] += float(each * number)
            continue
        took, country = 0, rest[-1]
        if kind == "call by person":
            took = TALK_MINUTES if rest[0] == CallOutcome.CONVERSATION else 0
            spent["calls"] += float(_telephone(prices, country, rest[0], took) * number)
        elif kind == "work" and rest[0] != WorkReason.PERSON_FIRST.value:
            took = prices.work_minutes
        work += prices.minute(country) * took * number if took else 0
        minutes += took * number
    spent["people"] = float(work)
    return {name: round(spent[name], 4) for name in COSTS}, float(minutes)


def _telephone(prices: Prices, country: str, outcome: str, talked: int) -> Decimal:
    """Of a person's call: as long as they talk, or what a machine's would cost."""
    price = prices.price(Channel.VOICE.value, country)
    if price is None or not talked:
        return prices.of(Channel.VOICE.value, country, outcome) or Decimal()
    return prices.call(price.price, outcome, talked)


def _on_plan(account: Account) -> bool:
    """Not cured, and paying by a plan."""
    return account.cured_on < 0 and account.plans > 0 and float(account.paid) > 0


def _by(sums: Counter[tuple[Any, ...]], kind: str, place: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for what, number in sums.items():
        if what[0] == kind:
            found[str(what[place])] += number
    return dict(sorted(found.items()))


def _digest(accounts: Sequence[Account]) -> int:
    """Of who was contacted when: for who wants to know whether it was the same."""
    return sum(int(one.touched or "0", 16) for one in accounts) % 2**48


def _pairs(first: Cured, other: Cured) -> list[int]:
    """Whom the first alone cured, whom the other alone, of how many accounts; and the squares of
    each person's difference, whose accounts have much of their luck together."""
    both = first.keys() & other.keys()
    by_person: Counter[str] = Counter()
    for person, account in both:
        by_person[person] += other[person, account] - first[person, account]
    return [
        sum(first[key] and not other[key] for key in both),
        sum(other[key] and not first[key] for key in both),
        len(both),
        sum(gap * gap for gap in by_person.values()),
    ]


def shuffled(world: str, seed: int, one: Cured, other: Cured) -> list[int]:
    """The same where chance says of each person whose outcomes are whose: in each world anew, since
    the same people live in all of them."""
    swapped = {person: u(seed, person, f"whose {world}") < 0.5 for person, _ in one}
    mine = {key: other[key] if swapped[key[0]] else one[key] for key in one}
    theirs = {key: one[key] if swapped[key[0]] else other[key] for key in one}
    return _pairs(mine, theirs)


def apart(pairs: Sequence[int]) -> tuple[float, float]:
    """By how many points the second's cures differ from the first's, and the standard error of
    that: luck of the same people under both, each with all of their accounts."""
    alone, other, number, squares = pairs
    gap = (other - alone) / number
    spread = max(squares / number - gap * gap, 0.0)
    return 100 * gap, 100 * math.sqrt(spread / number)
