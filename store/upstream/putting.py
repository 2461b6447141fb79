"""Accounts and people that are put one by one: by the stage and merge of intake, in one
transaction for all that are put at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg

from domain.failures import Unavailable
from store.database import Connection, Pool
from store.intake.outbox import PUT, Action, Pending
from store.intake.run import BEGIN_RUN, LOCK, IntakeRun
from store.intake.staging import CREATE_STAGE, DROP_STAGE
from store.law_events import now_called

PATIENCE: Final = 5.0
"""Seconds to wait for an intake of a file, which is alone while it is at work."""
_LOOK_EVERY: Final = 0.004

TRY_LOCK: Final = "SELECT pg_try_advisory_xact_lock($1)"
NEW_RUN: Final = "SELECT $1 || gen_random_uuid(), clock_timestamp()"

LOCK_PEOPLE: Final = """
SELECT FROM customers WHERE customer_id = ANY ($1) ORDER BY customer_id FOR UPDATE
"""
LOCK_ACCOUNTS: Final = """
SELECT FROM accounts WHERE (creditor, account_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
ORDER BY creditor, account_id FOR UPDATE
"""

# What is put, and nothing that planning writes beside it.
ACCOUNT_VERSIONS: Final = """
SELECT a.creditor, a.account_id, a.customer_id, a.status, a.balance_as_of,
    left(md5(row(a.customer_id, a.currency, a.balance, a.oldest_due_date, a.status, a.close_reason,
        a.score, a.pinned, a.attributes, d.instalments)::text), 16) AS version
FROM unnest($1::text[], $2::text[]) AS k (creditor, account_id)
JOIN accounts a USING (creditor, account_id)
LEFT JOIN due_schedules d USING (creditor, account_id)
"""

PERSON_VERSIONS: Final = """
SELECT c.customer_id, c.updated_at, left(md5(row(c.name, c.locale, c.country, c.region,
    c.postal_code, c.zones_stated, c.preferred_channel, (
        SELECT array_agg((p.contact_point_id, p.kind, p.consented)::text
            ORDER BY p.contact_point_id)
        FROM contact_points p WHERE p.customer_id = c.customer_id AND p.current))::text), 16)
    AS version
FROM customers c WHERE c.customer_id = ANY ($1)
"""

ON_RECORD: Final = """
SELECT c.customer_id, c.name, c.locale, c.country, c.region, c.postal_code, c.zones_stated,
    c.preferred_channel, coalesce((
        SELECT jsonb_agg(jsonb_build_array(p.channel, p.kind, p.address, p.consented)
            ORDER BY p.address, p.channel)
        FROM contact_points p WHERE p.customer_id = c.customer_id AND p.current
            AND p.channel IN ('sms', 'voice', 'whatsapp', 'email')), '[]') AS points
FROM customers c WHERE c.customer_id = ANY ($1)
"""

SEEN: Final = """
SELECT DISTINCT customer_id FROM accounts WHERE customer_id = ANY ($1) AND creditor = ANY ($2)
UNION
SELECT DISTINCT customer_id FROM account_holders
WHERE customer_id = ANY ($1) AND creditor = ANY ($2)
"""

PENDING_OF: Final = """
SELECT p.run_id, p.creditor, p.account_id, p.message_id, p.action, r.started_at AS as_of
FROM intake_pending p JOIN intake_runs r USING (run_id) WHERE p.run_id = $1
"""
LEFT_BEHIND: Final = """
SELECT p.run_id, p.creditor, p.account_id, p.message_id, p.action, r.started_at AS as_of
FROM intake_pending p JOIN intake_runs r USING (run_id)
WHERE starts_with(p.run_id, $1) AND r.begun_at < now() - make_interval(secs => $2)
ORDER BY r.begun_at LIMIT 1000
"""
DROP_RUN: Final = """
DELETE FROM intake_runs r WHERE r.run_id = ANY ($1)
    AND NOT EXISTS (SELECT FROM intake_pending p WHERE p.run_id = r.run_id)
"""

Account = tuple[str, str]


class Version(NamedTuple):
    """How something stands."""

    tag: str
    as_of: datetime


class Putting:
    """One transaction of puts."""

    def __init__(self, connection: Connection, run: IntakeRun) -> None:
        self.connection, self.run = connection, run

    async def lock(self, people: Sequence[str], accounts: Sequence[Account]) -> None:
        """Nobody changes these until it is over: what a condition rests on stays so."""
        await self.connection.execute(LOCK_PEOPLE, sorted(set(people)))
        await self.connection.execute(LOCK_ACCOUNTS, *_columns(accounts))

    async def accounts(self, accounts: Sequence[Account]) -> dict[Account, Version]:
        """How accounts stand, by their own ids."""
        found = await self.connection.fetch(ACCOUNT_VERSIONS, *_columns(accounts))
        return {
            (one["creditor"], one["account_id"]): Version(one["version"], one["balance_as_of"])
            for one in found
        }

    async def renumbered(self, account: Account) -> str | None:
        """The id under which an account goes on, where it is another."""
        named = await now_called(self.connection, *account)
        return None if named == account[1] else named

    async def people(self, people: Sequence[str]) -> dict[str, Version]:
        """How people stand."""
        found = await self.connection.fetch(PERSON_VERSIONS, list(people))
        return {one["customer_id"]: Version(one["version"], one["updated_at"]) for one in found}

    async def seen(self, people: Sequence[str], creditors: Iterable[str]) -> set[str]:
        """Of these people those who have, or had, an account with one of the creditors."""
        found = await self.connection.fetch(SEEN, list(people), list(creditors))
        return {one["customer_id"] for one in found}

    async def on_record(self, people: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """What is known of people, as the cells of rows: one for each address."""
        found = await self.connection.fetch(ON_RECORD, list(people))
        return {one["customer_id"]: _cells(one) for one in found}


def _columns(accounts: Sequence[Account]) -> tuple[list[str], list[str]]:
    return [one[0] for one in accounts], [one[1] for one in accounts]


def _cells(row: "asyncpg.Record") -> list[dict[str, Any]]:
    agreed: dict[tuple[str, str], set[str]] = {}
    for channel, kind, address, consented in row["points"]:
        if channel in ("email", "whatsapp"):
            column = channel
        else:
            column = "landline" if kind == "landline" else "mobile"
        channels = agreed.setdefault((column, address), set())
        if consented:
            channels.add(channel)
    person = {
        **{name: row[name] for name in ("customer_id", "name", "locale", "country", "region")},
        "postal_code": row["postal_code"],
        "timezone": list(row["zones_stated"] or ()),
        "preferred_channel": row["preferred_channel"],
    }
    # Each address has a row of its own: a consent in a row is one for all addresses of its channel.
    return [
        person | {column: address, "consents": sorted(channels)}
        for (column, address), channels in agreed.items()
    ] or [person]


@asynccontextmanager
async def putting(
    pool: Pool, as_of: datetime | None, begun: datetime | None
) -> AsyncIterator[Putting]:
    """A transaction in which rows are staged and merged as a file's are, alone of its kind.

    ``as_of``: the moment that what is put is from; else ``begun``, else PostgreSQL's own time once
    nobody else puts, so that of two puts the later one is the newer.
    Raises Unavailable while the intake of a file is at work.
    """
    async with pool.acquire() as connection, connection.transaction():
        await _alone(connection)
        run_id, now = await connection.fetchrow(NEW_RUN, PUT)  # type: ignore[misc]  # one row
        moment = as_of or begun or now
        await connection.execute(DROP_STAGE)
        await connection.execute(CREATE_STAGE)
        await connection.fetchval(BEGIN_RUN, run_id, moment, False)
        yield Putting(connection, IntakeRun(connection, run_id, moment))
        await connection.execute(DROP_STAGE)
        await connection.execute(DROP_RUN, [run_id])


async def _alone(connection: Connection) -> None:
    until = asyncio.get_running_loop().time() + PATIENCE
    while not await connection.fetchval(TRY_LOCK, LOCK):
        if asyncio.get_running_loop().time() > until:
            raise Unavailable("the intake of a file is at work: nothing was put")
        await asyncio.sleep(_LOOK_EVERY)


async def pending_of(pool: Pool, run_id: str) -> list[Pending]:
    """What workflows still have to hear of a run."""
    return [_pending(one) for one in await pool.fetch(PENDING_OF, run_id)]


async def left_behind(pool: Pool, after: float) -> list[Pending]:
    """What they still have to hear of all puts that are older than so many seconds."""
    return [_pending(one) for one in await pool.fetch(LEFT_BEHIND, PUT, after)]


async def drop_runs(pool: Pool, runs: Iterable[str]) -> None:
    """Forget runs of whom everybody has heard."""
    await pool.execute(DROP_RUN, sorted(set(runs)))


def _pending(row: "asyncpg.Record") -> Pending:
    return Pending(**{**dict(row), "action": Action(row["action"])})


async def versions_of(pool: Pool, creditor: str, account_id: str) -> str | None:
    """The version of one account."""
    row = await pool.fetchrow(ACCOUNT_VERSIONS, [creditor], [account_id])
    return None if row is None else str(row["version"])
