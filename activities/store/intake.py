"""Intake into PostgreSQL: a file is staged, then merged customer by customer.

The whole file is first staged in temporary tables of one session. There all rows of a customer
meet, however far apart they stood, so that the outcome depends neither on their order nor on
batches, and nothing is touched before the whole file has been read. Then batches of customers are
merged, each in one transaction that also writes ``intake_pending``: what their workflows still have
to be told. A crash after any batch therefore loses nothing, and a second run of the same file finds
nothing to do.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import asyncpg

from activities.store.database import Connection, Pool
from domain.failures import Misconfigured, Unavailable
from domain.intake import IntakeRow
from domain.names import contact_point_id

LONG: Final = 3600.0
"""Seconds for the few statements that see the whole file."""
ATTEMPTS: Final = 4
"""Merges of one batch: workers write the same rows, so a deadlock is possible, and harmless."""
LOCK: Final = 0x496E74616B65
"""Advisory lock: one intake at a time, since two could undo each other's contact points."""

DROP_STAGE: Final = """
DROP TABLE IF EXISTS intake_rows, intake_people, intake_points, intake_refused, intake_customers,
    intake_wanted
"""

CREATE_STAGE: Final = """
CREATE TEMPORARY TABLE intake_rows (
    line bigint NOT NULL, creditor text, account_id text, customer_id text NOT NULL,
    currency text NOT NULL, balance numeric NOT NULL, oldest_due_date date NOT NULL,
    PRIMARY KEY (creditor, account_id)
);
CREATE TEMPORARY TABLE intake_people (
    line bigint NOT NULL, customer_id text NOT NULL, name text, locale text, country text,
    region text, postal_code text, preferred_channel text, zones_stated text[], zones text[],
    regions_of_address text[], regions_of_phones text[]
);
CREATE TEMPORARY TABLE intake_points (
    line bigint NOT NULL, customer_id text NOT NULL, contact_point_id text NOT NULL, channel text,
    kind text, address text, consented boolean
);
CREATE TEMPORARY TABLE intake_refused (creditor text, account_id text)
"""

STAGE_ROWS: Final = """
INSERT INTO intake_rows
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[],
    $7::date[])
ON CONFLICT DO NOTHING RETURNING line
"""

SELECT_FIRST_LINES: Final = """
SELECT d.line, r.line AS first FROM unnest($1::bigint[], $2::text[], $3::text[])
    AS d (line, creditor, account_id) JOIN intake_rows r USING (creditor, account_id)
"""

STAGE_PEOPLE: Final = """
INSERT INTO intake_people
SELECT line, customer_id, name, locale, country, region, postal_code, preferred_channel,
    string_to_array(stated, ';'), string_to_array(zones, ';'), string_to_array(of_address, ';'),
    string_to_array(of_phones, ';')
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[]) AS p (line, customer_id, name,
    locale, country, region, postal_code, preferred_channel, stated, zones, of_address, of_phones)
"""

STAGE_POINTS: Final = """
INSERT INTO intake_points
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::boolean[])
"""

STAGE_REFUSED: Final = "INSERT INTO intake_refused SELECT * FROM unnest($1::text[], $2::text[])"

