"""Contacts that were made and that a restored ledger has forgotten, written again.

They are found in Temporal's histories and in the providers' lists, and come in as any attempt does:
reserved, dispatched, and then what is known of them. Nothing here sends.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.ledger.attempt import AttemptState
from domain.planning.step import Step
from store.database import Connection, Pool

AGAIN: Final = "read back"
"""In the place of an execution: nobody's, so that whoever finds the row does not send."""

SELECT_NAMED: Final = """
SELECT provider_message_id FROM attempts WHERE provider = $1 AND provider_message_id = ANY ($2)
"""
SELECT_HEARD: Final = """
SELECT event_id FROM provider_events WHERE provider = $1 AND event_id = ANY ($2)
"""
SELECT_KNOWN: Final = "SELECT attempt_id FROM attempts WHERE attempt_id = ANY ($1)"

SELECT_MESSAGES: Final = """
SELECT message_id FROM messages
WHERE creditor = $1 AND account_id = $2 AND message_id = ANY ($3) AND refused IS NULL
"""

SELECT_PLACE: Final = """
SELECT p.contact_point_id, p.customer_id, p.address, p.channel
FROM contact_points p WHERE p.contact_point_id = $1
"""

# By key, as it is found for what comes in.
SELECT_PLACES: Final = """
SELECT DISTINCT ON (customer_id) contact_point_id, customer_id, address, channel
FROM contact_points WHERE address_key = address_key($1, $2) AND channel = $1
ORDER BY customer_id, NOT current, contact_point_id
"""

# In doubt, and without a name: the provider is asked about it by itself.
SELECT_NEAR: Final = """
SELECT EXISTS (SELECT FROM attempts WHERE contact_point_id = $1 AND provider_message_id IS NULL
    AND state IN ('dispatching', 'unknown')
    AND dispatched_at BETWEEN $2::timestamptz - interval '5 minutes'
        AND $2::timestamptz + interval '5 minutes')
"""

# Of whoever has the address and of whom they stand for; what is open, and due soonest, first.
SELECT_ACCOUNTS: Final = """
SELECT o.creditor, o.account_id, o.customer_id, coalesce(o.phase, 'unknown') AS phase,
    o.next_key, o.status = 'open' AS open,
    (SELECT coalesce(max(t.step), 0) + 1 FROM attempts t
        WHERE t.creditor = o.creditor AND t.account_id = o.account_id) AS number
FROM (
    SELECT a.* FROM same_person($1) s JOIN accounts a USING (customer_id)
    UNION
    SELECT a.* FROM account_parties t JOIN accounts a ON a.creditor = t.creditor
        AND a.account_id = now_called(t.creditor, t.account_id) WHERE t.customer_id = $1
) AS o
ORDER BY o.status <> 'open', o.next_at NULLS LAST, o.creditor, o.account_id
"""

INSERT: Final = f"""
INSERT INTO attempts (
    attempt_id, creditor, account_id, customer_id, covers, step, touch, phase, purpose, channel,
    provider, contact_point_id, state, execution, jurisdictions, zones, not_before, not_after,
    reserved_at, facts_seen, rule, cite, policy, probability, segment, arms)
SELECT $1, $2, $3, c.customer_id, $4, $5, $6, $7, $8, $9, $10, p.contact_point_id, 'reserved',
    '{AGAIN}', CASE WHEN $12 IN ('', c.country) THEN ARRAY[c.country]
        ELSE ARRAY[c.country, $12] END, c.zones, $13, $14, $15, 0, $16, $17, $18, $19, a.segment,
    a.arms
FROM contact_points p JOIN customers c USING (customer_id)
    LEFT JOIN accounts a ON a.creditor = $2 AND a.account_id = $3
WHERE p.contact_point_id = $11
ON CONFLICT DO NOTHING RETURNING attempt_id
"""  # noqa: S608 - what is put in is a text of ours

DISPATCHED: Final = """
UPDATE attempts SET state = 'dispatching', dispatched_at = $2
WHERE attempt_id = $1 AND state = 'reserved'
"""

SETTLED: Final = """
UPDATE attempts SET state = $2, settled_at = $3, provider_message_id = $4, detail = $5
WHERE attempt_id = $1 AND state = 'dispatching'
"""

RAISE_PLANS: Final = """
UPDATE accounts SET plans = $3 WHERE creditor = $1 AND account_id = $2 AND plans < $3
"""

SELECT_OWNER: Final = "SELECT customer_id FROM accounts WHERE creditor = $1 AND account_id = $2"

SELECT_IS_OPEN: Final = """
SELECT status = 'open' FROM accounts WHERE creditor = $1 AND account_id = $2
"""

SELECT_OPEN: Final = """
SELECT creditor, account_id FROM accounts
WHERE status = 'open' AND (creditor, account_id) > ($1, $2)
ORDER BY creditor, account_id LIMIT $3
"""

COUNT_OPEN: Final = "SELECT count(*) FROM accounts WHERE status = 'open'"

COUNT_UNKNOWN: Final = "SELECT count(*) FROM attempts WHERE state IN ('dispatching', 'unknown')"


