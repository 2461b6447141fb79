"""Limits that a past contact sets, until an instant that it decides or consent lifts them."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import ClassVar, Final

from domain.law.checks.base import Check
from domain.law.facts import Facts, Limit
from domain.law.local_time import (
    DAY,
    NEVER,
    Span,
    date_of,
    day_of,
    weekday,
)
from domain.law.model import (
    CapRule,
    ConsentLift,
    CooldownRule,
    Counted,
    OneChannelRule,
    Period,
    SpacingRule,
)
from domain.law.selection import selection
from domain.law.terms import WEEKDAYS

_SLACK: Final = 2 * DAY
"""No local day starts further than this from the same day in UTC, skipped hours included."""


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
        if not facts.past:
            return at
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
        return self._date(at if last is None else last)

    def _free_after(self, last: int) -> int:
        """Return the first instant at which that contact no longer forbids another."""
        raise NotImplementedError


class CapCheck(LimitCheck):
    """Fewer than the limit counted so far in the period."""

    lifted_is_uncounted = True

    def __init__(self, rule: CapRule, zone: str, in_force: Span) -> None:
        self._span = _PeriodOf(rule.period)
        self._cap = rule.limit
        # With a limit of three, the third latest contact: once that one is out of the period, there
        # is room for another.
        super().__init__(rule, zone, in_force, reach=self._span.reach, place=rule.limit - 1)

    def detail(self, facts: Facts, at: int) -> str:
        """Say how many were counted, and since when."""
        start = self.line.day_start(self._span.first_day(self.line.local_day(at)))
        counted = _outside(self._selection.latest_first(facts, start), self._consents(facts))
        number = len(tuple(counted))
        return f"{number} counted since {self._date(start)}, the limit is {self._cap}"

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
