"""What a snapshot does not list: recalled, or the same debt under a new id.

A debt that its creditor has renumbered stands in a snapshot as one account less and one more. Taken
for two it would begin anew: the customer would hear everything twice. So the new account takes the
old one's place, with what was promised, paid and said, and what the ledger has of it
(``accounts.formerly``, read in ``store/situations.py``).
"""

from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

from store import law_events
from store.database import Connection
from store.intake.agreements import carry_agreements
from store.intake.batches import in_one_go
from store.intake.spelling import SAME_ACCOUNT
from store.intake.staging import LONG, columns

_UNLISTED: Final = """
NOT EXISTS (SELECT FROM intake_rows r
    WHERE r.creditor = a.creditor AND r.account_id = a.account_id)
AND NOT EXISTS (SELECT FROM intake_refused r
    WHERE r.creditor = a.creditor AND r.account_id = a.account_id)
""".strip()
"""Of the account ``a``: the file has no row of it, not even one that was refused."""

# A row that was refused, for its spelling or for anything else, lists its account all the same.
LIST_SPELT_OTHERWISE: Final = f"""
INSERT INTO intake_refused
SELECT a.creditor, a.account_id
FROM (SELECT DISTINCT creditor, account_id FROM intake_refused) r JOIN accounts a
    ON {SAME_ACCOUNT} AND (a.creditor, a.account_id) <> (r.creditor, r.account_id)
"""  # noqa: S608 - what is put in is a condition

_GONE: Final = f"""
a.status = 'open' AND a.balance_as_of <= $1
AND a.creditor IN (SELECT creditor FROM intake_rows) AND {_UNLISTED}
""".strip()  # noqa: S608 - what is put in is conditions
"""Of the account ``a``: it is open, and gone from the snapshot of the moment ``$1``."""

# Kept with their sizes: the planner, which cannot know how many are missing, would compare each of
# these with each of those.
FIND_GONE: Final = f"""
INSERT INTO intake_gone
SELECT creditor, account_id, customer_id, currency, balance, oldest_due_date, formerly
FROM accounts a
WHERE {_GONE}
"""  # noqa: S608 - what is put in is conditions

# Also a number that was recalled, or that is gone from under another: its debt may come back.
FIND_NEW: Final = """
INSERT INTO intake_new
SELECT r.* FROM intake_rows r LEFT JOIN accounts a USING (creditor, account_id)
WHERE a.status IS NULL OR a.status = 'closed' AND a.balance_as_of <= $1
    AND (a.close_reason = 'recalled'
        OR (creditor, account_id) IN (SELECT creditor, unnest(formerly) FROM intake_gone))
"""

ANALYZE_BOTH: Final = "ANALYZE intake_gone, intake_new, intake_holders"

# Debts of one customer, creditor and due date may become one, under a new number or one of theirs.
# What is left over is part of it where together they make it up; or, under a new number, where that
# is more than any of them: interest and fees are added, and what was said of a part is better heard
# of a debt too many than lost.
FIND_JOINED: Final = """
WITH left_over AS (
    SELECT * FROM intake_gone
    WHERE (creditor, account_id) NOT IN (SELECT creditor, former FROM intake_renumbered)
), parts AS (
    SELECT creditor, customer_id AS holder, currency, oldest_due_date, sum(balance) AS together,
        max(balance) AS most
    FROM left_over GROUP BY 1, 2, 3, 4
), rows AS (
    SELECT r.*, n.former, coalesce(n.former_customer, r.customer_id) AS holder
    FROM intake_rows r LEFT JOIN intake_renumbered n USING (line) WHERE line <> ALL ($1)
), wholes AS (
    SELECT DISTINCT ON (p.creditor, p.holder, p.currency, p.oldest_due_date) p.*, r.account_id,
        r.line, r.customer_id
    FROM parts p JOIN rows r USING (creditor, holder, currency, oldest_due_date)
    JOIN accounts a ON a.creditor = p.creditor AND a.account_id = coalesce(r.former, r.account_id)
    WHERE a.status = 'open' AND (r.balance = p.together + a.balance
        OR r.former IS NOT NULL AND r.balance > greatest(p.most, a.balance))
    ORDER BY p.creditor, p.holder, p.currency, p.oldest_due_date,
        r.balance <> p.together + a.balance, r.line
)
INSERT INTO intake_renumbered
SELECT o.creditor, o.account_id, w.account_id, w.line, w.customer_id, o.customer_id, true
FROM left_over o JOIN wholes w ON w.creditor = o.creditor AND w.holder = o.customer_id
    AND w.currency = o.currency AND w.oldest_due_date = o.oldest_due_date
"""

