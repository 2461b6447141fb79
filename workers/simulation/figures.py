"""From what one run leaves to its figures: one JSON object, with money by currency."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from domain.report.prices import Prices
from workers.simulation.record import Account, Record

_CENT: Final = Decimal("0.01")


def figures(record: Record, prices: Prices) -> dict[str, Any]:
    """All that is told of a run."""
    accounts = record.accounts
    return {
        **_of_accounts(accounts),
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
        "cost": cost(record, prices),
        "roll_rates": _rolled(accounts),
        "silenced_by": dict(sorted(Counter(a.silenced for a in accounts if a.silenced).items())),
        "segments": _each_of(accounts, [a.segment for a in accounts]),
        "strategies": _each_of(accounts, [a.strategy for a in accounts]),
        "arms": _each_of(accounts, [a.arm for a in accounts]),
    }


def _each_of(accounts: Sequence[Account], of: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The figures of each class, but of those that are in none."""
    found: dict[str, list[Account]] = defaultdict(list)
    for one, name in zip(accounts, of, strict=True):
        found[name].append(one)
    return {name: _of_accounts(found[name]) for name in sorted(found) if name}


def _of_accounts(accounts: Sequence[Account]) -> dict[str, Any]:
    cured = [a for a in accounts if a.cured_on >= 0]
    by_day = Counter(a.cured_on for a in cured)
    return {
        "accounts": len(accounts),
        "contacts": sum(a.contacts for a in accounts),
        "never_contacted": sum(a.contacts == 0 for a in accounts),
        "cured": len(cured),
        "cured_by_day": {str(day): by_day[day] for day in sorted(by_day)},
        "money": _money(accounts),
        "promises": sum(a.promises for a in accounts),
        "promises_kept": sum(a.kept for a in accounts),
        "plans": sum(a.plans for a in accounts),
        "opt_outs": sum(a.stops for a in accounts),
        "complaints": sum(a.complaints for a in accounts),
        "ended": dict(sorted(Counter(a.ended for a in accounts).items())),
    }


def _money(accounts: Iterable[Account]) -> dict[str, dict[str, str]]:
    owed, paid = defaultdict[str, Decimal](Decimal), defaultdict[str, Decimal](Decimal)
    for one in accounts:
        owed[one.currency] += Decimal(one.owed)
        paid[one.currency] += Decimal(one.paid)
    return {name: {"owed": f"{owed[name]:f}", "paid": f"{paid[name]:f}"} for name in sorted(owed)}


def cost(record: Record, prices: Prices) -> dict[str, Any]:
    """What contacts and people cost, and each cure. A message counts as one segment: it has no
    words here."""
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
    cured = sum(one.cured_on >= 0 for one in record.accounts)
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


def _rolled(accounts: Sequence[Account]) -> dict[str, dict[str, int]]:
    """From which bucket how many came to which."""
    moved: dict[str, Counter[str]] = defaultdict(Counter)
    for one in accounts:
        moved[one.before][one.after] += 1
    return {name: dict(sorted(moved[name].items())) for name in sorted(moved, key=_first_day)}


def _first_day(bucket: str) -> tuple[int, str]:
    head = bucket.split("-")[0].rstrip("+")
    return (int(head) if head.isdigit() else 0, bucket)


def differently(one: Sequence[Account], other: Sequence[Account]) -> dict[str, Any]:
    """Who is contacted otherwise by the second run, and what became of each of them."""
    theirs = {account.key: account for account in other}
    moved = [(mine, theirs[mine.key]) for mine in one if mine.touched != theirs[mine.key].touched]
    cured = [(mine.cured_on >= 0, it.cured_on >= 0) for mine, it in moved]
    return {
        "accounts": len(moved),
        "fewer_contacts": sum(it.contacts < mine.contacts for mine, it in moved),
        "more_contacts": sum(it.contacts > mine.contacts for mine, it in moved),
        "cured_by_the_first_alone": sum(a and not b for a, b in cured),
        "cured_by_the_second_alone": sum(b and not a for a, b in cured),
        "who": [
            {
                "account": mine.key,
                "segment": mine.segment,
                "contacts": [mine.contacts, it.contacts],
                "ended": [mine.ended, it.ended],
            }
            for mine, it in moved
        ],
    }
