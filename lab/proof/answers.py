"""Answers to what people wrote, judged by their own record of what they wrote, where and when.

An answer is one only if somebody wrote from that very handset or mailbox, by that channel, within
twenty hours before it and after the last answer of its purpose there. Whatever else calls itself an
answer is a contact like any other: hours, caps and distances bind it, and it answers nothing.

What the law leaves open to an answer, by country; where it is silent or contested, nothing:

United States   Out of hours: one response to each message, by its medium, in the stretch of closed
                hours in which it was written (12 CFR 1006.6(b)(1), comment 6(b)(1)-2 and its
                example i: "before 5:00 p.m. on that day"). The District's own hours (D.C. Law
                24-154, (k)) make no exception. Only calls are counted (12 CFR 1006.14(b)), and no
                answer is a call.
Colombia        Hours, days and counts: information that the consumer asked for is none of the
                contacts that Ley 2300 de 2023 limits. A promise that is read back is no such
                information, and no monetary operation either: it is bound.
Mexico, Chile,  Nothing is said of answers: their hours bind them, and the counts of Chile (Ley
Peru, Ecuador   19.496, art. 37) and Ecuador (art. 49 LODC).
Brazil,         No law of hours for all of Brazil and none of counts; states bind calls, Alagoas SMS
Argentina,      as well, without exception for answers. The guards on the night's rest hold: that
Spain, Britain  somebody writes at night is no request to be written to at night (CONC 7.9.4R).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from lab.proof.confirmations import COLLECTS, STOP, TAKEN_WITHIN, WRONG_PERSON
from lab.proof.handsets import handset
from lab.proof.hours import HOURS
from lab.proof.record import (
    Arrival,
    Attempt,
    Evidence,
    Found,
    Row,
    instant,
    is_answer,
    is_asked_for,
)

WITHIN: Final = timedelta(hours=20)
"""How old what was written may be."""

IDENTITY: Final = "identity_answer"
CRISIS: Final = "crisis_answer"
INFORMATION: Final = "_answer"
"""How purposes end that tell what was asked."""

NOT_MORE: Final = frozenset({STOP, WRONG_PERSON})
"""What asks for nothing, whatever else was written with it."""

TELEPHONE: Final = re.compile(r"\+?\d[\d ().-]{7,}\d")
SUM: Final = re.compile(r"(?<![\d.,])(\d{1,3}([.,]\d{3})+([.,]\d{2})?|\d{3,}[.,]\d{2})(?![.,]?\d)")
"""An amount without its currency."""
SIGNED: Final = re.compile(r"(?<=/)[0-9a-f]{24}\.\S+")
"""The end of a signed link: an attempt's id and digits of chance, some of which look like a sum."""
SHORTEST: Final = 4
"""Of a number that names an account: fewer digits may be anything."""

Moment = tuple[str, datetime]
"""An attempt, and when it was made."""


@dataclass(frozen=True, eq=False)
class Written:
    """A message that somebody wrote to us."""

    at: datetime
    row: Row
    asks: bool
    """Not if it asked for silence, or said that this is somebody else."""

    @cached_property
    def place(self) -> str:
        """The handset or mailbox it came from."""
        return handset(str(self.row["address"]))

    @cached_property
    def channel(self) -> str:
        """How it came."""
        return str(self.row["channel"])

    @cached_property
    def dated(self) -> bool:
        """Whether anybody could tell the time: else it proves no order."""
        return self.row.get("clock") != "estimate"

    def before(self, at: datetime) -> bool:
        """Whether something at an instant may answer it."""
        return self.asks and self.dated and self.at <= at <= self.at + WITHIN


class Judged(NamedTuple):
    """An answer that arrived, what it may answer, and what is wrong with it."""

    attempt: Attempt
    arrival: Arrival
    asked: tuple[Written, ...]
    unasked: str | None
    """Why it answers nothing."""
    again: Arrival | None
    """Which answer of the same purpose had come since anybody wrote."""

    @property
    def moment(self) -> Moment:
        """As hours and counts name it."""
        return self.attempt.id, self.arrival.at

    @property
    def real(self) -> bool:
        """Whether it answers something, for the first time."""
        return self.unasked is None and self.again is None


# --- what it must be ------------------------------------------------------------------------------


def unasked(evidence: Evidence) -> Found:
    """Each answers what was written there, lately, by who did not ask to be left alone."""
    found = list(_judged(evidence))
    return len(found), [
        f"The {one.arrival.purpose} to {one.arrival.row['to']} answers nothing that was asked: "
        f"{one.unasked}; {one.arrival.words()}."
        for one in found
        if one.unasked
    ]