# A customer's rows may differ. Facts: the first row's. Zones: all of them, the one to show first;
# but where a row has only what is stated, that stands alone. Regions: all. Consent: only where
# every row that lists the address gives it.
PREPARE: Final = """
CREATE TEMPORARY TABLE intake_customers AS
WITH spread AS (
    SELECT customer_id, array_agg(zone ORDER BY place, zone) AS zones,
        array_agg(zone ORDER BY place, zone) FILTER (WHERE stated) AS zones_stated,
        array_agg(zone ORDER BY place, zone) FILTER (WHERE alone) AS zones_alone
    FROM (
        SELECT customer_id, zone, min(place) AS place, bool_or(zone = ANY (zones_stated)) AS stated,
            bool_or(zones <@ zones_stated) AS alone
        FROM intake_people, unnest(zones) WITH ORDINALITY AS listed (zone, place)
        GROUP BY customer_id, zone
    ) AS once
    GROUP BY customer_id
), places AS (
    SELECT customer_id, array_agg(DISTINCT region) FILTER (WHERE lives) AS of_address,
        array_agg(DISTINCT region) FILTER (WHERE NOT lives) AS of_phones
    FROM (
        SELECT customer_id, unnest(regions_of_address) AS region, true AS lives FROM intake_people
        UNION ALL SELECT customer_id, unnest(regions_of_phones), false FROM intake_people
    ) AS every
    GROUP BY customer_id
), firsts AS (
    SELECT DISTINCT ON (customer_id) * FROM intake_people ORDER BY customer_id, line
)
SELECT f.customer_id, f.name, f.locale, f.country, f.region, f.postal_code, f.preferred_channel,
    coalesce(s.zones_stated, '{}') AS zones_stated, coalesce(s.zones_alone, s.zones) AS zones,
    coalesce(p.of_address, '{}') AS regions_of_address,
    coalesce(p.of_phones, '{}') AS regions_of_phones,
    (row_number() OVER (ORDER BY f.customer_id) - 1) / 500 AS batch
FROM firsts f JOIN spread s USING (customer_id) LEFT JOIN places p USING (customer_id);
CREATE TEMPORARY TABLE intake_wanted AS
SELECT customer_id, contact_point_id, min(channel) AS channel, min(address) AS address,
    (array_agg(kind ORDER BY line))[1] AS kind, bool_and(consented) AS consented
FROM intake_points GROUP BY customer_id, contact_point_id;
CREATE INDEX ON intake_customers (batch);
CREATE INDEX ON intake_rows (customer_id);
CREATE UNIQUE INDEX ON intake_wanted (contact_point_id);
CREATE INDEX ON intake_wanted (customer_id);
ANALYZE intake_rows;
ANALYZE intake_customers;
ANALYZE intake_wanted
"""

SELECT_BATCHES: Final = "SELECT coalesce(max(batch) + 1, 0) FROM intake_customers"

BEGIN_RUN: Final = """
INSERT INTO intake_runs (run_id, started_at, snapshot) VALUES ($1, $2, $3)
ON CONFLICT (run_id) DO UPDATE SET finished_at = NULL RETURNING started_at
"""

# The planner takes tables that were empty a moment ago for small ones still, and would read them
# whole for every batch of a first import.
LOOK_AGAIN: Final = """
ANALYZE customers, contact_points, accounts, law_events, intake_pending
"""

# Locked in statements of their own: the statements after them then see every payment and opt-out
# that was committed before, and later ones wait for this transaction.
LOCK_CUSTOMERS: Final = """
SELECT FROM customers c JOIN intake_customers s USING (customer_id) WHERE s.batch = $1
ORDER BY c.customer_id FOR UPDATE OF c
"""

LOCK_ACCOUNTS: Final = """
SELECT FROM accounts a JOIN intake_rows r USING (creditor, account_id)
JOIN intake_customers s ON s.customer_id = r.customer_id WHERE s.batch = $1
ORDER BY a.creditor, a.account_id FOR UPDATE OF a
"""

LOCK_POINTS: Final = """
SELECT c.contact_point_id FROM contact_points c JOIN intake_customers s USING (customer_id)
WHERE s.batch = $1 ORDER BY c.contact_point_id FOR UPDATE OF c
"""

MERGE_CUSTOMERS: Final = """
INSERT INTO customers AS c (customer_id, name, locale, country, region, postal_code, zones_stated,
    zones, regions_of_address, regions_of_phones, preferred_channel, updated_at)
SELECT customer_id, name, locale, country, region, postal_code, zones_stated, zones,
    regions_of_address, regions_of_phones, preferred_channel, $2
FROM intake_customers WHERE batch = $1
ON CONFLICT (customer_id) DO UPDATE SET
    name = excluded.name, locale = excluded.locale, country = excluded.country,
    region = excluded.region, postal_code = excluded.postal_code,
    zones_stated = excluded.zones_stated, zones = excluded.zones,
    regions_of_address = excluded.regions_of_address,
    regions_of_phones = excluded.regions_of_phones,
    preferred_channel = excluded.preferred_channel, updated_at = excluded.updated_at
WHERE c.updated_at <= excluded.updated_at
    AND (c.name, c.locale, c.country, c.region, c.postal_code, c.zones_stated, c.zones,
        c.regions_of_address, c.regions_of_phones, c.preferred_channel)
    IS DISTINCT FROM (excluded.name, excluded.locale, excluded.country, excluded.region,
        excluded.postal_code, excluded.zones_stated, excluded.zones, excluded.regions_of_address,
        excluded.regions_of_phones, excluded.preferred_channel)
RETURNING customer_id
"""

