"""When the tests begin: now, or at the instant that ``TEST_BEGINS`` says (ISO 8601, ahead of now).

Every clock of Python in the test process is moved there, and goes on from there; those of servers
stay. Temporal's gives each workflow a time of its own: ``ahead`` is how far it has to be skipped.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Final

import time_machine

_WANTED: Final = os.environ.get("TEST_BEGINS")


class Clocks:
    """The clocks of this process, moved or not."""

    def __init__(self, wanted: str | None = _WANTED) -> None:
        self.ahead = timedelta(0)
        self.begins: datetime | None = None
        self._travel: time_machine.travel | None = None
        if wanted is not None:
            self.begins = datetime.fromisoformat(wanted).astimezone(UTC)
            self.ahead = self.begins - datetime.now(UTC)
            assert self.ahead > timedelta(0), f"TEST_BEGINS={wanted} is no instant ahead"
            self._travel = time_machine.travel(self.begins, tick=True)
            self._travel.start()

    def put_back(self) -> None:
        """Every clock where it belongs."""
        if self._travel is not None:
            self._travel.stop()


CLOCKS: Final = Clocks()
"""Moved at the first import, before a test's module asks what time it is."""
