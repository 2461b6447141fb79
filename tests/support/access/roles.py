"""The processes' own roles in PostgreSQL: what a test runs as one of them may do no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from store.access.roles import apply
from store.database import COMMAND, Pool, Role, connect

PROCESSES = ("migrate", "worker", "gateway", "api", "relay", "operator", "readonly")


def make_users(url: str) -> None:
    """The roles, and a user of each: ``as_worker`` and so on."""
    asyncio.run(_make_users(url))


async def _make_users(url: str) -> None:
    await apply(url, roles=True)
    connection = await asyncpg.connect(url)
    try:
        for name in PROCESSES:
            await connection.execute(f"CREATE ROLE as_{name} LOGIN IN ROLE contrapunto_{name}")
    finally:
        await connection.close()


def url_as(process: str, url: str) -> str:
    """The same database for the user of a process."""
    assert "//postgres@" in url
    return url.replace("//postgres@", f"//as_{process}@", 1)


@asynccontextmanager
async def acting_as(process: str, pool: Pool, role: Role | None = None) -> AsyncIterator[Pool]:
    """Other connections to the same database, as a process has them."""
    url = url_as(process, pool._connect_args[0])  # type: ignore[attr-defined]
    async with connect(url, role=role or COMMAND, scoped=process == "api") as made:
        yield made
