"""Hours, closed days and stated times: what closes and opens again for as long as time runs."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from domain.law.checks.base import Check
from domain.law.facts import Facts
from domain.law.local_time import (
    DAY,
    NEVER,
    WHOLE_DAY,
    Holidays,
    Span,
    SpanTable,
    second,
    week_table,
    weekday,
)
from domain.law.model import (
    ClosedDaysRule,
    HoursRule,
    StatedTimesRule,
)
from domain.law.terms import WEEKDAYS, EventKind, Week, week_of
from domain.law.weekly import ALWAYS, closed_on, minutes_of, next_shown


class HoursCheck(Check):
    """Inside the windows, or inside hours the customer opened in the right instrument."""

    recurring = True

    def __init__(self, rule: HoursRule, zone: str, in_force: Span, boundary: str) -> None:
        super().__init__(rule, zone, in_force)
        self._instruments = rule.authorized_hours
        self._week = week_of(rule.windows)
        chosen = boundary if rule.boundary == "reading" else "half_open"
        self._open = _shifted(self._week, chosen)
        self._minutes = minutes_of(self._open)
        self._table = week_table(zone, self._open)

    def open_minutes(self, facts: Facts) -> int:
        """Those of the windows, and of the hours that the customer opened."""
        found = self._minutes
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
        lifts = self._lifts(facts) if facts.events else ()
        if not lifts:
            return self._table.next_end(at)
        tables = [self._table, *(week_table(self.zone, week) for week in lifts)]
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
            if next_shown(self.line, minutes_of(week), at) == at
        ]
        return (
            f"the customer called this time inconvenient on {self._date(min(stated, default=at))}"
        )

    def _first_pass(self, facts: Facts, at: int) -> int:
        return next_shown(self.line, facts.unstated_minutes, at)

    def _closes(self, facts: Facts, at: int) -> int:
        return next_shown(self.line, facts.stated_minutes, at)

    def open_minutes(self, facts: Facts) -> int:
        """All but the times stated."""
        return facts.unstated_minutes


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


_WEEKDAY_NAMES: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