def again(evidence: Evidence) -> Found:
    """No message has two answers of one purpose, by whatever account, customer's id or spelling."""
    found = list(_judged(evidence))
    return len(found), [
        f"{one.arrival.row['to']} had a second {one.arrival.purpose} to what had been answered: "
        f"{one.again.words()}, then {one.arrival.words()}."
        for one in found
        if one.again and one.again.id != one.arrival.id
    ]


def identities(evidence: Evidence) -> Found:
    """Who is told who writes may be anybody, and who is told a helpline has other cares: not a word
    about a debt, no amount, no account."""
    plain = (IDENTITY, CRISIS)
    told = [a for a in evidence.arrivals if a.attempt is not None and a.purpose in plain]
    return len(told), [
        f"The {arrival.purpose} to {arrival.row['to']} speaks of a debt, “{spoken}”: "
        f"{arrival.words()}."
        for arrival in told
        if (spoken := _of_a_debt(arrival))
    ]


def _of_a_debt(arrival: Arrival) -> str | None:
    said = f"{arrival.row.get('subject') or ''} {arrival.row.get('text') or ''}"
    said = SIGNED.sub(" ", said)
    unnumbered = TELEPHONE.sub(" ", said)
    hits = [COLLECTS.search(said), SUM.search(unnumbered)]
    covers = arrival.attempt.covers if arrival.attempt else frozenset()
    for number in sorted(key.partition("/")[2] for key in covers):
        if len(number) >= SHORTEST:
            # Whole; or its end, as accounts are named to their owners. Nine digits may be taken for
            # a telephone's.
            whole, tail = re.escape(number), re.escape(number[-SHORTEST:])
            hits.append(
                re.search(rf"(?<!\w){whole}(?!\w)", said if len(number) > 8 else unnumbered)
            )
            hits.append(re.search(rf"([*•#]|\b(in|with|en|em|final)) ?{tail}(?!\w)", unnumbered))
    return next((hit[0] for hit in hits if hit), None)


# --- what it is free of ---------------------------------------------------------------------------


def approaches(evidence: Evidence) -> frozenset[Moment]:
    """Everything that came without being an answer, in name or in truth."""
    answers = answered(evidence)
    return frozenset(
        (arrival.id, arrival.at)
        for arrival in evidence.arrivals
        if arrival.attempt is not None
        and not (
            (arrival.id, arrival.at) in answers
            if is_asked_for(arrival.purpose)
            else is_answer(arrival.purpose)
        )
    )


def requested(evidence: Evidence) -> frozenset[Moment]:
    """What tells what was asked: in Colombia no hours bind it, and no count (Ley 2300 de 2023)."""
    found = {one.moment for one in _judged(evidence) if one.real and _informs(one.attempt)}
    for attempt, at, messages in _lost(evidence):
        if messages and _informs(attempt):
            found.add((attempt.id, at))
    return frozenset(found)


def open_hours(evidence: Evidence) -> Mapping[Moment, frozenset[str]]:
    """Whose hours do not bind which answers."""
    found: dict[Moment, set[str]] = defaultdict(set)
    for moment in requested(evidence):
        found[moment].add("CO")
    for moment in _responses(evidence):
        found[moment].add("US")
    return {moment: frozenset(codes) for moment, codes in found.items()}


def answered(evidence: Evidence) -> frozenset[Moment]:
    """The answers that came and are ones."""
    return frozenset(one.moment for one in _judged(evidence) if one.real)


def _informs(attempt: Attempt) -> bool:
    return str(attempt.row["purpose"]).endswith(INFORMATION)


def _responses(evidence: Evidence) -> Iterator[Moment]:
    """One to each message, of whatever purpose, in the night in which it was written."""
    spent: set[Written] = set()
    for one in _judged(evidence):
        if one.real:
            for message in one.asked:
                if message not in spent and _in_one_night(one.attempt, message, one.arrival.at):
                    spent.add(message)
                    yield one.moment
                    break
    for attempt, at, messages in _lost(evidence):
        if any(_in_one_night(attempt, message, at) for message in messages):
            yield attempt.id, at


def _in_one_night(attempt: Attempt, message: Written, at: datetime) -> bool:
    """Whether the federal hours were closed from the message on, wherever they are now."""
    zones = [ZoneInfo(zone) for zone in attempt.zones]
    closed = [zone for zone in zones if not HOURS["US"].allow(at.astimezone(zone), "US")]
    return not message.dated or not any(_opened(zone, message.at, at) for zone in closed)


def _opened(zone: ZoneInfo, since: datetime, until: datetime) -> bool:
    start, end = since.astimezone(zone), until.astimezone(zone)
    day = start.date()
    while day <= end.date():
        window = HOURS["US"].open_on(day, "US")
        if window is not None:
            opens, closes = (datetime.combine(day, wall, zone) for wall in window)
            if start < closes and opens <= end:
                return True
        day += timedelta(days=1)
    return False


