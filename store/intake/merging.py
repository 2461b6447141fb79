"""The staged rows into customers, contact points and accounts, a batch of customers at a time."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, NamedTuple

from store import law_events
from store.database import Connection
from store.facts import MAY_REOPEN
from store.intake.batches import in_one_go
from store.intake.recalling import hand_over, take_place
from store.intake.staging import LONG
from store.intake.telling import any_told, tell

FOURFOLD: Final = frozenset(4**power for power in range(16))
"""Batches before which the tables have grown fourfold since they were last looked at."""

# The planner takes tables that were empty a moment ago for small ones still, and would read them
# whole for every batch of a first import. It needs their sizes and keys for that; of all columns
# there is word when autovacuum comes by. Tables of which it knows as many rows have not grown so.
THOUGHT_SMALL: Final = """
SELECT reltuples < $1 * 500 FROM pg_class WHERE oid = to_regclass('customers')
"""
LOOK_AGAIN: Final = """
ANALYZE customers (customer_id), contact_points (contact_point_id, customer_id, address_key),
    accounts (creditor, account_id, customer_id), law_events (customer_id),
    intake_pending (run_id)
"""

# Locked in statements of their own: the statements after them then see every payment and opt-out
# that was committed before, and later ones wait for this transaction.
LOCK_CUSTOMERS: Final = """
SELECT FROM customers c WHERE c.customer_id IN (
    SELECT customer_id FROM intake_customers WHERE batch = $1
    UNION ALL
    -- Whose account goes on under another customer id: payments come under the former one's lock.
    SELECT n.former_customer FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    WHERE s.batch = $1
    UNION ALL
    -- Whose account somebody comes to stand for: a trigger raises their facts.
    SELECT a.customer_id FROM intake_customers s JOIN intake_parties p USING (customer_id)
    JOIN accounts a USING (creditor, account_id)
    WHERE s.batch = $1
    UNION ALL
    -- Who has an address that another gets now: what is reserved for them rests on that, and the
    -- trigger of 0017 raises their facts.
    SELECT o.customer_id FROM intake_customers s JOIN intake_wanted w USING (customer_id)
    JOIN contact_points o USING (address_key)
    WHERE s.batch = $1 AND NOT EXISTS (SELECT FROM contact_points k
        WHERE k.contact_point_id = w.contact_point_id))
ORDER BY c.customer_id FOR UPDATE OF c
"""

LOCK_ACCOUNTS: Final = """
SELECT FROM accounts a WHERE (a.creditor, a.account_id) IN (
    SELECT r.creditor, r.account_id FROM intake_rows r JOIN intake_customers s USING (customer_id)
    WHERE s.batch = $1
    UNION ALL
    SELECT n.creditor, n.former FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    WHERE s.batch = $1)
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
RETURNING customer_id, xmax = 0 AS is_new
"""

OF_POINT: Final = """
(coalesce({event}.detail->>'contact_point_id', w.contact_point_id) = w.contact_point_id
    OR {event}.address_key = address_key(w.channel, w.address))
