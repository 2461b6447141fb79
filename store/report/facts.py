"""What customers and people did in two periods, counted."""

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from store.database import Connection

COUNT_OF_ACCOUNTS: Final = """
WITH happened AS (
    SELECT 'promises' AS what, made_at AS at, creditor, account_id, amount, NULL AS channel,
        0::float AS minutes FROM promises
    UNION ALL
    SELECT 'promises_' || state, settled_at, creditor, account_id, amount, NULL, 0 FROM promises
    WHERE state IN ('kept', 'broken')
    UNION ALL
    SELECT 'plans', agreed_at, creditor, account_id, NULL, NULL, 0 FROM payment_plans
    UNION ALL
    SELECT 'plans_' || state, ended_at, creditor, account_id, NULL, NULL, 0 FROM payment_plans
    WHERE state IN ('kept', 'broken')
    UNION ALL
    SELECT 'offers', offered_at, creditor, account_id, NULL, NULL, 0 FROM settlement_offers
    UNION ALL
    SELECT 'offers_accepted', accepted_at, creditor, account_id, NULL, NULL, 0
    FROM settlement_offers
    UNION ALL
    SELECT 'offers_paid', ended_at, creditor, account_id, amount, NULL, 0 FROM settlement_offers
    WHERE state = 'paid'
    UNION ALL
    SELECT 'disputes', opened_at, creditor, account_id, NULL, NULL, 0 FROM disputes
    UNION ALL
    SELECT 'disputes_over', resolved_at, creditor, account_id, NULL, NULL, 0 FROM disputes
    UNION ALL
    SELECT 'hardships', began_at, creditor, account_id, NULL, NULL, 0 FROM hardships
    UNION ALL
    SELECT 'hardships_over', ended_at, creditor, account_id, NULL, NULL, 0 FROM hardships
    UNION ALL
    SELECT 'payments', paid_at, creditor, account_id, amount, NULL, 0 FROM payments
    UNION ALL
    SELECT CASE close_reason WHEN 'cured' THEN 'cures' ELSE close_reason END, closed_at, creditor,
        account_id, CASE WHEN close_reason = 'cured' THEN (
            SELECT sum(p.amount) FROM payments p WHERE p.creditor = o.creditor
                AND p.account_id = o.account_id AND p.paid_at >= coalesce(o.since, p.paid_at)) END,
        NULL, 0
    FROM accounts o WHERE status = 'closed' AND close_reason IN ('cured', 'settled', 'handed_off')
    UNION ALL
    SELECT CASE WHEN direction = 'inbound' THEN 'people_inbound'
        WHEN channel = 'voice' THEN 'people_calls' ELSE 'by_people' END
        || CASE WHEN outcome IN ('conversation', 'replied') THEN ' spoken' ELSE '' END,
        began_at, creditor, account_id, NULL, channel,
        greatest(coalesce(extract(epoch FROM ended_at - began_at), 0), 0) / 60
    FROM manual_contacts
)
SELECT h.at >= $2 AS now, h.what, h.creditor, h.channel, a.strategy,
    a.segment, array_to_string(a.arms, ' ') AS arm, a.currency, c.country,
    count(*) AS number, coalesce(sum(h.amount), 0) AS amount,
    sum(least(h.minutes, $4)) AS minutes
FROM happened h LEFT JOIN accounts a USING (creditor, account_id)
    LEFT JOIN customers c USING (customer_id)
WHERE h.at >= $1 AND h.at < $3
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""

# Whoever has several accounts wrote of the one that was last spoken of, where they wrote, as far as
# anybody knows; whoever was not contacted of the oldest debt that is open.
COUNT_OF_CUSTOMERS: Final = """
WITH happened AS (
    SELECT 'replies' AS what, at, customer_id, channel, NULL::text AS attempt_id FROM inbound
    WHERE intent NOT IN ('automatic', 'unproven')
    UNION ALL
    SELECT 'opt_outs', at, customer_id, channel, NULL FROM law_events WHERE kind = 'opt_out'
    UNION ALL
    SELECT 'complaints', e.at, t.customer_id, t.channel, t.attempt_id
    FROM provider_events e JOIN attempts t USING (attempt_id)
    WHERE e.code IN ('spamreport', 'complained') AND e.at >= $1 AND e.at < $3
    UNION ALL
    SELECT 'work_opened', opened_at, customer_id, NULL, NULL FROM work_items
    UNION ALL
    SELECT CASE done_by WHEN 'contrapunto' THEN 'work_by_itself' ELSE 'work_done' END, done_at,
        customer_id, NULL, NULL FROM work_items
)
SELECT h.at >= $2 AS now, h.what, h.channel, t.phase, t.purpose, t.channel AS sent_by,
    coalesce(t.creditor, o.creditor) AS creditor, a.strategy, a.segment,
    array_to_string(a.arms, ' ') AS arm, a.currency, c.country,
    split_part(c.locale, '-', 1) AS language, count(*) AS number
FROM happened h LEFT JOIN customers c USING (customer_id)
    LEFT JOIN LATERAL (
        SELECT s.creditor, s.account_id, s.phase, s.purpose, s.channel FROM attempts s
        WHERE s.customer_id = h.customer_id AND s.reserved_at <= h.at
            AND s.reserved_at > h.at - interval '30 days'
            AND (h.attempt_id IS NULL OR s.attempt_id = h.attempt_id)
            AND s.state IN ('dispatching', 'unknown', 'accepted', 'delivered', 'undelivered')
        ORDER BY coalesce(s.channel = h.channel, false) DESC, s.reserved_at DESC LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT w.creditor, w.account_id FROM accounts w
        WHERE t.account_id IS NULL AND w.customer_id = h.customer_id
        ORDER BY w.status <> 'open', w.oldest_due_date, w.creditor, w.account_id LIMIT 1
    ) o ON true
    LEFT JOIN accounts a ON a.creditor = coalesce(t.creditor, o.creditor)
        AND a.account_id = coalesce(t.account_id, o.account_id)
WHERE h.at >= $1 AND h.at < $3
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
"""

LONGEST_CONTACT: Final = 120.0
"""Minutes: who forgot to record the end of a contact did not speak all night."""


class OfAccounts(NamedTuple):
    """Things of one kind that happened to accounts that are alike."""

    now: bool
    what: str
    creditor: str
    channel: str | None
    strategy: str | None
    segment: str | None
    arm: str | None
    currency: str | None
    country: str | None
    number: int
    amount: Decimal
    minutes: float


class OfCustomers(NamedTuple):
    """Things of one kind that customers did; with the last contact before, of 30 days,
    on the same channel rather than on another."""

    now: bool
    what: str
    channel: str | None
    phase: str | None
    purpose: str | None
    sent_by: str | None
    creditor: str | None
    strategy: str | None
    segment: str | None
    arm: str | None
    currency: str | None
    country: str | None
    language: str | None
    number: int


Three = tuple[datetime, datetime, datetime]
"""Where the period before begins, where the period begins, and where it ends."""


async def of_accounts(connection: Connection, span: Three) -> list[OfAccounts]:
    """What happened to accounts, in both periods."""
    rows = await connection.fetch(COUNT_OF_ACCOUNTS, *span, LONGEST_CONTACT)
    return [OfAccounts(*row) for row in rows]


async def of_customers(connection: Connection, span: Three) -> list[OfCustomers]:
    """What customers did and people were asked for, in both periods."""
    return [OfCustomers(*row) for row in await connection.fetch(COUNT_OF_CUSTOMERS, *span)]
