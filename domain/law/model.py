"""The form of a rule pack: the law of one jurisdiction, each rule with its citation and its mark.

A rule binds a contact when every filter it names (actors, channels, parties, ...) matches; a filter
left out matches everything. Where a rule depends on a named reading, ``by_reading`` gives the
fields that change under each other value of it: the rule as written is the default reading.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from domain.entry.broken_rule import broken_rule
from domain.law.readings import DEFAULTS, READINGS, Readings
from domain.law.request import ZoneName
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
    Weekday,
    Window,
)
from domain.model import Strict

CUSTOMER: Final = "customer"
"""As a rule's zone: every candidate zone of the customer, all of which must agree."""


class Mark(StrEnum):
    """How sure the source is; ``GUARD`` is prudence of this engine, not law."""

    PRIMARY = "CONFIRMED-P"
    CONFIRMED = "CONFIRMED"
    CONFLICTING = "CONFLICTING"
    MEMORY = "FROM MEMORY"
    UNSPECIFIED = "UNSPECIFIED"
    GUARD = "GUARD"


class BindsReplies(StrEnum):
    """Whether a rule binds an answer to a customer who wrote first (purpose ``reply``).

    An answer is one outbound contact on the channel of the customer's last message. ``same_spell``
    frees it only while the closed time in which that message came still lasts.
    """

    BOUND = "bound"
    ONCE = "once"
    SAME_SPELL = "same_spell"


class Effective(Strict):
    """In force from the start of ``from`` up to the start of ``until``, in the pack's own zone."""

    since: date | None = Field(default=None, alias="from")
    until: date | None = None


class Counted(Strict):
    """Which past contacts count. ``channels`` None: those of the rule.

    ``contact_points``: those made to these kinds of address, or to one of a kind not known.
    """

    channels: tuple[Medium, ...] | None = None
    directions: tuple[Direction, ...] = (Direction.OUTBOUND,)
    outcomes: tuple[ContactOutcome, ...] | None = None
    not_outcomes: tuple[ContactOutcome, ...] = ()
    contact_points: tuple[LawPointKind, ...] | None = None
    same_channel: bool = False
    same_contact_point: bool = False
    skip_wrong_numbers: bool = False


class CountUnit(StrEnum):
    """Whose contacts are counted together.

    A request carries one customer's history, so ``debt`` and ``person_debt`` select alike; packs
    keep the statute's own word.
    """

    DEBT = "debt"
    PERSON = "person"
    PERSON_DEBT = "person_debt"


class Period(Strict):
    """Local days counted back from the day of the contact, or the calendar day, week or month."""

    style: Literal["rolling", "calendar"] = "rolling"
    days: int | None = Field(default=None, ge=1, le=366)
    calendar: Literal["day", "week", "month"] | None = None
    week_starts: Literal[Weekday.MON, Weekday.SUN] = Weekday.MON

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.style == "rolling" and (self.days is None or self.calendar is not None):
            raise ValueError("a rolling period needs 'days' and no 'calendar'")
        if self.style == "calendar" and (self.calendar is None or self.days is not None):
            raise ValueError("a calendar period needs 'calendar' (day, week, month) and no 'days'")
        return self


class ConsentLift(Strict):
    """Consent that lifts a limit for ``days`` local days, its own day being day one.

    It ends sooner at its own expiry, at an opt-out of the channel, and at the next conversation if
    ``until_conversation``, or after so many outbound contacts on the channel as ``contacts`` says;
    one of the very second of the consent is the one in which it was given. Contacts made under it
    are not counted either.
    """

    event: EventKind = EventKind.CONSENT_CALL
    days: int = Field(ge=1)
    until_conversation: bool = True
    contacts: int | None = Field(default=None, ge=1)


