"""The attempt that a callback, a link or a caller speaks of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.channels import Channel
from domain.ledger.attempt import SAYS, AttemptState, is_old_news, move
from domain.ledger.call_outcome import CallOutcome
from store.database import Connection

SELECT_ATTEMPT: Final = """
    SELECT creditor, account_id, customer_id, channel, state, contact_point_id, provider_message_id,
        outcome, purpose, coalesce(dispatched_at, reserved_at) FROM attempts WHERE attempt_id = $1
"""
LOCK_ATTEMPT: Final = f"{SELECT_ATTEMPT} FOR UPDATE"
SELECT_OF_OLD: Final = """
    SELECT creditor, account_id, customer_id, channel, state, contact_point_id, NULL, NULL, '',
        'epoch'::timestamptz, true FROM attempt_keys WHERE attempt_id = $1
"""
"""Of one in the history, whose it was: a link to unsubscribe holds for ever."""


@dataclass(frozen=True)
class CalledBack:
    """The row of an attempt, as far as callbacks care."""

    attempt_id: str
    creditor: str
    account_id: str
    customer_id: str
    channel: str
    state: str
    contact_point_id: str
    provider_message_id: str | None
    outcome: str | None
    purpose: str
    sent_at: datetime
    over: bool = False
    """It is in the history, or was: nothing moves it any more."""

    @property
    def became(self) -> CallOutcome | None:
        """What is known of the call."""
        return CallOutcome(self.outcome) if self.outcome else None

    def is_of(self, provider_message_id: str | None) -> bool:
        """Whether a message, or a call, of this name can be this attempt's."""
        known = self.provider_message_id
        return known is None or provider_message_id in (None, known)

    def takes(self, status: AttemptState, provider_message_id: str | None) -> bool:
        """Whether an event of this message may move the attempt to ``status``.

        The callback of a second message under the same attempt is kept but never applied: it
        is the trace of something sent twice, not news of the first.
        """
        if self.over:
            return False
        known = AttemptState(self.state)
        old = is_old_news(known, SAYS[status], Channel(self.channel), self.became)
        to = move(known, SAYS[status], old=old)
        return self.is_of(provider_message_id) and to is not None


async def attempt_of(
    connection: Connection, query: str, attempt_id: str | None
) -> CalledBack | None:
    """The attempt as callbacks see it; None if there is none."""
    if not attempt_id:
        return None
    row = await connection.fetchrow(query, attempt_id)
    if row is None:
        row = await connection.fetchrow(SELECT_OF_OLD, attempt_id)
    return CalledBack(attempt_id, *row.values()) if row else None
