"""What customers wrote, with what must be known to understand it. Personal: for people who may."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from domain.model import Instant, Model
from store.database import Pool

# Of several accounts the one that is longest due: a message names it hardly ever.
WRITTEN: Final = """
SELECT i.provider || '/' || i.inbound_id AS id, i.at, i.channel, i.customer_id, i.intent, i.text,
    coalesce(c.locale, 'es') AS locale, c.zones, a.key AS account, a.currency, a.balance
FROM inbound i LEFT JOIN customers c USING (customer_id)
LEFT JOIN LATERAL (
    SELECT o.creditor || '/' || o.account_id AS key, o.currency, o.balance FROM accounts o
    WHERE o.customer_id = i.customer_id
    ORDER BY o.status <> 'open', o.oldest_due_date, o.creditor, o.account_id LIMIT 1) a ON true
WHERE ($1::text IS NULL OR i.customer_id = $1) AND i.at >= $2
ORDER BY i.at DESC, id LIMIT $3
"""


class Written(Model):
    """One message of a customer."""

    id: str
    """``<provider>/<the provider's own id>``."""
    at: Instant
    channel: str
    customer_id: str | None
    """None: nobody's address, or several customers'."""
    intent: str
    """As it is on record: what was done for it."""
    text: str
    locale: str
    zones: tuple[str, ...] | None
    account: str | None
    currency: str | None
    balance: Decimal | None


async def written(
    pool: Pool, customer_id: str | None, since: datetime, limit: int
) -> list[Written]:
    """The latest messages of a customer, or of all, from ``since`` on, the newest first."""
    rows = await pool.fetch(WRITTEN, customer_id, since, limit)
    return [Written(**dict(row)) for row in rows]
