"""What was agreed, and what stands, under a former number of a debt goes along to the new one."""

from typing import Final

from store.database import Connection

# One that has come back has its promises already: what became of them since goes along.
CARRY_PROMISES: Final = """
INSERT INTO promises AS o (creditor, account_id, promise_id, amount, due_on, parts, made_at, state,
    settled_at, recorded_by)
SELECT DISTINCT ON (n.creditor, n.account_id, p.promise_id) p.creditor, n.account_id, p.promise_id,
    p.amount, p.due_on, p.parts, p.made_at, p.state, p.settled_at, p.recorded_by
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


# Of several disputes that become one, the elder stands; of hardships, the one that is looked at
# again first.
CARRY_DISPUTES: Final = """
WITH carried AS (
    SELECT DISTINCT ON (n.creditor, n.account_id, d.dispute_id) n.account_id AS now, d.*
    FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    JOIN disputes d ON d.creditor = n.creditor AND d.account_id = n.former
    WHERE s.batch = $1
    ORDER BY n.creditor, n.account_id, d.dispute_id, d.state IN ('open', 'resolved_for'),
        d.state = 'open'
), beside AS (
    SELECT c.*, c.state IN ('open', 'resolved_for') AND (EXISTS (
            SELECT FROM disputes t WHERE t.creditor = c.creditor AND t.account_id = c.now
                AND t.state IN ('open', 'resolved_for') AND t.dispute_id <> c.dispute_id)
        OR row_number() OVER (
            PARTITION BY c.creditor, c.now, c.state IN ('open', 'resolved_for')
            ORDER BY c.opened_at, c.dispute_id) > 1) AS gives_way
    FROM carried c
)
INSERT INTO disputes AS o (creditor, account_id, dispute_id, reason, documents, note, opened_at,
    answer_due, asked, state, resolved_at, resolved_why, corrected_at)
SELECT creditor, now, dispute_id, reason, documents, note, opened_at, answer_due, asked,
    CASE WHEN gives_way THEN 'withdrawn' ELSE state END,
    CASE WHEN gives_way THEN opened_at ELSE resolved_at END,
    CASE WHEN gives_way THEN 'joined with a debt that is disputed, too' ELSE resolved_why END,
    corrected_at
FROM beside
ON CONFLICT (creditor, account_id, dispute_id) DO UPDATE SET state = excluded.state,
    resolved_at = excluded.resolved_at, resolved_why = excluded.resolved_why,
    corrected_at = excluded.corrected_at
WHERE o.opened_at = excluded.opened_at AND EXISTS (SELECT FROM state_moves m
    WHERE m.machine = 'dispute' AND m.old = o.state AND m.new = excluded.state)
"""

CARRY_HARDSHIPS: Final = """
WITH carried AS (
    SELECT DISTINCT ON (n.creditor, n.account_id, h.hardship_id) n.account_id AS now, h.*
    FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
    JOIN hardships h ON h.creditor = n.creditor AND h.account_id = n.former
    WHERE s.batch = $1
    ORDER BY n.creditor, n.account_id, h.hardship_id, h.state = 'active'
), beside AS (
    SELECT c.*, c.state = 'active' AND (EXISTS (
            SELECT FROM hardships t WHERE t.creditor = c.creditor AND t.account_id = c.now
                AND t.state = 'active' AND t.hardship_id <> c.hardship_id)
        OR row_number() OVER (PARTITION BY c.creditor, c.now, c.state
            ORDER BY c.review_date, c.hardship_id) > 1) AS gives_way
    FROM carried c
)
INSERT INTO hardships AS o (creditor, account_id, hardship_id, reason, began_at, review_date,
    review_asked, person_asked, state, ended_at, ended_why)
SELECT creditor, now, hardship_id, reason, began_at, review_date, review_asked, person_asked,
    CASE WHEN gives_way THEN 'ended' ELSE state END,
    CASE WHEN gives_way THEN began_at ELSE ended_at END,
    CASE WHEN gives_way THEN 'joined with a debt that is in hardship, too' ELSE ended_why END
FROM beside
ON CONFLICT (creditor, account_id, hardship_id) DO UPDATE SET state = excluded.state,
    ended_at = excluded.ended_at, ended_why = excluded.ended_why,
    review_date = excluded.review_date, review_asked = excluded.review_asked,
    person_asked = o.person_asked OR excluded.person_asked
WHERE o.state = 'active' AND o.began_at = excluded.began_at
"""

# What fell due when; not of a part of a debt, which is none of the whole's.
CARRY_SCHEDULES: Final = """
INSERT INTO due_schedules AS o (creditor, account_id, as_of, instalments)
SELECT d.creditor, n.account_id, d.as_of, d.instalments
FROM intake_renumbered n JOIN intake_customers s USING (customer_id)
JOIN due_schedules d ON d.creditor = n.creditor AND d.account_id = n.former
WHERE s.batch = $1 AND NOT n.joined
ON CONFLICT (creditor, account_id) DO UPDATE SET as_of = excluded.as_of,
    instalments = excluded.instalments
WHERE o.as_of <= excluded.as_of
"""


async def carry_agreements(connection: Connection, batch: int) -> None:
    """Promises, payment plans, what fell due, disputes and hardships of the former accounts are the
    new ones', too."""
    await connection.execute(CARRY_PROMISES, batch)
    await connection.execute(CARRY_SCHEDULES, batch)
    for carry in (CARRY_PLANS, CARRY_DISPUTES, CARRY_HARDSHIPS):
        await connection.execute(carry, batch)
