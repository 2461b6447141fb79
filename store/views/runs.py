"""What the demo, the conductor of fast time and the campaign look at: never written through."""

from typing import Final

CAMPAIGN_COUNT: Final = "SELECT count(*) FROM attempts WHERE state NOT IN ('reserved', 'released')"

CAMPAIGN_UNPLANNED: Final = "SELECT count(*) FROM accounts WHERE next_at IS NULL"

CAMPAIGN_UNDER_WAY: Final = """
SELECT (SELECT count(*) FROM attempts WHERE state IN ('reserved', 'dispatching'))
    + (SELECT count(*) FROM provider_events WHERE NOT told)
"""

CAMPAIGN_ATTEMPTS: Final = """
SELECT attempt_id, state, reconcile_at, detail, touch FROM attempts ORDER BY reserved_at
"""

CAMPAIGN_ACCOUNTS: Final = """
SELECT creditor || '/' || account_id AS account, status, close_reason, next_at, next_kind
FROM accounts ORDER BY 1
"""

CAMPAIGN_FACTS: Final = """
SELECT 'payment' AS kind, payment_id AS id FROM payments
UNION ALL SELECT 'promise', promise_id FROM promises
UNION ALL SELECT 'said', inbound_id FROM inbound
UNION ALL SELECT 'refused ' || kind, message_id FROM messages WHERE refused IS NOT NULL
"""

AGREED: Final = """
SELECT 'dispute' AS kind, dispute_id AS name, creditor || '/' || account_id AS account,
    opened_at AS at,
    CASE WHEN state IN ('resolved_against', 'withdrawn') THEN resolved_at
        ELSE corrected_at END AS until
FROM disputes
UNION ALL
SELECT 'offer', offer_id, creditor || '/' || account_id, coalesce(approved_at, offered_at),
    coalesce(accepted_at, ended_at)
FROM settlement_offers WHERE authorized IS NOT NULL
UNION ALL
SELECT 'settlement', offer_id, creditor || '/' || account_id, accepted_at, ended_at
FROM settlement_offers WHERE accepted_at IS NOT NULL
ORDER BY at, name
"""

ORDERS: Final = """
SELECT order_id AS "order", kind, creditor, countries, coalesce(starts_at, ordered_at) AS at,
    nullif(over_at, 'infinity') AS until
FROM bulk_orders
WHERE num_nonnulls(regions, phases, segments, strategies, products, attributes) = 0
ORDER BY order_id
"""

CAMPAIGN_NOT_NOTIFIED: Final = "SELECT event_id FROM provider_events WHERE NOT told"

DEMO_COUNT_ACCOUNTS: Final = """
SELECT coalesce(close_reason, phase, 'starting') AS place, count(*) AS n FROM accounts GROUP BY 1
"""

DEMO_COUNT_CONTACTS: Final = """
SELECT channel, state, count(*) AS n FROM attempts GROUP BY 1, 2
"""

DEMO_LATEST: Final = """
SELECT creditor, account_id, next_summary FROM accounts
WHERE next_summary IS NOT NULL ORDER BY planned_at DESC LIMIT 6
"""

PLAYED_SELECT_ACCOUNTS: Final = """
WITH named AS (
    SELECT p.customer_id, min(o.customer_id) AS one
    FROM contact_points p JOIN contact_points o USING (address_key) GROUP BY p.customer_id
)
SELECT a.creditor || '/' || a.account_id AS key, coalesce(n.one, a.customer_id) AS customer_id,
    a.customer_id AS owner, a.status = 'open' AS open, a.next_at, a.plans
FROM accounts a LEFT JOIN named n USING (customer_id)
"""
"""Customers who share an address are played as one: what reaches it has one order."""

SANDBOX_ZONES: Final = """
SELECT DISTINCT ON (p.address) p.address, c.zones[1] AS zone
FROM contact_points p JOIN customers c USING (customer_id)
WHERE p.current ORDER BY p.address, c.customer_id
"""

SANDBOX_OWNERS: Final = """
SELECT customer_id AS owner, jsonb_object_agg(channel, address) AS addresses
FROM contact_points WHERE current GROUP BY customer_id ORDER BY customer_id DESC
"""
"""An address that several customers share is the first one's: it is named last."""

SANDBOX_INTRODUCTIONS: Final = """
SELECT jsonb_build_object(
    'customer', c.customer_id, 'country', c.country, 'zone', c.zones[1],
    'prefers', c.preferred_channel,
    'places', (
        SELECT coalesce(jsonb_agg(
            jsonb_build_object('channel', p.channel, 'address', p.address)
            ORDER BY p.contact_point_id), '[]')
        FROM contact_points p WHERE p.customer_id = c.customer_id AND p.current),
    'owes', jsonb_agg(
        jsonb_build_object(
            'account', a.creditor || '/' || a.account_id, 'due', a.oldest_due_date,
            'amount', a.balance::text, 'currency', a.currency)
        ORDER BY a.creditor, a.account_id)
)::text AS told
FROM customers c JOIN accounts a USING (customer_id)
WHERE a.status = 'open' GROUP BY c.customer_id ORDER BY c.customer_id
"""

DEMO_TALKERS: Final = """
SELECT jsonb_object_agg(p.channel, p.address) AS addresses
FROM contact_points p JOIN customers c USING (customer_id)
WHERE p.current AND p.consented AND p.channel IN ('sms', 'email', 'whatsapp')
GROUP BY customer_id, c.preferred_channel HAVING count(DISTINCT p.channel) = 3
ORDER BY coalesce(c.preferred_channel = 'email', false) DESC, customer_id LIMIT $1
"""
"""Who can be written to by all three, those first who would rather have mail."""

DRILL_ADDRESSES: Final = """
SELECT customer_id, array_agg(address ORDER BY contact_point_id) AS addresses
FROM contact_points WHERE current GROUP BY customer_id ORDER BY customer_id
"""

DRILL_RECEIVER: Final = "SELECT pid FROM pg_stat_wal_receiver"
DRILL_PROMOTE: Final = "SELECT pg_promote(true, 60)"
DRILL_IS_STANDBY: Final = "SELECT pg_is_in_recovery()"
DRILL_STRATEGIES: Final = """
SELECT count(DISTINCT d.digest)
FROM plan_changes p, unnest(p.decided_by) AS by JOIN deciders d ON d.digest = by
WHERE d.kind = 'strategy'
"""
