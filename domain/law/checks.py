"""One check per kind of rule: from which instant on does the rule let the contact pass?

Every check answers ``first_pass(facts, at)``: ``at`` itself if the rule passes then, else the first
second after it at which the rule passes with the facts unchanged, NEVER if there is none. A search
over all rules therefore only ever jumps forward to instants that matter.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import islice
from typing import ClassVar, Final

from domain.law.facts import Facts, Limit, same_medium
from domain.law.local_time import (
    DAY,
    NEVER,
    WHOLE_DAY,
    Holidays,
    Span,
    SpanTable,
    date_of,
    day_of,
    second,
    spelt_date,
    timeline,
    week_table,
    weekday,
)
from domain.law.model import (
    CUSTOMER,
    BanRule,
    CapRule,
    ClosedDaysRule,
    ConsentLift,
    ConsentRule,
    CooldownRule,
    Counted,
    CountUnit,
    DutyRule,
    HoursRule,
    OneChannelRule,
    Period,
    Reply,
    Rule,
    RuleBase,
    SpacingRule,
    StatedTimesRule,
    StopRule,
)
from domain.law.request import LawEvent
from domain.law.selection import selection
from domain.law.terms import WEEKDAYS, EventKind, Week, Weekday, week_of
from domain.law.weekly import ALWAYS, closed_on, minutes_of

_SLACK: Final = 2 * DAY
"""No local day starts further than this from the same day in UTC, skipped hours included."""


class Check:
    """A rule bound to a zone.

    ``recurring``: it closes and opens again for as long as time runs. ``needs``: it forbids nothing
    where no event of this kind is on file. ``names_days``: its detail names a holiday or a weekday.
    """

    recurring: ClassVar[bool] = False
    """Whether ``open_minutes`` says when it may be open."""
    needs: EventKind | None = None
    names_days: ClassVar[bool] = False

    def __init__(self, rule: RuleBase, zone: str, in_force: Span) -> None:
        self.base = rule
        self.zone = zone
        self.line = timeline(zone)
        self.denies = rule.outcome == "denied"
        """Whether it forbids the contact, rather than asking for a person's review."""
        self.since, self.until = in_force
        self._conditional = bool(rule.if_event or rule.unless_event or rule.unless_consented)

    def first_pass(self, facts: Facts, at: int) -> int:
        """Return the first second at or after ``at`` at which the rule passes; NEVER if none."""
        passes = self._first_pass(facts, at)
        # Most rules pass at most instants: only of one that does not is it asked whether it binds.
        if passes == at or not self.since <= at < self.until:
            return at
        if self._conditional and self._set_aside(facts):
            return at
        if facts.is_answer and self._answers(facts, at):
            return at
        return passes if passes < self.until else self.until  # noqa: FURB136

    def closes(self, facts: Facts, at: int) -> int:
        """Return when hours or days next forbid what passes at ``at``; NEVER if they do not."""
        if not self.recurring or at >= self.until or self._set_aside(facts):
            return NEVER
        if at < self.since:
            at = self.since
            if self.first_pass(facts, at) > at:
                return at
        if self._first_pass(facts, at) > at:
            return NEVER  # An answer passes in closed time: hours do not end it.
        end = self._closes(facts, at)
        return NEVER if end >= self.until else end

    def open_minutes(self, facts: Facts) -> int:
        """Return the minutes of a local week at which it may pass, holidays left aside."""
        return ALWAYS

    def is_set_aside(self, facts: Facts, at: int) -> bool:
        """Say whether it forbids nothing at ``at``, whatever the hour."""
        return self._set_aside(facts) or (facts.is_answer and self._answers(facts, at))

    def detail(self, facts: Facts, at: int) -> str:
        """Say in a clause what in the facts makes the rule forbid the contact at ``at``."""
        raise NotImplementedError

    def _first_pass(self, facts: Facts, at: int) -> int:
        raise NotImplementedError

    def _closes(self, facts: Facts, at: int) -> int:
        return NEVER

    def _set_aside(self, facts: Facts) -> bool:
        rule = self.base
        return (
            (bool(rule.if_event) and not facts.has(rule.if_event))
            or (bool(rule.unless_event) and facts.has(rule.unless_event))
            or (rule.unless_consented and facts.consented)
        )

    def _answers(self, facts: Facts, at: int) -> bool:
        if self.base.reply is Reply.BOUND:
            return False
        wrote = facts.unanswered()
        if wrote is None or self.base.reply is Reply.ONCE:
            return wrote is not None
        return self._first_pass(facts, wrote) > at


