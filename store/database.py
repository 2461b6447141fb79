"""The connection to PostgreSQL: one pool a process, made in ``workers`` and handed in."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

import asyncpg

from domain.failures import Misconfigured, Unavailable
from telemetry import observing

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

CONNECTION_LOST: Final = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises, beside PostgreSQL's own errors, when a connection breaks under a query."""

BAD_DATA: Final = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ArithmeticError,
    ValueError,
)
"""What PostgreSQL, asyncpg and our own models (pydantic's errors are ValueErrors) raise because of
what is to be written: trying again cannot succeed. Anything else is an outage, or a fault of ours.
"""


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )
    if (seen := observing.queries()) is not None:
        connection.add_query_logger(seen)


async def _prepare_for_the_same_statements(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    await _prepare(connection)
    await connection.execute("SET plan_cache_mode = force_generic_plan")


SCHEMA: Final = "0007"
"""The revision this code was written for; a newer one is compatible (migrations only add)."""


async def check_schema(pool: Pool) -> None:
    """Raises Misconfigured when the database has not been brought to our schema."""
    try:
        found = await pool.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        found = None
    if found is None or found < SCHEMA:
        raise Misconfigured(
            f"the database is at schema {found or 'none'}, this version needs {SCHEMA}: "
            "run `contrapunto migrate`"
        )


async def _as_it_is(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Hand a connection back without asyncpg's clearing of the session, a round trip every time.

    Open transactions are rolled back all the same, and nobody here changes session state without
    changing it back.
    """


@asynccontextmanager
async def connect(url: str, size: int = 10, *, same_plans: bool = False) -> AsyncIterator[Pool]:
    """A pool of at most ``size`` connections; closed on leaving.

    ``same_plans``: each statement is planned once a connection, whatever its arguments. For those
    who run the same few statements for ever: PostgreSQL would else plan the reading of a situation
    anew each time, 1.5 ms, since its guess at the cost of the general plan is too high.

    Raises Unavailable or Misconfigured with what to do, instead of asyncpg's own errors.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            init=_prepare_for_the_same_statements if same_plans else _prepare,
            reset=_as_it_is,
            command_timeout=30,
        )
    except (OSError, asyncpg.CannotConnectNowError) as error:
        raise Unavailable(
            f"PostgreSQL does not answer ({error}): is it running, and is CONTRAPUNTO_DATABASE_URL "
            "right?"
        ) from error
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise Misconfigured(
            "PostgreSQL refused the user or password in CONTRAPUNTO_DATABASE_URL"
        ) from error
    except asyncpg.InvalidCatalogNameError as error:
        raise Misconfigured(f"{error}: create the database, then `contrapunto migrate`") from error
    try:
        await check_schema(pool)
        yield pool
    finally:
        await pool.close()