# Consent in a file never outweighs a stop: the creditor's list may simply not know of it. Only
# an opt-in that came in by another door, and after it, does. What the customer granted by another
# door is not taken away by a file that never listed it.
MERGE_POINTS: Final = """
WITH wanted AS (
    SELECT w.*, coalesce(c.consented, false) AS consented_before,
        w.consented AND NOT EXISTS (
            SELECT FROM law_events o
            WHERE o.customer_id = w.customer_id AND o.kind IN ('opt_out', 'cease')
                AND (o.channel = w.channel OR o.channel IS NULL)
                AND NOT EXISTS (
                    SELECT FROM law_events i
                    WHERE i.customer_id = w.customer_id AND i.kind = 'opt_in' AND i.at > o.at
                        AND (i.channel = w.channel OR i.channel IS NULL)
                        AND i.event_id NOT LIKE 'intake:%')) AS granted,
        NOT w.consented AND coalesce(c.consented, false) AND EXISTS (
            SELECT FROM law_events i
            WHERE i.customer_id = w.customer_id AND i.kind = 'opt_in'
                AND (i.channel = w.channel OR i.channel IS NULL)
                AND i.event_id NOT LIKE 'intake:%') AS granted_elsewhere
    FROM intake_customers s JOIN customers k USING (customer_id)
    JOIN intake_wanted w USING (customer_id)
    LEFT JOIN contact_points c ON c.contact_point_id = w.contact_point_id
    WHERE s.batch = $1 AND k.updated_at <= $2
), opted_in AS (
    INSERT INTO law_events (event_id, customer_id, kind, at, channel, detail)
    SELECT 'intake:' || $3 || ':' || contact_point_id, customer_id, 'opt_in', $2, channel,
        jsonb_build_object('contact_point_id', contact_point_id)
    FROM wanted WHERE granted AND NOT consented_before
    ON CONFLICT (event_id) DO NOTHING
)
INSERT INTO contact_points AS c (contact_point_id, customer_id, channel, kind, address, consented)
SELECT contact_point_id, customer_id, channel, kind, address, granted OR granted_elsewhere
FROM wanted
ON CONFLICT (contact_point_id) DO UPDATE SET current = true, consented = excluded.consented,
    kind = CASE WHEN c.kind IN ('work', 'work_email') THEN c.kind ELSE excluded.kind END
WHERE NOT c.current OR c.consented <> excluded.consented
    OR (c.kind <> excluded.kind AND c.kind NOT IN ('work', 'work_email'))
RETURNING c.customer_id
"""

RETIRE_POINTS: Final = """
UPDATE contact_points c SET current = false
FROM customers k
WHERE c.contact_point_id = ANY($1) AND k.customer_id = c.customer_id AND k.updated_at <= $2
    AND c.current AND c.channel IN ('sms', 'voice', 'whatsapp', 'email')
    AND NOT EXISTS (SELECT FROM intake_wanted w WHERE w.contact_point_id = c.contact_point_id)
RETURNING c.customer_id
"""

TOUCH_CUSTOMERS: Final = """
UPDATE customers SET updated_at = $2 WHERE customer_id = ANY($1) AND updated_at < $2
"""