class HoursCheck(Check):
    """Inside the windows, or inside hours the customer opened in the right instrument."""

    recurring = True

    def __init__(self, rule: HoursRule, zone: str, in_force: Span, boundary: str) -> None:
        super().__init__(rule, zone, in_force)
        self._instruments = rule.authorized_hours
        self._week = week_of(rule.windows)
        chosen = boundary if rule.boundary == "reading" else "half_open"
        self._open = _shifted(self._week, chosen)
        self._table = week_table(zone, self._open)

    def open_minutes(self, facts: Facts) -> int:
        """Those of the windows, and of the hours that the customer opened."""
        found = minutes_of(self._open)
        for week in self._lifts(facts):
            found |= minutes_of(week)
        return found

    def detail(self, facts: Facts, at: int) -> str:
        """Name the day's windows."""
        day = self.line.local_day(at)
        return f"{_WEEKDAY_NAMES[weekday(day)]} is {_spelt(self._week[weekday(day)])}"

    def _first_pass(self, facts: Facts, at: int) -> int:
        opens = self._table.next_start(at)
        if opens == at or not self._instruments or not facts.events:
            return opens
        lifts = (week_table(self.zone, week) for week in self._lifts(facts))
        return min([opens, *(table.next_start(at) for table in lifts)])

    def _closes(self, facts: Facts, at: int) -> int:
        tables = [self._table, *(week_table(self.zone, week) for week in self._lifts(facts))]
        reached = at
        while reached < NEVER:
            around = [table for table in tables if table.inside(reached)]
            if not around:
                return reached
            reached = max(table.next_end(reached) for table in around)
        return NEVER

    def _lifts(self, facts: Facts) -> list[Week]:
        return [
            week
            for event, week in facts.weeks(EventKind.AUTHORIZED_HOURS)
            if event.instrument in self._instruments and event.address in (None, facts.point)
        ]


class ClosedDaysCheck(Check):
    """Not on these weekdays and holidays."""

    recurring = True
    names_days = True

    def __init__(
        self, rule: ClosedDaysRule, zone: str, in_force: Span, calendars: Sequence[Holidays]
    ) -> None:
        super().__init__(rule, zone, in_force)
        self._weekdays = frozenset(WEEKDAYS.index(day) for day in rule.weekdays)
        self._calendars = calendars
        self._table = SpanTable(zone, cache(self._closed_hours))

    def detail(self, facts: Facts, at: int) -> str:
        """Name the holiday or the day."""
        day = self.line.local_day(at)
        return self._holiday(day) or f"the day is a {_WEEKDAY_NAMES[weekday(day)]}"

    def open_minutes(self, facts: Facts) -> int:
        """Those of the other days of the week."""
        return ALWAYS ^ closed_on(self._weekdays)

    def _closed_hours(self, day: int) -> tuple[Span, ...]:
        return WHOLE_DAY if weekday(day) in self._weekdays or self._holiday(day) else ()

    def _holiday(self, day: int) -> str | None:
        names = (calendar.name(day) for calendar in self._calendars)
        return next((f"the day is a holiday, {name}" for name in names if name), None)

    def _first_pass(self, facts: Facts, at: int) -> int:
        return self._table.next_end(at)

    def _closes(self, facts: Facts, at: int) -> int:
        return self._table.next_start(at)


