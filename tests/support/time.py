"""When the tests begin: now, or at the instant that ``TEST_BEGINS`` says (ISO 8601, ahead of now).

Every clock of Python in the test process is moved there, and goes on from there; those of servers
stay. Temporal's gives each workflow a time of its own: ``ahead`` is how far it has to be skipped.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

import holidays
import time_machine

BOGOTA: Final = ZoneInfo("America/Bogota")
_BEFORE_HOURS: Final = time(5)


class Clocks:
    """The clocks of this process, moved or not."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self.begins: datetime | None = None
        self._travel: time_machine.travel | None = None
        wanted = os.environ.get("TEST_BEGINS")
        if wanted is not None:
            self.begins = datetime.fromisoformat(wanted).astimezone(UTC)
            self.ahead = self.begins - _real()
            assert self.ahead > timedelta(0), f"TEST_BEGINS={wanted} is no instant ahead"
            self._travel = time_machine.travel(self.begins, tick=True)
            self._travel.start()

    @contextmanager
    def moved(self, to: datetime) -> Iterator[datetime]:
        """Another time for a while; never an earlier one than the servers'."""
        before, self.ahead = self.ahead, to - _real()
        assert self.ahead > timedelta(0), f"{to} is no instant ahead"
        try:
            with time_machine.travel(to, tick=True):
                yield to
        finally:
            self.ahead = before

    def put_back(self) -> None:
        """Every clock where it belongs."""
        if self._travel is not None:
            self._travel.stop()


_IMPORTED: Final = (datetime.now(UTC), monotonic())


def _real() -> datetime:
    """What the clocks of the machine say (UTC)."""
    then, ticks = _IMPORTED
    return then + timedelta(seconds=monotonic() - ticks)


CLOCKS: Final = Clocks()
"""Moved at the first import, before a test's module asks what time it is."""


def servers_now() -> datetime:
    """What the clocks of servers say (UTC)."""
    return datetime.now(UTC) - CLOCKS.ahead


def before_hours() -> datetime:
    """05:00 in Bogota on the next of three working days on end: nobody may be contacted yet."""
    day = datetime.now(BOGOTA).date()
    free = holidays.country_holidays("CO", years=(day.year, day.year + 1))
    while True:
        day += timedelta(days=1)
        three = [day + timedelta(days=n) for n in range(3)]
        if all(one.weekday() < 5 and one not in free for one in three):
            return datetime.combine(day, _BEFORE_HOURS, BOGOTA).astimezone(UTC)
