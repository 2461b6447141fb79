"""What customers wrote, with what must be known to understand it. Personal: for people who may."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from domain.calendar import shown_zone
from domain.conversation.media import Media
from domain.conversation.reader import Heard
from domain.model import Instant, Model
from store.database import Pool
from store.history.kept import INBOUND

# Of several accounts the one that is longest due: a message names it hardly ever.
_WRITTEN: Final = f"""
SELECT i.provider, i.inbound_id, i.at, i.channel, i.customer_id, i.intent, i.text,
    coalesce(i.media, '[]') AS media,
    c.locale, c.zones, a.key AS account, a.currency, a.balance,
    (SELECT x.expected FROM reading_corrections x
        WHERE x.provider = i.provider AND x.inbound_id = i.inbound_id
        ORDER BY x.corrected_at DESC LIMIT 1) AS corrected
FROM {INBOUND} AS i LEFT JOIN customers c USING (customer_id)
LEFT JOIN LATERAL (
    SELECT o.creditor || '/' || o.account_id AS key, o.currency, o.balance FROM accounts o
    WHERE o.customer_id = i.customer_id
    ORDER BY o.status <> 'open', o.oldest_due_date, o.creditor, o.account_id LIMIT 1) a ON true
"""  # noqa: S608 - what is put in are tables of ours
SELECT_LATEST: Final = f"""{_WRITTEN}
WHERE ($1::text IS NULL OR i.customer_id = $1) AND i.at >= $2
ORDER BY i.at DESC, i.provider, i.inbound_id LIMIT $3
"""
SELECT_ONE: Final = f"{_WRITTEN} WHERE i.provider = $1 AND i.inbound_id = $2"
SELECT_CORRECTED: Final = f"""SELECT * FROM ({_WRITTEN}) AS all_written
WHERE corrected IS NOT NULL ORDER BY at, provider, inbound_id
"""  # noqa: S608 - what is put in is a query


class Written(Model):
    """One message of a customer."""

    provider: str
    inbound_id: str
    """The provider's own id."""
    at: Instant
    channel: str
    customer_id: str | None
    """None: nobody's address, or several customers'."""
    intent: str
    """As it is on record: what was done for it."""
    text: str
    media: tuple[Media, ...]
    """Files that came with it, by reference."""
    locale: str | None
    zones: tuple[str, ...] | None
    account: str | None
    currency: str | None
    balance: Decimal | None
    corrected: dict[str, object] | None
    """What a person says that it said, if one has."""

    @property
    def id(self) -> str:
        """What people call it by: ``<provider>/<the provider's own id>``."""
        return f"{self.provider}/{self.inbound_id}"

    def heard(self) -> Heard:
        """What a reader has to know of it."""
        return heard(self.text, self.at, self.locale, self.zones, self.currency, self.balance)


def heard(
    text: str,
    at: datetime,
    locale: str | None,
    zones: Sequence[str] | None,
    currency: str | None,
    balance: Decimal | None,
) -> Heard:
    """A message as a reader takes it; None: it is nobody's whom we know."""
    zone = ZoneInfo(shown_zone(zones))
    about = (currency or "XXX", balance or Decimal(0))
    return Heard(text, locale or "es", at.astimezone(zone), *about)


async def latest(pool: Pool, customer_id: str | None, since: datetime, limit: int) -> list[Written]:
    """The latest messages of a customer, or of all, from ``since`` on, the newest first."""
    rows = await pool.fetch(SELECT_LATEST, customer_id, since, limit)
    return [Written(**dict(row)) for row in rows]


async def one(pool: Pool, provider: str, inbound_id: str) -> Written | None:
    """One message; None if it is not known."""
    row = await pool.fetchrow(SELECT_ONE, provider, inbound_id)
    return Written(**dict(row)) if row else None


async def corrected(pool: Pool) -> list[Written]:
    """All messages of which a person has said what they say, the oldest first."""
    return [Written(**dict(row)) for row in await pool.fetch(SELECT_CORRECTED)]