class Place(NamedTuple):
    """An address of a customer. Personal."""

    contact_point_id: str
    customer_id: str
    address: str
    channel: Channel


class Candidate(NamedTuple):
    """An account that a message may have spoken of."""

    creditor: str
    account_id: str
    customer_id: str
    phase: str
    next_key: str | None
    open: bool
    number: int
    """Of its next attempt."""


class Outcome(NamedTuple):
    """What is known of a contact that was forgotten."""

    provider: str
    at: datetime
    state: AttemptState
    name: str | None = None
    """The provider's own id of the message."""
    detail: str | None = None


class Forgotten:
    """Reads what is known, and writes what was forgotten."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def named(self, provider: str, names: Sequence[str]) -> set[str]:
        """Those of a provider's messages that the ledger knows."""
        rows = await self.pool.fetch(SELECT_NAMED, provider, list(names))
        return {row[0] for row in rows}

    async def heard(self, provider: str, events: Sequence[str]) -> set[str]:
        """Those of a provider's events, what customers wrote among them, that are on record."""
        rows = await self.pool.fetch(SELECT_HEARD, provider, list(events))
        return {row[0] for row in rows}

    async def known(self, attempts: Sequence[str]) -> set[str]:
        """Those attempts that are in the ledger."""
        return {row[0] for row in await self.pool.fetch(SELECT_KNOWN, list(attempts))}

    async def messages(self, creditor: str, account_id: str, ids: Sequence[str]) -> set[str]:
        """Those messages of an account's workflow that are on record."""
        rows = await self.pool.fetch(SELECT_MESSAGES, creditor, account_id, list(ids))
        return {row[0] for row in rows}

    async def place(self, contact_point_id: str) -> Place | None:
        """A contact point, if it is known (still)."""
        row = await self.pool.fetchrow(SELECT_PLACE, contact_point_id)
        return None if row is None else _place(dict(row))

    async def places(self, channel: Channel, address: str) -> list[Place]:
        """Whose an address is, one place for each customer."""
        return [
            _place(dict(row))
            for row in await self.pool.fetch(SELECT_PLACES, channel.value, address)
        ]

    async def in_doubt_near(self, contact_point_id: str, at: datetime) -> bool:
        """Whether an attempt of about then is on record, of which nobody knows the name yet."""
        return bool(await self.pool.fetchval(SELECT_NEAR, contact_point_id, at))

    async def accounts(self, customer_id: str) -> list[Candidate]:
        """The accounts of a customer, and of whom they stand for, the likeliest first."""
        return [Candidate(*row) for row in await self.pool.fetch(SELECT_ACCOUNTS, customer_id)]

    async def owner(self, creditor: str, account_id: str) -> str | None:
        """Whose an account is; None: it is not known here."""
        owner: str | None = await self.pool.fetchval(SELECT_OWNER, creditor, account_id)
        return owner

    async def is_open(self, creditor: str, account_id: str) -> bool:
        """Whether an account is collected, as far as is known here."""
        return bool(await self.pool.fetchval(SELECT_IS_OPEN, creditor, account_id))

    async def raise_plans(self, creditor: str, account_id: str, plans: int) -> None:
        """The account's workflow knows of so many plans: what it knows is read back."""
        await self.pool.execute(RAISE_PLANS, creditor, account_id, plans)

    async def write(
        self,
        connection: Connection,
        attempt_id: str,
        account: tuple[str, str],
        step: Step,
        came: Outcome,
    ) -> bool:
        """A contact as it was planned, and what became of it. False: it could not be written: the
        contact point is not known, or the account's step is another's by now."""
        assert step.channel and step.purpose  # noqa: S101 - of a contact
        made = await connection.fetchval(
            INSERT,
            *(attempt_id, *account, list(step.covers) or ["/".join(account)], step.number),
            *(step.touch, step.phase or step.view.phase, step.purpose.value, step.channel.value),
            *(came.provider, step.contact_point_id, step.view.jurisdiction),
            *(min(step.not_before, came.at), max(step.not_after or came.at, came.at), came.at),
            *(step.rule, step.cite, step.policy, step.probability),
        )
        if made is None:
            return False
        await connection.execute(DISPATCHED, attempt_id, came.at)
        settled = (attempt_id, came.state.value, came.at, came.name, came.detail)
        await connection.execute(SETTLED, *settled)
        return True

    async def unknown(self) -> int:
        """Attempts of which nobody can say whether they were taken."""
        return int(await self.pool.fetchval(COUNT_UNKNOWN))

    async def count_open(self) -> int:
        """Open accounts, each of which should have a workflow."""
        return int(await self.pool.fetchval(COUNT_OPEN))

    async def open_accounts(self, after: tuple[str, str], most: int) -> list[tuple[str, str]]:
        """A page of the open accounts (creditor, account id), in the order of their keys."""
        rows = await self.pool.fetch(SELECT_OPEN, *after, most)
        return [(row[0], row[1]) for row in rows]


def _place(row: Mapping[str, str]) -> Place:
    return Place(**{**dict(row), "channel": Channel(row["channel"])})  # type: ignore[arg-type]
