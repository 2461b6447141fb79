"""Which days a report is of, and the days just before them that stand beside it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from domain.calendar import is_zone
from domain.failures import BadInput
from domain.model import Model

LONGEST: Final = 400
"""Days."""


class Period(Model):
    """Whole days by the calendar of one time zone, the first and the last included."""

    first: date
    last: date
    zone: str = "UTC"

    @classmethod
    def checked(cls, first: date, last: date, zone: str) -> Self:
        """A period as somebody asks for it. Raises BadInput with what is wrong."""
        if not is_zone(zone):
            raise BadInput(f"--zone: there is no time zone {zone!r}: name one such as UTC")
        if last < first:
            raise BadInput(f"--to: {last} comes before {first}, the day of --from")
        period = cls(first=first, last=last, zone=zone)
        if period.days > LONGEST:
            raise BadInput(
                f"--from: a report is of {LONGEST} days at most, these are {period.days}"
            )
        if first - timedelta(days=period.days) <= date.min + timedelta(days=2):
            raise BadInput(f"--from: there are not {period.days} days before {first}")
        return period

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def begins(self) -> datetime:
        """The first instant of it (UTC)."""
        return self._begin_of(self.first)

    @property
    def ends(self) -> datetime:
        """The first instant after it (UTC)."""
        return self._begin_of(self.last + timedelta(days=1))

    @property
    def before(self) -> "Period":
        """As many days, just before these."""
        length = timedelta(days=self.days)
        return Period(first=self.first - length, last=self.last - length, zone=self.zone)

    def bounds(self) -> list[datetime]:
        """When each of its days begins (UTC), and when the last one ends. A day on which clocks
        change has 23 or 25 hours."""
        days = (self.first + timedelta(days=number) for number in range(self.days + 1))
        return [self._begin_of(day) for day in days]

    def _begin_of(self, day: date) -> datetime:
        # Where clocks go forward at midnight there is none: this is the first instant of the day.
        return datetime.combine(day, time.min, ZoneInfo(self.zone)).astimezone(UTC)

    def __str__(self) -> str:
        """As people read it."""
        days = "1 day" if self.days == 1 else f"{self.days} days"
        return f"{self.first} to {self.last} ({days}, {self.zone})"


def last_days(days: int, now: datetime, zone: str) -> Period:
    """The last whole days that are over ``now``."""
    yesterday = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    return Period.checked(yesterday - timedelta(days=days - 1), yesterday, zone)
