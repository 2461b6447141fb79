"""Reading facts with legal weight, so that no stop is lost for its date, and none for its words.

To refuse a stop is to lose it, and a date says little beside it: it holds from the moment it is
known. So whatever stands where a date should is read as well as may be, and its sender is told.
What gives leave is left as it was said, and refused by its date where that is wrong. ``law check``
asks none of this: whoever writes a request is there to mend it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from domain.entry.bounds import Json, fault_within, keepable, storable
from domain.entry.ids import spelt
from domain.law.request import FIRST, LAST, MOST_DAYS, Instant, LawEvent, Until, gives_leave
from domain.law.terms import EventKind, Medium

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
    if not is_stop(made):
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


def plainly(sent: Mapping[str, Json]) -> dict[str, Any] | None:
    """What a signal of a stop says, to be validated as a ``LawEventReceived``, however it is
    written; None: it is no stop, or wrong in what a stop cannot be without.

    What cannot be read is left away where a stop can be without: then it holds for more, not less.
    Nothing that gives leave is taken so. ``mended`` says what was left away or read otherwise.
    """
    event = sent.get("event")
    # Some write the event itself in the place of the message.
    said = event if isinstance(event, Mapping) else {k: v for k, v in sent.items() if k != "id"}
    kind = _kind(said.get("kind"))
    if kind is None or gives_leave(kind, said.get("windows")):
        return None
    mended: dict[str, str] = {} if kind == said["kind"] else {"kind": ""}
    made: dict[str, Json] = {"kind": kind.value}
    for name, value in said.items():
        if name in LawEvent.model_fields and name not in ("kind", "text"):
            made[name] = _plain(name, value)
        elif name not in ("kind", "text", "address"):
            mended[_OTHERS] = ""
    if made.get("contact_point_id") is None and said.get("address") is not None:
        made["contact_point_id"] = _plain("contact_point_id", said["address"])  # as a file says it
    made = read(made).said
    while (unread := _unreadable(made)) is not None:
        if not unread:
            return None
        for name in unread:
            del made[name]
        mended |= dict.fromkeys(unread, "")
    mended |= dates_of(said)
    if said.get("text") is not None:
        mended["text"] = ""
    name = _plain("id", sent.get("id"))
    if not isinstance(name, str) or _ID.fullmatch(name) is None or not name.isprintable():
        written = json.dumps(sent, sort_keys=True, default=str)
        name, mended["id"] = f"stop:{hashlib.sha256(written.encode()).hexdigest()[:24]}", ""
    return {"id": name, "event": made, "mended": mended}


def as_meant(said: Mapping[str, Json]) -> Read:
    """The fields of an event in a file as they are, or those of the stop that they plainly mean.

    Dates stay as they are written: ``read`` is for those.
    """
    if _unreadable(read(said).said) is None:
        return Read(dict(said), ())
    plain = plainly({"id": "any", "event": said})
    if plain is None:
        return Read(dict(said), ())  # whoever validates it says what is wrong
    left_away = dict(plain["mended"])
    text = {} if left_away.pop("text", None) is None else {"text": said["text"]}
    meant = plain["event"] | dates_of(said) | text
    return Read(meant, tuple(told_of(left_away)))


def told_of(mended: Mapping[str, str]) -> Iterator[str]:
    """What the sender of a stop should know of how it was taken; of its dates ``read`` says it."""
    if "text" in mended:
        yield "text: stays out of histories, so it is left away"
    if "kind" in mended:
        yield "kind: is spelt otherwise"
    if "id" in mended:
        yield "id: is none, so the stop is kept under one of its own"
    if _OTHERS in mended:
        yield "fields that are not known here are left away"
    for name in sorted(mended.keys() - {*DATES, "text", "kind", "id", _OTHERS}):
        yield f"{name}: cannot be read, so it is left away"


_OTHERS: Final = "others"
_ID: Final = re.compile(r"\S{1,128}")
_NAMES: Final = frozenset({"account_id", "contact_point_id", "type", "id"})
_WORDS: Final = frozenset({"channel", "instrument"})
_CALLED: Final = {
    **{kind.value.replace("_", ""): kind for kind in EventKind},
    "stop": EventKind.OPT_OUT,
    "unsubscribe": EventKind.OPT_OUT,
    "deceased": EventKind.DEATH,
}
"""The kinds, as other systems call them."""


def _kind(said: Json) -> EventKind | None:
    """The kind that is meant, by whatever case and marks."""
    return _CALLED.get(re.sub(r"[\W_]", "", said).casefold()) if isinstance(said, str) else None


def _plain(name: str, value: Json) -> Json:
    """A value as it would have been written here, where that is plain."""
    if name in _NAMES and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if name in _WORDS and isinstance(value, str):
        return value.strip().casefold()
    return value


def _unreadable(made: Mapping[str, Json]) -> set[str] | None:
    """The fields of an event that cannot be read or kept; None: all can, empty: it needs more."""
    unread = {
        name for name, value in made.items() if fault_within(value) and name not in ("kind", "at")
    }
    try:
        LawEvent.model_validate(made)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]}
        return (unread | wrong) & made.keys() - {"kind", "at"}
    return unread or None


def as_heard(event: LawEvent) -> LawEvent:
    """An opt-out as it is recorded: who wants no messages left on their voicemail, by calls that do
    not ring, is not called. An opt-in to those stays what it is, and opens nothing else."""
    if event.kind is not EventKind.OPT_OUT or event.channel is not Medium.RINGLESS_VOICEMAIL:
        return event
    return event.model_copy(update={"channel": Medium.VOICE})


def of_all(event: LawEvent) -> bool:
    """Whether it is a stop that names no address: it was said for all that the person has."""
    nameless = event.kind is EventKind.OPT_OUT and event.contact_point_id is None
    return event.account_id is None and (nameless or event.kind is EventKind.CEASE)


def words(said: Mapping[str, Json]) -> dict[str, Json]:
    """The fields of an event, its ``text`` as PostgreSQL and JSON can keep it, whatever it is."""
    text = said.get("text")
    if text is None:
        return dict(said)
    written = text if isinstance(text, str) else json.dumps(text, default=str)
    return {**said, "text": keepable(written)}


def accounts_meant(event: LawEvent, creditor: str | None, known: Sequence[str]) -> list[str | None]:
    """The accounts (keys) that a fact is recorded for; None: all of the customer's.

    ``known``: the customer's; ``creditor``: of the account that was told, whose other accounts may
    be named by their id alone. A stop for an account that is none of the customer's is plainly for
    one that only another system's case, blanks or zeros keep from it; or else it is for all, and
    for the account of that name, too, whoever has it now or later.
    """
    if (name := event.account_id) is None:
        return [None]
    own = f"{creditor}/{name}" if creditor is not None and "/" not in name else name
    if own in known:
        return [own]
    meant = account_meant(name, known)
    if meant is not None and (not event.gives_leave or _called(name, meant)):
        return [meant]
    if event.gives_leave:
        return [own]
    of, _, account_id = own.rpartition("/")
    named = of.strip() and account_id.strip() and fault_within(own) is None
    return [own, None] if named else [None]


def account_meant(name: str, known: Sequence[str]) -> str | None:
    """Which of the ``known`` accounts is called so, to the letter or else as another system may
    spell it; None: none of them, or it may be several."""
    for made in (str, _spelt):
        found = {key for key in known if _called(made(name), made(key))}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _called(name: str, key: str) -> bool:
    return name in (key, key.rpartition("/")[2])


def _spelt(key: str) -> str:
    return "/".join(map(spelt, key.split("/")))


def same(known: LawEvent, said: LawEvent) -> bool:
    """Whether a fact that comes under an id on record is the one on record.

    Of a stop the dates may differ as far as reading them in another zone can make them. One without
    a date is the same whenever it is repeated; one with another date is another: who stops again
    after a consent has stopped.
    """
    if said.gives_leave or known.gives_leave:
        return known == said
    alike = dict.fromkeys(DATES)
    if known.model_copy(update=alike) != said.model_copy(update=alike):
        return False
    others = [name for name in DATES if name not in ("at", "recorded_at")]
    return (known.undated or same_date(known.at, said)) and all(
        _same_instant(getattr(known, name), getattr(said, name)) for name in others
    )


def same_date(known: datetime, said: LawEvent) -> bool:
    """Whether a stop is dated as one on record, as far as zones can tell them apart; one without
    a date is, whenever it is repeated."""
    return said.undated or _same_instant(known, said.at)


def _same_instant(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _OTHER_ZONE


def digest(event: LawEvent) -> str:
    """What tells a stop from another one of the same id."""
    said = event.model_dump_json(exclude={"recorded_at"})
    return hashlib.sha256(said.encode()).hexdigest()[:12]


OF_ADDRESSES: Final = frozenset({EventKind.OPT_OUT, EventKind.WRONG_NUMBER})
"""What is heard from an address, whoever has it."""

NO_ACCOUNT: Final = "is no account of this customer"
NO_ADDRESS: Final = "is none of this customer's"
NEITHER: Final = "is neither a telephone number with its country's code nor a mailbox"

OF_ITS_OWN: Final = (
    "id: belongs to another event on record, so this stop is kept under an id of its own: give "
    "each event an id of its own"
)

_OTHER_ZONE: Final = timedelta(hours=26)
"""From the easternmost zone to the westernmost."""


def dates_of(said: Mapping[str, Json]) -> dict[str, str]:
    """What stands where dates should, as text: to be read again by who knows the customer's day."""
    shown = {name: said[name] for name in DATES if said.get(name) is not None}
    return {name: storable(str(value)[:_LONGEST_DATE]) for name, value in shown.items()}


def is_stop(said: Mapping[str, Json]) -> bool:
    """Whether the fields of an event are those of a stop."""
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
