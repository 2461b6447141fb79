"""From what one run leaves to its figures: one JSON object, with money by currency."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from domain.report.prices import Prices
from workers.simulation.record import Account, Record

_CENT: Final = Decimal("0.01")
_SUMS: Final = (
    *("accounts", "contacts", "never_contacted", "promises", "promises_kept", "plans"),
    *("opt_outs", "complaints"),
)


def figures(record: Record, prices: Prices) -> dict[str, Any]:
    """All that is told of a run."""
    told, rolled = _Tally(), _Rolled()
    segments, strategies, arms = (defaultdict[str, _Tally](_Tally) for _ in range(3))
    silenced: Counter[str] = Counter()
    for one in record.accounts:
        told.add(one)
        rolled.add(one)
        for found, name in ((segments, one.segment), (strategies, one.strategy), (arms, one.arm)):
            if name:
                found[name].add(one)
        if one.silenced:
            silenced[one.silenced] += 1
    return {
        **told.told(),
        "contacts_by": {
            "channel": _by(record, "contact", 1),
            "phase": _by(record, "contact", 2),
            "day": _in_order(_by(record, "contact", 3)),
            "hour": _in_order(_by(record, "hour", 2)),
            "weekday": _in_order(_by(record, "hour", 3)),
            "purpose": _by(record, "purpose", 1),
        },
        "hours_by_channel": _two(record, "hour", 1, 2),
        "became": _two(record, "became", 1, 2),
        "read": _by(_only(record, "became", 3, True), "became", 1),
        "inbound": _by(record, "inbound", 1),
        "work_items": _by(record, "work", 1),
        "calls_by_person": _by(record, "call by person", 1),
        "payments_because": _by(record, "payment", 1),
        "promises_asked": _by(record, "promise", 1),
        "plans_asked": _by(record, "plan", 1),
        "cost": _cost(record, prices, told.cured),
        "roll_rates": rolled.told(),
        "silenced_by": dict(sorted(silenced.items())),
        "segments": {name: segments[name].told() for name in sorted(segments)},
        "strategies": {name: strategies[name].told() for name in sorted(strategies)},
        "arms": {name: arms[name].told() for name in sorted(arms)},
    }


class _Tally:
    """Sums over accounts that come one at a time."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()
        self._by_day: Counter[int] = Counter()
        self._ended: Counter[str] = Counter()
        self._owed = defaultdict[str, Decimal](Decimal)
        self._paid = defaultdict[str, Decimal](Decimal)

    def add(self, one: Account) -> None:
        sums = self._sums
        sums["accounts"] += 1
        sums["contacts"] += one.contacts
        sums["never_contacted"] += one.contacts == 0
        sums["promises"] += one.promises
        sums["promises_kept"] += one.kept
        sums["plans"] += one.plans
        sums["opt_outs"] += one.stops
        sums["complaints"] += one.complaints
        self._ended[one.ended] += 1
        self._owed[one.currency] += Decimal(one.owed)
        self._paid[one.currency] += Decimal(one.paid)
        if one.cured_on >= 0:
            self._by_day[one.cured_on] += 1

    @property
    def cured(self) -> int:
        return self._by_day.total()

    def told(self) -> dict[str, Any]:
        money = {
            name: {"owed": f"{self._owed[name]:f}", "paid": f"{self._paid[name]:f}"}
            for name in sorted(self._owed)
        }
        return {
            **{name: self._sums[name] for name in _SUMS},
            "cured": self.cured,
            "cured_by_day": {str(day): self._by_day[day] for day in sorted(self._by_day)},
            "money": money,
            "ended": dict(sorted(self._ended.items())),
        }


class _Rolled:
    """From which bucket how many accounts came to which."""

    def __init__(self) -> None:
        self._moved: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, one: Account) -> None:
        self._moved[one.before][one.after] += 1

    def told(self) -> dict[str, dict[str, int]]:
        names = sorted(self._moved, key=_first_day)
        return {name: dict(sorted(self._moved[name].items())) for name in names}


def cost(record: Record, prices: Prices) -> dict[str, Any]:
    """What contacts and people cost, and each cure. A message counts as one segment: it has no
    words here."""
    return _cost(record, prices, sum(one.cured_on >= 0 for one in record.accounts))


def _cost(record: Record, prices: Prices, cured: int) -> dict[str, Any]:
    sent = work = Decimal(0)
    minutes = without = 0
    for (kind, *rest), number in record.sums.items():
        if kind == "sent":
            country, channel, outcome, arrived = rest
            price = prices.of(channel, country, outcome)
            without += number if price is None else 0
            if price is not None and (arrived or prices.costs_if_lost(channel)):
                sent += price * number
        if kind == "work":
            minutes += prices.work_minutes * number
            work += prices.minute(rest[1]) * prices.work_minutes * number
        if kind == "call by person":
            took, worth = prices.of_call_by_person(*rest)
            minutes += took * number
            work += worth * number
    total = sent + work
    return {
        "currency": prices.currency,
        "contacts": f"{sent.quantize(_CENT):f}",
        "minutes": str(minutes),
        "people": f"{work.quantize(_CENT):f}",
        "total": f"{total.quantize(_CENT):f}",
        "for_each_cure": f"{(total / cured).quantize(_CENT):f}" if cured else "none was cured",
        "without_price": without,
    }


def _by(record: Record, kind: str, place: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for what, number in record.sums.items():
        if what[0] == kind:
            found[str(what[place])] += number
    return dict(sorted(found.items()))


def _two(record: Record, kind: str, first: int, second: int) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for what, number in record.sums.items():
        if what[0] == kind:
            found[str(what[first])][str(what[second])] += number
    return {name: _in_order(dict(found[name])) for name in sorted(found)}


def _only(record: Record, kind: str, place: int, value: object) -> Record:
    kept = {w: n for w, n in record.sums.items() if w[0] == kind and w[place] == value}
    return Record(sums=Counter(kept))


def _in_order(found: dict[str, int]) -> dict[str, int]:
    """By number, where it is one."""
    return dict(
        sorted(found.items(), key=lambda one: (not one[0].isdigit(), one[0].zfill(6), one[0]))
    )


def _first_day(bucket: str) -> tuple[int, str]:
    head = bucket.split("-")[0].rstrip("+")
    return (int(head) if head.isdigit() else 0, bucket)


def differently(one: Iterable[Account], other: Iterable[Account]) -> dict[str, Any]:
    """Who is contacted otherwise by the second run, and what became of each of them."""
    theirs = {it.key: (it.touched, it.contacts, it.cured_on >= 0, it.ended) for it in other}
    counted: Counter[str] = Counter()
    who = []
    for mine in one:
        touched, contacts, cured, ended = theirs.pop(mine.key)
        if mine.touched == touched:
            continue
        counted["fewer_contacts"] += contacts < mine.contacts
        counted["more_contacts"] += contacts > mine.contacts
        counted["cured_by_the_first_alone"] += mine.cured_on >= 0 and not cured
        counted["cured_by_the_second_alone"] += cured and mine.cured_on < 0
        who.append(
            {
                "account": mine.key,
                "segment": mine.segment,
                "contacts": [mine.contacts, contacts],
                "ended": [mine.ended, ended],
            }
        )
    return {
        "accounts": len(who),
        "fewer_contacts": counted["fewer_contacts"],
        "more_contacts": counted["more_contacts"],
        "cured_by_the_first_alone": counted["cured_by_the_first_alone"],
        "cured_by_the_second_alone": counted["cured_by_the_second_alone"],
        "who": who,
    }
