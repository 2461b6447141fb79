"""Accounts that were over years ago, written as they would have been left."""

from datetime import datetime, timedelta

from store.database import Pool
from tests.support.rows import add_customer

# Each account of a customer was contacted at an instant and ended a day later; three events each.
_GIVEN = "WITH g AS (SELECT $1::text AS account, $2::text AS customer, $3::timestamptz AS at)"
_ROWS = (
    """
    INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, balance_as_of,
        oldest_due_date, since, status, close_reason, closed_at, plans)
    SELECT 'bank', g.account, g.customer, 'USD', 0, g.at, g.at::date, g.at, 'closed', 'cured',
        g.at + interval '1 day', 1 FROM g
    """,
    """
    INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
        purpose, channel, provider, contact_point_id, state, jurisdictions, zones, not_before,
        not_after, facts_seen, reserved_at, dispatched_at, settled_at)
    SELECT left(encode(sha256(convert_to(
            'bank' || chr(31) || g.account || chr(31) || '1', 'UTF8')), 'hex'), 24),
        'bank', g.account, g.customer, ARRAY['bank/' || g.account], 1, 1, 'early', 'reminder',
        'sms', 'twilio', p.contact_point_id, 'delivered', '{US}', '{America/New_York}', g.at, g.at,
        0, g.at, g.at, g.at
    FROM contact_points p, g WHERE p.customer_id = g.customer AND p.channel = 'sms'
    """,
    """
    INSERT INTO provider_events (provider, event_id, attempt_id, status, at, applied, told)
    SELECT 'twilio', g.account || ':' || status, t.attempt_id, status, g.at, true, true
    FROM g, attempts t, unnest('{accepted,delivered}'::text[]) AS status
    WHERE t.account_id = g.account AND t.customer_id = g.customer
    """,
    """
    INSERT INTO provider_events (provider, event_id, status, at, told)
    SELECT 'twilio', 'said:' || g.account, 'inbound:other', g.at, true FROM g
    """,
    """
    INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, intent, at)
    SELECT 'twilio', 'said:' || g.account, 'sms', g.customer, '+1', 'hello', 'other', g.at FROM g
    """,
    """
    INSERT INTO messages (creditor, account_id, message_id, kind, body, at)
    SELECT 'bank', g.account, 'paid', 'payment_received', '{}', g.at FROM g
    """,
    """
    INSERT INTO plan_changes (creditor, account_id, plan, at, kind, why, state, next_at,
        summary)
    SELECT 'bank', g.account, 1, g.at, 'contact', 'touch', 'collecting', g.at, 'SMS reminder' FROM g
    """,
)
ROWS_EACH = {"attempts": 1, "provider_events": 3, "inbound": 1, "messages": 1, "plan_changes": 1}


async def add_aged(
    pool: Pool, number: int, now: datetime, *, years: float, country: str = "US"
) -> list[str]:
    """So many accounts, each of a customer of its own; the customers."""
    made = []
    async with pool.acquire() as connection:
        for one in range(number):
            customer, account = f"old-{one}", f"O{one}"
            phone = f"+1212555{one:04}" if country == "US" else f"+57300{one:07}"
            await add_customer(pool, customer, country=country, points=(("sms", "mobile", phone),))
            at = now - timedelta(days=365 * years + one % 60)
            async with connection.transaction():
                await connection.execute("SET LOCAL session_replication_role = replica")
                for statement in _ROWS:
                    await connection.execute(_GIVEN + statement, account, customer, at)
            made.append(customer)
    return made
