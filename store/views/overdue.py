"""Open accounts that stand still although their time has come: no account is forgotten.

PostgreSQL knows what every open account waits for and since when. Where Temporal has lost workflows
(a restored backup, a purged namespace, an end that nobody meant), the accounts stand still although
they are due. A new workflow takes them up, and the ledger keeps what was said from being repeated.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from store.database import Pool

SELECT_OVERDUE: Final = """
SELECT creditor, account_id, next_kind, next_at, next_summary, planned_at, zones
FROM accounts LEFT JOIN customers USING (customer_id)
WHERE status = 'open' AND ($1::timestamptz IS NULL OR coalesce(next_at, since) < $1)
ORDER BY coalesce(next_at, since), creditor, account_id
"""


class Overdue(NamedTuple):
    """An open account and what it should have done by now."""

    creditor: str
    account_id: str
    next_kind: str | None
    next_at: datetime | None
    next_summary: str | None
    planned_at: datetime | None
    zones: Sequence[str] | None = None
    """The customer's; None before intake has brought them."""


async def overdue(pool: Pool, before: datetime | None) -> list[Overdue]:
    """Open accounts due before that instant, the longest first; None: all open accounts."""
    return [Overdue(*row) for row in await pool.fetch(SELECT_OVERDUE, before)]