# What is closed may come back, too, and is asked about only what no open account has become. Found
# by the rows that are left: of closed accounts there are ever more. A number that another has
# followed is none of these: its debt is known under that one.
LEAVE_LEFT_OVER: Final = """
DELETE FROM intake_new
WHERE line = ANY ($1) OR line IN (SELECT line FROM intake_renumbered)
"""

FIND_CLOSED: Final = f"""
WITH open_ones AS (
    DELETE FROM intake_gone
), whose AS (
    SELECT n.*, customer_id AS holder FROM intake_new n
    UNION
    SELECT n.*, c.customer_id FROM intake_new n JOIN intake_holders h USING (customer_id)
    JOIN contact_points c USING (address_key)
)
INSERT INTO intake_gone
SELECT DISTINCT a.creditor, a.account_id, a.customer_id, a.currency, a.balance, a.oldest_due_date,
    a.formerly
FROM whose w JOIN accounts a ON a.customer_id = w.holder AND a.creditor = w.creditor
    AND a.currency = w.currency AND a.oldest_due_date = w.oldest_due_date
WHERE a.status = 'closed' AND a.balance_as_of <= $1
    AND {_UNLISTED}
    AND NOT EXISTS (SELECT FROM accounts b
        WHERE b.customer_id IN (a.customer_id, w.customer_id) AND b.creditor = a.creditor
            AND a.account_id = ANY (b.formerly))
"""  # noqa: S608 - what is put in is conditions

# A number that the account has had before says by itself that it is the same debt. Else: interest
# may have changed the balance, so the same due date is enough; equal balances pair first.
#
# What is left may stand under a new id of its customer, too: who has an address in common with the
# former one, or is known to be the same person, is answered as a candidate. Found by the addresses
# of what is gone, so that a due date which the whole portfolio has makes no pairs.
FIND_RENUMBERED: Final = """
WITH back AS (
    SELECT DISTINCT ON (o.creditor, o.account_id) o.creditor, o.account_id AS former, n.account_id,
        n.line, n.customer_id, o.customer_id AS former_customer
    FROM intake_gone o CROSS JOIN unnest(o.formerly) AS name
    JOIN intake_new n ON n.creditor = o.creditor AND n.account_id = name
    ORDER BY o.creditor, o.account_id, o.balance <> n.balance, n.account_id
), gone_on AS (
    SELECT * FROM intake_gone
    WHERE (creditor, account_id) NOT IN (SELECT creditor, former FROM back)
), new AS (
    SELECT * FROM intake_new WHERE line NOT IN (SELECT line FROM back)
), exact AS (
    SELECT o.creditor, o.account_id AS former, n.account_id, n.line, customer_id
    FROM (SELECT *, row_number() OVER (PARTITION BY creditor, customer_id, currency,
            oldest_due_date, balance ORDER BY account_id) AS place FROM gone_on) o
    JOIN (SELECT *, row_number() OVER (PARTITION BY creditor, customer_id, currency,
            oldest_due_date, balance ORDER BY account_id) AS place FROM new) n
        USING (creditor, customer_id, currency, oldest_due_date, balance, place)
), close AS (
    SELECT o.creditor, o.account_id AS former, n.account_id, n.line, customer_id
    FROM (SELECT *, row_number() OVER (PARTITION BY creditor, customer_id, currency,
            oldest_due_date ORDER BY balance, account_id) AS place
        FROM gone_on
        WHERE (creditor, account_id) NOT IN (SELECT creditor, former FROM exact)) o
    JOIN (SELECT *, row_number() OVER (PARTITION BY creditor, customer_id, currency,
            oldest_due_date ORDER BY balance, account_id) AS place
        FROM new WHERE line NOT IN (SELECT line FROM exact)) n
        USING (creditor, customer_id, currency, oldest_due_date, place)
), same AS (
    SELECT *, customer_id AS former_customer FROM exact
    UNION ALL SELECT *, customer_id FROM close
    UNION ALL SELECT * FROM back
), kept AS (
    INSERT INTO intake_renumbered SELECT * FROM same
), gone AS (
    SELECT * FROM gone_on
    WHERE (creditor, account_id) NOT IN (SELECT creditor, former FROM same)
), left_over AS (
    SELECT n.*, p.name FROM new n JOIN intake_people p USING (line)
    WHERE line NOT IN (SELECT line FROM same)
), whose AS (
    SELECT DISTINCT customer_id FROM gone
), alike AS (
    SELECT customer_id, other, count(address_key) AS addresses, bool_or(known) AS known
    FROM (
        SELECT DISTINCT w.customer_id, h.customer_id AS other, address_key, false AS known
        FROM whose w JOIN contact_points c USING (customer_id)
        JOIN intake_holders h USING (address_key)
        UNION ALL
        SELECT w.customer_id, s.customer_id, NULL, true
        FROM whose w, same_person(w.customer_id) s
    ) AS signs
    WHERE other <> customer_id GROUP BY customer_id, other
)
SELECT g.creditor, g.account_id AS former, g.customer_id AS former_customer, n.line, n.account_id,
    n.customer_id, g.balance = n.balance AS exact,
    a.known OR c.name = n.name OR coalesce(one_person(c.name, n.name), false) AS one_person
FROM alike a JOIN gone g USING (customer_id) JOIN customers c USING (customer_id)
JOIN left_over n ON n.customer_id = a.other AND n.creditor = g.creditor
    AND n.currency = g.currency AND n.oldest_due_date = g.oldest_due_date
ORDER BY exact DESC, a.addresses DESC, abs(g.balance - n.balance), former, n.account_id
"""

