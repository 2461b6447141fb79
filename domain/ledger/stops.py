"""Reading facts with legal weight, so that no stop is lost for its date, and none for its words.

To refuse a stop is to lose it, and a date says little beside it: it holds from the moment it is
known. So whatever stands where a date should is read as well as may be, and its sender is told.
What gives leave is left as it was said, and refused by its date where that is wrong. ``law check``
asks none of this: whoever writes a request is there to mend it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from domain.entry.bounds import Json, keepable, storable
from domain.law.request import FIRST, LAST, MOST_DAYS, Instant, Until, gives_leave
from domain.law.terms import EventKind

DATES: Final = ("at", "recorded_at", "sent_at", "valid_from", "valid_until", "ends_at")
"""The fields of an event that say when."""

_ENDS: Final = ("valid_until", "ends_at")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NOON: Final = time(12, tzinfo=UTC)
"""Then it is the same day in every zone but the outermost: a day of nobody knows where."""

_LONGEST_DATE: Final = 64

_INSTANT: Final = TypeAdapter(Instant)
_UNTIL: Final = TypeAdapter(Until)
_DATETIME: Final = TypeAdapter(datetime)
_NUMBER: Final = TypeAdapter(int)


class Read(NamedTuple):
    """An event's fields, to be validated as a ``LawEvent``, and what to tell its sender of them."""

    said: dict[str, Json]
    notes: tuple[str, ...]


def read(said: Mapping[str, Json], zones: Sequence[str] = ()) -> Read:
    """The fields of an event with the dates of a stop mended.

    ``zones``: the customer's, where a day without a time is a day of theirs; none if not known yet.
    """
    made, notes = dict(said), list[str]()
    if not _stops(made):
        return Read(made, ())
    at, told = _at(made.get("at"), zones)
    made["at"] = at
    notes += told
    if made.pop("recorded_at", None) is not None:
        notes.append("recorded_at: is ours to say, so it is left away")
    for name in ("sent_at", "valid_from"):
        if made.get(name) is not None:
            found, told = _at(made[name], zones)
            made[name] = None if found == FIRST else found
            notes += [line.replace("at:", f"{name}:", 1) for line in told]
            if found == FIRST:
                notes.append(f"{name}: is no date of our years, so it is left away")
    for name in _ENDS:
        if made.get(name) is not None:
            made[name], told = _end(name, made[name], at, zones)
            notes += told
    notes += _days(made)
    return Read(made, tuple(notes))


def words(said: Mapping[str, Json]) -> dict[str, Json]:
    """The fields of an event, its ``text`` as PostgreSQL and JSON can keep it, whatever it is."""
    text = said.get("text")
    if text is None:
        return dict(said)
    written = text if isinstance(text, str) else json.dumps(text, default=str)
    return {**said, "text": keepable(written)}


def dates_of(said: Mapping[str, Json]) -> dict[str, str]:
    """What stands where dates should, as text: to be read again by who knows the customer's day."""
    shown = {name: said[name] for name in DATES if said.get(name) is not None}
    return {name: storable(str(value)[:_LONGEST_DATE]) for name, value in shown.items()}


def _stops(said: Mapping[str, Json]) -> bool:
    try:
        return not gives_leave(EventKind(str(said.get("kind"))), said.get("windows"))
    except ValueError:
        return False  # nobody knows what it is


def _at(value: Json, zones: Sequence[str]) -> tuple[datetime, list[str]]:
    """When a stop was said: its own instant, or the first that what is written can mean."""
    try:
        return _INSTANT.validate_python(value), []
    except ValidationError:
        pass
    read = _datetime(value)
    if read is None or read.date() <= FIRST.date():
        return FIRST, []  # the answer says so anyway, from the date that is kept
    if read.year > LAST.year:
        return LAST, [f"at: lies beyond our years, so it is kept as {LAST:%Y-%m-%d}"]
    first = min(max(min(_meant(value, read, zones)), FIRST), LAST)
    return first, [f"at: has no offset, so it is taken as {first.isoformat()}"]


def _end(
    name: str, value: Json, at: datetime, zones: Sequence[str]
) -> tuple[datetime | None, list[str]]:
    """When a stop ends: its own instant, or the last that what is written can mean."""
    notes = []
    try:
        ends: datetime | None = _UNTIL.validate_python(value)
    except ValidationError:
        read = _datetime(value)
        ends = None
        if read is not None and read.year > LAST.year:
            ends = LAST
        elif read is not None and read.year >= FIRST.year:
            whole_day = isinstance(value, str) and _DAY.fullmatch(value.strip())
            after = timedelta(days=1) if whole_day and read.date() < LAST.date() else timedelta()
            ends = min(max(_meant(value, read, zones, after)), LAST)
            notes = [f"{name}: has no offset, so it is taken as {ends.isoformat()}"]
    if ends is None:
        return None, [f"{name}: is no date of our years, so it is left away: {_ENDLESS}"]
    if ends <= at and at != LAST:
        return None, [f"{name}: lies before the stop itself, so it is left away: {_ENDLESS}"]
    return ends, notes


_ENDLESS: Final = "nothing ends the stop but what the law itself says"


def _days(said: dict[str, Json]) -> Iterator[str]:
    """How many days a stop lasts: more than can be are the most; none that can be, none."""
    if said.get("days") is None:
        return
    try:
        days = _NUMBER.validate_python(said["days"])
    except ValidationError:
        days = 0
    if days < 1:
        del said["days"]
        yield f"days: is no number of days, so it is left away: {_ENDLESS}"
    elif days > MOST_DAYS:
        said["days"] = MOST_DAYS
        yield f"days: more than {MOST_DAYS}, so it is kept as {MOST_DAYS}"


def _datetime(value: Json) -> datetime | None:
    """The date and time that is written, with an offset or without; None if it is none."""
    if isinstance(value, bool):
        return None
    try:
        return _DATETIME.validate_python(value)
    except ValidationError:
        return None


def _meant(
    value: Json, read: datetime, zones: Sequence[str], after: timedelta = timedelta()
) -> Iterator[datetime]:
    """The instants that a time without an offset can be, one for each of the customer's zones."""
    if read.tzinfo is not None:
        yield read.astimezone(UTC)
        return
    bare = isinstance(value, str) and _DAY.fullmatch(value.strip())
    if not zones:
        day: date = read.date()
        yield datetime.combine(day, _NOON) if bare else read.replace(tzinfo=UTC)
        return
    for zone in zones:
        yield (read + after).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
