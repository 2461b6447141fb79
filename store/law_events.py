"""Facts with legal weight from outside: a cease, an attorney, a dispute, a bankruptcy, a death.

What the customer says on a channel of ours, the gateway records itself (callbacks.py).
"""

from typing import Any, Final, NamedTuple

from domain.law.request import LawEvent
from domain.names import account_key
from store.database import Connection

INSERT: Final = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel, account, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING event_id
"""

SELECT_SAME: Final = """
SELECT (customer_id, kind, at, channel, account, detail)
    IS NOT DISTINCT FROM ($2::text, $3::text, $4::timestamptz, $5::text, $6::text, $7::jsonb)
FROM law_events WHERE event_id = $1
"""

SELECT_OWNER: Final = "SELECT customer_id FROM accounts WHERE creditor = $1 AND account_id = $2"

SELECT_CUSTOMER: Final = """
SELECT
    ARRAY(SELECT a.creditor || '/' || a.account_id FROM accounts a
        WHERE a.customer_id = c.customer_id ORDER BY 1) AS accounts,
    ARRAY(SELECT a.creditor || '/' || a.account_id FROM accounts a
        WHERE a.customer_id = c.customer_id AND a.status = 'open' ORDER BY 1) AS open,
    (SELECT coalesce(jsonb_object_agg(p.contact_point_id, p.address), '{}') FROM contact_points p
        WHERE p.customer_id = c.customer_id) AS points
FROM customers c WHERE c.customer_id = $1
"""


class Customer(NamedTuple):
    """What an event can speak of: accounts by key, contact points by id."""

    accounts: list[str]
    open: list[str]
    points: dict[str, str]


class DifferentEventError(ValueError):
    """The id belongs to an event that says something else."""


async def customer_of(connection: Connection, customer_id: str) -> Customer | None:
    """The customer, if intake has brought them."""
    row = await connection.fetchrow(SELECT_CUSTOMER, customer_id)
    return None if row is None else Customer(**dict(row))


async def record(connection: Connection, event_id: str, customer_id: str, event: LawEvent) -> bool:
    """Write an event; False when it is on record already. From then on planning knows it.

    Raises DifferentEventError when the id is taken.
    """
    told = {"kind", "at", "channel", "account_id"}
    detail: dict[str, Any] = event.model_dump(
        mode="json", by_alias=True, exclude=told, exclude_none=True
    )
    row = (event_id, customer_id, event.kind, event.at, event.channel, event.account_id, detail)
    if await connection.fetchval(INSERT, *row) is not None:
        return True
    if not await connection.fetchval(SELECT_SAME, *row):
        raise DifferentEventError(event_id)
    return False


async def record_for(
    connection: Connection, owner: tuple[str, str], message_id: str, event: LawEvent
) -> None:
    """Write an event that an account's workflow was told, for its customer."""
    customer = await connection.fetchval(SELECT_OWNER, *owner)
    if event.account_id is not None and "/" not in event.account_id:
        # The engine compares keys: an event for "A-1" alone would never be heard.
        event = event.model_copy(update={"account_id": account_key(owner[0], event.account_id)})
    await record(connection, f"{account_key(*owner)}:{message_id}", customer, event)