KEEP_RENUMBERED: Final = """
INSERT INTO intake_renumbered
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
"""

_NEW: Final = ("account_id", "line", "customer_id", "former_customer")

SELECT_RENUMBERED: Final = "SELECT line, former FROM intake_renumbered WHERE NOT joined"

FORGET_RENUMBERED: Final = "DELETE FROM intake_renumbered"

SELECT_GONE: Final = f"""
SELECT a.creditor, count(*) AS open, count(*) FILTER (WHERE a.balance_as_of <= $1
    AND {_UNLISTED}
    AND NOT EXISTS (SELECT FROM intake_renumbered r
        WHERE r.creditor = a.creditor AND r.former = a.account_id)) AS gone
FROM accounts a WHERE a.status = 'open' AND a.creditor IN (SELECT creditor FROM intake_rows)
GROUP BY a.creditor ORDER BY a.creditor
"""  # noqa: S608 - what is put in is conditions

FIND_RECALLED: Final = f"""
INSERT INTO intake_recalled
SELECT creditor, account_id, customer_id, (row_number() OVER (ORDER BY customer_id) - 1) / 500
FROM accounts a WHERE {_GONE}
"""  # noqa: S608 - what is put in is conditions

COUNT_RECALLED: Final = "SELECT coalesce(max(batch) + 1, 0) FROM intake_recalled"

# As whoever reserves does, and in the same order: what waits for them then finds the recall, and
# what was reserved before it is not dispatched.
LOCK_RECALLED: Final = """
SELECT FROM customers c
WHERE c.customer_id IN (SELECT customer_id FROM intake_recalled WHERE batch = $1)
ORDER BY c.customer_id FOR NO KEY UPDATE OF c
"""

# Closed at once: until its workflow hears of it, nobody else would keep a message from speaking of
# the account. balance_as_of moves along, so that an older file cannot bring it back.
RECALL: Final = """
WITH gone AS (
    UPDATE accounts a SET status = 'closed', close_reason = 'recalled', closed_at = $2,
        balance_as_of = $2
    FROM intake_recalled r
    WHERE r.batch = $1 AND a.creditor = r.creditor AND a.account_id = r.account_id
        AND a.status = 'open' AND a.balance_as_of <= $2
    RETURNING a.creditor, a.account_id
), pending AS (
    INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
    SELECT $3, creditor, account_id, 'intake:' || $3, 'recall' FROM gone
    ON CONFLICT (run_id, creditor, account_id) DO UPDATE SET action = 'recall'
)
SELECT count(*) FROM gone
"""

