"""An account that was contacted, answered and has been over for long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.history.months import Table
from domain.ledger.attempt import AttemptState
from domain.names import attempt_id
from store.database import Pool
from store.history.moving import History
from store.provider_events import ProviderEvents
from store.situations import MEMORY
from tests.support.activities import Actor

ATTEMPT = attempt_id("bank", "A1", 1)
NUMBER = "+573001234567"
PAID = {"kind": "payment_received", "id": "pay-1", "amount": "5"}


@dataclass
class Past:
    """What happened, and a day on which it is over for longer than anything is remembered."""

    actor: Actor
    pool: Pool
    contacted: datetime
    later: datetime

    async def move(self, chunk: int = 100) -> dict[Table, int]:
        """All that may; how many rows of each table."""
        moved: dict[Table, int] = {}
        async for table, _, rows in History(self.pool).move(self.later, chunk):
            moved[table] = moved.get(table, 0) + rows
        return moved

    async def close(self) -> None:
        """The account ends, a day after it was contacted."""
        await self.pool.execute(
            "UPDATE accounts SET status = 'closed', close_reason = 'cured', closed_at = $1",
            self.contacted + timedelta(days=1),
        )

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        return [
            dict(row) for row in await self.pool.fetch(f"SELECT * FROM {table} AS t ORDER BY t")
        ]


@pytest.fixture
async def past(actor: Actor, pool: Pool, now: datetime) -> Past:
    """One message that arrived and was answered, one payment; the account is still open."""
    step = await actor.planned(now)
    await actor.contact(step)
    at = step.not_before
    events = ProviderEvents(pool)
    delivered = (AttemptState.DELIVERED, None, None, None, at)
    await events.delivery("twilio", "e1", ATTEMPT, *delivered)
    heard = await events.inbound("twilio", "m1", Channel.SMS, NUMBER, "hola", Intent.OTHER, at)
    await events.mark_notified(heard.provider, heard.event_id)
    await actor.record(at, PAID)
    return Past(actor, pool, at, at + MEMORY + timedelta(days=40))