class StatedTimesCheck(Check):
    """Not at the times the customer called inconvenient."""

    recurring = True
    needs = EventKind.INCONVENIENT_TIME

    def __init__(self, rule: StatedTimesRule, zone: str, in_force: Span) -> None:
        super().__init__(rule, zone, in_force)

    def detail(self, facts: Facts, at: int) -> str:
        """Name the day on which the customer said so."""
        stated = [
            second(event.at)
            for event, week in facts.weeks(EventKind.INCONVENIENT_TIME)
            if week_table(self.zone, week).inside(at)
        ]
        return (
            f"the customer called this time inconvenient on {_date(self, min(stated, default=at))}"
        )

    def _first_pass(self, facts: Facts, at: int) -> int:
        stated = facts.stated_week()
        return at if stated is None else week_table(self.zone, stated).next_end(at)

    def _closes(self, facts: Facts, at: int) -> int:
        stated = facts.stated_week()
        return NEVER if stated is None else week_table(self.zone, stated).next_start(at)

    def open_minutes(self, facts: Facts) -> int:
        """All but the times stated."""
        stated = facts.stated_week()
        return ALWAYS if stated is None else ALWAYS ^ minutes_of(stated)


class ConsentCheck(Check):
    """Only with consent that is fresh enough; what has lapsed does not come back by itself."""

    def __init__(self, rule: ConsentRule, zone: str, in_force: Span) -> None:
        super().__init__(rule, zone, in_force)
        self._authorized, self._events = rule.authorized, rule.events
        self._inbound, self._within_days = rule.inbound, rule.within_days

    def detail(self, facts: Facts, at: int) -> str:
        """Say whether there was none, or when it lapsed."""
        given = self._latest(facts)
        if given is None:
            return f"no such consent is on file for {facts.channel}"
        return f"the last on file is of {_date(self, given)}"

    def _first_pass(self, facts: Facts, at: int) -> int:
        if self._authorized and facts.authorized:
            return at
        given = self._latest(facts)
        if given is None:
            return NEVER
        if self._within_days is None:
            return at
        lapses = self.line.day_start(self.line.local_day(given) + self._within_days)
        return at if at < lapses else NEVER

    def _latest(self, facts: Facts) -> int | None:
        given = [second(event.at) for event in facts.consented_to(self._events)]
        if self._inbound and (wrote := facts.last_inbound()) is not None:
            given.append(wrote)
        return max(given, default=None)


class LimitCheck(Check):
    """A past contact forbids another until an instant that it alone decides, or consent lifts it.

    ``place``: which of the contacts that count that is, the last being 0. What is more than
    ``reach`` seconds old forbids nothing any more.
    """

    lifted_is_uncounted: ClassVar[bool] = False
    """Whether contacts made under a consent do not count either."""

    def __init__(
        self,
        rule: CapRule | CooldownRule | SpacingRule | OneChannelRule,
        zone: str,
        in_force: Span,
        *,
        reach: int,
        place: int = 0,
    ) -> None:
        super().__init__(rule, zone, in_force)
        self._selection = selection(
            _of_the_rule(rule),
            rule.unit,
            getattr(rule, "inbound", ()),
            others=isinstance(rule, OneChannelRule),
        )
        self._lift: ConsentLift | None = getattr(rule, "lifted_by", None)
        self._reach, self._place = reach, place

    def _first_pass(self, facts: Facts, at: int) -> int:
        free, consents, _ = facts.limits.get(self) or self._limit(facts)
        if free <= at:
            return at
        return _sooner(at, free, consents) if consents else free

    def _limit(self, facts: Facts) -> Limit:
        consents = self._consents(facts) if facts.events else ()
        counted = self._selection.latest_first(facts, facts.at - self._reach)
        if consents and self.lifted_is_uncounted:
            counted = _outside(counted, consents)
        last = next(islice(counted, self._place, None), None)
        free = -NEVER if last is None else self._free_after(last)
        found = facts.limits[self] = free, consents, last
        return found

    def _consents(self, facts: Facts) -> Sequence[Span]:
        return facts.consents(self._lift, self.line) if self._lift else ()

    def _last_on(self, facts: Facts, at: int) -> str:
        """Spell the day of the contact that decides."""
        _, _, last = facts.limits.get(self) or self._limit(facts)
        return _date(self, at if last is None else last)

    def _free_after(self, last: int) -> int:
        """Return the first instant at which that contact no longer forbids another."""
        raise NotImplementedError