NOTE_LISTS_ALL: Final = "UPDATE intake_runs SET lists_all = true WHERE run_id = $1"

# Before the balance is written: payments after the file's moment are subtracted from it.
CARRY_PAYMENTS: Final = """
INSERT INTO payments (creditor, account_id, payment_id, amount, paid_at)
SELECT p.creditor, n.account_id, p.payment_id, p.amount, p.paid_at
FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
JOIN payments p ON p.creditor = n.creditor AND p.account_id = n.former
WHERE s.batch = $1 ON CONFLICT DO NOTHING
"""

# The new number stands as the old one did, and the row of the file then does to it what it would
# have done to the old one: one rule says what goes on, begins anew or stays closed.
TAKE_PLACE: Final = """
WITH renumbered AS (
    SELECT n.* FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    WHERE s.batch = $1 AND NOT n.joined
), placed AS (
    INSERT INTO accounts AS a (creditor, account_id, customer_id, currency, balance, balance_as_of,
        oldest_due_date, strategy, status, close_reason, closed_at, since, hold_until, hold_reason,
        asked_in, asked_at, formerly, snapshot_id, segment, chosen_by, pinned, pinned_as_of,
        attributes, attributes_as_of, entered_days, entered_since, policy)
    SELECT n.creditor, n.account_id, n.customer_id, f.currency, f.balance, f.balance_as_of,
        f.oldest_due_date, f.strategy, f.status, f.close_reason, f.closed_at, f.since, f.hold_until,
        f.hold_reason, f.asked_in, f.asked_at,
        array_remove(f.formerly, n.account_id) || f.account_id, $2,
        f.segment, f.chosen_by, f.pinned, f.pinned_as_of, f.attributes, f.attributes_as_of,
        f.entered_days, f.entered_since, f.policy
    FROM renumbered n JOIN accounts f ON f.creditor = n.creditor AND f.account_id = n.former
    ON CONFLICT (creditor, account_id) DO UPDATE SET
        customer_id = excluded.customer_id, currency = excluded.currency,
        balance = excluded.balance, balance_as_of = excluded.balance_as_of,
        oldest_due_date = excluded.oldest_due_date, strategy = excluded.strategy,
        status = excluded.status, close_reason = excluded.close_reason,
        closed_at = excluded.closed_at, since = excluded.since, hold_until = excluded.hold_until,
        hold_reason = excluded.hold_reason, asked_in = excluded.asked_in,
        asked_at = excluded.asked_at, snapshot_id = excluded.snapshot_id,
        segment = excluded.segment, chosen_by = excluded.chosen_by, pinned = excluded.pinned,
        pinned_as_of = excluded.pinned_as_of, attributes = excluded.attributes,
        attributes_as_of = excluded.attributes_as_of, entered_days = excluded.entered_days,
        entered_since = excluded.entered_since, policy = excluded.policy,
        formerly = excluded.formerly || ARRAY(SELECT unnest(a.formerly) EXCEPT
            SELECT unnest(excluded.formerly))
    RETURNING creditor, account_id, status, formerly, xmax = 0 AS added
), earlier AS (
    -- Of two numbers of a debt one is the later: so it can be said which one goes on.
    UPDATE accounts f SET formerly = array_remove(f.formerly, p.account_id)
    FROM placed p
    WHERE f.creditor = p.creditor AND f.account_id = ANY (p.formerly)
        AND p.account_id = ANY (f.formerly)
)
SELECT count(*) FILTER (WHERE added) AS added,
    count(*) FILTER (WHERE NOT added AND status = 'open') AS reopened,
    count(*) AS renumbered,
    coalesce(array_agg(creditor || '/' || account_id) FILTER (WHERE added), '{}') AS brought
FROM placed
"""

