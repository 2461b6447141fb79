"""The connection to PostgreSQL: one pool a process, made in ``workers`` and handed in."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, TypeAlias

import asyncpg

from config.database_url import VARIABLE, read_address
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


SCHEMA: Final = "0012"
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


@contextmanager
def translated() -> Iterator[None]:
    """What can be wrong with connecting, as Unavailable or Misconfigured; never with a password."""
    try:
        yield
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise Misconfigured(f"PostgreSQL refused the user or password in {VARIABLE}") from error
    except asyncpg.InvalidCatalogNameError as error:
        raise Misconfigured(f"{error}: create the database, then `contrapunto migrate`") from error
    except (
        asyncpg.ClientConfigurationError,
        asyncpg.CantChangeRuntimeParamError,
        asyncpg.InvalidParameterValueError,
        asyncpg.PostgresSyntaxError,
        asyncpg.UndefinedObjectError,
    ) as error:
        raise Misconfigured(f"{VARIABLE} asks for what cannot be: {error}") from error
    except (
        OSError,
        asyncpg.CannotConnectNowError,
        asyncpg.TargetServerAttributeNotMatched,
        asyncpg.TooManyConnectionsError,
    ) as error:
        raise Unavailable(
            f"PostgreSQL does not answer ({error}): is it running, and is {VARIABLE} right?"
        ) from error


@asynccontextmanager
async def connect(url: str, size: int = 10, *, same_plans: bool = False) -> AsyncIterator[Pool]:
    """A pool of at most ``size`` connections; closed on leaving.

    ``same_plans``: each statement is planned once a connection, whatever its arguments. For those
    who run the same few statements for ever: PostgreSQL would else plan the reading of a situation
    anew each time, 1.5 ms, since its guess at the cost of the general plan is too high.

    Raises Unavailable or Misconfigured with what to do, instead of asyncpg's own errors.
    """
    address = read_address(url)
    with translated():
        pool = await asyncpg.create_pool(
            **address.arguments(),
            min_size=1,
            max_size=size,
            init=_prepare_for_the_same_statements if same_plans else _prepare,
            reset=_as_it_is,
            command_timeout=30,
        )
    try:
        await check_schema(pool)
        yield pool
    finally:
        await pool.close()
