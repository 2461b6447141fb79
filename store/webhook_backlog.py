"""What webhooks brought and could not be stored yet, and what nobody could read.

Nothing here waits for a lock of anybody's: rows are only added and marked, and no trigger hangs on
the table.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from domain.model import Instant, Model
from store.provider_events import ProviderEvents

_INSERT: Final = """
    INSERT INTO webhook_backlog (provider, event_id, kind, body, at, why)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
"""
_SELECT: Final = """
    SELECT provider, event_id, kind, body, at FROM webhook_backlog
    WHERE done_at IS NULL AND kind <> 'unread' ORDER BY kept_at LIMIT $1
"""
_DONE: Final = """
    UPDATE webhook_backlog SET done_at = clock_timestamp() WHERE provider = $1 AND event_id = $2
"""
_UNREAD: Final = """
    UPDATE webhook_backlog SET kind = 'unread', why = $3 WHERE provider = $1 AND event_id = $2
"""


class KeptKind(StrEnum):
    """What is kept."""

    REPORT = "report"
    MESSAGE = "message"
    UNREAD = "unread"
    """For a person: it was genuine, may be a stop, and could not be understood or stored."""


class Kept(Model):
    """One row that is to be taken in again. Personal."""

    provider: str
    event_id: str
    kind: KeptKind
    body: dict[str, Any]
    at: Instant


class WebhookBacklog(ProviderEvents):
    """Every method is one transaction, and raises Unavailable if PostgreSQL does not answer."""

    async def keep(
        self,
        kind: KeptKind,
        provider: str,
        event_id: str,
        body: Mapping[str, Any],
        at: datetime,
        why: str,
    ) -> None:
        """Keep one event, once; ``at``: when it came."""
        async with self.transaction() as connection:
            await connection.execute(_INSERT, provider, event_id, kind, dict(body), at, why)

    async def kept(self, limit: int = 100) -> list[Kept]:
        """What is to be taken in again, oldest first."""
        async with self.transaction() as connection:
            return [Kept(**dict(row)) for row in await connection.fetch(_SELECT, limit)]

    async def taken(self, row: Kept) -> None:
        """It is where it belongs."""
        async with self.transaction() as connection:
            await connection.execute(_DONE, row.provider, row.event_id)

    async def hopeless(self, row: Kept, why: str) -> None:
        """It will never be taken in: a person has to look."""
        async with self.transaction() as connection:
            await connection.execute(_UNREAD, row.provider, row.event_id, why)
