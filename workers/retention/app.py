"""What `contrapunto maintain` and `contrapunto retention` do, told bit by bit."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, TypeAlias

from asyncpg import InsufficientPrivilegeError

from config.database_url import VARIABLE
from config.retention.periods import load_periods
from config.settings import Settings
from domain.failures import Misconfigured
from domain.history.months import Month, Table, month_of
from store.database import MAINTENANCE, Pool, connect
from store.history.moving import CHUNK, History
from store.history.partitions import alone, drop, months
from store.history.removing import GOES, Removing
from store.situations import MEMORY

Told: TypeAlias = Callable[[Table, Month, int], None]
"""Hears how many rows of a table and month were moved, or removed."""
CONNECTIONS: Final = 2
"""One holds the lock of who does this, one works."""


@asynccontextmanager
async def maintaining(settings: Settings) -> AsyncIterator[Pool]:
    """Connections of who moves or removes: patient with their own work, not with others' locks.

    Raises Misconfigured where the user may not make or drop months.
    """
    try:
        async with connect(settings.database(), CONNECTIONS, role=MAINTENANCE) as pool:
            yield pool
    except InsufficientPrivilegeError as error:
        raise Misconfigured(
            f"the user in {VARIABLE} does not own the tables ({error}): name the one that "
            "`contrapunto migrate` runs as"
        ) from error


async def maintain(pool: Pool, now: datetime, told: Told, chunk: int = CHUNK) -> Counter[Table]:
    """Make the months ahead, and move what is over; how many rows, by table."""
    moved: Counter[Table] = Counter()
    async with alone(pool):
        history = History(pool)
        await history.prepare(now)
        async for table, month, rows in history.move(now, chunk):
            moved[table] += rows
            told(table, month, rows)
    return moved


def removing(pool: Pool, settings: Settings) -> Removing:
    """What may go by the file of the settings. Raises Misconfigured."""
    periods = load_periods(settings.retention)
    return Removing(
        pool,
        {
            place: {table: period.months for table, period in kept.items()}
            for place, kept in periods.items()
        },
    )


async def plan(
    pool: Pool, what: Removing, now: datetime
) -> AsyncIterator[tuple[Table, Month, dict[str, int]]]:
    """What would go and what would stay, and why, by table and month; nothing is changed."""
    for table in Table:
        for month in await months(pool, table):
            found = await what.count(table, month, now)
            if found:
                yield table, month, found


async def remove(
    pool: Pool, what: Removing, now: datetime, told: Told, chunk: int = CHUNK
) -> Counter[Table]:
    """Remove what may go, the oldest first, and drop months that hold nothing any more."""
    removed: Counter[Table] = Counter()
    async with alone(pool):
        for table in Table:
            for month in await months(pool, table):
                while what.has_any(table):
                    rows = await what.remove(table, month, now, chunk)
                    if rows == 0:
                        break
                    removed[table] += rows
                    told(table, month, rows)
        # Once all is removed: a customer's message takes its event along.
        for table in Table:
            for month in await months(pool, table):
                if month < month_of(now - MEMORY):
                    await drop(pool, table, month)
    return removed


def goes(found: Mapping[str, int]) -> int:
    """Of a month's counts, how many rows go."""
    return found.get(GOES, 0)
