"""The one door for facts with legal weight: a cease, an attorney, an opt-out, a death.

Each keeps two instants, the one it is dated with and the one at which it went on file (on the clock
of the account where there is one), and the door it came in by. What takes leave away holds from the
earlier of them, what gives leave from the later: a wrong date or a fast clock silences no stop.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.channels import Channel
from domain.law.request import LawEvent
from domain.ledger.consequences import Consequence
from domain.names import account_key
from store.database import Connection

INTO: Final = """
law_events (event_id, customer_id, kind, at, channel, account, detail, recorded_at, recorded_by)"""
"""Where facts go, for those who record many in one statement (``store/intake/merging.py``); stated
here alone, so that nobody forgets what a fact has to say of itself."""

STOPS_MEDIUM: Final = (
    "({stop}.kind <> 'opt_out' OR coalesce({stop}.channel, {channel}) = {channel})"
)
"""Whether a stop is about a channel, as ``LawEvent.medium`` says it: only an opt-out names one. Of
a cease it says how that came: who asks us by letter to cease ends more than letters."""

GIVES_LEAVE: Final = """
(e.kind IN ('opt_in', 'consent_call', 'number_check', 'notice_mailed', 'dispute_verified')
    OR e.kind = 'authorized_hours' AND e.detail->'windows' IS DISTINCT FROM '[]'
    OR e.kind = 'inconvenient_time' AND e.detail->'windows' = '[]')
""".strip()
"""Of the event ``e``, as ``LawEvent.gives_leave`` says it."""

WRITTEN_FROM_ADDRESS: Final = """
(e.customer_id IS NULL OR EXISTS (SELECT FROM inbound i
    WHERE i.provider = split_part(e.event_id, '/', 1) AND i.inbound_id = substr(
        left(e.event_id, -length('/' || e.customer_id)), strpos(e.event_id, '/') + 1)))
""".strip()
"""Whether the event ``e`` is what an inbound message said: its id is made of the message's
(``store/provider_events.py``)."""

INSERT: Final = f"""
INSERT INTO {INTO}
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING event_id
"""  # noqa: S608 - what is put in is a list of columns

SUPPRESS: Final = """
UPDATE contact_points SET suppressed = $2, suppressed_at = $3
WHERE contact_point_id = $1 AND suppressed IS NULL
"""

INSERT_AT_ADDRESS: Final = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel, address_key, recorded_at,
    recorded_by)
VALUES ($1, NULL, $2, $3, $4, address_key($5, $6), $7, $8) ON CONFLICT DO NOTHING
"""

INSERT_KEPT: Final = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel, account, detail, recorded_at,
    recorded_by, address_key)
VALUES ($1, NULL, $2, $3, $4, NULL, $5, $6, $7, address_key($8, $9))
ON CONFLICT DO NOTHING RETURNING event_id
"""

SELECT_SAME: Final = """
SELECT (customer_id, kind, channel, account)
        IS NOT DISTINCT FROM ($2::text, $3::text, $5::text, $6::text)
    AND (NOT $8 OR (at, detail) IS NOT DISTINCT FROM ($4::timestamptz, $7::jsonb))
FROM law_events WHERE event_id = $1
"""

SELECT_SAME_KEPT: Final = """
SELECT (kind, channel, address_key)
    IS NOT DISTINCT FROM ($2::text, $3::text, address_key($4::text, $5::text))
FROM law_events WHERE event_id = $1
"""

# A telephone has one key on all channels that use it.
SELECT_POINTS_WITH: Final = """
SELECT contact_point_id FROM contact_points
WHERE customer_id = $1 AND (lower(address) = lower($2)
    OR channel IN ('sms', 'whatsapp', 'voice', 'email') AND address_key = address_key($3, $4))
ORDER BY contact_point_id
"""

SELECT_OPEN_AT: Final = """
SELECT DISTINCT a.creditor || '/' || a.account_id AS account
FROM contact_points p JOIN accounts a USING (customer_id)
WHERE p.address_key = address_key($1, $2) AND a.status = 'open' ORDER BY account
"""

SELECT_OWNER: Final = "SELECT customer_id FROM accounts WHERE creditor = $1 AND account_id = $2"

# What the person has under another id is theirs, too: they speak of it, and it hears them.
SELECT_CUSTOMER: Final = """
SELECT
    ARRAY(SELECT a.creditor || '/' || a.account_id
        FROM same_person(c.customer_id) JOIN accounts a USING (customer_id) ORDER BY 1) AS accounts,
    ARRAY(SELECT a.creditor || '/' || a.account_id
        FROM same_person(c.customer_id) JOIN accounts a USING (customer_id)
        WHERE a.status = 'open' ORDER BY 1) AS open,
    c.country, c.zones
