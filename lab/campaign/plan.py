"""What goes wrong in a campaign, and where: one list of cases, fixed by the seed.

A case is what happens to one step of one account (its attempt id is known beforehand:
it is derived), or to the whole system when so many contacts have been made. A case may hold several
faults, such as an answer that is lost and a worker killed while it waits for it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product, zip_longest
from random import Random
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from activities.crash_points import CrashPoint
from domain.names import attempt_id
from lab.campaign.people import CHANNELS, Account

ANSWERS: Final = (
    "refuse",
    "429",
    "5xx_before:503",
    "5xx_after:500",
    "hang_before",
    "hang_after",
    "reset_before",
    "reset_after",
    "truncate_after",
    "cut_after",
    "slow:0.4",
)
AFTER: Final = ("5xx_after:500", "hang_after", "reset_after", "truncate_after", "cut_after")
"""Answers lost although the message was accepted."""
PROXIES: Final = (
    "proxy_after:403-html",
    "proxy_after:401-json",
    "proxy_after:404-text",
    "proxy_after:407-html",
    "proxy_after:413-html",
    "proxy_after:421-text",
    "proxy_after:429-json-retry",
    "proxy_after:429-html",
    "proxy_after:451-html",
    "proxy_after:502-html",
    "proxy_after:403-gateway",
    "proxy_before:403-html",
)
"""Something on the way answers instead of the provider, which mostly has taken the message."""
WORST: Final = ("proxy_after:403-html", "proxy_after:429-json-retry")
"""Two of them that look like a certain no."""
CALLBACKS: Final = (
    "silent",
    "callback_lost",
    "callback_double",
    "callback_reorder",
    "callback_late",
    "callback_forged",
)
FATES: Final = ("undelivered:30003", "failed", "blocked")
REFUSALS: Final = {
    "twilio": (21211, 21606, 21610),
    "infobip": (52, 400),
    "sendgrid": (400, 413),
    "resend": (422, 403),
}
"""By provider: a number that is none, a sender that is wrong, a person who has opted out; ..."""
OUTAGES: Final = ("twilio", "sendgrid")
"""Providers that are down for days: the first of each channel."""

FAILED_LOOKUPS: Final = 6
"""In a row: more often than one attempt is asked about in a day, fewer than in a week."""

WALK: Final = (
    CrashPoint.STARTED,
    CrashPoint.RESERVING,
    CrashPoint.RESERVED,
    CrashPoint.DISPATCHED,
    CrashPoint.ANSWERED,
    CrashPoint.SETTLED,
    CrashPoint.PLANNED,
)
INQUIRY: Final = (CrashPoint.ASKING, CrashPoint.ASKED, CrashPoint.RECONCILED)
SERVERS: Final = ("postgres", "postgres_frozen", "postgres_full", "temporal")
"""Killed and started again; stopped for a while; every connection taken; killed."""
PROCESSES: Final = frozenset({"worker", "gateway"})
"""Killed; whatever else is struck is one of SERVERS, or its tables."""
SECOND_FILE: Final = "second_file"
"""No blow: the creditor's second file, see ``people.second_file``."""
DESK: Final = "desk"
"""No blow: people offer settlements, open and end disputes and hardships, and tell what fell due,
for accounts of which nothing else is planned."""
STALL: Final = "stall"
"""The worker stands still for a second and more, its transaction open: a machine too busy."""
RUNNING: Final = {
    "worker": 14,
    "gateway": 8,
    "postgres": 4,
    "postgres_frozen": 4,
    "postgres_full": 4,
    "postgres_locked": 4,
    "temporal": 4,
    SECOND_FILE: 1,
    DESK: 8,
}
"""Blows to the system at a moment of their own, and how many of each in a whole campaign."""

FULL: Final = 10_000
"""Contacts of a campaign in which every case happens; a smaller one has its share of them."""
STEPS: Final = 30
"""The last step of an account for which anything is planned, at most; later ones may not come."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Blow(_Frozen):
    """What is killed or choked when an execution reaches a point of the case's attempt."""

    what: str
    """``worker`` (the one that reached it dies), STALL (it stands still) or one of SERVERS."""
    point: CrashPoint


