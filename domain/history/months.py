"""What has a history, and the months of one."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

AHEAD: Final = 3
"""Months that are there before anything of them is."""


class Table(StrEnum):
    """What has a history."""

    ATTEMPTS = "attempts"
    PROVIDER_EVENTS = "provider_events"
    MESSAGES = "messages"
    INBOUND = "inbound"
    PLAN_CHANGES = "plan_changes"

    @property
    def instant(self) -> str:
        """The column by which it is parted."""
        return "reserved_at" if self is Table.ATTEMPTS else "at"

    @property
    def history(self) -> str:
        """Its history."""
        return f"{self.value}_history"


class Month(NamedTuple):
    """One month, by UTC: half open."""

    begins: date

    @property
    def ends(self) -> date:
        """The first day after it."""
        return (self.begins + timedelta(days=31)).replace(day=1)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Its first instant, and the first after it."""
        first, last = self.begins, self.ends
        return (
            datetime(first.year, first.month, 1, tzinfo=UTC),
            datetime(last.year, last.month, 1, tzinfo=UTC),
        )

    def __str__(self) -> str:
        return f"{self.begins:%Y-%m}"


def month_of(instant: datetime) -> Month:
    """The month of an instant."""
    return Month(instant.astimezone(UTC).date().replace(day=1))


def ahead(now: datetime) -> list[Month]:
    """The month of an instant, and the next ones."""
    found = [month_of(now)]
    while len(found) <= AHEAD:
        found.append(Month(found[-1].ends))
    return found