""".strip()
"""Whether an event is about a wanted point ``w``, however its address was spelt then."""

# What the creditor lists is kept as it is listed, also beside a stop: a later word of the person
# takes the stop back, and must find what it opens. Consent in a file never outweighs a stop itself,
# whatever their instants, since a daily file repeats what was once agreed to and the creditor's
# list may simply not know of the stop: planning hears the stop (``store/situations.py``), and no
# opt-in is written here that could seem to be the later word. What the customer granted by another
# door is not taken away by a file that never listed it.
MERGE_POINTS: Final = f"""
WITH listed AS (
    SELECT w.*, coalesce(c.consented, false) AS consented_before,
        EXISTS (
            SELECT FROM law_events o
            WHERE o.customer_id = w.customer_id AND o.account IS NULL
                AND (o.kind IN ('opt_out', 'cease')
                        AND {law_events.STOPS_MEDIUM.format(stop="o", channel="w.channel")}
                    OR o.kind = 'wrong_number' AND {OF_POINT.format(event="o")})
                AND NOT EXISTS (
                    SELECT FROM law_events i
                    WHERE i.customer_id = w.customer_id AND i.kind = 'opt_in' AND i.at > o.at
                        AND coalesce(i.channel, w.channel) = w.channel
                        AND {OF_POINT.format(event="i")}
                        AND i.event_id NOT LIKE 'intake:%')) AS stopped,
        EXISTS (
            SELECT FROM law_events i
            WHERE i.customer_id = w.customer_id AND i.kind = 'opt_in'
                AND coalesce(i.channel, w.channel) = w.channel
                AND {OF_POINT.format(event="i")}
                AND i.event_id NOT LIKE 'intake:%') AS given_by_person
    FROM intake_customers s JOIN customers k USING (customer_id)
    JOIN intake_wanted w USING (customer_id)
    LEFT JOIN contact_points c ON c.contact_point_id = w.contact_point_id
    WHERE s.batch = $1 AND k.updated_at <= $2
), wanted AS (
    SELECT *, consented OR consented_before AND given_by_person AS agreed FROM listed
), opted_in AS (
    INSERT INTO {law_events.INTO}
    SELECT 'intake:' || $3 || ':' || contact_point_id, customer_id, 'opt_in', $2, channel, NULL,
        jsonb_build_object('contact_point_id', contact_point_id), now(), 'intake:' || $3
    FROM wanted WHERE consented AND NOT stopped AND NOT consented_before
    ON CONFLICT (event_id) DO NOTHING
)
INSERT INTO contact_points AS c (contact_point_id, customer_id, channel, kind, address, consented)
SELECT contact_point_id, customer_id, channel, kind, address, agreed
FROM wanted
ON CONFLICT (contact_point_id) DO UPDATE SET current = true, consented = excluded.consented,
    kind = CASE WHEN c.kind IN ('work', 'work_email') THEN c.kind ELSE excluded.kind END
WHERE NOT c.current OR c.consented <> excluded.consented
    OR (c.kind <> excluded.kind AND c.kind NOT IN ('work', 'work_email'))
RETURNING c.customer_id
"""  # noqa: S608 - what is put in is a list of columns

RETIRE_POINTS: Final = """
UPDATE contact_points c SET current = false
FROM customers k
WHERE c.contact_point_id = ANY($1) AND k.customer_id = c.customer_id AND k.updated_at <= $2
    AND c.current AND c.channel IN ('sms', 'voice', 'whatsapp', 'email')
    AND NOT EXISTS (SELECT FROM intake_wanted w WHERE w.contact_point_id = c.contact_point_id)
RETURNING c.customer_id
"""

# Also whom the file has only confirmed: what an older one says of them is out of date all the same.
TOUCH_CUSTOMERS: Final = """
UPDATE customers c SET updated_at = $2 FROM intake_customers s
WHERE s.batch = $1 AND c.customer_id = s.customer_id AND c.updated_at < $2
"""

COUNT_OLDER: Final = """
SELECT
    (SELECT count(*) FROM intake_customers s JOIN intake_rows r USING (customer_id)
        LEFT JOIN accounts a USING (creditor, account_id)
        WHERE s.batch = $1 AND CASE WHEN a.account_id IS NULL THEN r.creditor = ANY ($3)
            ELSE a.balance_as_of > $2 END) AS older,
    (SELECT count(*) FROM intake_customers s JOIN customers c USING (customer_id)
        WHERE s.batch = $1 AND c.updated_at > $2) AS kept
