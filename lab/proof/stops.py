"""Nobody was contacted after asking not to be, by the record of those who asked.

What somebody said is read off the people's own record (``stops.jsonl``: kind, at, address, channel,
words), never off the sender's tables: whoever misreads a request would judge their own reading.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from lab.proof.confirmations import START, STOP, WRONG_PERSON
from lab.proof.handsets import handset
from lab.proof.record import CONFIRMATION, Arrival, Evidence, Found, Row, instant

IN_FLIGHT: Final = timedelta(minutes=1)
"""A message that had left before somebody asked may still land within this time."""


def opt_outs(evidence: Evidence) -> Found:
    """Nothing to an address, on the channel of the request, whoever's record holds the address."""
    asked = _said(evidence, STOP)
    violations = []
    for since, place, row in asked:
        for arrival in _after(evidence, since, place, until=_back_at(evidence, since, place, row)):
            if row.get("channel") not in (None, arrival.channel):
                continue
            if arrival.purpose == CONFIRMATION:
                continue  # each is judged by itself
            violations.append(
                f"{row['address']} asked by {row.get('channel') or 'every channel'} at "
                f"{since.isoformat()} to be left alone ({_words(row)}), and was contacted: "
                f"{arrival.words()}."
            )
    return len(asked), violations


def wrong_persons(evidence: Evidence) -> Found:
    """Nothing more about a customer to the handset of somebody who said they are somebody else.

    Whom it was about is told by what had come to that handset before. Its owner may be a customer
    of their own, and is contacted as such.
    """
    asked = _said(evidence, WRONG_PERSON)
    violations = []
    for since, place, row in asked:
        before = [a for a in evidence.by_handset.get(place, ()) if a.at <= since and a.attempt]
        customers = {arrival.customer for arrival in before}
        accounts = {key for a in before if a.attempt for key in a.attempt.covers}
        for arrival in _after(evidence, since, place):
            about = arrival.attempt.covers if arrival.attempt else frozenset()
            if arrival.customer in customers or accounts & about:
                violations.append(
                    f"{row['address']} said at {since.isoformat()} that they are not the customer "
                    f"({_words(row)}), and was contacted about them: {arrival.words()}."
                )
    return len(asked), violations


def _said(evidence: Evidence, kind: str) -> list[tuple[datetime, str, Row]]:
    """Each request of a kind; one at a time that nobody could tell proves no order."""
    found = []
    for row in evidence.stops or ():
        at = instant(row["at"])
        if row["kind"] == kind and at is not None and row.get("clock") != "estimate":
            found.append((at, handset(str(row["address"])), row))
    return found


def _back_at(evidence: Evidence, since: datetime, place: str, stop: Row) -> datetime | None:
    """When the same address asked on the same channel to be written to again."""
    return min(
        (
            at
            for at, where, row in _said(evidence, START)
            if where == place and at > since and row.get("channel") == stop.get("channel")
        ),
        default=None,
    )


def _after(
    evidence: Evidence, since: datetime, place: str, *, until: datetime | None = None
) -> Iterator[Arrival]:
    """What came to a handset after a moment, but for what had left by then."""
    for arrival in evidence.by_handset.get(place, ()):
        late = arrival.at > since and (until is None or arrival.at < until)
        if late and not _had_left(arrival, since):
            yield arrival


def _had_left(arrival: Arrival, since: datetime) -> bool:
    left = instant(arrival.attempt.row.get("dispatched_at")) if arrival.attempt else None
    return left is not None and left <= since and arrival.at - since <= IN_FLIGHT


def _words(row: Row) -> str:
    words = " ".join(str(row.get("words") or "").split())
    return f"“{words[:60]}”" if words else "without words"