class Case(_Frozen):
    """Everything that goes wrong together."""

    id: str
    account: str = ""
    step: int = 0
    answer: str | None = None
    callbacks: str | None = None
    fate: str | None = None
    blows: tuple[Blow, ...] = ()
    running: str | None = None
    """A blow of RUNNING, when so many contacts have been made:"""
    at_contact: int = 0
    outage: str | None = None
    """A provider that is down for virtual days, counted from the beginning, half open:"""
    days: tuple[float, float] = (0, 0)
    lookups: str | None = None
    """A provider whose lists fail FAILED_LOOKUPS times."""

    @property
    def attempt(self) -> str:
        """The attempt it is about; derived as the product derives it."""
        creditor, account = self.account.split("/", 1)
        return attempt_id(creditor, account, self.step)

    @property
    def inquired(self) -> bool:
        """Whether it is about an attempt of which the provider has to be asked."""
        return any(blow.point in INQUIRY for blow in self.blows)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names under which its faults are counted."""
        found = [f"answer {self.answer}"] if self.answer else []
        found += [f"callbacks {self.callbacks}"] if self.callbacks else []
        found += [f"fate {self.fate}"] if self.fate else []
        found += [f"{blow.what} at {blow.point}" for blow in self.blows]
        found += [f"{self.running} while running"] if self.running else []
        found += [f"outage {self.outage}"] if self.outage else []
        found += [f"lookups {self.lookups}"] if self.lookups else []
        return tuple(found)


class Plan(_Frozen):
    """The cases of one campaign."""

    seed: int
    contacts: int
    cases: tuple[Case, ...]

    def only(self, ids: Iterable[str]) -> "Plan":
        """The same campaign with these cases alone."""
        wanted = set(ids)
        kept = tuple(case for case in self.cases if case.id in wanted)
        return self.model_copy(update={"cases": kept})


def make_plan(accounts: list[Account], contacts: int, seed: int) -> Plan:
    """Every case in a whole campaign, every kind of case once in the smallest."""
    share = min(1.0, contacts / FULL)
    about = every_case()
    about = about[: max(len(_families()), round(len(about) * share))]
    chance = Random(f"plan {seed}")
    cases = _placed(about, accounts, contacts, chance)
    return _named(seed, contacts, cases + _whole_run(contacts, share, chance))


def plan_of(cases: list[Case], accounts: list[Account], contacts: int, seed: int) -> Plan:
    """A plan of these cases alone."""
    return _named(seed, contacts, _placed(cases, accounts, contacts, Random(f"plan {seed}")))


def every_case() -> list[Case]:
    """What can go wrong with attempts: every kind once, then every kind again, and so on."""
    return [case for turn in zip_longest(*_families()) for case in turn if case is not None]


def _placed(
    about: list[Case], accounts: list[Account], contacts: int, chance: Random
) -> list[Case]:
    """Each case at a step of its own, of an account that will come to it.

    The cases of one kind go round the channels, as far as there are accounts that prefer them.
    """
    # A steady account makes more steps than the average, which those in Colombia keep down.
    last = min(STEPS, max(4, contacts // len(accounts)))
    cells = [(account, n) for account in accounts if account.steady for n in range(2, last)]
    chance.shuffle(cells)
    of = {name: [(a.key, n) for a, n in cells if a.prefers == name] for name in CHANNELS}
    begun, placed = Counter[tuple[str, ...]](), list[Case]()
    for number, case in enumerate(about):
        begun.setdefault(case.kinds, number)
        # Who takes a call asks us for its words: no such attempt is ever asked about.
        among = CHANNELS if not case.inquired else tuple(c for c in CHANNELS if c != "voice")
        wanted = among[begun[case.kinds] % len(among)]
        begun[case.kinds] += 1
        left = of[wanted] or max((of[name] for name in among), key=len)
        if not left:
            continue
        account, step = left.pop()
        placed.append(case.model_copy(update={"account": account, "step": step}))
    return placed


def _named(seed: int, contacts: int, cases: list[Case]) -> Plan:
    named = [case.model_copy(update={"id": f"F{n:03}"}) for n, case in enumerate(cases, 1)]
    return Plan(seed=seed, contacts=contacts, cases=tuple(named))


def _case(**fields: object) -> Case:
    return Case.model_validate({"id": "", **fields})


def _families() -> list[list[Case]]:
    """Cases by kind, each kind as often as a whole campaign has it."""
    families = [[_case(answer=answer)] * 10 for answer in ANSWERS]
    families += [[_case(answer=answer)] * 4 for answer in PROXIES]
    families += [[_case(callbacks=callbacks)] * 10 for callbacks in CALLBACKS]
    families += [[_case(fate=fate)] * 6 for fate in FATES]
    families += [[_case(blows=(_blow("worker", point),))] * 6 for point in WALK]
    # Twice: an attempt that a fact of its customer releases never comes to its point.
    others = (*SERVERS, STALL) * 2
    families += [[_case(blows=(_blow(what, point),)) for what in others] for point in WALK]
    families += [
        [
            _case(answer=answer, callbacks="silent", blows=(_blow(what, point),))
            for what, answer in zip(("worker", *SERVERS) * 2, AFTER * 2, strict=False)
        ]
        for point in INQUIRY
    ]
    families += [
        [_case(blows=(_blow("worker", point), _blow("worker", CrashPoint.FOUND)))] * 3
        for point in (
            CrashPoint.RESERVED,
            CrashPoint.DISPATCHED,
            CrashPoint.ANSWERED,
            CrashPoint.SETTLED,
        )
    ]
    # The worker dies with the answer, and nobody calls: only the provider's lists can tell.
    dead = (_blow("worker", CrashPoint.ANSWERED),)
    families.append([_case(callbacks="silent", blows=dead)] * 6)
    # The answer goes wrong, and then the worker dies as well.
    killed = (CrashPoint.ANSWERED, CrashPoint.SETTLED, CrashPoint.PLANNED)
    answers = (*ANSWERS, *WORST)
    both = [_case(answer=a, blows=(_blow("worker", p),)) for a, p in product(answers, killed)]
    # Answer and callback both go wrong: only the provider's lists can tell.
    lost = [_case(answer=a, callbacks=c) for a, c in product((*AFTER, *WORST), CALLBACKS)]
    mixed = Random("mixed")
    mixed.shuffle(both)
    mixed.shuffle(lost)
    return [*families, both, lost]


def _blow(what: str, point: CrashPoint) -> Blow:
    return Blow(what=what, point=point)


def _whole_run(contacts: int, share: float, chance: Random) -> list[Case]:
    """Blows at moments of their own, a provider down for days, lists that fail."""
    blows = [what for what, most in RUNNING.items() for _ in range(max(1, round(most * share)))]
    chance.shuffle(blows)
    moments = sorted(chance.randrange(contacts // 20, max(2, contacts * 19 // 20)) for _ in blows)
    # Early enough for what follows from it to be seen.
    first = blows.index(SECOND_FILE)
    blows[0], blows[first] = blows[first], blows[0]
    moments[0] = contacts // 4
    cases = [_case(running=w, at_contact=n) for w, n in zip(blows, moments, strict=True)]
    begins = 3.0
    for provider in OUTAGES:
        cases.append(_case(outage=provider, days=(begins, begins + OUTAGE_DAYS)))
        cases.append(_case(lookups=provider))
        begins += 7
    return cases


OUTAGE_DAYS: Final = timedelta(days=2) / timedelta(days=1)


class Scripted(NamedTuple):
    """A line of the sandbox's script, and the kind under which its strikes are counted."""

    kind: str
    rule: Mapping[str, object]
    every: bool = False
    """Each request that meets it counts, not only that one did."""