"""

# Of each creditor whose accounts a newer snapshot has listed, all of them.
SELECT_LISTED_SINCE: Final = """
SELECT coalesce(array_agg(DISTINCT creditor), '{}') FROM intake_runs, unnest(creditors) AS creditor
WHERE lists_all AND started_at > $1
"""

MERGE_ACCOUNTS: Final = f"""
WITH facts AS MATERIALIZED (
    SELECT r.*, a.status,
        r.line IN (SELECT line FROM intake_renumbered WHERE NOT joined) AS renumbered,
        r.balance - coalesce((
            SELECT sum(p.amount) FROM payments p WHERE p.creditor = r.creditor
                AND p.account_id = r.account_id AND p.paid_at > $2), 0) AS net,
        {MAY_REOPEN.format(due="r.oldest_due_date", as_of="$2")} AS may_reopen
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
        since = CASE WHEN d.reopened AND d.oldest_due_date > a.oldest_due_date THEN $2
            ELSE a.since END
    FROM due d WHERE a.creditor = d.creditor AND a.account_id = d.account_id
        AND (d.changed OR d.reopened OR a.balance_as_of < $2)
    RETURNING a.creditor, a.account_id, d.reopened, d.changed, d.renumbered
), pending AS (
    INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
    SELECT $3, creditor, account_id, 'intake:' || $3, 'update' FROM merged
    WHERE reopened OR changed
    ON CONFLICT (run_id, creditor, account_id) DO NOTHING
)
SELECT count(*) FILTER (WHERE reopened) AS reopened,
    count(*) FILTER (WHERE changed AND NOT reopened) AS updated FROM merged WHERE NOT renumbered
