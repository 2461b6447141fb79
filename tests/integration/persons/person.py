"""A person of whom every table holds something, each with words that are theirs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.names import contact_point_id
from store.database import Pool
from tests.support.rows import add_account, add_customer

PHONE, MAIL = "+573990000001", "marta.rojas@example.com"
SECRET = "xquisite"
"""In whatever is written of or by the person, and nowhere else."""
AT = datetime(2026, 3, 2, 15, tzinfo=UTC)

ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "attempts",
        {
            "attempt_id": "t1",
            "creditor": "bank",
            "account_id": "A1",
            "customer_id": "C1",
            "covers": ["bank/A1"],
            "step": 1,
            "touch": 1,
            "phase": "early",
            "purpose": "reminder",
            "channel": "sms",
            "provider": "twilio",
            "contact_point_id": "sms",
            "state": "reserved",
            "not_before": AT,
            "not_after": AT + timedelta(hours=1),
            "facts_seen": 1,
            "reserved_at": AT,
            "detail": SECRET,
            "provider_message_id": SECRET,
            "trace_id": SECRET,
            "jurisdictions": ["CO"],
            "zones": ["America/Bogota"],
            "dispatched_at": AT,
            "settled_at": AT,
            "content_digest": "d",
            "asked": 0,
        },
    ),
    ("calls", {"attempt_id": "t1", "script": {"message": SECRET}}),
    (
        "documents",
        {
            "document_id": SECRET,
            "creditor": "bank",
            "customer_id": "C1",
            "kind": "statement",
            "file": f"{SECRET}.pdf",
            "media_type": "application/pdf",
            "name": SECRET,
            "bytes": 9,
            "sha256": "x",
            "recorded_at": AT,
        },
    ),
    (
        "attached",
        {"attempt_id": "t1", "place": 1, "kind": "statement", "document_id": SECRET, "bytes": 9},
    ),
    (
        "settlements",
        {
            "attempt_id": "t1",
            "outcome": "accepted",
            "note": SECRET,
            "settled_by": "eva",
            "settled_at": AT,
        },
    ),
    (
        "capacity_taken",
        {"attempt_id": "t1", "zone": "z", "channel": "sms", "day": AT.date(), "part": 0},
    ),
    (
        "provider_health",
        {"channel": "sms", "provider": "twilio", "at": AT, "sign": "failed", "attempt_id": "t1"},
    ),
    (
        "provider_events",
        {
            "provider": "twilio",
            "event_id": "e1",
            "attempt_id": "t1",
            "status": "delivered",
            "at": AT,
            "told": True,
        },
    ),
    (
        "person_messages",
        {
            "message_id": "m1",
            "customer_id": "C1",
            "creditor": "bank",
            "account_id": "A1",
            "channel": "sms",
            "contact_point_id": "sms",
            "subject": SECRET,
            "words": SECRET,
            "by_whom": "eva",
            "at": AT,
            "refused_at": AT,
            "why": "no",
        },
    ),
    (
        "manual_contacts",
        {
            "contact_id": "c1",
            "customer_id": "C1",
            "creditor": "bank",
            "account_id": "A1",
            "covers": ["bank/A1"],
            "action": "call",
            "channel": "voice",
            "direction": "outbound",
            "contact_point_id": "sms",
            "address_key": PHONE,
            "began_at": AT,
            "state": "ended",
            "result": "busy",
            "outcome": "busy",
            "note": SECRET,
            "ended_at": AT,
            "by_whom": "eva",
            "recorded_at": AT,
        },
    ),
    (
        "inbound",
        {
            "provider": "twilio",
            "inbound_id": "i1",
            "channel": "sms",
            "customer_id": "C1",
            "contact_point_id": "sms",
            "address": PHONE,
            "text": SECRET,
            "intent": "none",
            "at": AT,
            "media": [{"url": SECRET}],
        },
    ),
    # Before anybody was known to have the mailbox.
    (
        "inbound",
        {
            "provider": "resend",
            "inbound_id": "i2",
            "channel": "email",
            "address": MAIL,
            "text": SECRET,
            "intent": "none",
            "at": AT,
        },
    ),
    (
        "readings",
        {
            "provider": "resend",
            "inbound_id": "i2",
            "version": "1",
            "reading": {"words": SECRET},
            "read_at": AT,
        },
    ),
    (
        "reading_corrections",
        {
            "provider": "twilio",
            "inbound_id": "i1",
            "expected": {"w": SECRET},
            "corrected_by": "eva",
            "corrected_at": AT,
        },
    ),
    (
        "consent_proofs",
        {
            "event_id": "put:1",
            "customer_id": "C1",
            "source": "form",
            "proof": "form 8",
            "given_at": AT,
            "told_by": "core",
        },
    ),
    (
        "law_events",
        {
            "event_id": "twilio/i0/C1",
            "customer_id": "C1",
            "kind": "dispute",
            "at": AT,
            "channel": "sms",
            "account": "bank/A1",
            "detail": {"text": SECRET, "contact_point_id": "sms"},
            "address_key": PHONE,
            "recorded_at": AT,
            "recorded_by": "twilio",
        },
    ),
    (
        "preferences",
        {
            "preference_id": "p1",
            "customer_id": "C1",
            "preference": {"locale": SECRET},
            "said_at": AT,
            "recorded_at": AT,
            "recorded_by": "eva",
        },
    ),
    ("persons_only", {"customer_id": "C1", "since": AT, "told_by": SECRET}),
    (
        "work_items",
        {
            "customer_id": "C1",
            "reason": "dispute",
            "priority": 1,
            "opened_at": AT,
            "due_at": AT,
            "messages": [],
            "contact_point_id": "sms",
        },
    ),
    (
        "messages",
        {
            "creditor": "bank",
            "account_id": "A1",
            "message_id": "m1",
            "kind": "hold",
            "body": {"reason": SECRET},
            "at": AT,
        },
    ),
    (
        "payments",
        {"creditor": "bank", "account_id": "A1", "payment_id": "y1", "amount": 5, "paid_at": AT},
    ),
    (
        "promises",
        {
            "creditor": "bank",
            "account_id": "A1",
            "promise_id": "r1",
            "amount": 5,
            "due_on": AT.date(),
            "made_at": AT,
            "state": "open",
        },
    ),
    (
        "payment_plans",
        {
            "creditor": "bank",
            "account_id": "A1",
            "plan_id": "l1",
            "instalments": [{"amount": "5"}],
            "grace_days": 1,
            "broken_after": 1,
            "agreed_at": AT,
            "state": "active",
        },
    ),
    (
        "due_schedules",
        {"creditor": "bank", "account_id": "A1", "as_of": AT, "instalments": [{"amount": "5"}]},
    ),
    (
        "settlement_offers",
        {
            "creditor": "bank",
            "account_id": "A1",
            "offer_id": "o1",
            "balance": 10,
            "amount": 5,
            "offered_at": AT,
            "offered_by": "eva",
            "offered_as": "agent",
            "authorized": 90,
            "expires_on": AT.date(),
            "pay_within_days": 3,
            "grace_days": 0,
            "state": "proposed",
        },
    ),
    (
        "disputes",
        {
            "creditor": "bank",
            "account_id": "A1",
            "dispute_id": "d1",
            "reason": "amount",
            "documents": [SECRET],
            "note": SECRET,
            "opened_at": AT,
            "answer_due": AT.date(),
            "asked": False,
            "state": "open",
        },
    ),
    (
        "hardships",
        {
            "creditor": "bank",
            "account_id": "A1",
            "hardship_id": "h1",
            "reason": "illness",
            "began_at": AT,
            "review_date": AT.date(),
            "state": "active",
        },
    ),
    (
        "plan_changes",
        {
            "creditor": "bank",
            "account_id": "A1",
            "plan": 1,
            "at": AT,
            "kind": "wait",
            "why": "planned",
            "state": "waiting",
            "next_at": AT,
            "summary": "waits",
        },
    ),
    (
        "strategy_choices",
        {
            "creditor": "bank",
            "account_id": "A1",
            "choice": 1,
            "at": AT,
            "strategy": "default",
            "chosen_by": "default",
            "reason": "no rule",
            "facts": {"employer": SECRET},
        },
    ),
    (
        "legal_holds",
        {
            "hold_id": "h",
            "creditor": "bank",
            "account_id": "A1",
            "why": "a lawsuit",
            "by_whom": "eva",
            "since": AT,
            "lifted_at": AT,
            "lifted_by": "eva",
        },
    ),
    (
        "bulk_orders",
        {
            "kind": "hold",
            "creditor": "bank",
            "reason": "a strike",
            "ordered_by": "eva",
            "rate": 50,
            "accounts": 1,
        },
    ),
    ("experiments", {"experiment": "x", "plan": {}, "registered_at": AT}),
    (
        "intake_runs",
        {
            "run_id": "r",
            "started_at": AT,
            "begun_at": AT,
            "snapshot": False,
            "rows_read": 1,
            "lists_all": False,
        },
    ),
    (
        "experiment_people",
        {
            "experiment": "x",
            "creditor": "bank",
            "customer_id": "C1",
            "arm": "a",
            "version": 1,
            "taken_in_at": AT,
            "chances": {},
            "owed": {},
        },
    ),
    (
        "account_parties",
        {
            "creditor": "bank",
            "account_id": "B7",
            "customer_id": "C1",
            "role": "guarantor",
            "proof": SECRET,
            "since": date(2026, 1, 1),
            "told_by": "file",
            "as_of": AT,
        },
    ),
    ("account_holders", {"creditor": "bank", "account_id": "A1", "customer_id": "C1"}),
    (
        "failures",
        {
            "creditor": "bank",
            "account_id": "A1",
            "activity": "record",
            "error": SECRET,
            "attempts": 3,
            "since": AT,
            "at": AT,
        },
    ),
    ("untold", {"news": "n", "account": "bank/A1", "since": AT}),
    (
        "intake_pending",
        {
            "run_id": "r",
            "creditor": "bank",
            "account_id": "A1",
            "message_id": "m",
            "action": "update",
        },
    ),
    (
        "request_keys",
        {
            "sender": "core",
            "key": "k",
            "request": "d",
            "answer": f'{{"customer_id": "C1", "name": "{SECRET}"}}',
        },
    ),
    (
        "webhook_backlog",
        {
            "provider": "twilio",
            "event_id": "b1",
            "kind": "message",
            "body": {"From": PHONE, "Body": SECRET},
            "at": AT,
            "why": "away",
            "kept_at": AT,
            "done_at": AT,
        },
    ),
    (
        "event_outbox",
        {
            "type": "x",
            "creditor": "bank",
            "account_id": "A1",
            "customer_id": "C1",
            "at": AT,
            "key": "k",
            "data": {},
        },
    ),
    (
        "events",
        {
            "position": 1,
            "event_id": "e",
            "type": "x",
            "creditor": "bank",
            "account_id": "A1",
            "customer_id": "C1",
            "at": AT,
            "recorded_at": AT,
            "data": {},
        },
    ),
)

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