# The rests of several rest the one that they have become: the longest hold, the earliest touches.
JOIN_PARTS: Final = """
WITH parts AS (
    SELECT n.creditor, n.account_id, n.former, f.formerly || f.account_id AS names, f.since,
        f.hold_until, f.hold_reason
    FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    JOIN accounts f ON f.creditor = n.creditor AND f.account_id = n.former
    WHERE s.batch = $1 AND n.joined
), together AS (
    SELECT creditor, account_id, count(DISTINCT former) AS joined,
        array_agg(DISTINCT name) AS names, min(since) AS since, max(hold_until) AS hold_until,
        (array_agg(hold_reason ORDER BY hold_until DESC NULLS LAST))[1] AS hold_reason
    FROM parts CROSS JOIN unnest(names) AS name WHERE name <> account_id GROUP BY 1, 2
), whole AS (
    UPDATE accounts a SET since = least(a.since, t.since),
        formerly = a.formerly || ARRAY(SELECT unnest(t.names) EXCEPT SELECT unnest(a.formerly)),
        hold_reason = CASE WHEN t.hold_until > coalesce(a.hold_until, '-infinity')
            THEN t.hold_reason ELSE a.hold_reason END,
        hold_until = greatest(a.hold_until, t.hold_until)
    FROM together t WHERE a.creditor = t.creditor AND a.account_id = t.account_id
    RETURNING t.joined
)
SELECT coalesce(sum(joined), 0) FROM whole
"""

CARRY_EVENTS: Final = f"""
INSERT INTO {law_events.INTO}
SELECT e.event_id || ' now ' || n.account_id, e.customer_id, e.kind, e.at, e.channel,
    n.creditor || '/' || n.account_id, e.detail, e.recorded_at, e.recorded_by
FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
JOIN law_events e ON e.customer_id = n.former_customer
    AND e.account = n.creditor || '/' || n.former
WHERE s.batch = $1
    -- What the new number itself has handed over, before it was taken back, is on record for it.
    AND NOT EXISTS (SELECT FROM law_events o WHERE o.account = n.creditor || '/' || n.account_id
        AND starts_with(e.event_id, o.event_id || ' now '))
ON CONFLICT DO NOTHING
"""  # noqa: S608 - what is put in is a list of columns

# Closed at once, so that no message speaks of the debt twice; its workflow then ends by itself. It
# goes to the customer's new id, if there is one, and so shows both to be one person's. Then the new
# number's workflow begins, or goes on, unless the account was closed and stays so.
CLOSE_FORMER: Final = """
WITH renumbered AS (
    SELECT n.* FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    WHERE s.batch = $1
), former AS (
    UPDATE accounts a SET status = 'closed', close_reason = coalesce(a.close_reason, 'recalled'),
        closed_at = coalesce(a.closed_at, $2), balance_as_of = $2, customer_id = n.customer_id
    FROM renumbered n JOIN accounts o ON o.creditor = n.creditor AND o.account_id = n.former
    WHERE a.creditor = o.creditor AND a.account_id = o.account_id
    RETURNING a.creditor, a.account_id, o.status
)
INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
SELECT $3, creditor, account_id, 'intake:' || $3, action FROM (
    SELECT creditor, account_id, 'recall' AS action FROM former WHERE status = 'open'
    UNION
    SELECT creditor, account_id, CASE WHEN a.planned_at IS NULL THEN 'start' ELSE 'update' END
    FROM renumbered JOIN accounts a USING (creditor, account_id) WHERE a.status = 'open'
) AS told
ON CONFLICT (run_id, creditor, account_id) DO UPDATE SET action = excluded.action
"""


class Doubt(NamedTuple):
    """A row that may be an account under a new id: all is the same but a name."""

    line: int
    creditor: str
    former: str


class Placed(NamedTuple):
    """Accounts of one batch that are known under another number."""

    added: int
    reopened: int
    """Under a number that they have had before."""
    renumbered: int
    """Both."""


class Gone(NamedTuple):
    """Open accounts of a creditor, and how many of them the file does not list."""

    creditor: str
    open: int
    gone: int


