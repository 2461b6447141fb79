"""When a week's pattern can be open at all: minutes of the week as bits, so that years are skipped.

Hours, weekdays and stated times repeat every week for as long as no zone changes its clock. Where
their open minutes have none in common the law stays closed until the next such change: a search
that walked from one closing to the next for a year would only find out more slowly.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from domain.law.local_time import DAY, NEVER, Timeline
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
    found = 0
    for day, spans in enumerate(week):
        for start, end in spans:
            first, last = day * _DAY + start // 60, day * _DAY + (end - 1) // 60
            found |= (1 << last + 1) - (1 << first)
    return found


def closed_on(weekdays: Iterable[int]) -> int:
    """Return the minutes of these days of the week, Monday being 0."""
    return sum(((1 << _DAY) - 1) << day * _DAY for day in weekdays)


class CommonWeek:
    """The minutes of the week that patterns of several zones have in common."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._zones: dict[Timeline, int] = {}
        for zone, minutes in patterns:
            self._zones[zone] = self._zones.get(zone, ALWAYS) & minutes
        self._common: dict[tuple[int, ...], int] = {}

    def until_a_clock_changes(self, at: int) -> int:
        """Return the first instant after ``at`` at which one of the zones changes its clock."""
        return min([zone.next_change(at) for zone in self._zones], default=NEVER)

    def next_open(self, at: int, end: int) -> int:
        """Return the first second at or after ``at`` that may be open; ``end`` if none before.

        No zone may change its clock between the two.
        """
        offsets = tuple([zone.offset(at) for zone in self._zones])
        common = self._common.get(offsets)
        if common is None:
            common = self._common[offsets] = self._in_utc(offsets)
        if not common:
            return end
        minute, second = divmod((at + _MONDAY) % (7 * DAY), 60)
        ahead = common >> minute or common << _MINUTES - minute
        first = (ahead & -ahead).bit_length() - 1
        return min(end, at - second + first * 60 if first else at)

    def _in_utc(self, offsets: Iterable[int]) -> int:
        common = ALWAYS
        for minutes, offset in zip(self._zones.values(), offsets, strict=True):
            ahead, odd = divmod(offset, 60)
            if odd:
                continue  # A clock that is not on whole minutes: it closes nothing here.
            ahead %= _MINUTES
            # What a clock shows, an offset earlier by UTC.
            common &= minutes >> ahead | (minutes << _MINUTES - ahead & ALWAYS)
        return common
