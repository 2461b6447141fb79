"""The sandbox is told where the owners of addresses live, so that it shows their own time.

A telephone number tells its zone, roughly; a mailbox tells nothing. Whoever starts the sandbox
knows both from the portfolio.
"""

import asyncio
import logging
from typing import Final

import httpx
from asyncpg import PostgresError

from store.database import CONNECTION_LOST, Pool
from store.views.runs import SANDBOX_ZONES

log = logging.getLogger(__name__)

EVERY: Final = 3.0
"""Real seconds between two looks at who has been taken in."""


async def tell_zones(pool: Pool, sandbox_url: str) -> dict[str, str]:
    """Tell the first zone of the customer of every address; what was told."""
    zones = {row["address"]: row["zone"] for row in await pool.fetch(SANDBOX_ZONES)}
    if zones:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.post(f"{sandbox_url}/_sandbox/zones", json=zones)
        answer.raise_for_status()
    return zones


async def keep_telling_zones(pool: Pool, sandbox_url: str) -> None:
    """For as long as a stack stands: whoever is taken in is told of soon afterwards."""
    while True:
        try:
            await tell_zones(pool, sandbox_url)
        except (*CONNECTION_LOST, PostgresError, httpx.HTTPError, TimeoutError) as error:
            log.warning("the sandbox was not told of time zones: %s", type(error).__name__)
        await asyncio.sleep(EVERY)
