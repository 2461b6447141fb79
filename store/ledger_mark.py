"""How far this database has come: a database restored from an older backup has forgotten contacts.

The mark grows by one about every minute and is told to Temporal, which the backup of PostgreSQL
does not touch. A database whose mark is smaller than Temporal remembers, or that knows of fewer
plans of an account than its workflow does, is halted: it plans and records, and contacts nobody
until a person has said go (`contrapunto ledger resume`).
"""

from datetime import datetime
from typing import Final, NamedTuple

from domain.failures import BadInput, Unavailable
from store.database import NOT_NOW, Connection, Pool

ADVANCE: Final = """
INSERT INTO ledger_mark AS m (mark, marked_at) VALUES (1, clock_timestamp())
ON CONFLICT (single) DO UPDATE SET mark = m.mark + 1, marked_at = clock_timestamp()
WHERE m.marked_at < clock_timestamp() - $1 * interval '1 second' RETURNING mark
"""
"""For one worker only in each interval: the others find it done."""

SELECT_MARK: Final = "SELECT mark, halted_at, halted_why FROM ledger_mark"

HALT: Final = """
INSERT INTO ledger_mark AS m (halted_at, halted_why) VALUES (clock_timestamp(), $1)
ON CONFLICT (single) DO UPDATE SET halted_at = excluded.halted_at, halted_why = excluded.halted_why
WHERE m.halted_at IS NULL RETURNING halted_at
"""

RESUME: Final = """
WITH halted AS (
    SELECT halted_at, halted_why FROM ledger_mark WHERE halted_at IS NOT NULL FOR UPDATE
), resumed AS (
    INSERT INTO ledger_resumptions (resumed_at, halted_at, halted_why, resumed_by, note)
    SELECT clock_timestamp(), halted_at, halted_why, $1, $2 FROM halted RETURNING 1
)
UPDATE ledger_mark SET halted_at = NULL, halted_why = NULL, mark = greatest(mark, $3)
FROM halted, resumed
RETURNING halted.halted_why
"""

SELECT_PLANS: Final = "SELECT plans FROM accounts WHERE creditor = $1 AND account_id = $2"


class DatabaseMark(NamedTuple):
    """Where the database stands."""

    mark: int
    halted_at: datetime | None
    halted_why: str | None


class LedgerMark:
    """The one row of ``ledger_mark``, or none while nothing was ever marked."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def read(self) -> DatabaseMark:
        """The mark, and since when and why nobody is contacted, if so."""
        row = await self.pool.fetchrow(SELECT_MARK)
        return DatabaseMark(0, None, None) if row is None else DatabaseMark(**dict(row))

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


async def behind(connection: Connection, creditor: str, account_id: str, plans: int) -> int | None:
    """How many plans of an account this database has forgotten; None: none.

    ``plans``: of how many its workflow knows that they were written here.
    """
    if plans == 0:
        return None
    found = await connection.fetchval(SELECT_PLANS, creditor, account_id) or 0
    return plans - found if found < plans else None
