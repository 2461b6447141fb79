"""Accounts that were over years ago, written as they would have been left."""

from datetime import datetime, timedelta

from store.database import Pool
from tests.support.rows import add_customer

# Each account $1 of customer $2 was contacted at $3 and ended a day later; two events each.
_ROWS = (
    """
    INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, balance_as_of,
        oldest_due_date, since, status, close_reason, closed_at, plans)
    VALUES ('bank', $1, $2, 'USD', 0, $3, $3::timestamptz::date, $3, 'closed', 'cured',
        $3::timestamptz + interval '1 day', 1)
    """,
    """
    INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
        purpose, channel, provider, contact_point_id, state, jurisdictions, zones, not_before,
        not_after, facts_seen, reserved_at, dispatched_at, settled_at)
    SELECT substr(encode(sha256(convert_to('bank' || chr(31) || $1 || chr(31) || '1', 'UTF8')),
            'hex'), 1, 24), 'bank', $1, $2, ARRAY['bank/' || $1], 1, 1, 'early', 'reminder', 'sms',
        'twilio', p.contact_point_id, 'delivered', '{US}', '{America/New_York}', $3, $3, 0, $3, $3,
        $3
    FROM contact_points p WHERE p.customer_id = $2 AND p.channel = 'sms' AND $3 IS NOT NULL
    """,
    """
    INSERT INTO provider_events (provider, event_id, attempt_id, status, at, applied, told)
    SELECT 'twilio', $1 || ':' || status, t.attempt_id, status, $3, true, true
    FROM attempts t, unnest('{accepted,delivered}'::text[]) AS status
    WHERE t.account_id = $1 AND t.customer_id = $2
    """,
    """
    INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, intent, at)
    VALUES ('twilio', 'said:' || $1, 'sms', $2, '+1', 'hello', 'other', $3)
    """,
    """
    INSERT INTO messages (creditor, account_id, message_id, kind, body, at)
    SELECT 'bank', $1, 'paid', 'payment_received', '{}', $3
    WHERE $2::text IS NOT NULL
    """,
    """
    INSERT INTO plan_changes (creditor, account_id, plan, at, kind, why, state, summary)
    SELECT 'bank', $1, 1, $3, 'contact', 'touch', 'collecting', 'SMS reminder'
    WHERE $2::text IS NOT NULL
    """,
)
ROWS_EACH = {"attempts": 1, "provider_events": 2, "inbound": 1, "messages": 1, "plan_changes": 1}


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
                    await connection.execute(statement, account, customer, at)
            made.append(customer)
    return made
