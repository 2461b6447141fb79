"""The floor: Temporal with nothing of ours on top."""

from copy import copy
from datetime import datetime, timedelta
from itertools import count

from temporalio import activity, workflow

QUEUE = "bare"
_done = count()


@activity.defn(name="bare_noop")
async def noop() -> None:
    """Do nothing but count."""
    next(_done)


def noops() -> int:
    """How often it was done."""
    return next(copy(_done))


@workflow.defn(name="BareLoop")
class BareLoop:
    """A timer, one activity, and the next timer."""

    @workflow.run
    async def run(self, due: datetime) -> None:
        """Wait until ``due``, act, then wait for a day; and so on."""
        while True:
            await workflow.sleep(max(timedelta(0), due - workflow.now()))
            await workflow.execute_activity(noop, start_to_close_timeout=timedelta(minutes=2))
            due = workflow.now() + timedelta(days=1)
