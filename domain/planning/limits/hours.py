"""Time that is open or closed beside the law: wished hours, quiet times, and both together."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from domain.calendar import day_start
from domain.law.local_time import Holidays, day_of
from domain.law.model import HolidayCalendar
from domain.planning.reasons.wished import WishedHours
from domain.strategy.limits import OWN, Quiet

_AHEAD: Final = timedelta(days=8)
"""No stretch is longer: whoever asks looks again at its end."""
_DAYS: Final = 400
"""How many days on end may be quiet until it is taken that none is not."""
_MEETINGS: Final = 1_000
"""How many stretches of two are looked at for one that both have."""

Stretch = tuple[datetime, datetime]


class Hours(Protocol):
    """Some time that is open."""

    def hold(self, at: datetime) -> bool:
        """Say whether an instant is open."""

    def stretch(self, at: datetime) -> Stretch | None:
        """The first open stretch that ends after ``at``, from ``at`` on; None: there is none."""


class QuietTimes:
    """What is not quiet, by all clocks of a customer."""

    def __init__(self, quiet: Quiet, zones: tuple[str, ...], country: str) -> None:
        """``country``: the customer's, whose holidays may be quiet."""
        week = quiet.open_week
        self._week = None if week is None else WishedHours(week, zones)
        self._zones = [(zone, ZoneInfo(zone)) for zone in zones]
        self._dates = frozenset(quiet.dates)
        codes = dict.fromkeys(country if one == OWN else one for one in quiet.holidays)
        self._calendars = [found for one in codes if (found := holidays_of(one)) is not None]
        self._any_days = bool(self._dates or self._calendars)

    def hold(self, at: datetime) -> bool:
        """Say whether an instant is not quiet."""
        found = self.stretch(at)
        return found is not None and found[0] <= at

    def stretch(self, at: datetime) -> Stretch | None:
        """The first stretch that is not quiet and ends after ``at``, from ``at`` on."""
        for _ in range(_DAYS):
            opens, closes = at, at + _AHEAD
            if self._week is not None:
                found = self._week.stretch(at)
                if found is None:
                    return None
                opens, closes = found[0], min(found[1], found[0] + _AHEAD)
            if not self._any_days:
                return opens, closes
            over = max((end for end in self._quiet_until(opens)), default=opens)
            if over <= opens:
                return opens, min(closes, self._next_quiet(opens, closes))
            at = over
        return None

    def _quiet_until(self, at: datetime) -> Iterator[datetime]:
        """When the quiet days end that some clock shows now."""
        for name, zone in self._zones:
            day = at.astimezone(zone).date()
            if self._is_quiet(day):
                yield day_start(day + timedelta(days=1), (name,))

    def _next_quiet(self, opens: datetime, closes: datetime) -> datetime:
        """When the next quiet day begins on some clock, before ``closes``."""
        for name, zone in self._zones:
            day = opens.astimezone(zone).date() + timedelta(days=1)
            while (begins := day_start(day, (name,))) < closes:
                if self._is_quiet(day):
                    closes = begins
                    break
                day += timedelta(days=1)
        return closes

    def _is_quiet(self, day: date) -> bool:
        number = day_of(day)
        return day in self._dates or any(one.name(number) is not None for one in self._calendars)


class Both:
    """What two of them have in common."""

    def __init__(self, one: Hours, other: Hours) -> None:
        self._one, self._other = one, other

    def hold(self, at: datetime) -> bool:
        """Say whether an instant is open in both."""
        return self._one.hold(at) and self._other.hold(at)

    def stretch(self, at: datetime) -> Stretch | None:
        """The first stretch that both have and that ends after ``at``, from ``at`` on."""
        for _ in range(_MEETINGS):
            mine = self._one.stretch(at)
            theirs = None if mine is None else self._other.stretch(mine[0])
            if mine is None or theirs is None:
                return None
            if theirs[0] < mine[1]:
                return theirs[0], min(mine[1], theirs[1])
            at = theirs[0]
        return None


def together(one: Hours | None, other: Hours | None) -> Hours | None:
    """What is open in both; None: everything."""
    if one is None or other is None:
        return one or other
    return Both(one, other)


@lru_cache(maxsize=1_024)
def quiet_times(quiet: Quiet, zones: tuple[str, ...], country: str) -> QuietTimes:
    """Kept: thousands of customers share the same."""
    return QuietTimes(quiet, zones, country)


@lru_cache(maxsize=256)
def holidays_of(country: str) -> Holidays | None:
    """A country's national holidays, by the pinned library; None: it knows no such country."""
    found = Holidays(HolidayCalendar(country=country))
    try:
        found.name(day_of(date(2026, 1, 1)))
    except NotImplementedError:
        return None
    return found
