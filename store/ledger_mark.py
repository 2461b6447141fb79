"""How far this database has come: a database restored from an older backup has forgotten contacts.

The mark grows by one about every minute and is told to Temporal, which the backup of PostgreSQL
does not touch. A database is halted whose mark is smaller than Temporal remembers, that knows of
fewer plans of an account than its workflow does, or that finds itself on another server than
before: it plans and records, and contacts nobody until a person has said go (`contrapunto restore
lift`).
"""

from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg
from asyncpg import ReadOnlySQLTransactionError, UndefinedColumnError, UndefinedTableError

from domain.failures import BadInput, Unavailable
from store.database import NOT_NOW, Connection, Pool

EPOCH: Final = """
(SELECT (SELECT system_identifier FROM pg_control_system()) || '/'
    || ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
"""Which server this is, on which timeline, with which database. A promoted replica and a server
that was restored to a point in time have another timeline, a restored dump another database."""

ADVANCE: Final = f"""
INSERT INTO ledger_mark AS m (mark, marked_at, epoch) VALUES (1, clock_timestamp(), {EPOCH})
ON CONFLICT (single) DO UPDATE SET mark = m.mark + 1, marked_at = clock_timestamp(),
    epoch = coalesce(m.epoch, excluded.epoch)
WHERE m.marked_at < clock_timestamp() - $1 * interval '1 second' AND m.halted_at IS NULL
RETURNING mark
"""  # noqa: S608 - what is put in is an expression
"""For one worker only in each interval: the others find it done. Not of a halted one: its mark says
how far it reaches."""

CONFIRM: Final = "UPDATE ledger_mark SET confirmed = $1 WHERE confirmed < $1"

SELECT_MARK: Final = f"""
SELECT m.mark, m.halted_at, m.halted_why, m.marked_at, m.epoch, m.confirmed, {EPOCH} AS here
FROM (VALUES (true)) AS one LEFT JOIN ledger_mark m ON true
"""  # noqa: S608 - what is put in is an expression

ELSEWHERE: Final = (
    "not written on this server: it is a replica that was promoted, or was restored, and may have "
    "forgotten what was written last"
)
"""Why a database is halted that finds itself on another server."""

HALT_ELSEWHERE: Final = f"""
UPDATE ledger_mark SET halted_at = clock_timestamp(), halted_why = $1
WHERE halted_at IS NULL AND epoch <> {EPOCH}
"""  # noqa: S608 - what is put in is an expression

HALT: Final = """
INSERT INTO ledger_mark AS m (halted_at, halted_why) VALUES (clock_timestamp(), $1)
ON CONFLICT (single) DO UPDATE SET halted_at = excluded.halted_at, halted_why = excluded.halted_why
WHERE m.halted_at IS NULL RETURNING halted_at
"""

RESUME: Final = f"""
WITH halted AS (
    SELECT halted_at, halted_why FROM ledger_mark WHERE halted_at IS NOT NULL FOR UPDATE
), resumed AS (
    INSERT INTO ledger_resumptions (resumed_at, halted_at, halted_why, resumed_by, note)
    SELECT clock_timestamp(), halted_at, halted_why, $1, $2 FROM halted RETURNING 1
)
UPDATE ledger_mark SET halted_at = NULL, halted_why = NULL, mark = greatest(mark, $3),
    confirmed = $3, epoch = {EPOCH}
FROM halted, resumed
RETURNING halted.halted_why
"""  # noqa: S608 - what is put in is an expression

SELECT_PLANS: Final = "SELECT plans FROM accounts WHERE creditor = $1 AND account_id = $2"


class DatabaseMark(NamedTuple):
    """Where the database stands."""

    mark: int
    halted_at: datetime | None
    halted_why: str | None
    marked_at: datetime | None = None
    """When the mark was moved last: of a restored database, how far it surely reaches."""
    epoch: str | None = None
    """Where it was moved."""
    confirmed: int = 0
    """The highest mark that Temporal has taken."""
    here: str = ""
    """The epoch of the server that answers."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether the server is not the one that the mark was moved on."""
        return self.epoch is not None and self.epoch != self.here


class LedgerMark:
    """The one row of ``ledger_mark``, or none while nothing was ever marked."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def read(self) -> DatabaseMark:
        """The mark, and since when and why nobody is contacted, if so."""
        row = await self.pool.fetchrow(SELECT_MARK)
        assert row is not None  # noqa: S101 - one row, whatever is in the table
        if row["mark"] is None:
            return DatabaseMark(0, None, None, here=row["here"])
        return DatabaseMark(**dict(row))

    async def ping(self) -> None:
        """Raises Unavailable if PostgreSQL does not answer."""
        try:
            await self.read()
        except NOT_NOW as error:
            raise Unavailable(f"PostgreSQL does not answer: {type(error).__name__}") from error

    async def advance(self, every: float) -> int | None:
        """One mark further, if nobody has moved it for ``every`` seconds; None otherwise."""
        mark: int | None = await self.pool.fetchval(ADVANCE, every)
        return mark

    async def confirm(self, mark: int) -> None:
        """Temporal has taken a mark."""
        await self.pool.execute(CONFIRM, mark)

    async def halt(self, why: str) -> bool:
        """Contact nobody from now on. False: it was halted before, for the reason it has."""
        return await self.pool.fetchval(HALT, why) is not None

    async def resume(self, by: str, note: str, known: int = 0) -> str:
        """Let contacts go on; why they were halted. ``known``: the mark that Temporal remembers.

        Raises BadInput where nothing is halted, or no reason is given.
        """
        if not note.strip() or not by.strip():
            raise BadInput("note and name must not be blank: say what was compared, and who did")
        why: str | None = await self.pool.fetchval(RESUME, by.strip(), note.strip(), known)
        if why is None:
            raise BadInput("nothing is halted: contacts go on as planned")
        return why


async def halt_elsewhere(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Halt a database that finds itself on another server than before, by the very connection that
    comes to know it: nothing can be dispatched between a failover and this."""
    # A standby, or a schema of before: whoever connects is told of that elsewhere.
    with suppress(ReadOnlySQLTransactionError, UndefinedTableError, UndefinedColumnError):
        await connection.execute(HALT_ELSEWHERE, ELSEWHERE)


async def behind(connection: Connection, creditor: str, account_id: str, plans: int) -> int | None:
    """How many plans of an account this database has forgotten; None: none.

    ``plans``: of how many its workflow knows that they were written here.
    """
    if plans == 0:
        return None
    found = await connection.fetchval(SELECT_PLANS, creditor, account_id) or 0
    return plans - found if found < plans else None
