"""What upstream systems read: pages by keys, never by counting."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from store.database import Connection, Pool
from store.history.kept import ATTEMPTS

_ACCOUNT: Final = """
a.creditor || '/' || a.account_id AS account, a.creditor, a.account_id, a.customer_id, a.currency,
a.balance, a.balance_as_of, a.oldest_due_date::text AS oldest_due_date, a.status, a.close_reason,
a.phase, a.state, a.hold_until, a.strategy, a.formerly, a.next_kind, a.next_at, a.next_summary
"""

ONE: Final = f"SELECT {_ACCOUNT} FROM accounts a WHERE creditor = $1 AND account_id = $2"  # noqa: S608

PAGE: Final = f"""
SELECT {_ACCOUNT} FROM accounts a
WHERE ($1::text[] IS NULL OR a.creditor = ANY ($1)) AND ($2::text IS NULL OR a.creditor = $2)
    AND ($3::text IS NULL OR a.status = $3) AND ($4::text IS NULL OR a.customer_id = $4)
    AND ($5::text IS NULL OR (a.creditor, a.account_id) > ($5, $6))
ORDER BY a.creditor, a.account_id LIMIT $7
"""  # noqa: S608 - what is put in is a list of columns

LEDGER: Final = f"""
SELECT attempt_id::text AS attempt_id, creditor || '/' || account_id AS account, channel, purpose,
    phase, state, outcome, refusal, provider, reserved_at, dispatched_at, settled_at, cite
FROM {ATTEMPTS} AS attempts
WHERE creditor = $1 AND account_id = $2
    AND ($3::timestamptz IS NULL OR (reserved_at, attempt_id::text) > ($3, $4))
ORDER BY reserved_at, attempt_id::text LIMIT $5
"""  # noqa: S608 - what is put in are tables of ours

PROVE: Final = """
INSERT INTO consent_proofs (event_id, customer_id, channel, source, proof, given_at, told_by)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (event_id) DO NOTHING
"""

PROOFS: Final = """
SELECT event_id AS id, channel, source, proof, given_at AS at FROM consent_proofs
WHERE customer_id = $1 ORDER BY given_at DESC, event_id
"""


class Reading:
    """Accounts and their ledger, and what proves consents."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def account(self, creditor: str, account_id: str) -> dict[str, Any] | None:
        """One account."""
        row = await self.pool.fetchrow(ONE, creditor, account_id)
        return None if row is None else dict(row)

    async def accounts(
        self,
        seen: Collection[str] | None,
        creditor: str | None,
        status: str | None,
        customer_id: str | None,
        after: tuple[str, str] | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """A page; ``seen``: of these creditors alone."""
        whose = None if seen is None else sorted(seen)
        key = after or (None, None)
        found = await self.pool.fetch(PAGE, whose, creditor, status, customer_id, *key, limit)
        return [dict(one) for one in found]

    async def ledger(
        self, creditor: str, account_id: str, after: tuple[datetime, str] | None, limit: int
    ) -> list[dict[str, Any]]:
        """A page of an account's contacts."""
        key = after or (None, None)
        found = await self.pool.fetch(LEDGER, creditor, account_id, *key, limit)
        return [dict(one) for one in found]

    async def proofs(self, customer_id: str) -> list[dict[str, Any]]:
        """What proves a customer's consents."""
        return [dict(one) for one in await self.pool.fetch(PROOFS, customer_id)]


async def prove(
    connection: Connection,
    event_id: str,
    customer_id: str,
    channel: str | None,
    source: str,
    proof: str,
    given_at: datetime,
    told_by: str,
) -> None:
    """Keep what proves a consent, beside its event."""
    about = (event_id, customer_id, channel, source, proof, given_at, told_by)
    await connection.execute(PROVE, *about)
