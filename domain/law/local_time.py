"""Wall clocks, exactly: which instants lie inside a week's windows in a zone.

Instants are whole epoch seconds and days are local calendar days counted from 1 January 1970. A
zone is cut into stretches of constant offset, so that a window is intersected with real time: an
hour that is skipped in spring holds no instant, one that is repeated in autumn holds two stretches.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from domain.law.model import HolidayCalendar
from domain.law.request import EPOCH, LAST
from domain.law.terms import Week

DAY: Final = 86_400
NEVER: Final = 1 << 60
"""Later than every instant: what blocks until then blocks for good."""

HORIZON_DAYS: Final = 400
"""How far a search for an opening looks before it answers never: a year with all its holidays."""

_YEAR: Final = 366 * DAY
"""A stretch of days by which changes of a clock are kept."""

_EPOCH_DAY: Final = EPOCH.toordinal()
_CACHED_CHUNKS: Final = 4_000
_KEPT_YEARS: Final = 200

_BEYOND: Final = int((LAST - EPOCH).total_seconds()) + DAY
"""The first second after the last of our years."""

Span = tuple[int, int]
"""A half-open stretch of time, ``(first second inside, first second after)``."""

Segment = tuple[int, int, int]
"""A span of constant offset from UTC, and that offset in seconds."""

WHOLE_DAY: Final[tuple[Span, ...]] = ((0, DAY),)


def second(at: datetime) -> int:
    """Return the whole epoch second in which an aware datetime falls."""
    since = at - EPOCH
    return since.days * DAY + since.seconds


def instant(seconds: int) -> datetime | None:
    """Return epoch seconds as an aware UTC datetime, NEVER and what lies beyond the years as None.

    Facts have dates up to the last of our years, and limits last on from there: what they leave
    open only then, they leave open for nobody who asks.
    """
    return None if seconds >= _BEYOND else datetime.fromtimestamp(seconds, UTC)


def date_of(day: int) -> date:
    """Return a day number as a date."""
    return date.fromordinal(day + _EPOCH_DAY)


def day_of(when: date) -> int:
    """Return a date as a day number."""
    return when.toordinal() - _EPOCH_DAY


@lru_cache(maxsize=4_096)
def spelt_date(day: int) -> str:
    """Return a day number as ``YYYY-MM-DD``."""
    return date_of(day).isoformat()


def weekday(day: int) -> int:
    """Day of the week of a day number; Monday is 0."""
    return (day + 3) % 7


class Timeline:
    """One zone's offsets from UTC; make it through ``timeline`` so that it is shared."""

    def __init__(self, zone: str) -> None:
        self.name = zone
        self._zone = ZoneInfo(zone)
        self._years: dict[int, tuple[Segment, ...]] = {}
        self._segments: dict[int, tuple[Segment, ...]] = {}
        self._offsets: dict[int, int] = {}
        """Of the UTC days on which it does not change, as almost all are."""
        self._starts: dict[int, int] = {}
        self._changes: dict[int, tuple[int, ...]] = {}

    def segments(self, utc_day: int) -> tuple[Segment, ...]:
        """Return the UTC day's stretches of constant offset."""
        found = self._segments.get(utc_day)
        if found is None:
            if len(self._segments) > _CACHED_CHUNKS:
                self._segments.clear()
                self._offsets.clear()
            first, last = utc_day * DAY, (utc_day + 1) * DAY
            found = self._segments[utc_day] = tuple(
                (max(start, first), min(end, last), offset)
                for start, end, offset in self._segments_of(first // _YEAR)
                if start < last and first < end
            )
            if len(found) == 1:
                self._offsets[utc_day] = found[0][2]
        return found

    def local_day(self, at: int) -> int:
        """Return the local calendar day of an instant."""
        offset = self._offsets.get(at // DAY)
        return self.wall(at)[0] if offset is None else (at + offset) // DAY

    def day_start(self, day: int) -> int:
        """Return the first instant of a local day, or of a later one where the day is skipped."""
        found = self._starts.get(day)
        if found is None:
            if len(self._starts) > _CACHED_CHUNKS:
                self._starts.clear()
            found = self._starts[day] = self._first_instant(day)
        return found

    def offset(self, at: int) -> int:
        """Return the seconds by which local time is ahead of UTC at an instant."""
        same = self._offsets.get(at // DAY)
        if same is not None:
            return same
        return next(offset for _, end, offset in self.segments(at // DAY) if at < end)

    def next_change(self, at: int) -> int:
        """Return the first instant after ``at`` at which the clock is changed.

        Where none is within two years, some instant after them.
        """
        year = at // _YEAR
        for later in range(year, year + 3):
            changes = self._changes.get(later)
            if changes is None:
                changes = self._changes[later] = tuple(
                    start
                    for start, _, offset in self._segments_of(later)
                    if offset != self.offset(start - 1)
                )
            for change in changes:
                if change > at:
                    return change
        return (year + 3) * _YEAR

    def wall(self, at: int) -> tuple[int, int]:
        """Return the local calendar day of an instant, and the seconds its wall clock shows."""
        same = self._offsets.get(at // DAY)
        if same is not None:
            return divmod(at + same, DAY)
        for _, end, offset in self.segments(at // DAY):
            if at < end:
                return divmod(at + offset, DAY)
        raise AssertionError("the segments cover their day")

    def _first_instant(self, day: int) -> int:
        for utc_day in (day - 1, day):
            for start, end, offset in self.segments(utc_day):
                if day * DAY - offset < end:
                    return max(start, day * DAY - offset)
        raise AssertionError("no offset reaches a whole day")

    def _segments_of(self, year: int) -> tuple[Segment, ...]:
        """Return the segments of one of the stretches of ``_YEAR`` seconds counted from 1970."""
        found = self._years.get(year)
        if found is None:
            if len(self._years) > _KEPT_YEARS:
                self._years.clear()
                self._changes.clear()
            found = self._years[year] = tuple(self._cut(year * _YEAR, (year + 1) * _YEAR))
        return found

    def _cut(self, first: int, last: int) -> Iterator[Segment]:
        """Ask the time-zone data once a day: a change taken back within the day is not seen."""
        began, offset = first, self._offset(first)
        for day in range(first, last, DAY):
            end = min(day + DAY, last - 1)
            while self._offset(end) != offset:
                changed = self._change(max(day, began), end, offset)
                yield began, changed, offset
                began, offset = changed, self._offset(changed)
        yield began, last, offset

    def _change(self, before: int, after: int, offset: int) -> int:
        """Return the first second with another offset, between one that has it and one not."""
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if self._offset(middle) == offset else (before, middle)
        return after

    def _offset(self, at: int) -> int:
        offset = datetime.fromtimestamp(at, self._zone).utcoffset()
        return 0 if offset is None else offset.days * DAY + offset.seconds


timeline = cache(Timeline)
"""The shared timeline of a zone, by IANA name."""


class SpanTable:
    """The instants of one zone that lie inside some hours of each local day."""

    def __init__(
        self, zone: str, hours_of: Callable[[int], tuple[Span, ...]], *, whole: bool = False
    ) -> None:
        self._timeline = timeline(zone)
        self._hours_of = hours_of
        self._whole = whole
        """Whether no instant lies outside."""
        self._chunks: dict[int, tuple[Span, ...]] = {}
        self._open: Span = (0, 0)
        self._shut: Span = (0, 0)
        """The last stretches found that lie wholly inside, and wholly outside: who asks of an
        instant mostly asks of others near it."""

    def inside(self, at: int) -> bool:
        """Say whether the instant lies inside."""
        start, end = self._open
        if start <= at < end:
            return True
        start, end = self._shut
        if start <= at < end:
            return False
        return self._inside(at)

    def _inside(self, at: int) -> bool:
        day, second_of_day = self._timeline.wall(at)
        for start, end in self._hours_of(day):  # noqa: SIM110
            if start <= second_of_day < end:
                return True
        return False

    def next_start(self, at: int) -> int:
        """Return the first instant at or after ``at`` that lies inside; NEVER beyond a horizon."""
        since, until = self._shut
        if since <= at < until:
            return until
        if self.inside(at):
            return at
        today = at // DAY
        for utc_day in range(today, today + HORIZON_DAYS):
            for start, end in self._spans(utc_day):
                if at < end:
                    found = max(at, start)
                    self._shut = (at, found)
                    return found
        return NEVER

    def next_end(self, at: int) -> int:
        """Return the first instant at or after ``at`` that lies outside; NEVER beyond a horizon."""
        if self._whole:
            return NEVER
        since, until = self._open
        if since <= at < until:
            return until
        if not self.inside(at):
            return at
        reached = at
        today = at // DAY
        for utc_day in range(today, today + HORIZON_DAYS):
            for start, end in self._spans(utc_day):
                if start <= reached < end:
                    reached = end
            if reached < (utc_day + 1) * DAY:
                self._open = (at, reached)
                return reached
        return NEVER

    def _spans(self, utc_day: int) -> tuple[Span, ...]:
        found = self._chunks.get(utc_day)
        if found is None:
            if len(self._chunks) > _CACHED_CHUNKS:
                self._chunks.clear()
            found = self._chunks[utc_day] = tuple(self._lay_out(utc_day))
        return found

    def _lay_out(self, utc_day: int) -> Iterator[Span]:
        for start, end, offset in self._timeline.segments(utc_day):
            first, last = (start + offset) // DAY, (end - 1 + offset) // DAY
            for day in range(first, last + 1):
                midnight = day * DAY - offset
                for opens, closes in self._hours_of(day):
                    span = max(start, midnight + opens), min(end, midnight + closes)
                    if span[0] < span[1]:
                        yield span


@lru_cache(maxsize=8_192)
def week_table(zone: str, week: Week) -> SpanTable:
    """Return the shared table of a week's windows in a zone."""
    whole = all(hours == WHOLE_DAY for hours in week)
    return SpanTable(zone, lambda day: week[weekday(day)], whole=whole)


class Holidays:
    """Named holidays by local day: the library's calendar with a pack's corrections."""

    def __init__(self, calendar: HolidayCalendar) -> None:
        self._calendar = calendar
        self._years: dict[int, dict[date, str]] = {}

    def name(self, day: int) -> str | None:
        """Return the holiday's name, None if the day is none."""
        when = date_of(day)
        year = self._years.get(when.year)
        if year is None:
            year = self._years[when.year] = self._load(when.year)
        return year.get(when)

    def _load(self, year: int) -> dict[date, str]:
        calendar = self._calendar
        days: dict[date, str] = dict(
            holidays.country_holidays(
                calendar.country, subdiv=calendar.subdivision, years=year, language="en_US"
            )
        )
        for extra in calendar.add:
            if extra.date.year == year:
                days.setdefault(extra.date, extra.name)
        for mistaken in calendar.remove:
            days.pop(mistaken.date, None)
        return days
