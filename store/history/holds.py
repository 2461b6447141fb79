"""Legal holds: of whom nothing is removed, until somebody lifts it."""

from datetime import datetime
from typing import Final

from domain.failures import BadInput, NotFound
from domain.model import Instant, Model
from store.database import Pool, unchanged
from store.history.removing import HOLDING

INSERT_HOLD: Final = """
INSERT INTO legal_holds (hold_id, creditor, account_id, customer_id, why, by_whom, since)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
LIFT_HOLD: Final = """
UPDATE legal_holds SET lifted_at = $2, lifted_by = $3 WHERE hold_id = $1 AND lifted_at IS NULL
"""
SELECT_HOLDS: Final = """
SELECT hold_id, creditor, account_id, customer_id, why, by_whom, since, lifted_at, lifted_by
FROM legal_holds WHERE $1 OR lifted_at IS NULL ORDER BY since, hold_id
"""
IS_KNOWN: Final = """
SELECT ($1::text IS NULL OR $2::text IS NULL OR EXISTS (SELECT FROM accounts a
        WHERE a.creditor = $1 AND (a.account_id = $2 OR $2 = ANY (a.formerly))))
    AND ($1::text IS NULL OR EXISTS (SELECT FROM accounts a WHERE a.creditor = $1))
    AND ($3::text IS NULL OR EXISTS (SELECT FROM customers c WHERE c.customer_id = $3))
"""


class LegalHold(Model):
    """One hold: on an account, on all of a creditor or on all of a customer."""

    hold_id: str
    creditor: str | None
    account_id: str | None
    customer_id: str | None
    why: str
    by_whom: str
    since: Instant
    lifted_at: Instant | None = None
    lifted_by: str | None = None


class LegalHolds:
    """Placing and lifting them."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def place(self, hold: LegalHold) -> None:
        """Once this returns, nothing that it is for is removed. Raises BadInput or NotFound."""
        whom = (hold.creditor, hold.account_id, hold.customer_id)
        if not await self.pool.fetchval(IS_KNOWN, *whom):
            raise NotFound("no such account, creditor or customer is on record: check the spelling")
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(HOLDING)
            new = (hold.hold_id, *whom, hold.why, hold.by_whom, hold.since)
            if unchanged(await connection.execute(INSERT_HOLD, *new)):
                raise BadInput(f"the hold {hold.hold_id} is on record: choose another name")

    async def lift(self, hold_id: str, by: str, at: datetime) -> None:
        """It holds no more. Raises NotFound."""
        if unchanged(await self.pool.execute(LIFT_HOLD, hold_id, at, by)):
            raise NotFound(f"no hold {hold_id} stands: `contrapunto retention holds` lists them")

    async def all(self, *, lifted: bool) -> list[LegalHold]:
        """Those that stand; ``lifted``: and all that ever did."""
        return [LegalHold(**dict(row)) for row in await self.pool.fetch(SELECT_HOLDS, lifted)]