class CapCheck(LimitCheck):
    """Fewer than the limit counted so far in the period."""

    lifted_is_uncounted = True

    def __init__(self, rule: CapRule, zone: str, in_force: Span) -> None:
        self._span = _PeriodOf(rule.period)
        self._cap = rule.limit
        # Of as many contacts as the limit the first: once it no longer counts, there is room.
        super().__init__(rule, zone, in_force, reach=self._span.reach, place=rule.limit - 1)

    def detail(self, facts: Facts, at: int) -> str:
        """Say how many were counted, and since when."""
        start = self.line.day_start(self._span.first_day(self.line.local_day(at)))
        counted = _outside(self._selection.latest_first(facts, start), self._consents(facts))
        number = len(tuple(counted))
        return f"{number} counted since {_date(self, start)}, the limit is {self._cap}"

    def _free_after(self, last: int) -> int:
        return self.line.day_start(self._span.day_after(self.line.local_day(last)))


class CooldownCheck(LimitCheck):
    """Long enough after the last contact that starts the cool-down."""

    def __init__(self, rule: CooldownRule, zone: str, in_force: Span) -> None:
        super().__init__(rule, zone, in_force, reach=rule.days * DAY + _SLACK)
        self._days = rule.days

    def detail(self, facts: Facts, at: int) -> str:
        """Name the day the cool-down began."""
        return f"day one was {self._last_on(facts, at)}, and {self._days} days must pass"

    def _free_after(self, last: int) -> int:
        return self.line.day_start(self.line.local_day(last) + self._days)


class SpacingCheck(LimitCheck):
    """Far enough from the last counted contact."""

    def __init__(self, rule: SpacingRule, zone: str, in_force: Span) -> None:
        self._hours, self._clear_days = rule.hours, rule.clear_days or 0
        reach = self._clear_days * DAY + (rule.hours or 0) * 3_600 + _SLACK
        super().__init__(rule, zone, in_force, reach=reach)

    def detail(self, facts: Facts, at: int) -> str:
        """Name the last contact."""
        last = self._last_on(facts, at)
        apart = f"{self._hours} hours" if self._hours else f"{self._clear_days} clear days"
        return f"the last one was on {last}, and {apart} must lie between"

    def _free_after(self, last: int) -> int:
        if self._hours is not None:
            return last + self._hours * 3_600
        return self.line.day_start(self.line.local_day(last) + self._clear_days + 1)


class OneChannelCheck(LimitCheck):
    """No other channel was used in the period."""

    def __init__(self, rule: OneChannelRule, zone: str, in_force: Span) -> None:
        self._span = _PeriodOf(rule.period)
        super().__init__(rule, zone, in_force, reach=self._span.reach)

    def detail(self, facts: Facts, at: int) -> str:
        """Name the last use of another channel."""
        return f"another channel was used on {self._last_on(facts, at)}"

    def _free_after(self, last: int) -> int:
        return self.line.day_start(self._span.day_after(self.line.local_day(last)))