class Recall:
    """The recall of one run, whose figures are of ``as_of``."""

    def __init__(self, connection: Connection, run_id: str, as_of: datetime) -> None:
        self.connection, self.run_id, self.as_of = connection, run_id, as_of

    async def renumbered(self) -> tuple[dict[int, str], list[Doubt]]:
        """Find the accounts that stand in the file under a new id: line -> former id; and those of
        which nobody can say it, since an address has another person's name.

        A customer under a new id, too, is known as ``same_person`` knows them: by both an address
        and the name, or by an account that both ids have had. Asks what ``Findings.crowded`` found.
        """
        await self.connection.execute(LIST_SPELT_OTHERWISE, timeout=LONG)
        await self.connection.execute(FIND_GONE, self.as_of, timeout=LONG)
        await self.connection.execute(FIND_NEW, self.as_of, timeout=LONG)
        doubts = await self._pair()
        lines = [doubt.line for doubt in doubts]
        await self.connection.execute(FIND_JOINED, lines, timeout=LONG)
        await self.connection.execute(LEAVE_LEFT_OVER, lines, timeout=LONG)
        await self.connection.execute(FIND_CLOSED, self.as_of, timeout=LONG)
        doubts += await self._pair()
        found = await self.connection.fetch(SELECT_RENUMBERED)
        return {one["line"]: one["former"] for one in found}, doubts

    async def _pair(self) -> list[Doubt]:
        """Pair what is gone with what is new; what is neither pair nor none."""
        await self.connection.execute(ANALYZE_BOTH, timeout=LONG)
        candidates = await self.connection.fetch(FIND_RENUMBERED, timeout=LONG)
        former, lines = set[tuple[str, str]](), set[int]()
        pairs: list[tuple[object, ...]] = []
        doubts: list[Doubt] = []
        for one in sorted(candidates, key=lambda one: not one["one_person"]):
            old = (one["creditor"], one["former"])
            if old in former or one["line"] in lines:
                continue
            if one["one_person"]:
                former.add(old)
                lines.add(one["line"])
                pairs.append((*old, *(one[name] for name in _NEW)))
            elif one["exact"]:
                doubts.append(Doubt(one["line"], *old))
        await self.connection.execute(KEEP_RENUMBERED, *columns(pairs, 6))
        return doubts

    async def keep_numbers(self) -> None:
        """Nothing is renumbered after all."""
        await self.connection.execute(FORGET_RENUMBERED)

    async def gone(self) -> list[Gone]:
        """Of each creditor in the file, how much of its portfolio would be recalled."""
        found = await self.connection.fetch(SELECT_GONE, self.as_of, timeout=LONG)
        return [Gone(**dict(one)) for one in found]

    async def recall(self) -> int:
        """Close open accounts of the file's creditors that the file does not list; how many."""
        await self.connection.execute(FIND_RECALLED, self.as_of, timeout=LONG)
        batches, recalled = await self.connection.fetchval(COUNT_RECALLED), 0
        for batch in range(batches):
            recalled += await in_one_go(self.connection, partial(self._recall, batch))
        await self.connection.execute(NOTE_LISTS_ALL, self.run_id)
        return recalled

    async def _recall(self, batch: int) -> int:
        await self.connection.execute(LOCK_RECALLED, batch)
        return int(await self.connection.fetchval(RECALL, batch, self.as_of, self.run_id))


async def take_place(connection: Connection, batch: int, run_id: str) -> Placed:
    """Put renumbered accounts under their new numbers, as they stood, before the file's figures.

    What was told to a number before it was known is given to whose it is.
    """
    await connection.execute(CARRY_PAYMENTS, batch)
    placed = await connection.fetchrow(TAKE_PLACE, batch, run_id)
    assert placed is not None  # noqa: S101 - an aggregate always has a row
    if placed["brought"]:
        await law_events.belongs(connection, placed["brought"])
    return Placed(placed["added"], placed["reopened"], placed["renumbered"])


async def hand_over(connection: Connection, batch: int, as_of: datetime, run_id: str) -> int:
    """Hand over what the former accounts knew, and close them; how many became part of one."""
    joined = int(await connection.fetchval(JOIN_PARTS, batch))
    await carry_agreements(connection, batch)
    await connection.execute(CARRY_EVENTS, batch)
    await connection.execute(CLOSE_FORMER, batch, as_of, run_id)
    return joined