class RuleBase(Strict):
    """What every rule says of itself, and whom and what it binds.

    ``unless_consented``: not where the contact point is authorised or the customer opted in to it.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(\.[a-z0-9_]+)+$")
    title: str = Field(min_length=1)
    cite: str = Field(min_length=1)
    mark: Mark
    source: tuple[str, ...] = ()
    note: str | None = None
    effective: Effective = Effective()
    outcome: Literal["denied", "review"] = "denied"
    binds: bool = True
    actors: tuple[Actor, ...] | None = None
    channels: tuple[Medium, ...] | None = None
    parties: tuple[Party, ...] | None = None
    purposes: tuple[LawPurpose, ...] | None = None
    contact_points: tuple[LawPointKind, ...] | None = None
    debt_types: tuple[str, ...] | None = None
    not_debt_types: tuple[str, ...] = ()
    autodialed: bool | None = None
    if_event: tuple[EventKind, ...] = ()
    unless_event: tuple[EventKind, ...] = ()
    unless_consented: bool = False
    reply: BindsReplies = BindsReplies.BOUND
    by_reading: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)


class HoursRule(RuleBase):
    """Contact only inside the windows; a weekday in no window is closed.

    ``authorized_hours`` lists the instruments in which a customer may open further hours.
    ``boundary`` says whether the text leaves the exact second to the reading of that name.
    """

    kind: Literal["hours"]
    windows: tuple[Window, ...] = Field(min_length=1)
    zone: Literal["customer"] | ZoneName = CUSTOMER
    authorized_hours: tuple[Instrument, ...] = ()
    boundary: Literal["reading", "half_open"] = "reading"


class ClosedDaysRule(RuleBase):
    """No contact on these weekdays, nor on the holidays of these calendars of the pack."""

    kind: Literal["closed_days"]
    weekdays: tuple[Weekday, ...] = ()
    calendars: tuple[str, ...] = ()
    zone: Literal["customer"] | ZoneName = CUSTOMER


class ConsentRule(RuleBase):
    """Contact only with consent: a channel authorised, or one of ``events``, or an inbound message.

    An event about the medium as a whole opens no contact point that the request names and calls not
    authorised. ``within_days``: events and messages older than that many local days (the contact's
    day being the last of them) no longer help.
    """

    kind: Literal["consent"]
    authorized: bool = False
    events: tuple[EventKind, ...] = ()
    inbound: bool = False
    within_days: int | None = Field(default=None, ge=1)
    zone: Literal["customer"] | ZoneName = CUSTOMER


class CapRule(RuleBase):
    """At most ``limit`` counted contacts in a period, this one included.

    ``inbound``: contacts that the customer began count too, where they ended so.
    """

    kind: Literal["cap"]
    limit: int = Field(ge=1)
    period: Period
    unit: CountUnit
    counts: Counted = Counted()
    inbound: tuple[ContactOutcome, ...] = ()
    zone: Literal["customer"] | ZoneName = CUSTOMER
    lifted_by: ConsentLift | None = None


class CooldownRule(RuleBase):
    """No contact for ``days`` local days after a counted one, whose own day is day one."""

    kind: Literal["cooldown"]
    days: int = Field(ge=1)
    unit: CountUnit
    counts: Counted
    zone: Literal["customer"] | ZoneName = CUSTOMER
    lifted_by: ConsentLift | None = None


class SpacingRule(RuleBase):
    """Between two counted contacts lie ``clear_days`` local days, or ``hours`` hours."""

    kind: Literal["spacing"]
    clear_days: int | None = Field(default=None, ge=1)
    hours: int | None = Field(default=None, ge=1)
    unit: CountUnit
    counts: Counted = Counted()
    zone: Literal["customer"] | ZoneName = CUSTOMER

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.clear_days is None) == (self.hours is None):
            raise ValueError("spacing needs exactly one of 'clear_days' and 'hours'")
        return self


class OneChannelRule(RuleBase):
    """After a counted contact in the period, no other channel in that period.

    ``inbound``: as in a cap.
    """

    kind: Literal["one_channel"]
    period: Period
    unit: CountUnit
    counts: Counted = Counted()
    inbound: tuple[ContactOutcome, ...] = ()
    zone: Literal["customer"] | ZoneName = CUSTOMER


class Leave(Strict):
    """A purpose a stop leaves open: on which channels, for how many contacts, and how soon.

    ``channels`` None: on all that the stop reaches. The minutes count from the event.
    """

    purpose: LawPurpose
    channels: tuple[Medium, ...] | None = None
    limit: int | None = Field(default=None, ge=1)
    within_minutes: int | None = Field(default=None, ge=1)


class StopRule(RuleBase):
    """An event that stops contact, from its receipt until something lifts it.

    An event about a medium stops that channel, and those listed with it in one group of ``media``;
    one about an address stops that one only (and, if ``unknown_point``, a request that names none);
    one with an account, that debt only unless ``any_account``. ``in_writing``,
    ``contact_known`` and ``types`` say which events are meant: ``[true, null]`` is so, or unknown;
    ``not_types`` which are not.
    ``days``: it lasts the event's day and so many local days more; the event's own ``ends_at`` or
    ``days`` come first. ``grace_...``: how long after receipt it begins.
    """

    kind: Literal["stop"]
    event: EventKind
    any_account: bool = False
    unknown_point: bool = True
    media: tuple[tuple[Medium, ...], ...] = ()
    in_writing: tuple[bool | None, ...] | None = None
    contact_known: tuple[bool | None, ...] | None = None
    types: tuple[str | None, ...] | None = None
    not_types: tuple[str | None, ...] = ()
    lifted_by: tuple[EventKind, ...] = ()
    leaves: tuple[Leave, ...] = ()
    days: int | None = Field(default=None, ge=1)
    grace_hours: int = Field(default=0, ge=0)
    grace_business_days: int = Field(default=0, ge=0)
    calendars: tuple[str, ...] = ()
    zone: Literal["customer"] | ZoneName = CUSTOMER


class BanRule(RuleBase):
    """What the filters select is forbidden outright: a channel, a party, a kind of address.

    ``unless_inbound``: not if the customer wrote from that channel and contact point before.
    ``unless_named``: not if an event of these kinds names that very contact point.
    """

    kind: Literal["ban"]
    unless_inbound: bool = False
    unless_named: tuple[EventKind, ...] = ()


class StatedTimesRule(RuleBase):
    """The times the customer called inconvenient are closed."""

    kind: Literal["stated_times"]


class DutyRule(RuleBase):
    """A message must carry, or must not carry, something; ``code`` is what templates know it by.

    ``contact`` limits it to the first outbound contact about the debt, or to all later ones.
    """

    kind: Literal["duty"]
    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    said: bool = True
    """False: a duty of conduct, which adds no words to the message."""
    contact: Literal["any", "first", "later"] = "any"


Rule = Annotated[
    HoursRule
    | ClosedDaysRule
    | ConsentRule
    | CapRule
    | CooldownRule
    | SpacingRule
    | OneChannelRule
    | StopRule
    | BanRule
    | StatedTimesRule
    | DutyRule,
    Field(discriminator="kind"),
]

RULE: Final[TypeAdapter[Rule]] = TypeAdapter(Rule)


def variant(rule: Rule, readings: Mapping[str, str]) -> Rule:
    """Return the rule as it stands under the readings; absent ones are at their defaults."""
    changes: dict[str, Any] = {}
    for name, values in rule.by_reading.items():
        changes |= values.get(readings.get(name, DEFAULTS[name]), {})
    if not changes:
        return rule
    fields = rule.model_dump(by_alias=True, exclude_unset=True)
    return RULE.validate_python({**fields, **changes})


class HolidayCorrection(Strict):
    """A day the ``holidays`` library has wrong, with the text that says so."""

    date: date
    name: str
    cite: str


class HolidayCalendar(Strict):
    """A calendar of the ``holidays`` library (country, subdivision) with the pack's corrections."""

    country: str
    subdivision: str | None = None
    add: tuple[HolidayCorrection, ...] = ()
    remove: tuple[HolidayCorrection, ...] = ()


