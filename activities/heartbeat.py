"""Telling the server that an execution lives, so that a dead worker's work is taken up in seconds.

Without this a killed worker would hold its accounts until the activity's whole timeout is over.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from temporalio import activity

EVERY: Final = 3.0
"""Real seconds. Most executions end before the first heartbeat, and so cost none."""


@contextlib.asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Heartbeat until left."""
    task = asyncio.create_task(_beat())
    try:
        yield
    finally:
        task.cancel()


async def _beat() -> None:
    while True:
        await asyncio.sleep(EVERY)
        activity.heartbeat()
