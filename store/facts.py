"""What arrives from outside is written once, whoever repeats it."""

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from domain.account import PromiseState
from domain.facts import (
    AccountOpened,
    AccountUpdated,
    Close,
    DeliveryFailed,
    Hold,
    LawEventReceived,
    Message,
    MessageReceived,
    PaymentReceived,
    RecordPromise,
    Resume,
)
from store import law_events
from store.database import Connection

INSERT_MESSAGE: Final = """
INSERT INTO messages (creditor, account_id, message_id, kind, body, at, refused)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING message_id
"""

SELECT_REFUSED: Final = """
SELECT refused FROM messages WHERE creditor = $1 AND account_id = $2 AND message_id = $3
"""

OPEN_ACCOUNT: Final = """
INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, balance_as_of,
    oldest_due_date, since)
VALUES ($1, $2, $3, $4, $5 - (
        SELECT coalesce(sum(p.amount), 0) FROM payments p
        WHERE p.creditor = $1 AND p.account_id = $2 AND p.paid_at > $6), $6, $7, $8)
ON CONFLICT (creditor, account_id) DO UPDATE SET
    customer_id = excluded.customer_id, currency = excluded.currency, balance = excluded.balance,
    balance_as_of = excluded.balance_as_of, oldest_due_date = excluded.oldest_due_date,
    since = CASE WHEN accounts.status = 'closed' THEN excluded.since ELSE accounts.since END,
    status = 'open', close_reason = NULL, closed_at = NULL
WHERE accounts.balance_as_of <= excluded.balance_as_of
"""

PAY: Final = """
WITH paid AS (
    INSERT INTO payments (creditor, account_id, payment_id, amount, paid_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING amount, paid_at
)
UPDATE accounts SET balance = balance - paid.amount FROM paid
WHERE creditor = $1 AND account_id = $2 AND paid.paid_at > balance_as_of
"""

UPDATE_FACTS: Final = """
UPDATE accounts SET
    balance = CASE WHEN $3::numeric IS NULL THEN balance ELSE $3 - (
        SELECT coalesce(sum(p.amount), 0) FROM payments p
        WHERE p.creditor = $1 AND p.account_id = $2 AND p.paid_at > $5) END,
    oldest_due_date = coalesce($4, oldest_due_date),
    balance_as_of = CASE WHEN $3::numeric IS NULL THEN balance_as_of ELSE $5 END,
    since = CASE WHEN status = 'closed' AND $3::numeric > 0 THEN $6 ELSE since END,
    close_reason = CASE WHEN $3::numeric > 0 THEN NULL ELSE close_reason END,
    closed_at = CASE WHEN $3::numeric > 0 THEN NULL ELSE closed_at END,
    status = CASE WHEN $3::numeric > 0 THEN 'open' ELSE status END
WHERE creditor = $1 AND account_id = $2 AND balance_as_of <= $5
    AND ($3::numeric IS NOT NULL OR $4::date IS NOT NULL)
"""

HOLD: Final = """
UPDATE accounts SET hold_until = $3, hold_reason = $4 WHERE creditor = $1 AND account_id = $2
"""

CLOSE: Final = """
UPDATE accounts SET status = 'closed', close_reason = $3, closed_at = $4
WHERE creditor = $1 AND account_id = $2 AND status = 'open'
"""

PROMISE: Final = """
INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""

SETTLE_PROMISE: Final = """
UPDATE promises SET state = $4, settled_at = $5
WHERE creditor = $1 AND account_id = $2 AND promise_id = $3 AND state = 'open'
"""

SELECT_KNOWN: Final = """
SELECT a.currency, a.balance, a.status = 'open' AS is_open, a.strategy,
    coalesce(c.zones, '{UTC}') AS zones
FROM accounts a LEFT JOIN customers c USING (customer_id)
WHERE a.creditor = $1 AND a.account_id = $2
"""


class Known(NamedTuple):
    """What judging a message needs to know of its account."""

    currency: str
    balance: Decimal
    is_open: bool
    strategy: str
    zones: tuple[str, ...]


class Facts:
    """Writes of signals and updates; each method belongs to the caller's transaction."""

    async def first_time(
        self,
        connection: Connection,
        owner: tuple[str, str],
        message: Message,
        at: datetime,
        refused: str | None,
    ) -> bool:
        """Note the message; False when its id has been here before."""
        body = message.model_dump(mode="json", exclude_none=True)
        done = await connection.fetchval(
            INSERT_MESSAGE, *owner, message.id, message.kind, body, at, refused
        )
        return done is not None

    async def refused_before(
        self, connection: Connection, owner: tuple[str, str], message_id: str
    ) -> str | None:
        """Why the first arrival of this id was refused; None when it was not."""
        found: str | None = await connection.fetchval(SELECT_REFUSED, *owner, message_id)
        return found

    async def account(self, connection: Connection, owner: tuple[str, str]) -> Known | None:
        """The account as far as messages are judged by it; None while it is unknown."""
        row = await connection.fetchrow(SELECT_KNOWN, *owner)
        return None if row is None else Known(**{**dict(row), "zones": tuple(row["zones"])})

    async def apply(
        self, connection: Connection, owner: tuple[str, str], message: Message, at: datetime
    ) -> None:
        """Write what the message says. ``at`` (UTC) stands where it carries no time of its own."""
        match message:
            case AccountOpened(facts=facts, as_of=as_of):
                if facts is not None:
                    await connection.execute(
                        OPEN_ACCOUNT,
                        *owner,
                        facts.customer_id,
                        facts.currency,
                        facts.balance,
                        min(as_of or at, at),
                        facts.oldest_due_date,
                        at,
                    )
            case PaymentReceived(id=payment, amount=amount, paid_at=paid_at):
                # A payment is never older than the day it reaches us says, nor from the future.
                when = min(paid_at or at, at)
                await connection.execute(PAY, *owner, payment, amount, when)
            case AccountUpdated(balance=balance, oldest_due_date=due, as_of=as_of):
                # Figures from the future would hide every payment until it has come.
                moment = min(as_of or at, at)
                await connection.execute(UPDATE_FACTS, *owner, balance, due, moment, at)
            case Hold(until=until, reason=reason):
                await connection.execute(HOLD, *owner, until, reason)
            case Resume():
                await connection.execute(HOLD, *owner, None, None)
            case Close():
                await connection.execute(CLOSE, *owner, message.close_reason.value, at)
            case RecordPromise(id=promise, amount=amount, date=due_on):
                await connection.execute(PROMISE, *owner, promise, amount, due_on, at)
            case LawEventReceived(id=name, event=event):
                await law_events.record_for(connection, owner, name, event)
            case DeliveryFailed() | MessageReceived():
                pass  # the gateway has stored the fact itself; the workflow only plans anew

    async def settle_promise(
        self,
        connection: Connection,
        owner: tuple[str, str],
        promise_id: str,
        state: PromiseState,
        at: datetime,
    ) -> None:
        """Mark a promise kept or broken."""
        await connection.execute(SETTLE_PROMISE, *owner, promise_id, state.value, at)