class RulePack(Strict):
    """The law of one jurisdiction. ``readings`` holds what the operator chose, if not the default.

    ``zone`` is the zone in which effective dates begin.
    """

    jurisdiction: str = Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3}){0,2}$")
    name: str
    zone: ZoneName
    note: str | None = None
    calendars: dict[str, HolidayCalendar] = Field(default_factory=dict)
    readings: Readings = Field(default_factory=dict)
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"rule {rule.id}: the id appears twice")
            seen.add(rule.id)
            self._check_calendars(rule)
            _check_variants(rule)
        return self

    def _check_calendars(self, rule: Rule) -> None:
        named = rule.calendars if isinstance(rule, ClosedDaysRule | StopRule) else ()
        for calendar in named:
            if calendar not in self.calendars:
                raise ValueError(f"rule {rule.id}: calendars: no calendar {calendar!r} here")


def _check_variants(rule: Rule) -> None:
    for name, values in rule.by_reading.items():
        if name not in READINGS:
            raise ValueError(f"rule {rule.id}: by_reading: unknown reading {name!r}")
        others = set(READINGS[name].values[1:])
        if set(values) != others:
            raise ValueError(
                f"rule {rule.id}: by_reading: {name} must say what changes under exactly "
                f"{', '.join(sorted(others))}; the rule itself is {DEFAULTS[name]!r}"
            )
        for value, changes in values.items():
            if forbidden := {"id", "kind", "cite", "by_reading"} & set(changes):
                raise ValueError(
                    f"rule {rule.id}: by_reading: {name}={value} may not change "
                    f"{', '.join(sorted(forbidden))}"
                )
            try:
                variant(rule, {name: value})
            except ValidationError as error:
                fault = error.errors(include_url=False)[0]
                where = ".".join(map(str, fault["loc"][1:]))
                raise ValueError(
                    f"rule {rule.id}: by_reading: {name}={value}: {where}: {broken_rule(fault)}"
                ) from error
