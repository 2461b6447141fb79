"""What the law is asked and what it answers: the JSON shapes of ``contrapunto law check``."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from domain.calendar import is_zone
from domain.law.readings import Readings
from domain.law.terms import (
    Actor,
    ContactOutcome,
    Direction,
    EventKind,
    Instrument,
    LawPointKind,
    LawPurpose,
    Medium,
    Party,
    Window,
    Windows,
)
from domain.model import Strict

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_YEARS: Final = range(1900, 2200)
FIRST: Final = datetime(_YEARS.start, 1, 1, tzinfo=UTC)
LAST: Final = datetime(_YEARS.stop - 1, 12, 31, tzinfo=UTC)
"""The first and the last instant that a date beyond the years is read as, where it is taken."""
_FIRST_DATED: Final = datetime(2000, 1, 2, 12, tzinfo=UTC)
"""What is dated before is dated by a system. By now 1 January 2000 is over in every zone."""

OLDEST_STOP: Final = timedelta(days=3_653)
"""Ten years: a stop that becomes known now and is dated before was dated by a system (2001, too, is
the first instant of some), or by a slip."""

MOST_DAYS: Final = 36_500
"""How long an event can last, by its own word."""


def _of_our_time(at: datetime) -> datetime:
    if at.year not in _YEARS:
        raise ValueError(f"must be of the years {_YEARS.start} to {_YEARS.stop - 1}")
    return at


def _in_utc(at: datetime) -> datetime:
    """In UTC; the few hours by which an offset leads out of the years are left away.

    What is kept in UTC is read again: it must keep the rule by which it was taken.
    """
    there = at.astimezone(UTC)
    if there.year in _YEARS:
        return there
    return FIRST if there < FIRST else LAST


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
"""An instant that keeps its offset; a naive one and one of no sensible year are refused."""

Instant = Annotated[Moment, AfterValidator(_in_utc)]
"""A moment, kept in UTC."""

Until = Annotated[
    AwareDatetime,
    AfterValidator(lambda at: LAST if at.year > LAST.year else at),
    AfterValidator(_of_our_time),
    AfterValidator(_in_utc),
]
"""An instant at which something ends; 9999, as systems write never, is the end of the years."""


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError(f"unknown time zone {name!r}; IANA names such as America/New_York")
    return name


ZoneName = Annotated[str, AfterValidator(_zone)]
"""The IANA name of a time zone that exists in the time-zone data."""


class AskedPoint(Strict):
    """The address that would be used. ``authorized`` speaks of the channel asked about."""

    id: str | None = None
    kind: LawPointKind = LawPointKind.UNKNOWN
    authorized: bool | None = None


class HistoryEntry(Strict):
    """One past contact with the customer, on any of the customer's accounts.

    ``account_id`` None means no one debt in particular, which counts for each of them. A contact
    point of a kind not known counts wherever one of any kind does. ``at`` keeps its offset.
    ``servicing_account``: the number under which a student loan was serviced, None if not known;
    a contact of no known number may be about the same debt as any student loan.
    """

    at: Moment
    account_id: str | None = None
    servicing_account: str | None = None
    channel: Medium
    direction: Direction
    contact_point_id: str | None = None
    contact_point_kind: LawPointKind = LawPointKind.UNKNOWN
    outcome: ContactOutcome


class Past(NamedTuple):
    """A past contact laid out for counting; ``at`` in whole epoch seconds."""

    at: int
    channel: Medium
    direction: Direction
    outcome: ContactOutcome
    account_id: str | None
    contact_point_id: str | None
    contact_point_kind: LawPointKind
    servicing_account: str | None


_COUNTED: Final = itemgetter(*Past._fields[1:])
_DIRECTION: Final = Past._fields.index("direction")


class History(tuple[HistoryEntry, ...]):
    """The contacts of a request, with the same laid out for counting: ``past``, latest first.

    That is done once, here, since the law is asked of the same history again and again.
    """

    past: tuple[Past, ...]
    inbound: tuple[Past, ...]
    """Those of ``past`` that the customer began."""

    def __new__(cls, entries: Iterable[HistoryEntry]) -> Self:
        """Lay the entries out."""
        history = super().__new__(cls, entries)
        # By their dicts, since a field read from a model takes three times as long: of all that
        # ``law check`` does with a line this is a quarter.
        aged = [(entry["at"] - EPOCH, entry) for entry in map(vars, history)]
        aged.sort(key=itemgetter(0), reverse=True)
        make = tuple.__new__
        history.past = tuple(
            [make(Past, (a.days * 86_400 + a.seconds, *_COUNTED(entry))) for a, entry in aged]
        )
        history.inbound = _inbound(history.past)
        return history

    @classmethod
    def laid_out(cls, contacts: Iterable[tuple[timedelta, Past]]) -> Self:
        """Contacts laid out already, each with its age since the epoch: the law counts the same.

        The entries themselves are not there, which nobody reads but who shows a request.
        """
        history = super().__new__(cls, ())
        history.past = tuple(
            [past for _, past in sorted(contacts, key=itemgetter(0), reverse=True)]
        )
        history.inbound = _inbound(history.past)
        return history


def _inbound(contacts: tuple[Past, ...]) -> tuple[Past, ...]:
    inbound = Direction.INBOUND  # looked up once, as the fields are by their place
    return tuple([past for past in contacts if past[_DIRECTION] is inbound])


_NAMES_A_MEDIUM: Final = frozenset(
    {
        EventKind.OPT_OUT,
        EventKind.OPT_IN,
        EventKind.CONSENT_CALL,
        EventKind.AUTHORIZED_HOURS,
        EventKind.NUMBER_CHECK,
    }
)
_GIVES_LEAVE: Final = frozenset(
    {
        EventKind.OPT_IN,
        EventKind.CONSENT_CALL,
        EventKind.NUMBER_CHECK,
        EventKind.NOTICE_MAILED,
        EventKind.DISPUTE_VERIFIED,
        EventKind.DISPUTE_WITHDRAWN,
    }
)
_NAMES_AN_ADDRESS: Final = _NAMES_A_MEDIUM | {EventKind.WRONG_NUMBER, EventKind.INCONVENIENT_TIME}

OF_THE_PERSON: Final = frozenset(
    {
        EventKind.OPT_IN,
        EventKind.CONSENT_CALL,
        EventKind.AUTHORIZED_HOURS,
        EventKind.INCONVENIENT_TIME,
        EventKind.WORKPLACE_PROHIBITED,
        EventKind.NUMBER_CHECK,
        EventKind.NOTICE_MAILED,
        EventKind.WRONG_NUMBER,
        EventKind.DEATH,
    }
)
"""Kinds that say something of the person and their addresses, also where they name an account."""


def gives_leave(kind: EventKind, windows: object) -> bool:
    """Say whether a fact opens what was closed, as ``LawEvent.gives_leave`` has it."""
    if kind is EventKind.AUTHORIZED_HOURS:
        return bool(windows)
    if kind is EventKind.INCONVENIENT_TIME:
        return not windows
    return kind in _GIVES_LEAVE


class LawEvent(Strict):
    """A fact with legal weight. ``account_id`` None means every debt.

    Only an opt-out and what gives leave (opt-in, consent to a call, authorised hours, a number
    check) are about one ``channel``: None means all of them. Of any other event it says how it
    came, and so does ``contact_point_id``, unless a number is wrong or a time inconvenient there.

    ``at`` is when the collector received it (cease), or the registration (breathing_space);
    ``recorded_at`` when it went on file. Where they differ the stricter counts: what takes leave
    away holds from the earlier of them, and at once if both are yet to come, since it is known;
    what gives leave, from the later. Windows are the customer's wall clock.
    """

    kind: EventKind
    """What happened."""
    at: Instant
    """When it reached the collector; of a moratorium, when it was registered."""
    recorded_at: Instant | None = None
    """When it went on file. Of what is told to us that is ours to say."""
    channel: Medium | None = None
    """What a stop or a leave is about, without it all channels; of all else, how it came."""
    account_id: str | None = None
    """The debt it is about, as `creditor/account_id` or by the id alone; without it every debt."""
    contact_point_id: str | None = None
    """The number or mailbox it is about; without it all of them. In a file, `address`."""
    sent_at: Instant | None = None
    """When a notice was mailed."""
    in_writing: bool | None = None
    """Whether a consent or a dispute was written; without it that is not known."""
    contact_known: bool | None = None
    """Whether we know the attorney's name and address."""
    text: str | None = None
    """The customer's words, for people: no rule weighs them."""
    valid_from: Instant | None = None
    """From when a consent holds, if not at once."""
    valid_until: Until | None = None
    """Until when a consent holds, if it ends by itself."""
    windows: Annotated[tuple[Window, ...], AfterValidator(Windows)] | None = None
    """Hours of the customer's week, by their own clock; an empty list takes earlier ones back."""
    instrument: Instrument | None = None
    """Where hours were allowed: in a document of their own, or in the debt's contract."""
    type: str | None = None
    """Which moratorium: `standard`, as without it, or another, which is one of a crisis."""
    days: int | None = Field(default=None, ge=1, le=MOST_DAYS)
    """How many days a moratorium lasts after its own, where no `ends_at` is told."""
    ends_at: Until | None = None
    """When a moratorium ends."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        timed = self.kind in (EventKind.INCONVENIENT_TIME, EventKind.AUTHORIZED_HOURS)
        if timed and self.windows is None:
            raise ValueError(f"{self.kind} needs 'windows' (an empty list withdraws earlier ones)")
        if self.kind is EventKind.WRONG_NUMBER and self.contact_point_id is None:
            raise ValueError("wrong_number needs 'contact_point_id'")
        return self

    @property
    def medium(self) -> Medium | None:
        """The one channel the event is about; None: all of them.

        Who asks us to cease by letter, or tells us of an attorney on the telephone, ends more than
        letters or calls.
        """
        return self.channel if self.kind in _NAMES_A_MEDIUM else None

    @property
    def address(self) -> str | None:
        """The one contact point the event is about; None: all of them."""
        return self.contact_point_id if self.kind in _NAMES_AN_ADDRESS else None

    @property
    def gives_leave(self) -> bool:
        """Whether it opens what was closed, rather than closing what was open.

        No hours, an empty list, take back hours authorised earlier, and hours called inconvenient.
        """
        return gives_leave(self.kind, self.windows)

    @property
    def undated(self) -> bool:
        """Whether a stop has no date, or one that stands for none.

        Systems write the first instant that they know (of the year 1, 1900, 1904, 1970, 1980, 2000)
        for no date at all. Such a stop counts from the moment at which it is known: were it as old
        as that, any consent would be later.
        """
        return not self.gives_leave and self.at < _FIRST_DATED

    def known_at(self, now: datetime) -> Self:
        """The event as it becomes known ``now``: a stop whose date lies too far back has none."""
        if self.gives_leave or now - self.at <= OLDEST_STOP:
            return self
        return self.model_copy(update={"at": FIRST})

    @property
    def settled_at(self) -> datetime:
        """The later of the instant itself and that of its record."""
        return self.at if self.recorded_at is None else max(self.at, self.recorded_at)


class LawRequest(Strict):
    """May this contact be made? Jurisdictions most general first; zones are all candidates.

    ``queued_at`` is carried but decides nothing: what counts is the instant of dispatch, ``at``.
    """

    id: str
    jurisdictions: tuple[str, ...] = Field(min_length=1)
    actor: Actor
    zones: tuple[ZoneName, ...] = Field(min_length=1)
    at: Instant
    channel: Medium
    contact_point: AskedPoint | None = None
    party: Party = Party.DEBTOR
    account_id: str
    history: Annotated[tuple[HistoryEntry, ...], AfterValidator(History)] = ()
    events: tuple[LawEvent, ...] = ()
    readings: Readings = Field(default_factory=dict)
    purpose: LawPurpose = LawPurpose.COLLECTION
    queued_at: Instant | None = None
    autodialed: bool = False
    debt_type: str | None = None
    servicing_account: str | None = None


class Verdict(Strict):
    """The law's answer. ``rule`` is "none" and ``cite`` empty when nothing forbids the contact.

    ``reading`` names the reading that decided, ``name=value``; ``next_allowed_at`` is the first
    whole second after the instant asked about at which every rule passes with the facts unchanged,
    None if allowed now or never.
    """

    id: str
    verdict: Literal["allowed", "denied", "review"]
    rule: str
    cite: str
    reason: str
    reading: str | None = None
    next_allowed_at: Instant | None = None


class Duty(Strict):
    """A content duty that binds a message: a code the templates know, and its source."""

    code: str
    said: bool = True
    """False: a duty of conduct, which adds no words."""
    rule: str
    cite: str
    text: str