class StopCheck(Check):
    """No event stops this contact. Bound to all zones: a stop ends when it has ended in each."""

    def __init__(
        self, rule: StopRule, zones: Sequence[str], in_force: Span, calendars: Sequence[Holidays]
    ) -> None:
        super().__init__(rule, zones[0], in_force)
        self.rule, self.needs = rule, rule.event
        self._lines = [timeline(zone) for zone in zones]
        self._calendars = calendars
        self._unit = CountUnit.PERSON if rule.any_account else CountUnit.DEBT

    def detail(self, facts: Facts, at: int) -> str:
        """Name the event and the day it was received."""
        stopping = (since for since, e in facts.events if self._stops(facts, since, e, at))
        kind = str(self.rule.event).replace("_", " ")
        return f"{kind} received on {_date(self, next(stopping, at))}"

    def _first_pass(self, facts: Facts, at: int) -> int:
        reached = at
        for since, event in facts.events:
            if event.kind is self.rule.event and self._stops(facts, since, event, at):
                if facts.left_open(self.rule.leaves, self._unit, since, at):
                    continue
                reached = max(reached, self._ends(event))
        return reached

    def _answers(self, facts: Facts, at: int) -> bool:
        # The message that asked us to stop is not one that invites an answer.
        wrote = facts.unanswered()
        stops = (
            second(event.settled_at)
            for since, event in facts.events
            if self._stops(facts, since, event, at)
        )
        return super()._answers(facts, at) and wrote is not None and wrote > max(stops, default=at)

    def _stops(self, facts: Facts, since: int, event: LawEvent, at: int) -> bool:
        rule = self.rule
        return (
            event.kind is rule.event
            and same_medium(rule.media, event.medium, facts.channel)
            and (rule.any_account or facts.is_this_debt(event.account_id))
            and self._same_point(facts, event)
            and (rule.in_writing is None or event.in_writing in rule.in_writing)
            and (rule.contact_known is None or event.contact_known in rule.contact_known)
            and (rule.types is None or event.type in rule.types)
            and event.type not in rule.not_types
            and not self._lifted(facts, event)
            and self._begins(since) <= at < self._ends(event)
        )

    def _same_point(self, facts: Facts, event: LawEvent) -> bool:
        if event.address in (None, facts.point):
            return True
        return facts.point is None and self.rule.unknown_point

    def _lifted(self, facts: Facts, stop: LawEvent) -> bool:
        return any(
            event.kind in self.rule.lifted_by
            and event.at > stop.at
            and event.medium in (None, facts.channel)
            and facts.is_this_debt(event.account_id)
            and event.address in (None, stop.address, facts.point)
            for _, event in facts.events
        )

    def _begins(self, since: int) -> int:
        received = since + self.rule.grace_hours * 3_600
        left = self.rule.grace_business_days
        if not left:
            return received
        line = self._lines[0]
        day = line.local_day(received)
        while left:
            day += 1
            holiday = any(calendar.name(day) for calendar in self._calendars)
            left -= weekday(day) < WEEKDAYS.index(Weekday.SAT) and not holiday
        return line.day_start(day + 1)

    def _ends(self, event: LawEvent) -> int:
        if event.ends_at is not None:
            return -int(-event.ends_at.timestamp() // 1)
        days = event.days if event.days is not None else self.rule.days
        if days is None:
            return NEVER
        said = second(event.at)
        return max(line.day_start(line.local_day(said) + days + 1) for line in self._lines)


class BanCheck(Check):
    """What the rule's filters select is forbidden."""

    def __init__(self, rule: BanRule, zone: str, in_force: Span) -> None:
        super().__init__(rule, zone, in_force)
        self.rule = rule

    def detail(self, facts: Facts, at: int) -> str:
        """Name what the filters selected."""
        request = facts.request
        point = request.contact_point.kind if request.contact_point else "unknown"
        return f"asked: {request.channel} to a {request.party}, contact point {point}"

    def _first_pass(self, facts: Facts, at: int) -> int:
        if self.rule.unless_inbound and facts.wrote_from_here():
            return at
        return at if facts.names_point(self.rule.unless_named) else NEVER


def places_of(rule: Rule, zones: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the zones of each check of a rule; duties bind no instant and give none."""
    named: str = getattr(rule, "zone", CUSTOMER)
    places = zones if named == CUSTOMER else (named,)
    match rule:
        case DutyRule():
            return ()
        case StopRule():
            return (places,)
        case BanRule():
            return (places[:1],)
        case _:
            return tuple((zone,) for zone in places)


def make_check(
    rule: Rule,
    zones: tuple[str, ...],
    in_force: Span,
    calendars: Sequence[Holidays],
    boundary: str,
) -> Check:
    """Bind a rule to one of its places."""
    zone = zones[0]
    match rule:
        case HoursRule():
            return HoursCheck(rule, zone, in_force, boundary)
        case ClosedDaysRule():
            return ClosedDaysCheck(rule, zone, in_force, calendars)
        case StopRule():
            return StopCheck(rule, zones, in_force, calendars)
        case BanRule():
            return BanCheck(rule, zone, in_force)
        case StatedTimesRule():
            return StatedTimesCheck(rule, zone, in_force)
        case ConsentRule():
            return ConsentCheck(rule, zone, in_force)
        case CapRule():
            return CapCheck(rule, zone, in_force)
        case CooldownRule():
            return CooldownCheck(rule, zone, in_force)
        case SpacingRule():
            return SpacingCheck(rule, zone, in_force)
        case OneChannelRule():
            return OneChannelCheck(rule, zone, in_force)
        case DutyRule():
            raise AssertionError("a duty has no place")


_LONGEST: Final = {None: 0, "day": 1, "week": 7, "month": 31}
"""Local days of a calendar period."""


class _PeriodOf:
    """The local days of a period: where it starts, and the first day it no longer reaches."""

    def __init__(self, period: Period) -> None:
        self._days = period.days
        self._unit = period.calendar
        self.reach = (period.days or _LONGEST[period.calendar]) * DAY + _SLACK
        """Seconds back from any instant over which a contact may still count at it."""
        self._week_start = WEEKDAYS.index(period.week_starts)

    def first_day(self, day: int) -> int:
        """Return the first day of the period that a contact on ``day`` falls in."""
        if self._days is not None:
            return day - self._days + 1
        if self._unit == "week":
            return day - (weekday(day) - self._week_start) % 7
        if self._unit == "month":
            return day_of(date_of(day).replace(day=1))
        return day

    def day_after(self, day: int) -> int:
        """Return the first day on which a contact made on ``day`` no longer counts."""
        if self._days is not None:
            return day + self._days
        if self._unit == "week":
            return self.first_day(day) + 7
        if self._unit == "month":
            when = date_of(day)
            return day_of(date(when.year + when.month // 12, when.month % 12 + 1, 1))
        return day + 1


def _of_the_rule(rule: CapRule | CooldownRule | SpacingRule | OneChannelRule) -> Counted:
    """Return what it counts, on its own channels unless it names others."""
    if rule.counts.channels is not None:
        return rule.counts
    return rule.counts.model_copy(update={"channels": rule.channels})


def _outside(counted: Iterator[int], consents: Sequence[Span]) -> Iterator[int]:
    if not consents:
        return counted
    return (at for at in counted if not any(start <= at < end for start, end in consents))


def _sooner(at: int, free: int, consents: Sequence[Span]) -> int:
    """Return when the limit ends, or when consent lifts it if that is sooner."""
    if not consents:
        return free
    return min([free, *(max(at, start) for start, end in consents if end > at)])


def _shifted(week: Week, boundary: str) -> Week:
    """Move opening or closing by the one second in dispute; midnight is no opening or closing."""
    late, longer = int(boundary == "open"), int(boundary == "closed")
    return tuple(
        tuple(
            (start + late if start else start, end + longer if end < DAY else end)
            for start, end in spans
        )
        for spans in week
    )


def _spelt(spans: Sequence[Span]) -> str:
    if not spans:
        return "closed"
    return "open " + " and ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def _date(check: Check, at: int) -> str:
    return spelt_date(check.line.local_day(at))


_WEEKDAY_NAMES: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
