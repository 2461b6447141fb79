"""What a snapshot does not list: recalled, or the same debt under a new id.

A debt that its creditor has renumbered stands in a snapshot as one account less and one more. Taken
for two it would begin anew: the customer would hear everything twice. So the new account takes the
old one's place, with what was promised, paid and said, and what the ledger has of it
(``accounts.formerly``, read in ``store/situations.py``).
"""

from datetime import datetime
from typing import Final, NamedTuple

from store import law_events
from store.database import Connection
from store.intake.staging import LONG

# Interest may have changed the balance, so the same due date is enough; equal balances pair first.
FIND_RENUMBERED: Final = """
INSERT INTO intake_renumbered
WITH old AS (
    SELECT a.* FROM accounts a
    WHERE a.status = 'open' AND a.balance_as_of <= $1
        AND a.creditor IN (SELECT creditor FROM intake_rows)
        AND NOT EXISTS (SELECT FROM intake_rows r
            WHERE r.creditor = a.creditor AND r.account_id = a.account_id)
        AND NOT EXISTS (SELECT FROM intake_refused r
            WHERE r.creditor = a.creditor AND r.account_id = a.account_id)
), new AS (
    SELECT r.* FROM intake_rows r
    WHERE NOT EXISTS (SELECT FROM accounts a
        WHERE a.creditor = r.creditor AND a.account_id = r.account_id)
), exact AS (
    SELECT o.creditor, o.account_id AS former, n.account_id, n.line, customer_id
    FROM (SELECT *, row_number() OVER (PARTITION BY creditor, customer_id, currency,
            oldest_due_date, balance ORDER BY account_id) AS place FROM old) o
    JOIN (SELECT *, row_number() OVER (PARTITION BY creditor, customer_id, currency,
            oldest_due_date, balance ORDER BY account_id) AS place FROM new) n
        USING (creditor, customer_id, currency, oldest_due_date, balance, place)
), close AS (
    SELECT o.creditor, o.account_id AS former, n.account_id, n.line, customer_id
    FROM (SELECT *, row_number() OVER (PARTITION BY creditor, customer_id, currency,
            oldest_due_date ORDER BY balance, account_id) AS place
        FROM old WHERE (creditor, account_id) NOT IN (SELECT creditor, former FROM exact)) o
    JOIN (SELECT *, row_number() OVER (PARTITION BY creditor, customer_id, currency,
            oldest_due_date ORDER BY balance, account_id) AS place
        FROM new WHERE line NOT IN (SELECT line FROM exact)) n
        USING (creditor, customer_id, currency, oldest_due_date, place)
)
SELECT * FROM exact UNION ALL SELECT * FROM close
"""

SELECT_RENUMBERED: Final = "SELECT line, former FROM intake_renumbered ORDER BY line"

FORGET_RENUMBERED: Final = "DELETE FROM intake_renumbered"

SELECT_GONE: Final = """
SELECT a.creditor, count(*) AS open, count(*) FILTER (WHERE a.balance_as_of <= $1
    AND NOT EXISTS (SELECT FROM intake_rows r
        WHERE r.creditor = a.creditor AND r.account_id = a.account_id)
    AND NOT EXISTS (SELECT FROM intake_refused r
        WHERE r.creditor = a.creditor AND r.account_id = a.account_id)
    AND NOT EXISTS (SELECT FROM intake_renumbered r
        WHERE r.creditor = a.creditor AND r.former = a.account_id)) AS gone
FROM accounts a WHERE a.status = 'open' AND a.creditor IN (SELECT creditor FROM intake_rows)
GROUP BY a.creditor ORDER BY a.creditor
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

# Before the new account is added: payments after the file's moment are subtracted from its balance.
CARRY_PAYMENTS: Final = """
INSERT INTO payments (creditor, account_id, payment_id, amount, paid_at)
SELECT p.creditor, n.account_id, p.payment_id, p.amount, p.paid_at
FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
JOIN payments p ON p.creditor = n.creditor AND p.account_id = n.former
WHERE s.batch = $1 ON CONFLICT DO NOTHING
"""

CARRY_FACTS: Final = """
UPDATE accounts a SET since = f.since, strategy = f.strategy, hold_until = f.hold_until,
    hold_reason = f.hold_reason, formerly = f.formerly || f.account_id
FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
JOIN accounts f ON f.creditor = n.creditor AND f.account_id = n.former
WHERE s.batch = $1 AND a.creditor = n.creditor AND a.account_id = n.account_id
"""

CARRY_PROMISES: Final = """
INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at, state, settled_at)
SELECT p.creditor, n.account_id, p.promise_id, p.amount, p.due_on, p.made_at, p.state, p.settled_at
FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
JOIN promises p ON p.creditor = n.creditor AND p.account_id = n.former
WHERE s.batch = $1 ON CONFLICT DO NOTHING
"""

CARRY_EVENTS: Final = f"""
INSERT INTO {law_events.INTO}
SELECT e.event_id || ' now ' || n.account_id, e.customer_id, e.kind, e.at, e.channel,
    n.creditor || '/' || n.account_id, e.detail, e.recorded_at, e.recorded_by
FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
JOIN law_events e ON e.customer_id = n.customer_id AND e.account = n.creditor || '/' || n.former
WHERE s.batch = $1 ON CONFLICT DO NOTHING
"""  # noqa: S608 - what is put in is a list of columns

# Closed at once, so that no message speaks of the debt twice; its workflow then ends by itself.
CLOSE_FORMER: Final = """
WITH former AS (
    UPDATE accounts a SET status = 'closed', close_reason = 'recalled', closed_at = $2,
        balance_as_of = $2
    FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    WHERE s.batch = $1 AND a.creditor = n.creditor AND a.account_id = n.former
    RETURNING a.creditor, a.account_id
), pending AS (
    INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
    SELECT $3, creditor, account_id, 'intake:' || $3, 'recall' FROM former
    ON CONFLICT (run_id, creditor, account_id) DO UPDATE SET action = 'recall'
)
SELECT count(*) FROM former
"""


class Gone(NamedTuple):
    """Open accounts of a creditor, and how many of them the file does not list."""

    creditor: str
    open: int
    gone: int


class Recall:
    """The recall of one run, whose figures are of ``as_of``."""

    def __init__(self, connection: Connection, run_id: str, as_of: datetime) -> None:
        self.connection, self.run_id, self.as_of = connection, run_id, as_of

    async def renumbered(self) -> dict[int, str]:
        """Find the accounts that stand in the file under a new id: line -> former id."""
        await self.connection.execute(FIND_RENUMBERED, self.as_of, timeout=LONG)
        found = await self.connection.fetch(SELECT_RENUMBERED)
        return {one["line"]: one["former"] for one in found}

    async def keep_numbers(self) -> None:
        """Nothing is renumbered after all."""
        await self.connection.execute(FORGET_RENUMBERED)

    async def gone(self) -> list[Gone]:
        """Of each creditor in the file, how much of its portfolio would be recalled."""
        found = await self.connection.fetch(SELECT_GONE, self.as_of, timeout=LONG)
        return [Gone(**dict(one)) for one in found]

    async def recall(self) -> int:
        """Mark open accounts of the file's creditors that the file does not list; how many."""
        return int(await self.connection.fetchval(RECALL, self.as_of, self.run_id, timeout=LONG))


async def before_accounts(connection: Connection, batch: int) -> None:
    """What a renumbered account needs before it is added, in the transaction that adds it."""
    await connection.execute(CARRY_PAYMENTS, batch)


async def after_accounts(connection: Connection, batch: int, as_of: datetime, run_id: str) -> int:
    """Hand over what the former accounts knew, and close them; how many."""
    for statement in (CARRY_FACTS, CARRY_PROMISES, CARRY_EVENTS):
        await connection.execute(statement, batch)
    return int(await connection.fetchval(CLOSE_FORMER, batch, as_of, run_id))