def script(plan: Plan, began: datetime) -> list[Scripted]:
    """Everything that the sandbox has to do, its outages counted from ``began``."""
    return [line for case in plan.cases for line in _lines(case, began)]


def _lines(case: Case, began: datetime) -> Iterator[Scripted]:
    if case.answer == "refuse":
        number = int(case.attempt[:4], 16)
        for provider, codes in REFUSALS.items():
            match = {"attempt": case.attempt, "provider": provider}
            do = f"refuse:{codes[number % len(codes)]}"
            yield Scripted("answer refuse", {"match": match, "do": do})
    elif case.answer:
        yield _about(case, "answer", case.answer)
    if case.callbacks:
        yield _about(case, "callbacks", case.callbacks)
    if case.fate:
        yield _about(case, "fate", case.fate)
    down = "5xx_before:503"
    if case.lookups:
        asked = {"op": "list", "provider": case.lookups}
        lookups: dict[str, object] = {"match": asked, "do": down, "times": FAILED_LOOKUPS}
        yield Scripted(f"lookups {case.lookups}", lookups)
    if case.outage:
        since, until = ((began + timedelta(days=day)).isoformat() for day in case.days)
        outage: dict[str, object] = {"match": {"provider": case.outage}, "do": down}
        outage |= {"times": None, "since": since, "until": until}
        yield Scripted(f"outage {case.outage}", outage, every=True)


def _about(case: Case, kind: str, do: str) -> Scripted:
    return Scripted(f"{kind} {do}", {"match": {"attempt": case.attempt}, "do": do})
