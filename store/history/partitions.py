"""The months of a history: made before they are needed, found again, and dropped when empty."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date
from typing import Final, TypeAlias

import asyncpg

from domain.failures import Unavailable
from domain.history.months import Month, Table
from store.database import Connection, Pool

Reader: TypeAlias = "Pool | Connection | asyncpg.Connection[asyncpg.Record]"
"""Whoever may ask."""


def partition(table: Table, month: Month) -> str:
    """The name of a month of a history."""
    return f"{table.history}_{month.begins:%Y_%m}"


SELECT_PARTITIONS: Final = """
SELECT p.relname AS history, c.relname AS partition
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
WHERE p.relname = ANY ($1) AND p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace
ORDER BY 1, 2
"""

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('history ' || $1, 0))"


async def months(pool: Reader, table: Table) -> list[Month]:
    """The months that a history has, the oldest first."""
    rows = await pool.fetch(SELECT_PARTITIONS, [table.history])
    names = [row["partition"].removeprefix(f"{table.history}_") for row in rows]
    return sorted(Month(date(int(n[:4]), int(n[5:7]), 1)) for n in names if n != "default")


async def ensure(pool: Pool, table: Table, wanted: Iterable[Month]) -> list[Month]:
    """Make the months that are not there; those that were made.

    Each in a transaction of its own, with what lies in the default partition of it. It locks the
    history alone: contacts read and write nothing there.
    """
    made = []
    for month in sorted(set(wanted)):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, table.history)
            if month in await months(connection, table):
                continue
            name, (begins, ends) = partition(table, month), month.span
            stray = f"{table.history}_default"
            await connection.execute(f"CREATE TABLE {name} (LIKE {table.history})")
            await connection.execute(f"LOCK TABLE {table.history} IN ACCESS EXCLUSIVE MODE")
            await connection.execute(
                f"WITH found AS (DELETE FROM {stray} WHERE {table.instant} >= $1"  # noqa: S608
                f" AND {table.instant} < $2 RETURNING *) INSERT INTO {name} SELECT * FROM found",
                begins,
                ends,
            )
            await connection.execute(
                f"ALTER TABLE {table.history} ATTACH PARTITION {name} FOR VALUES"
                f" FROM ('{begins.isoformat()}') TO ('{ends.isoformat()}')"
            )
            made.append(month)
    return made


async def drop(pool: Pool, table: Table, month: Month) -> bool:
    """Drop a month that holds nothing; False: it does, or somebody reads it just now."""
    name = partition(table, month)
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, table.history)
            await connection.execute(f"LOCK TABLE {table.history} IN ACCESS EXCLUSIVE MODE")
            if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {name})"):  # noqa: S608
                return False
            await connection.execute(f"DROP TABLE {name}")
            return True
    except (asyncpg.UndefinedTableError, asyncpg.LockNotAvailableError):
        return False


STRAY: Final = " UNION ALL ".join(
    f"SELECT '{table.value}' AS what, count(*) AS rows FROM "  # noqa: S608
    f"(SELECT FROM {table.history}_default LIMIT 10000) AS first"
    for table in Table
)


async def stray(pool: Reader) -> dict[str, int]:
    """Rows for which no month was there, by table, counted up to 10,000: there should be none."""
    return {row["what"]: row["rows"] for row in await pool.fetch(STRAY)}


def _stray_months(table: Table) -> str:
    month = f"date_trunc('month', {table.instant} AT TIME ZONE 'UTC')::date"
    rows = f"(SELECT {table.instant} FROM {table.history}_default LIMIT 10000)"  # noqa: S608
    return f"SELECT DISTINCT {month} FROM {rows} AS first"  # noqa: S608


async def stray_months(pool: Pool, table: Table) -> list[Month]:
    """The months that lack."""
    return [Month(row[0]) for row in await pool.fetch(_stray_months(table))]


_ALONE: Final = "SELECT pg_try_advisory_lock(hashtextextended('what is over', 0))"
_DONE: Final = "SELECT pg_advisory_unlock(hashtextextended('what is over', 0))"


@asynccontextmanager
async def alone(pool: Pool) -> AsyncIterator[None]:
    """One at a time moves what is over or removes it, on a session that is not shared.

    Raises Unavailable while another does.
    """
    async with pool.acquire() as connection:
        if not await connection.fetchval(_ALONE):
            raise Unavailable(
                "another `contrapunto maintain` or `contrapunto retention run` is at work: "
                "wait until it is done, or end it"
            )
        try:
            yield
        finally:
            await connection.execute(_DONE)


SELECT_COLUMNS: Final = """
SELECT coalesce(array_agg(attname::text ORDER BY attnum), '{}') FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
"""


async def columns(pool: Reader, table: Table) -> list[str]:
    """The columns of a table, which are its history's.

    Raises Unavailable where the history lacks one, or has them in another order.
    """
    own = await pool.fetchval(SELECT_COLUMNS, table.value)
    its = await pool.fetchval(SELECT_COLUMNS, table.history)
    if own != its:
        differ = ", ".join(sorted({*own} ^ {*its})) or "their order"
        raise Unavailable(
            f"{table.value} and {table.history} differ ({differ}), so nothing can be moved: a "
            "migration that adds a column to the one adds it to the other"
        )
    return list(own)