# An account that was cured or recalled and is listed again is collected again; one that was closed
# or handed off only when a later instalment has fallen due: daily files go on listing those.
MERGE_ACCOUNTS: Final = """
WITH facts AS (
    SELECT r.*, a.status, r.balance - coalesce((
            SELECT sum(p.amount) FROM payments p WHERE p.creditor = r.creditor
                AND p.account_id = r.account_id AND p.paid_at > $2), 0) AS net,
        a.close_reason = 'recalled'
            OR (a.close_reason = 'cured' OR r.oldest_due_date > a.oldest_due_date)
            AND coalesce(a.closed_at <= $2, true) AS may_reopen
    FROM intake_customers s JOIN intake_rows r USING (customer_id)
    JOIN accounts a USING (creditor, account_id)
    WHERE s.batch = $1 AND a.balance_as_of <= $2
), due AS (
    SELECT f.*, f.status = 'closed' AS reopened,
        (a.customer_id, a.currency, a.balance, a.oldest_due_date)
        IS DISTINCT FROM (f.customer_id, f.currency, f.net, f.oldest_due_date) AS changed
    FROM facts f JOIN accounts a USING (creditor, account_id)
    WHERE f.status = 'open' OR (f.may_reopen AND f.net > 0)
), merged AS (
    UPDATE accounts a SET customer_id = d.customer_id, currency = d.currency, balance = d.net,
        balance_as_of = $2, oldest_due_date = d.oldest_due_date, snapshot_id = $3,
        status = 'open', close_reason = NULL, closed_at = NULL,
        since = CASE WHEN d.reopened THEN $2 ELSE a.since END
    FROM due d WHERE a.creditor = d.creditor AND a.account_id = d.account_id
        AND (d.changed OR d.reopened OR a.balance_as_of < $2)
    RETURNING a.creditor, a.account_id, d.reopened, d.changed
), pending AS (
    INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
    SELECT $3, creditor, account_id, 'intake:' || $3, 'update' FROM merged
    WHERE reopened OR changed
    ON CONFLICT (run_id, creditor, account_id) DO NOTHING
)
SELECT count(*) FILTER (WHERE reopened) AS reopened,
    count(*) FILTER (WHERE changed AND NOT reopened) AS updated FROM merged
"""

ADD_ACCOUNTS: Final = """
WITH facts AS (
    SELECT r.*, r.balance - coalesce((
            SELECT sum(p.amount) FROM payments p WHERE p.creditor = r.creditor
                AND p.account_id = r.account_id AND p.paid_at > $2), 0) AS net
    FROM intake_customers s JOIN intake_rows r USING (customer_id)
    WHERE s.batch = $1 AND NOT EXISTS (SELECT FROM accounts a
        WHERE a.creditor = r.creditor AND a.account_id = r.account_id)
), added AS (
    INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, balance_as_of,
        oldest_due_date, since, snapshot_id, status, close_reason, closed_at)
    SELECT creditor, account_id, customer_id, currency, net, $2, oldest_due_date, $2, $3,
        CASE WHEN net > 0 THEN 'open' ELSE 'closed' END,
        CASE WHEN net > 0 THEN NULL ELSE 'cured' END, CASE WHEN net > 0 THEN NULL ELSE $2 END
    FROM facts
    ON CONFLICT DO NOTHING RETURNING creditor, account_id, status
), pending AS (
    INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
    SELECT $3, creditor, account_id, 'intake:' || $3, 'start' FROM added WHERE status = 'open'
    ON CONFLICT (run_id, creditor, account_id) DO NOTHING
)
SELECT count(*) FROM added
"""

# New facts of a customer concern all of the customer's accounts, also those of other creditors.
TELL_CUSTOMERS: Final = """
INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
SELECT $2, creditor, account_id, 'intake:' || $2, 'update' FROM accounts
WHERE customer_id = ANY($1) AND status = 'open'
ON CONFLICT (run_id, creditor, account_id) DO NOTHING
"""

# balance_as_of moves along, so that an older file cannot bring a recalled account back.
RECALL: Final = """
WITH gone AS (
    UPDATE accounts a SET balance_as_of = $1
    WHERE a.status = 'open' AND a.balance_as_of <= $1
        AND a.creditor IN (SELECT creditor FROM intake_rows)
        AND NOT EXISTS (SELECT FROM intake_rows r
            WHERE r.creditor = a.creditor AND r.account_id = a.account_id)
        AND NOT EXISTS (SELECT FROM intake_refused r
            WHERE r.creditor = a.creditor AND r.account_id = a.account_id)
    RETURNING a.creditor, a.account_id
), pending AS (
    INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
    SELECT $2, creditor, account_id, 'intake:' || $2, 'recall' FROM gone
    ON CONFLICT (run_id, creditor, account_id) DO UPDATE SET action = 'recall'
)
SELECT count(*) FROM gone
"""

COUNT_PENDING: Final = "SELECT count(*) FROM intake_pending"

SELECT_PENDING: Final = """
SELECT p.run_id, p.creditor, p.account_id, p.message_id, p.action, r.started_at AS as_of
FROM intake_pending p JOIN intake_runs r USING (run_id)
ORDER BY r.started_at, p.run_id, p.creditor, p.account_id LIMIT $1
"""