# --- who wrote what -------------------------------------------------------------------------------


def _judged(evidence: Evidence) -> Iterator[Judged]:
    """Every answer that arrived, by place, in order; none if nothing is known of what was written.

    A message at a time that nobody could tell proves no order: it excuses one answer of a purpose.
    """
    if evidence.said is None:
        return
    written = _written(evidence)
    for place, arrivals in evidence.by_handset.items():
        messages = written.get(place, [])
        before: dict[str, Arrival] = {}
        excused: set[tuple[str, Written]] = set()
        for arrival in arrivals:
            attempt, purpose = arrival.attempt, arrival.purpose
            if attempt is None or not is_asked_for(purpose):
                continue
            one = _judge(attempt, arrival, messages, before.get(purpose))
            undated = [
                m for m in messages if m.asks and not m.dated and m.channel == arrival.channel
            ]
            excuse = next((m for m in undated if (purpose, m) not in excused), None)
            if not one.real and excuse:
                excused.add((purpose, excuse))
                one = Judged(attempt, arrival, (excuse,), None, None)
            yield one
            before[purpose] = arrival


def _judge(
    attempt: Attempt, arrival: Arrival, written: Sequence[Written], last: Arrival | None
) -> Judged:
    lately = [message for message in written if message.before(arrival.at)]
    there = [message for message in lately if message.channel == arrival.channel]
    since = [message for message in there or lately if last is None or message.at > last.at]
    return Judged(
        attempt,
        arrival,
        tuple(there),
        None if there else _why(arrival, written),
        last if lately and not since else None,
    )


def _why(arrival: Arrival, written: Sequence[Written]) -> str:
    """Why there is nothing that it answers."""
    there = [m for m in written if m.channel == arrival.channel and m.dated and m.at <= arrival.at]
    if not there:
        return f"nobody had written by {arrival.channel} from there"
    last = there[-1]
    if not last.asks:
        what = "asked for no more, or said that they are somebody else"
        return f"at {last.at.isoformat()} they {what} ({_words(last.row)})"
    return (
        f"the last message from there was of {last.at.isoformat()}, more than twenty hours before"
    )


def _words(row: Row) -> str:
    words = " ".join(str(row.get("words") or "").split())
    return f"“{words[:60]}”" if words else "without words"


def _written(evidence: Evidence) -> Mapping[str, list[Written]]:
    """What came from each handset and mailbox, oldest first."""
    silenced: dict[str, list[Row]] = defaultdict(list)
    for row in evidence.stops or ():
        if row["kind"] in NOT_MORE:
            silenced[handset(str(row["address"]))].append(row)
    found: dict[str, list[Written]] = defaultdict(list)
    for row in evidence.said or ():
        at = instant(row["at"])
        if at is None:
            raise ValueError(f"a message without a time proves nothing: {row}")
        stops = silenced[handset(str(row["address"]))]
        message = Written(at, row, asks=not any(_is_of(row, at, stop) for stop in stops))
        found[message.place].append(message)
    for messages in found.values():
        messages.sort(key=lambda message: message.at)
    return found


def _is_of(row: Row, at: datetime, stop: Row) -> bool:
    """Whether it was by this message that its writer asked to be left alone."""
    if stop.get("channel") not in (None, row["channel"]):
        return False
    said_at, taken_at = instant(stop.get("said_at")), instant(stop["at"])
    if said_at is not None:
        return said_at == at
    same = _words(stop) == _words(row)
    return same and taken_at is not None and at <= taken_at <= at + TAKEN_WITHIN


# --- what nobody received -------------------------------------------------------------------------


def _lost(evidence: Evidence) -> Iterator[tuple[Attempt, datetime, list[Written]]]:
    """Answers that were made and never came, so that nobody knows where; and what they answered."""
    written = _written(evidence)
    for attempt in evidence.made:
        purpose = str(attempt.row["purpose"])
        if evidence.said is not None and not attempt.receptions and is_asked_for(purpose):
            for at in attempt.moments:
                yield attempt, at, list(_open(evidence, written, attempt, at))


def _open(
    evidence: Evidence, written: Mapping[str, list[Written]], attempt: Attempt, at: datetime
) -> Iterator[Written]:
    """What its customer wrote on its channel, and no answer of its purpose had come to by then."""
    for place, messages in written.items():
        came = [arrival for arrival in evidence.by_handset.get(place, ()) if arrival.at <= at]
        owners = {arrival.customer for arrival in came}
        told = [arrival.at for arrival in came if arrival.purpose == attempt.row["purpose"]]
        for message in messages:
            about = evidence.customer_of.get(str(message.row.get("account")))
            theirs = attempt.customer in (owners | {about})
            here = message.channel == attempt.row["channel"] and message.before(at)
            if theirs and here and (not told or message.at > told[-1]):
                yield message