FROM customers c WHERE c.customer_id = $1
"""


class Customer(NamedTuple):
    """What an event can speak of: accounts, by key; and where the customer is."""

    accounts: list[str]
    open: list[str]
    country: str
    zones: list[str]


class DifferentEventError(ValueError):
    """The id belongs to an event that says something else."""


async def customer_of(connection: Connection, customer_id: str) -> Customer | None:
    """The customer, if intake has brought them."""
    row = await connection.fetchrow(SELECT_CUSTOMER, customer_id)
    return None if row is None else Customer(**dict(row))


async def record(
    connection: Connection,
    event_id: str,
    customer_id: str,
    event: LawEvent,
    recorded_at: datetime,
    recorded_by: str,
    *,
    exact: bool = True,
) -> bool:
    """Write an event; False when it is on record already. From then on planning knows it.

    ``recorded_at``: now, which is also the date of a stop that has none. Raises DifferentEventError
    when the id is taken; not ``exact``: one that differs only in its dates is the same, since how
    they were read depends on what is known of the customer.
    """
    at, exact = (recorded_at, False) if event.undated else (event.at, exact)
    columns = {"kind", "at", "channel", "account_id", "recorded_at"}
    detail: dict[str, Any] = event.model_dump(
        mode="json", by_alias=True, exclude=columns, exclude_none=True
    )
    row = (event_id, customer_id, event.kind, at, event.channel, event.account_id, detail)
    if await connection.fetchval(INSERT, *row, recorded_at, recorded_by) is not None:
        return True
    if not await connection.fetchval(SELECT_SAME, *row, exact):
        raise DifferentEventError(event_id)
    return False


async def follow(
    connection: Connection,
    consequence: Consequence | None,
    event_id: str,
    of: tuple[str, str],
    recorded_at: datetime,
    recorded_by: str,
) -> None:
    """Do what follows for a contact point ``of`` a customer (customer_id, contact_point_id) from
    what was said just now, by them or by a provider; None: nothing does."""
    customer_id, contact_point_id = of
    if consequence is None:
        return
    if consequence.unusable:
        await connection.execute(SUPPRESS, contact_point_id, consequence.unusable, recorded_at)
    if event := consequence.said_of(contact_point_id, recorded_at):
        with suppress(DifferentEventError):  # said before, at another instant
            await record(connection, event_id, customer_id, event, recorded_at, recorded_by)


async def follow_at_address(
    connection: Connection,
    consequence: Consequence | None,
    event_id: str,
    address: tuple[Channel, str],
    recorded_at: datetime,
    recorded_by: str,
) -> None:
    """The same for an address that no customer has yet: whoever will, has said it."""
    if consequence and consequence.event:
        said = (event_id, consequence.event, recorded_at, consequence.channel)
        await connection.execute(INSERT_AT_ADDRESS, *said, *address, recorded_at, recorded_by)


async def keep_at_address(
    connection: Connection,
    event_id: str,
    event: LawEvent,
    address: tuple[Channel, str],
    recorded_at: datetime,
    recorded_by: str,
) -> bool:
    """Write what was said of an address that is nobody's, or not whose it was said to be.

    It holds for whoever has the address, by its key; False when it is on record already. Raises
    DifferentEventError when the id is taken.
    """
    at = recorded_at if event.undated else event.at
    detail = {} if event.text is None else {"text": event.text}
    said = (event_id, event.kind, at, event.channel, detail, recorded_at, recorded_by, *address)
    if await connection.fetchval(INSERT_KEPT, *said) is not None:
        return True
    same = (event_id, event.kind, event.channel, *address)
    if not await connection.fetchval(SELECT_SAME_KEPT, *same):
        raise DifferentEventError(event_id)
    return False


async def points_with(
    connection: Connection, customer_id: str, stated: str, address: tuple[Channel, str]
) -> list[str]:
    """The customer's contact points with an address, however it is spelt; by its key, or to the
    letter as it was ``stated``."""
    rows = await connection.fetch(SELECT_POINTS_WITH, customer_id, stated, *address)
    return [row["contact_point_id"] for row in rows]


async def is_account(connection: Connection, creditor: str, account_id: str) -> bool:
    """Whether an account is known, whoever's it is."""
    return await connection.fetchval(SELECT_OWNER, creditor, account_id) is not None


async def open_at(connection: Connection, address: tuple[Channel, str]) -> list[str]:
    """The open accounts, by key, of whoever has an address."""
    return [row["account"] for row in await connection.fetch(SELECT_OPEN_AT, *address)]


async def record_for(
    connection: Connection,
    owner: tuple[str, str],
    message_id: str,
    event: LawEvent,
    recorded_at: datetime,
) -> None:
    """Write an event that an account's workflow was told, for its customer."""
    customer = await connection.fetchval(SELECT_OWNER, *owner)
    if event.account_id is not None and "/" not in event.account_id:
        # The engine compares keys: an event for "A-1" alone would never be heard.
        event = event.model_copy(update={"account_id": account_key(owner[0], event.account_id)})
    name, door = f"{account_key(*owner)}:{message_id}", f"signal to {account_key(*owner)}"
    await record(connection, name, customer, event, recorded_at, door)