DELETE_PENDING: Final = """
DELETE FROM intake_pending p USING unnest($1::text[], $2::text[], $3::text[])
    AS d (run_id, creditor, account_id)
WHERE (p.run_id, p.creditor, p.account_id) = (d.run_id, d.creditor, d.account_id)
"""

CLOSE_RECALLED: Final = """
UPDATE accounts SET status = 'closed', close_reason = 'recalled', closed_at = $3
WHERE creditor = $1 AND account_id = $2 AND status = 'open'
"""

FINISH_RUN: Final = "UPDATE intake_runs SET finished_at = now(), rows_read = $2 WHERE run_id = $1"


class Action(StrEnum):
    """What a workflow still has to hear."""

    START = "start"
    UPDATE = "update"
    RECALL = "recall"


class Pending(NamedTuple):
    """One line of the outbox."""

    run_id: str
    creditor: str
    account_id: str
    message_id: str
    action: Action
    as_of: datetime


class Staged(NamedTuple):
    """A good row of the file with the line it stands on, and where the customer may be."""

    line: int
    row: IntakeRow
    zones: tuple[str, ...]
    """Candidate zones, the one to show first."""
    regions_of_address: tuple[str, ...]
    regions_of_phones: tuple[str, ...]


class Merged(NamedTuple):
    """Accounts of one batch by what became of them; the rest were as they are."""

    added: int
    updated: int
    reopened: int


class IntakeRun:
    """One run on one session of PostgreSQL. Made by ``IntakeStore.run``."""

    def __init__(self, connection: Connection, run_id: str, as_of: datetime) -> None:
        self.connection, self.run_id, self.as_of = connection, run_id, as_of

    async def stage(self, rows: Sequence[Staged]) -> dict[int, int]:
        """Keep rows for the merge. Answers, for each account seen before: line -> first line."""
        kept = await self.connection.fetch(STAGE_ROWS, *_columns(map(_account, rows), 7))
        lines = {record["line"] for record in kept}
        twice = [staged for staged in rows if staged.line not in lines]
        good = [staged for staged in rows if staged.line in lines] if twice else rows
        points = (point for staged in good for point in _points(staged))
        await self.connection.execute(STAGE_PEOPLE, *_columns(map(_person, good), 12))
        await self.connection.execute(STAGE_POINTS, *_columns(points, 7))
        if not twice:
            return {}
        keys = [(staged.line, staged.row.creditor, staged.row.account_id) for staged in twice]
        found = await self.connection.fetch(SELECT_FIRST_LINES, *_columns(keys, 3))
        return {record["line"]: record["first"] for record in found}

    async def refused(self, accounts: Sequence[tuple[str, str]]) -> None:
        """Accounts whose row was refused: they are in the file, so they are not recalled."""
        if accounts:
            await self.connection.execute(STAGE_REFUSED, *_columns(accounts, 2))

    async def prepare(self) -> int:
        """Bring the staged rows of each customer together; the number of batches to merge."""
        await self.connection.execute(PREPARE, timeout=LONG)
        return int(await self.connection.fetchval(SELECT_BATCHES))

    async def merge(self, batch: int) -> Merged:
        """Merge one batch of customers with all their rows, and what to tell, in one go."""
        if batch > 0 and batch & (batch - 1) == 0:  # at 1, 2, 4, 8 ...: each time twice as large
            await self.connection.execute(LOOK_AGAIN, timeout=LONG)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self.connection.transaction():
                    return await self._merge(batch)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
                if attempt == ATTEMPTS:
                    raise Unavailable("PostgreSQL is too busy: run the intake again") from error
        raise AssertionError("unreachable")

    async def _merge(self, batch: int) -> Merged:
        connection, run_id, as_of = self.connection, self.run_id, self.as_of
        await connection.execute(LOCK_CUSTOMERS, batch)
        await connection.execute(LOCK_ACCOUNTS, batch)
        known = [record[0] for record in await connection.fetch(LOCK_POINTS, batch)]
        people = await connection.fetch(MERGE_CUSTOMERS, batch, as_of)
        points = await connection.fetch(MERGE_POINTS, batch, as_of, run_id)
        points += await connection.fetch(RETIRE_POINTS, known, as_of)
        merged = await connection.fetchrow(MERGE_ACCOUNTS, batch, as_of, run_id)
        added = await connection.fetchval(ADD_ACCOUNTS, batch, as_of, run_id)
        changed = list({record["customer_id"] for record in (*people, *points)})
        await connection.execute(TOUCH_CUSTOMERS, changed, as_of)
        await connection.execute(TELL_CUSTOMERS, changed, run_id)
        assert merged is not None  # noqa: S101 - an aggregate always has a row
        return Merged(added, merged["updated"], merged["reopened"])

    async def recall(self) -> int:
        """Mark open accounts of the file's creditors that the file does not list; how many."""
        return int(await self.connection.fetchval(RECALL, self.as_of, self.run_id, timeout=LONG))

    async def waiting(self) -> int:
        """How many workflows are still to be started or told, over all runs."""
        return int(await self.connection.fetchval(COUNT_PENDING))

    async def pending(self, limit: int) -> list[Pending]:
        """The oldest lines of the outbox, of this and of earlier runs."""
        found = await self.connection.fetch(SELECT_PENDING, limit)
        return [Pending(**{**record, "action": Action(record["action"])}) for record in found]

    async def told(self, done: Sequence[Pending]) -> None:
        """Strike lines from the outbox."""
        keys = [(line.run_id, line.creditor, line.account_id) for line in done]
        await self.connection.execute(DELETE_PENDING, *_columns(keys, 3))

    async def close_recalled(self, lines: Sequence[Pending]) -> None:
        """Close accounts whose workflow is not running, so that nobody else can."""
        arguments = [(line.creditor, line.account_id, line.as_of) for line in lines]
        await self.connection.executemany(CLOSE_RECALLED, arguments)

    async def finish(self, rows_read: int) -> None:
        """All merged, all told."""
        await self.connection.execute(FINISH_RUN, self.run_id, rows_read)


