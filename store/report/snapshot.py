"""The one transaction that a report reads in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from domain.failures import Unavailable
from store.database import CONNECTION_LOST, Connection, Pool

MODEST: Final = """
SELECT set_config('max_parallel_workers_per_gather', '0', true),
    set_config('work_mem', '96MB', true), set_config('random_page_cost', '1.5', true)
"""
"""One process of the server and no more, so that contacts keep the others."""


@asynccontextmanager
async def snapshot(pool: Pool) -> AsyncIterator[Connection]:
    """A connection on which everything is as of one instant, and nothing can be written.

    It waits for nobody's row and keeps nobody waiting. Raises Unavailable where a replica needs
    what is read to be gone, or where it takes too long.
    """
    try:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.fetch(MODEST)
            yield connection
    except asyncpg.SerializationError as error:
        raise Unavailable(
            "the replica could not wait for the report to be read: raise "
            "max_standby_streaming_delay or set hot_standby_feedback there, or ask for fewer days"
        ) from error
    except asyncpg.QueryCanceledError as error:
        raise Unavailable(
            "the report takes longer than a statement may: ask for fewer days, or read from a "
            "replica (CONTRAPUNTO_REPORT_DATABASE_URL)"
        ) from error
    except (*CONNECTION_LOST, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError) as error:
        raise Unavailable("PostgreSQL went away while the report was read: ask again") from error
