"""The gauges of a worker: accounts and providers, looked at now and then."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from asyncpg import InterfaceError, PostgresError

from domain.channels import Channel
from store.database import Pool
from store.history.partitions import stray
from store.views.gauges import (
    accounts_by_wait,
    accounts_failing,
    provider_figures,
    work_waiting,
)
from telemetry import observing
from workers.clock import SystemClock
from workers.process.background import in_background

log = logging.getLogger(__name__)


@asynccontextmanager
async def counting(
    pool: Pool, served: Mapping[Channel, Sequence[str]], interval: float
) -> AsyncIterator[None]:
    """Look every ``interval`` seconds, for as long as anybody wants metrics and until left."""
    if not observing.metering():
        yield
        return
    async with in_background(_count(pool, served, interval)):
        yield


async def _count(pool: Pool, served: Mapping[Channel, Sequence[str]], interval: float) -> None:
    clock = SystemClock()
    while True:
        try:
            observing.accounts(await accounts_by_wait(pool))
            observing.failing(await accounts_failing(pool))
            now = await clock.now(None)
            observing.work(await work_waiting(pool, now))
            observing.strays([*(await stray(pool)).items()])
            observing.providers(await provider_figures(pool, served, now))
        except (OSError, PostgresError, InterfaceError) as error:
            observing.accounts(())
            observing.failing(None)
            observing.work(())
            observing.strays(())
            observing.providers(())  # rather nothing than figures of long ago
            log.warning("accounts are not counted: %s", type(error).__name__)
        await asyncio.sleep(interval)
