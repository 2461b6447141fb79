"""A person of whom every table holds something, each with words that are theirs."""

from datetime import date
from typing import Any

from domain.names import contact_point_id
from store.database import Pool
from tests.integration.persons.rows import MAIL, PHONE, ROWS, SECRET
from tests.support.rows import add_account, add_customer

ENDS = """
UPDATE accounts SET status = 'closed', close_reason = 'closed', closed_at = now(),
    hold_reason = 'xquisite', attributes = '{"employer": "xquisite"}', score = 7
    WHERE account_id = 'A1';
UPDATE attempts SET state = 'dispatching'; UPDATE attempts SET state = 'accepted';
UPDATE work_items SET done_at = now(), done_by = 'eva', outcome = 'handled', note = 'xquisite',
    done = '{"said": "xquisite"}';
UPDATE customers SET name = 'Marta xquisite', region = 'CO-ANT', postal_code = 'xquisite'
    WHERE customer_id = 'C1'
"""

MOVED = """
INSERT INTO attempts_history SELECT (jsonb_populate_record(t, '{"attempt_id": "t0", "step": 0}')).*
    FROM attempts t;
INSERT INTO attempt_keys SELECT attempt_id, creditor, account_id, step, customer_id, channel,
    provider, contact_point_id, state FROM attempts_history;
INSERT INTO provider_events_history
    SELECT (jsonb_populate_record(t, '{"attempt_id": "t0", "event_id": "e0"}')).*
    FROM provider_events t;
INSERT INTO messages_history SELECT (jsonb_populate_record(t, '{"message_id": "m0"}')).*
    FROM messages t;
INSERT INTO inbound_history SELECT (jsonb_populate_record(t, '{"inbound_id": "i0"}')).*
    FROM inbound t WHERE inbound_id = 'i1';
INSERT INTO plan_changes_history SELECT (jsonb_populate_record(t, '{"plan": 0}')).*
    FROM plan_changes t
"""
"""What was over years ago."""
NOTED = "SELECT audit_write('a', 'user:eva', 'x', 'looked', 'C1', NULL, NULL, $1, NULL, NULL, '{}')"


async def insert(pool: Pool, table: str, row: dict[str, Any]) -> None:
    point = contact_point_id("C1", "sms", PHONE)
    given = {
        name: point if name == "contact_point_id" and value == "sms" else value
        for name, value in row.items()
    }
    if isinstance(detail := given.get("detail"), dict):
        given["detail"] = detail | {"contact_point_id": point}
    places = ", ".join(f"${number}" for number in range(1, len(given) + 1))
    override = "OVERRIDING SYSTEM VALUE" if table == "event_outbox" else ""
    await pool.execute(
        f"INSERT INTO {table} ({', '.join(given)}) {override} VALUES ({places})", *given.values()
    )


async def add_person(pool: Pool) -> None:
    """C1, whose one account is over, and who stands for nobody any more."""
    await add_customer(pool, points=(("sms", "mobile", PHONE), ("email", "email", MAIL)))
    await add_account(pool, due=date(2026, 1, 5))
    for table, row in ROWS:
        await insert(pool, table, row)
    await pool.execute(ENDS)
    await pool.execute(MOVED)
    await pool.execute(NOTED, SECRET)
