"""What time it is inside an activity: the Temporal server's, never this machine's.

A worker with a wrong clock must not call anybody at five in the morning, and a server that skips
time must move every decision with it.
"""

import time
from datetime import UTC, datetime, timedelta

from temporalio import activity


class ActivityClock:
    """The server's time at which this execution started, plus what has gone by since.

    Only for normal activities: in a local one ``started_time`` is the worker's own clock.
    """

    def __init__(self) -> None:
        self._started = activity.info().started_time.astimezone(UTC)
        self._mark = time.monotonic()

    def now(self) -> datetime:
        """The present instant, UTC."""
        return self._started + timedelta(seconds=time.monotonic() - self._mark)