"""  # noqa: S608 - what is put in is a condition

ADD_ACCOUNTS: Final = """
WITH facts AS MATERIALIZED (
    SELECT r.*, r.balance - coalesce((
            SELECT sum(p.amount) FROM payments p WHERE p.creditor = r.creditor
                AND p.account_id = r.account_id AND p.paid_at > $2), 0) AS net
    FROM intake_customers s JOIN intake_rows r USING (customer_id)
    WHERE s.batch = $1 AND r.creditor <> ALL ($4) AND NOT EXISTS (SELECT FROM accounts a
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
SELECT coalesce(array_agg(creditor || '/' || account_id), '{}') FROM added
"""

# Older scores than those on record change nothing, as older figures do not.
SCORE_ACCOUNTS: Final = """
WITH due AS (
    SELECT a.creditor, a.account_id, r.score, a.score IS DISTINCT FROM r.score AS changed
    FROM intake_customers s JOIN intake_rows r USING (customer_id)
    JOIN accounts a USING (creditor, account_id)
    WHERE s.batch = $1 AND r.score IS NOT NULL AND coalesce(a.score_as_of <= $2, true)
), scored AS (
    UPDATE accounts a SET score = d.score, score_as_of = $2
    FROM due d WHERE a.creditor = d.creditor AND a.account_id = d.account_id
    RETURNING a.creditor, a.account_id, a.status, d.changed
)
INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
SELECT $3, creditor, account_id, 'intake:' || $3, 'update' FROM scored
WHERE changed AND status = 'open'
ON CONFLICT (run_id, creditor, account_id) DO NOTHING
"""

# The newest stays, as with those that a message tells. Also where no figure has changed the account
# plans anew by another schedule: what has been paid since counts by it.
KEEP_SCHEDULES: Final = """
WITH told AS MATERIALIZED (
    SELECT r.creditor, r.account_id, r.due::jsonb AS due, d.instalments AS before
    FROM intake_customers s JOIN intake_rows r USING (customer_id)
    JOIN accounts a USING (creditor, account_id)
    LEFT JOIN due_schedules d USING (creditor, account_id)
    WHERE s.batch = $1 AND r.due IS NOT NULL AND a.balance_as_of <= $2
), kept AS (
    INSERT INTO due_schedules AS d (creditor, account_id, as_of, instalments)
    SELECT creditor, account_id, $2, due FROM told
    ON CONFLICT (creditor, account_id) DO UPDATE SET as_of = excluded.as_of,
        instalments = excluded.instalments
    WHERE d.as_of < excluded.as_of OR d.as_of = excluded.as_of
        AND d.instalments <> excluded.instalments
    RETURNING creditor, account_id
)
INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
SELECT $3, creditor, account_id, 'intake:' || $3, 'update'
FROM kept JOIN told t USING (creditor, account_id) JOIN accounts a USING (creditor, account_id)
WHERE a.status = 'open' AND t.before IS DISTINCT FROM t.due
ON CONFLICT (run_id, creditor, account_id) DO NOTHING
"""

# New facts of a customer concern all of the customer's accounts, also those of other creditors, and
# those that they stand for.
TELL_CUSTOMERS: Final = """
INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
SELECT $2, creditor, account_id, 'intake:' || $2, 'update' FROM accounts
WHERE status = 'open' AND customer_id = ANY($1)
UNION
SELECT $2, a.creditor, a.account_id, 'intake:' || $2, 'update'
FROM account_parties p JOIN accounts a ON a.creditor = p.creditor
    AND a.account_id = now_called(p.creditor, p.account_id)
WHERE p.customer_id = ANY($1) AND a.status = 'open'
ON CONFLICT (run_id, creditor, account_id) DO NOTHING
"""


class Merged(NamedTuple):
    """Accounts of one batch by what became of them; the rest were as they are."""

    added: int
    updated: int
    reopened: int
    renumbered: int
    """Debts that the file lists under another number, or as part of another one."""
    older: int
    """Rows that were skipped: what is known of their accounts is newer than the file."""
    kept: int
    """Customers of whom a newer file has told: nothing of them was changed."""


class Merge:
    """The merge of one run, whose figures are of ``as_of``."""

    def __init__(self, connection: Connection, run_id: str, as_of: datetime) -> None:
        self.connection, self.run_id, self.as_of = connection, run_id, as_of
        self.listed_since: list[str] | None = None
        self._tells: bool | None = None

    async def batch(
        self, number: int, beside: Callable[[int], Awaitable[None]] | None = None
    ) -> Merged:
        """Merge one batch of customers with all their rows, and what to tell, in one go; and
        ``beside`` it what else the file says of them."""
        if number in FOURFOLD and await self.connection.fetchval(THOUGHT_SMALL, number):
            await self.connection.execute(LOOK_AGAIN, timeout=LONG)
        return await in_one_go(self.connection, lambda: self._merge(number, beside))

    async def _merge(self, number: int, beside: Callable[[int], Awaitable[None]] | None) -> Merged:
        connection, run_id, as_of = self.connection, self.run_id, self.as_of
        await connection.execute(LOCK_CUSTOMERS, number)
        await connection.execute(LOCK_ACCOUNTS, number)
        if self.listed_since is None:
            self.listed_since = await connection.fetchval(SELECT_LISTED_SINCE, as_of)
        passed = await connection.fetchrow(COUNT_OLDER, number, as_of, self.listed_since)
        known = [record[0] for record in await connection.fetch(LOCK_POINTS, number)]
        people = await connection.fetch(MERGE_CUSTOMERS, number, as_of)
        points = await connection.fetch(MERGE_POINTS, number, as_of, run_id)
        points += await connection.fetch(RETIRE_POINTS, known, as_of)
        placed = await take_place(connection, number, run_id)
        merged = await connection.fetchrow(MERGE_ACCOUNTS, number, as_of, run_id)
        added = await connection.fetchval(ADD_ACCOUNTS, number, as_of, run_id, self.listed_since)
        if added:
            await law_events.belongs(connection, added)
        if self._tells is None:
            self._tells = await any_told(connection)
        if self._tells:
            await tell(connection, number, as_of, run_id)
        new = [person["customer_id"] for person in people if person["is_new"]]
        await law_events.hear_kept(connection, new)
        joined = await hand_over(connection, number, as_of, run_id)
        await connection.execute(KEEP_SCHEDULES, number, as_of, run_id)
        await connection.execute(SCORE_ACCOUNTS, number, as_of, run_id)
        changed = list({record["customer_id"] for record in (*people, *points)})
        await connection.execute(TOUCH_CUSTOMERS, number, as_of)
        await connection.execute(TELL_CUSTOMERS, changed, run_id)
        if beside is not None:
            await beside(number)
        assert merged is not None and passed is not None  # noqa: S101 - aggregates have a row
        return Merged(
            len(added) + placed.added,
            merged["updated"],
            merged["reopened"] + placed.reopened,
            placed.renumbered + joined,
            passed["older"],
            passed["kept"],
        )
