"""What was agreed under a former number of a debt goes along to the new one."""

from typing import Final

from store.database import Connection

# One that has come back has its promises already: what became of them since goes along.
CARRY_PROMISES: Final = """
INSERT INTO promises AS o (creditor, account_id, promise_id, amount, due_on, made_at, state,
    settled_at)
SELECT DISTINCT ON (n.creditor, n.account_id, p.promise_id) p.creditor, n.account_id, p.promise_id,
    p.amount, p.due_on, p.made_at, p.state, p.settled_at
FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
JOIN promises p ON p.creditor = n.creditor AND p.account_id = n.former
WHERE s.batch = $1
ORDER BY n.creditor, n.account_id, p.promise_id, p.state <> 'open'
ON CONFLICT (creditor, account_id, promise_id) DO UPDATE SET state = excluded.state,
    settled_at = excluded.settled_at
WHERE o.state = 'open' AND excluded.state <> 'open' AND o.made_at = excluded.made_at
"""

# The same of payment plans. Of several debts that become one, one plan goes on: the one that the
# number has, or else the latest.
CARRY_PLANS: Final = """
WITH carried AS (
    SELECT DISTINCT ON (n.creditor, n.account_id, p.plan_id) n.account_id AS now, p.*
    FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    JOIN payment_plans p ON p.creditor = n.creditor AND p.account_id = n.former
    WHERE s.batch = $1
    ORDER BY n.creditor, n.account_id, p.plan_id, p.state <> 'active'
), beside AS (
    SELECT c.*, c.state = 'active' AND (EXISTS (
            SELECT FROM payment_plans t WHERE t.creditor = c.creditor AND t.account_id = c.now
                AND t.state = 'active' AND t.plan_id <> c.plan_id)
        OR row_number() OVER (PARTITION BY c.creditor, c.now, c.state
            ORDER BY c.agreed_at DESC, c.plan_id) > 1) AS gives_way
    FROM carried c
)
INSERT INTO payment_plans AS o (creditor, account_id, plan_id, instalments, grace_days,
    broken_after, reaged_after, agreed_at, state, ended_at, ended_why)
SELECT creditor, now, plan_id, instalments, grace_days, broken_after, reaged_after, agreed_at,
    CASE WHEN gives_way THEN 'cancelled' ELSE state END,
    CASE WHEN gives_way THEN agreed_at ELSE ended_at END,
    CASE WHEN gives_way THEN 'joined with a debt that has a later plan' ELSE ended_why END
FROM beside
ON CONFLICT (creditor, account_id, plan_id) DO UPDATE SET state = excluded.state,
    ended_at = excluded.ended_at, ended_why = excluded.ended_why
WHERE o.state = 'active' AND excluded.state <> 'active' AND o.agreed_at = excluded.agreed_at
"""


async def carry_agreements(connection: Connection, batch: int) -> None:
    """Promises and payment plans of the former accounts are the new ones', too."""
    await connection.execute(CARRY_PROMISES, batch)
    await connection.execute(CARRY_PLANS, batch)
