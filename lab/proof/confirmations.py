"""The one answer that the law leaves open to a stop, judged by the record of those who asked.

12 CFR 1006.14(h) leaves one electronic confirmation that says nothing else; 47 CFR 64.1200(a)(12)
presumes consent to it for five minutes after the request. These strict readings bind everywhere:
where no law speaks of it, nothing allows more.

What it is free of, it is free of as an answer. In the United States one response may come at an
inconvenient time (comment 6(b)(1)-2). In Colombia what answers the consumer is not among the
contacts that Ley 2300 de 2023 limits. The other countries' hours and counts of days bind it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from lab.proof.handsets import handset
from lab.proof.record import (
    CLOCK_TOLERANCE,
    CONFIRMATION,
    Arrival,
    Attempt,
    Evidence,
    Found,
    Row,
    instant,
)

WITHIN: Final = timedelta(minutes=5)
ELECTRONIC: Final = frozenset({"sms", "whatsapp", "email"})
NO_HOURS: Final = frozenset({"US", "CO"})
"""Whose hours do not bind an answer; those of states do."""
NO_COUNT: Final = frozenset({"CO"})
"""Whose count of contacts leaves an answer out."""

TAKEN_WITHIN: Final = timedelta(minutes=1)
"""How long a request may take from its author to the sender, where only its arrival is on record:
the sender may answer before the author hears that it was taken."""

STOP, START = "stop", "start"
WRONG_PERSON: Final = "wrong_person"
"""I am not whom you look for."""

COLLECTS: Final = re.compile(
    # What is owed, and paying it, in the languages of those who are written to.
    r"\b(debts?|ow(e|es|ed|ing)|overdue|past due|balance|amounts?|pay(s|ing|ments?)?|paid"
    r"|deudas?|deudor(a|es)?|adeud\w+|deb(e|es|en|o)|saldos?|vencid[oa]s?"
    r"|pag(o|os|a|ar|ue|ado|amentos?)"
    r"|d[ií]vidas?|devedor(a|es)?|dev(e|em|o)|em aberto|atrasad[oa]s?|faturas?|boletos?)\b"
    # Money.
    r"|[$€£]\s?\d|\d\s?[$€£]|\b(usd|cop|mxn|brl|gbp|eur|clp|pen|ars)\b",
    re.IGNORECASE,
)


class Judged(NamedTuple):
    """A confirmation, when it came, and what is wrong with it."""

    attempt: Attempt
    at: datetime
    faults: tuple[str, ...]


def confirmations(evidence: Evidence) -> Found:
    """Each answers a stop: once, there, at once, by electronic means, and says nothing else."""
    found = list(_judged(evidence))
    return len(found), [
        f"A stop was confirmed at {one.at.isoformat()}, {fault}: {one.attempt.words()}."
        for one in found
        for fault in one.faults
    ]


def lawful(evidence: Evidence) -> frozenset[tuple[str, datetime]]:
    """The confirmations that the law leaves open, by attempt and moment.

    One that nobody received is among them if it left in answer to a stop of its customer.
    """
    found = {(one.attempt.id, one.at) for one in _judged(evidence) if not one.faults}
    for attempt in evidence.made:
        if attempt.row["purpose"] == CONFIRMATION and not attempt.receptions:
            found |= {(attempt.id, at) for at in attempt.moments if _left(evidence, attempt, at)}
    return frozenset(found)


def _judged(evidence: Evidence) -> Iterator[Judged]:
    """Every confirmation that arrived; none without a record of those who asked."""
    if evidence.stops is None:
        return
    asked = [(handset(str(row["address"])), row) for row in evidence.stops]
    for place, arrivals in evidence.by_handset.items():
        here = [row for where, row in asked if where == place]
        before: list[Arrival] = []
        for arrival in arrivals:
            if arrival.attempt is not None and arrival.purpose == CONFIRMATION:
                faults = tuple(_faults(arrival, here, before))
                yield Judged(arrival.attempt, arrival.at, faults)
                before.append(arrival)


def _faults(arrival: Arrival, here: Sequence[Row], before: Sequence[Arrival]) -> Iterator[str]:
    """What is wrong with a confirmation, by what was asked from its handset and came there."""
    if arrival.channel not in ELECTRONIC:
        yield f"by {arrival.channel}, which is no electronic message (12 CFR 1006.14(h)(2)(i))"
    there = [row for row in here if row.get("channel") in (None, arrival.channel)]
    since = _back_at(there, arrival.at)
    stops = [row for row in there if row["kind"] == STOP and _said_at(row) >= since]
    if not [row for row in stops if _undated(row) or _said_at(row) <= arrival.at + CLOCK_TOLERANCE]:
        yield f"which nobody had asked for by {arrival.channel} from {arrival.row['to']}"
    elif not any(_in_time(row, arrival.at) for row in stops):
        yield "more than five minutes after it was asked for (47 CFR 64.1200(a)(12))"
    earlier = [one for one in before if one.channel == arrival.channel and one.at >= since]
    if earlier:
        yield f"a second time, after {earlier[-1].words()} (12 CFR 1006.14(h)(2)(i))"
    beside = COLLECTS.search(f"{arrival.row.get('subject') or ''} {arrival.row.get('text') or ''}")
    if beside:
        yield f"and it speaks of more than that, “{beside[0]}” (12 CFR 1006.14(h)(2)(i))"


def _back_at(there: Sequence[Row], at: datetime) -> datetime:
    """When they last asked to be written to again: what was said before is settled by then."""
    starts = [_said_at(row) for row in there if row["kind"] == START and _said_at(row) <= at]
    return max(starts, default=datetime.min.replace(tzinfo=at.tzinfo))


def _said_at(row: Row) -> datetime:
    """When it was said at the earliest."""
    return instant(row.get("said_at")) or _taken_at(row) - TAKEN_WITHIN


def _taken_at(row: Row) -> datetime:
    taken = instant(row["at"])
    if taken is None:
        raise ValueError(f"a request without a time proves nothing: {row}")
    return taken


def _in_time(row: Row, at: datetime) -> bool:
    if _undated(row):
        return True
    return _said_at(row) - CLOCK_TOLERANCE <= at <= _taken_at(row) + WITHIN


def _undated(row: Row) -> bool:
    """Said while nobody could tell the time: it proves no order."""
    return bool(row.get("clock") == "estimate")


def _left(evidence: Evidence, attempt: Attempt, at: datetime) -> bool:
    """Whether it left in time after a stop, on its channel, of the same customer."""
    return any(
        row["kind"] == STOP
        and row.get("channel") in (None, attempt.row["channel"])
        and evidence.customer_of.get(str(row.get("account"))) == attempt.customer
        and _in_time(row, at)
        for row in evidence.stops or ()
    )
