"""The sandbox is told whose the addresses are and where their owners live.

A telephone number tells its zone, roughly; a mailbox tells nothing; and no address tells which
others are the same person's. Whoever starts the sandbox knows all of it from the portfolio.
"""

import asyncio
import json
import logging
from datetime import datetime
from typing import Final

import httpx
from asyncpg import PostgresError

from domain.channels import Channel
from store.database import CONNECTION_LOST, Pool
from store.views.runs import DEMO_TALKERS, SANDBOX_INTRODUCTIONS, SANDBOX_OWNERS, SANDBOX_ZONES
from workers.simulation.book.file import name_of_address

log = logging.getLogger(__name__)

EVERY: Final = 3.0
"""Real seconds between two looks at who has been taken in."""


async def tell_people(pool: Pool, sandbox_url: str) -> dict[str, str]:
    """Tell the first zone of the customer of every address, and which are one customer's; the
    zones that were told."""
    zones = {row["address"]: row["zone"] for row in await pool.fetch(SANDBOX_ZONES)}
    owners = {row["owner"]: row["addresses"] for row in await pool.fetch(SANDBOX_OWNERS)}
    if zones:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            for what, told in (("zones", zones), ("owners", owners)):
                answer = await client.post(f"{sandbox_url}/_sandbox/{what}", json=told)
                answer.raise_for_status()
    return zones


async def introduce_people(pool: Pool, sandbox_url: str, began: datetime) -> int:
    """Tell who all customers are and what they owe, for models that play them from then on; how
    many they are."""
    rows = [json.loads(row["told"]) for row in await pool.fetch(SANDBOX_INTRODUCTIONS)]
    for row in rows:
        for place in row["places"]:
            channel, address = Channel(place["channel"]), place["address"]
            place["name"] = name_of_address(channel, address)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        told = {"began": began.isoformat(), "customers": rows}
        answer = await client.post(f"{sandbox_url}/_sandbox/introductions", json=told)
    answer.raise_for_status()
    return len(rows)


async def cast_talkers(pool: Pool, sandbox_url: str, most: int) -> int:
    """Have some of those answer who can be written to by SMS, e-mail and WhatsApp, so that there
    are conversations over all three to be seen; how many people they are."""
    rows = await pool.fetch(DEMO_TALKERS, most)
    parts = {address: "answerer" for row in rows for address in row["addresses"].values()}
    if parts:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.post(f"{sandbox_url}/_sandbox/people", json=parts)
        answer.raise_for_status()
    return len(rows)


async def keep_telling_people(pool: Pool, sandbox_url: str) -> None:
    """For as long as a stack stands: whoever is taken in is told of soon afterwards."""
    while True:
        try:
            await tell_people(pool, sandbox_url)
        except (*CONNECTION_LOST, PostgresError, httpx.HTTPError, TimeoutError) as error:
            log.warning("the sandbox was not told of its people: %s", type(error).__name__)
        await asyncio.sleep(EVERY)
