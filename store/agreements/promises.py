"""Promises, and what fell due when. Each belongs to the caller's transaction."""

from datetime import datetime
from typing import Final

from domain.account import PromiseState
from domain.account import promised as as_promised
from domain.agreements.arrears import due_of
from domain.agreements.schedule import promised_on
from domain.facts import AccountUpdated, RecordPromise
from store.database import KNOWN_ALREADY, Connection, Pool, unchanged

PROMISE: Final = """
INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, parts, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""

SETTLE: Final = """
UPDATE promises SET state = $4, settled_at = $5
WHERE creditor = $1 AND account_id = $2 AND promise_id = $3 AND state = 'open'
"""

RECORDED_BY: Final = """
UPDATE promises SET recorded_by = $4
WHERE creditor = $1 AND account_id = $2 AND promise_id = $3 AND recorded_by IS NULL
"""

# The newest stays, in whichever order they come. Of an account that is not known nothing is kept.
KEEP_SCHEDULE: Final = """
INSERT INTO due_schedules AS d (creditor, account_id, as_of, instalments)
SELECT creditor, account_id, $3, $4 FROM accounts WHERE creditor = $1 AND account_id = $2
ON CONFLICT (creditor, account_id) DO UPDATE SET as_of = excluded.as_of,
    instalments = excluded.instalments
WHERE d.as_of <= excluded.as_of
"""


async def record(
    connection: Connection, owner: tuple[str, str], asked: RecordPromise, at: datetime
) -> str | None:
    """Write a promise; what its sender should know of it."""
    parts = promised_on(asked)
    whole = as_promised(parts)
    several = [one.model_dump(mode="json") for one in parts] if len(parts) > 1 else None
    told = (asked.id, whole["amount"], whole["due_on"], several, at)
    done = await connection.execute(PROMISE, *owner, *told)
    return KNOWN_ALREADY if unchanged(done) else None


async def recorded_by(pool: Pool, owner: tuple[str, str], promise_id: str, who: str) -> None:
    """Note who recorded a promise: people's names stay out of histories."""
    await pool.execute(RECORDED_BY, *owner, promise_id, who)


async def settle(
    connection: Connection,
    owner: tuple[str, str],
    promise_id: str,
    state: PromiseState,
    at: datetime,
) -> None:
    """Mark a promise kept or broken."""
    await connection.execute(SETTLE, *owner, promise_id, state.value, at)


async def keep_schedule(
    connection: Connection, owner: tuple[str, str], told: AccountUpdated, as_of: datetime
) -> bool:
    """Keep what fell due when, if it is told; whether it is now what is known."""
    if told.due is None:
        return False
    parts = [one.model_dump(mode="json") for one in due_of(told)]
    return not unchanged(await connection.execute(KEEP_SCHEDULE, *owner, as_of, parts))