class IntakeStore:
    """Door to the intake of one database."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    @asynccontextmanager
    async def run(
        self,
        run_id: str,
        as_of: datetime,
        *,
        snapshot: bool,
        on_wait: Callable[[], None] = lambda: None,
    ) -> AsyncIterator[IntakeRun]:
        """A run, alone of its kind: waits (after ``on_wait()``) while another one is at work.

        A run that is resumed keeps its first ``as_of``: the file's figures are no newer than then,
        and payments since must not be forgotten. Raises Unavailable or Misconfigured.
        """
        with _translated():
            async with self.pool.acquire() as connection:
                await _alone(connection, on_wait)
                try:
                    await connection.execute(DROP_STAGE)
                    await connection.execute(CREATE_STAGE)
                    as_of = await connection.fetchval(BEGIN_RUN, run_id, as_of, snapshot)
                    yield IntakeRun(connection, run_id, as_of)
                finally:
                    # A session that is gone has taken its temporary tables and its lock along.
                    with suppress(asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
                        try:
                            await connection.execute(DROP_STAGE)
                        finally:
                            await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def _alone(connection: Connection, on_wait: Callable[[], None]) -> None:
    told = False
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
        if not told:
            on_wait()
            told = True
        await asyncio.sleep(0.2)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        ConnectionError,
    ) as error:
        raise Unavailable(
            "PostgreSQL went away during the intake: what was merged is kept, run it again"
        ) from error
    except asyncpg.UndefinedTableError as error:
        raise Misconfigured("the database has no tables yet: run `contrapunto migrate`") from error


def _columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows turned into the arrays that ``unnest`` takes."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]


def _account(staged: Staged) -> tuple[object, ...]:
    row = staged.row
    facts = (row.currency, row.balance, row.oldest_due_date)
    return (staged.line, row.creditor, row.account_id, row.customer_id, *facts)


def _person(staged: Staged) -> tuple[object, ...]:
    row = staged.row
    place = (row.country, row.region, row.postal_code, row.preferred_channel)
    # An empty text becomes an empty array: no zone was stated.
    lists = (row.timezone, staged.zones, staged.regions_of_address, staged.regions_of_phones)
    texts = (";".join(each) for each in lists)
    return (staged.line, row.customer_id, row.name, row.locale, *place, *texts)


def _points(staged: Staged) -> Iterable[tuple[object, ...]]:
    customer = staged.row.customer_id
    for point in staged.row.points():
        identity = contact_point_id(customer, point.channel, point.address)
        how = (point.channel, point.kind, point.address, point.consented)
        yield (staged.line, customer, identity, *how)
