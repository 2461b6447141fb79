"""What holding a call needs of the store, beside what every callback does."""

from datetime import datetime
from typing import Final

from domain.ledger.attempt import AttemptState
from domain.message_content import CallScript
from domain.model import Instant, Model
from domain.names import workflow_id
from store.callbacks.attempt import SELECT_ATTEMPT, attempt_of
from store.provider_events import (
    INSERT_EVENT,
    WRONG,
    Notice,
    ProviderEvents,
)

_SELECT_HELD: Final = """
SELECT t.attempt_id, t.creditor, now_called(t.creditor, t.account_id) AS account_id, t.state,
    t.zones, t.not_after, t.provider_message_id, p.address, c.script
FROM attempts t JOIN calls c USING (attempt_id) JOIN contact_points p USING (contact_point_id)
WHERE t.attempt_id = $1
"""
_LOCALE_AT: Final = """
SELECT c.locale FROM contact_points p JOIN customers c USING (customer_id)
WHERE p.address_key = address_key($1, $2) ORDER BY customer_id LIMIT 1
"""

_MAY_SPEAK: Final = frozenset(
    {
        AttemptState.DISPATCHING,
        AttemptState.UNKNOWN,
        AttemptState.ACCEPTED,
        AttemptState.DELIVERED,
    }
)


class HeldCall(Model):
    """A call that is being held. Personal."""

    attempt_id: str
    creditor: str
    account_id: str
    state: AttemptState
    zones: tuple[str, ...]
    not_after: Instant
    provider_message_id: str | None
    address: str
    script: CallScript

    @property
    def workflow(self) -> str:
        """The workflow of the account that leads."""
        return workflow_id(self.creditor, self.account_id)

    def is_ours(self, call_sid: str) -> bool:
        """Whether this is the call we placed, and the only one under its attempt."""
        return self.provider_message_id in (None, call_sid) and self.state in _MAY_SPEAK


class CallScripts(ProviderEvents):
    """ProviderEvents, and what a call needs while it is held; every method is one transaction."""

    async def held(self, attempt_id: str) -> HeldCall | None:
        """The call of an attempt; None if it is no call of ours."""
        async with self.transaction() as connection:
            row = await connection.fetchrow(_SELECT_HELD, attempt_id)
        return HeldCall(**dict(row)) if row else None

    async def locale_at(self, channel: str, address: str) -> str | None:
        """The language of whoever has an address."""
        async with self.transaction() as connection:
            locale: str | None = await connection.fetchval(_LOCALE_AT, channel, address)
        return locale

    async def wrong_number(
        self, provider: str, event_id: str, attempt_id: str, at: datetime
    ) -> Notice:
        """Whoever has this number is not the customer: it is not used any more, on any channel."""
        async with self.transaction() as connection:
            event = (provider, event_id, attempt_id, WRONG, at, None)
            new = await connection.fetchval(INSERT_EVENT, *event)
            attempt = await attempt_of(connection, SELECT_ATTEMPT, attempt_id)
            if new and attempt:
                who = (attempt.customer_id, attempt.contact_point_id)
                await self.not_the_customer(connection, provider, event_id, *who, at)
            notice = await self.notice_of(connection, provider, event_id, attempt, stops=True)
            return await self.without_notice(connection, notice)
