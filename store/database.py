"""The connection to PostgreSQL: one pool a process, made in ``workers`` and handed in."""

import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

import asyncpg

from config.database_url import VARIABLE, read_address
from domain.failures import Misconfigured, Unavailable
from store.access.scope import Telling
from store.audit.act import current, setting
from store.audit.writing import begin
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


NOT_NOW: Final = (
    *CONNECTION_LOST,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""Whatever says that the same statement may succeed a little later."""


@dataclass(frozen=True)
class Role:
    """How long a connection waits, in seconds, before somebody else has to try again.

    ``lock``: for a row or table that another session holds; ``statement``: for one statement;
    ``idle``: within a transaction without a statement, so that a process that hangs keeps no lock.
    """

    lock: float
    statement: float
    idle: float

    def settings(self) -> str:
        """The statements that set these on a session.

        Nothing is compiled: no statement here takes long, and PostgreSQL's guess at what the
        reading of a situation costs grows with the ledger, until it compiles it each time anew.
        """
        limits = {
            "lock_timeout": self.lock,
            "statement_timeout": self.statement,
            "idle_in_transaction_session_timeout": self.idle,
        }
        waits = (f"SET {name} = {round(limit * 1000)}" for name, limit in limits.items())
        return ";".join((*waits, "SET jit = off"))


WORKER: Final = Role(lock=10, statement=30, idle=60)
"""An activity that fails is tried again, and its heartbeat goes on while it waits."""
GATEWAY: Final = Role(lock=2, statement=5, idle=10)
"""Twilio gives up after 15 seconds: what cannot be stored by then is kept and taken in later."""
MESSAGES: Final = Role(lock=0.5, statement=5, idle=10)
"""What customers write. A stop waits for nobody: not for a lock, nor for those who wait for one."""
API: Final = Role(lock=5, statement=15, idle=30)
"""A person waits before a screen, and may ask again."""
COMMAND: Final = Role(lock=10, statement=30, idle=300)
"""A person waits; an intake thinks between the statements of one transaction."""
REPORT: Final = Role(lock=2, statement=120, idle=60)
"""It reads much, in one snapshot, and writes nothing."""
MAINTENANCE: Final = Role(lock=2, statement=900, idle=60)
"""It moves and removes what is over, bit by bit: whoever contacts comes first."""
MIGRATION: Final = Role(lock=5, statement=0, idle=60)
"""Whoever waits for a table's lock holds up all who come after: rather fail, and be run again.
What it does once it has the lock (0: no limit) may take as long as it takes."""


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=json.dumps, decoder=json.loads
        )
    if (seen := observing.queries()) is not None:
        connection.add_query_logger(seen)


SAME_PLANS: Final = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
"""The session of who runs the same few statements for ever, each by keys.

Each is planned once a connection, whatever its arguments: PostgreSQL would else plan the reading of
a situation anew each time, 1.5 ms, since its guess at the cost of the general plan is too high. And
no plan reads a table whole, as is cheapest while the table is small: it would be kept while the
table grows, until the next ANALYZE.
"""


KNOWN_ALREADY: Final = "on record already under this id"
"""What the sender of something that is there is told."""


def unchanged(done: str) -> bool:
    """Whether a statement, by what PostgreSQL answered, has changed no row."""
    return done.endswith(" 0")


SCHEMA: Final = "0050"
"""The revision this code was written for; a newer one is compatible (migrations only add)."""


TELL_ACT: Final = "SELECT set_config('contrapunto.act', $1, false)"


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
    changing it back; of which act it is, is said whenever it is taken.
    """


@contextmanager
def translated() -> Iterator[None]:
    """What can be wrong with connecting, as Unavailable or Misconfigured; never with a password."""
    try:
        yield
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise Misconfigured(f"PostgreSQL refused the user or password in {VARIABLE}") from error
    except asyncpg.InvalidCatalogNameError as error:
        todo = f"create the database that {VARIABLE} names, then `contrapunto migrate`"
        raise Misconfigured(f"{error}: {todo}") from error
    except (
        asyncpg.ClientConfigurationError,
        asyncpg.CantChangeRuntimeParamError,
        asyncpg.InvalidParameterValueError,
        asyncpg.PostgresSyntaxError,
        asyncpg.UndefinedObjectError,
    ) as error:
        raise Misconfigured(f"{VARIABLE} asks for what cannot be: {error}") from error
    except ssl.SSLError as error:
        # A server that goes away in the middle is an outage; what cannot be agreed on stays so.
        if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            raise Unavailable(f"PostgreSQL went away ({error})") from error
        raise Misconfigured(
            f"no TLS with PostgreSQL ({error}): are the certificate files in {VARIABLE} right, and "
            "is the server's certificate theirs?"
        ) from error
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
async def connect(
    url: str,
    size: int = 10,
    *,
    role: Role = COMMAND,
    same_plans: bool = False,
    scoped: bool = False,
    each: "Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[None]] | None" = None,
) -> AsyncIterator[Pool]:
    """A pool of at most ``size`` connections that wait as ``role`` says; closed on leaving.

    ``same_plans``: for who runs the same few statements for ever, see ``SAME_PLANS``. ``scoped``:
    for who asks on behalf of others, see ``store/access/scope.py``. ``each`` is done with every
    connection that is made, before anything else.

    Raises Unavailable or Misconfigured with what to do, instead of asyncpg's own errors.
    """
    address, telling = read_address(url), Telling() if scoped else None
    told: dict[int, str] = {}

    async def prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        told.pop(connection.get_server_pid(), None)
        await _prepare(connection)
        await connection.execute(role.settings())
        if same_plans:
            await connection.execute(";".join(f"SET {k} = {v}" for k, v in SAME_PLANS.items()))
        if each is not None:
            await each(connection)
        if telling is not None:
            telling.begun(connection)

    async def tell_whose(connection: Connection) -> None:
        """Of which act its triggers are to write, and whose rows may be seen: what was said last
        stays said."""
        wanted, server = setting(), connection.get_server_pid()
        if told.get(server, "") != wanted:
            await connection.execute(TELL_ACT, wanted)
            told[server] = wanted
        if telling is not None:
            await telling.taken(connection)

    with translated():
        pool = await asyncpg.create_pool(
            **address.arguments(),
            min_size=1,
            max_size=size,
            # Of itself asyncpg keeps no statement longer than 15 KB, and has it parsed and planned
            # anew each time: reading a situation then takes 6 ms in place of 1.
            max_cacheable_statement_size=0,
            init=prepare,
            setup=tell_whose,
            reset=_as_it_is,
            command_timeout=role.statement + 5,  # for a server that does not answer at all
        )
    try:
        await check_schema(pool)
        if (act := current()) is not None:
            await begin(pool, act)
        yield pool
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable(
            f"another session holds what this needs for more than {role.lock:g} seconds: try again "
            "(pg_stat_activity and pg_locks say who)"
        ) from error
    finally:
        await pool.close()
