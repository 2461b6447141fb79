"""When a week's pattern can be open at all: minutes of the week as bits, so that years are skipped.

Hours, weekdays and stated times repeat every week for as long as no zone changes its clock. Where
their open minutes have none in common the law stays closed until the next such change: a search
that walked from one closing to the next for a year would only find out more slowly.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from domain.law.local_time import DAY, NEVER, Span, Timeline
from domain.law.terms import Week

_DAY: Final = 1_440
_MINUTES: Final = 7 * _DAY
ALWAYS: Final = (1 << _MINUTES) - 1
"""Every minute of a week, Monday first."""

_MONDAY: Final = 3 * DAY
"""From the start of its week to 1 January 1970, a Thursday."""

Pattern = tuple[Timeline, int]
"""A zone's clock, and the minutes of its week that may be open."""


@lru_cache(maxsize=8_192)
def minutes_of(week: Week) -> int:
    """Return the minutes of a week of which some second lies inside its hours."""
    found = of_day = 0
    before: Sequence[Span] = ()
    for day, spans in enumerate(week):
        if spans != before:
            of_day, before = 0, spans
            for start, end in spans:
                of_day |= (1 << (end - 1) // 60 + 1) - (1 << start // 60)
        found |= of_day << day * _DAY
    return found


def closed_on(weekdays: Iterable[int]) -> int:
    """Return the minutes of these days of the week, Monday being 0."""
    return sum(((1 << _DAY) - 1) << day * _DAY for day in weekdays)


def next_shown(zone: Timeline, minutes: int, at: int) -> int:
    """Return the first second at or after ``at`` at which a zone's clock shows one of the minutes.

    NEVER if there are none.
    """
    while minutes:
        minute, second = divmod((at + zone.offset(at) + _MONDAY) % (7 * DAY), 60)
        first = _ahead(minutes, minute)
        if not first:
            return at
        shown = at - second + first * 60
        change = zone.next_change(at)
        if shown < change:
            return shown
        at = change
    return NEVER


def _ahead(minutes: int, minute: int) -> int:
    """Return how many minutes after one of the week the next of the minutes comes."""
    left = minutes >> minute or minutes << _MINUTES - minute
    return (left & -left).bit_length() - 1


class _Clocks:
    """The clocks of some zones, and the stretches of time in which none of them is changed."""

    def __init__(self, *zones: Timeline) -> None:
        self._zones = zones
        self._found: list[tuple[int, int, tuple[int, ...]]] = []
        """In order: since when it is known, until when, and the offsets."""

    def stretch(self, at: int) -> tuple[int, int, tuple[int, ...]]:
        """Return the stretch that holds an instant: its start or later, its end, the offsets in it.

        Offsets are seconds by which each zone is ahead of UTC.
        """
        place = bisect_right(self._found, (at, NEVER))
        if place and at < self._found[place - 1][1]:
            return self._found[place - 1]
        end = min([zone.next_change(at) for zone in self._zones], default=NEVER)
        found = at, end, tuple([zone.offset(at) for zone in self._zones])
        known = place < len(self._found) and self._found[place][1] == end
        self._found[place : place + known] = [found]
        return found


_clocks = lru_cache(maxsize=1_024)(_Clocks)


class CommonWeek:
    """The minutes of the week that patterns of several zones have in common."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._zones: dict[Timeline, int] = {}
        for zone, minutes in patterns:
            self._zones[zone] = self._zones.get(zone, ALWAYS) & minutes
        self._clocks = _clocks(*self._zones)
        self._fortnights = [minutes | minutes << _MINUTES for minutes in self._zones.values()]
        self._common: dict[tuple[int, ...], int] = {}

    def next_open(self, at: int, end: int) -> tuple[int, int]:
        """Return the first second from ``at`` on that may be open, and until when it was sought.

        Sought is until ``end``, or until a zone changes its clock: the two are equal where no
        second before that may be open.
        """
        _, change, offsets = self._clocks.stretch(at)
        end = min(end, change)
        common = self._common.get(offsets)
        if common is None:
            common = self._common[offsets] = self._in_utc(offsets)
        if not common:
            return end, end
        minute, second = divmod((at + _MONDAY) % (7 * DAY), 60)
        first = _ahead(common, minute)
        return min(end, at - second + first * 60 if first else at), end

    def _in_utc(self, offsets: Iterable[int]) -> int:
        common = ALWAYS
        for minutes, offset in zip(self._fortnights, offsets, strict=True):
            ahead, odd = divmod(offset, 60)
            if not common:
                break
            if not odd:  # A clock that is not on whole minutes closes nothing here.
                common &= minutes >> ahead % _MINUTES  # What it shows, an offset earlier by UTC.
        return common
