"""What the PostgreSQL server says of itself: for ``contrapunto doctor``, whatever its schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from ipaddress import ip_address
from typing import Final, NamedTuple

import asyncpg

from config.database_url import read_address
from domain.history.months import Month, Table
from store.database import SCHEMA, translated
from store.history.partitions import months, stray

LOOK: Final = """
SELECT clock_timestamp() AS now, current_setting('server_version_num')::int AS version,
    host(inet_server_addr()) AS address,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
    pg_is_in_recovery() AS standby, current_setting('max_connections')::int AS connections,
    to_regclass('alembic_version') IS NOT NULL AS migrated,
    to_regclass('ledger_mark') IS NOT NULL AS marked,
    to_regclass('attempts_history_default') IS NOT NULL AS parted
"""
REVISION: Final = "SELECT version_num FROM alembic_version"
HALTED: Final = "SELECT halted_why FROM ledger_mark WHERE halted_at IS NOT NULL"


class Server(NamedTuple):
    """What was seen, over one connection."""

    now: datetime
    version: int
    address: str | None
    """None: a socket of this machine."""
    tls: bool
    superuser: bool
    standby: bool
    connections: int
    revision: str | None
    """None: it has no schema of ours."""
    halted_why: str | None
    sslmode_proves: bool
    """Whether a server that is not the one meant would be noticed."""
    strays: int = 0
    """Rows of the history for which no month was made."""
    last_month: Month | None = None
    """The newest that was made; None: none was yet."""

    @property
    def is_near(self) -> bool:
        """Whether nothing of it goes over a network."""
        return self.address is None or ip_address(self.address).is_loopback

    @property
    def is_current(self) -> bool:
        """Whether it has the schema this code needs; a newer one will do."""
        return self.revision is not None and self.revision >= SCHEMA


@asynccontextmanager
async def _connected(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    with translated():
        connection = await asyncpg.connect(**read_address(url).arguments())
    try:
        yield connection
    finally:
        connection.terminate()


async def look(url: str) -> Server:
    """Ask the server. Raises Unavailable or Misconfigured as ``connect`` does."""
    async with _connected(url) as connection:
        row = await connection.fetchrow(LOOK)
        assert row is not None  # noqa: S101 - it reads no table
        seen = dict(row)
        migrated, marked, parted = (seen.pop(name) for name in ("migrated", "marked", "parted"))
        revision = await connection.fetchval(REVISION) if migrated else None
        halted = await connection.fetchval(HALTED) if marked else None
        if parted:
            seen["strays"] = sum((await stray(connection)).values())
            seen["last_month"] = max(await months(connection, Table.ATTEMPTS), default=None)
    proves = "sslmode=verify-full" in read_address(url).dsn
    return Server(**seen, revision=revision, halted_why=halted, sslmode_proves=proves)
