"""What happens is noted where it happens: once, with what it rests on, of those who want it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.names import contact_point_id
from store.attempt_moves import ACCEPT, DISPATCH, DOUBT, RELEASE
from store.database import Pool
from store.outgoing.stream import Stream
from tests.integration.outgoing.conftest import everything, promise
from tests.support.rows import add_account, add_customer

AT = datetime(2026, 11, 20, 15, tzinfo=UTC)


async def reserve(pool: Pool, attempt: str = "t1", covers: Sequence[str] = ("bank/A1",)) -> None:
    await pool.execute(
        "INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, "
        "phase, purpose, channel, provider, contact_point_id, state, execution, jurisdictions, "
        "zones, not_before, not_after, facts_seen, reserved_at) "
        "SELECT $1, 'bank', 'A1', 'C1', $2, 1, 1, 'early', 'reminder', 'sms', 'twilio', $3, "
        "'reserved', 'x', '{CO}', '{America/Bogota}', $4, $4, facts, $4 FROM customers "
        "WHERE customer_id = 'C1'",
        attempt,
        list(covers),
        contact_point_id("C1", "sms", "+573001234567"),
        AT,
    )


async def dispatch(pool: Pool) -> None:
    await pool.execute("UPDATE attempts SET facts_seen = facts FROM customers")
    assert await pool.fetchval(DISPATCH, "t1", "x", AT, "digest") == "t1"


async def state(pool: Pool, to: str) -> None:
    await pool.execute("UPDATE attempts SET state = $1, settled_at = $2", to, AT)


async def told(pool: Pool) -> list[str]:
    return [one.type for one in await everything(pool)]


async def test_a_contact_is_told_when_it_is_taken_and_when_it_arrives(noted: Pool) -> None:
    await reserve(noted)
    await dispatch(noted)
    assert await told(noted) == [], "nothing has happened yet"
    await noted.execute(ACCEPT, "t1", "SM1", AT)
    await state(noted, "delivered")
    first, second = await everything(noted)
    assert (first.type, second.type) == ("contact.made", "contact.delivered")
    assert first.time == AT
    assert (first.creditor, first.account, first.customer) == ("bank", "A1", "C1")
    assert first.data == {
        "contact": "t1",
        "channel": "sms",
        "purpose": "reminder",
        "phase": "early",
        "touch": 1,
        "provider": "twilio",
    }


@pytest.mark.parametrize(
    ("states", "kinds"),
    [
        (["delivered"], ["contact.made", "contact.delivered"]),
        (["undelivered"], ["contact.failed"]),
        (["refused"], ["contact.failed"]),
        (["unknown", "accepted"], ["contact.unknown", "contact.made"]),
        (["accepted", "undelivered"], ["contact.made", "contact.failed"]),
        (
            ["accepted", "delivered", "undelivered"],
            ["contact.made", "contact.delivered", "contact.failed"],
        ),
    ],
)
async def test_each_way_of_a_contact_is_told(
    noted: Pool, states: list[str], kinds: list[str]
) -> None:
    await reserve(noted)
    await dispatch(noted)
    for one in states:
        await state(noted, one)
    assert await told(noted) == kinds


async def test_what_was_reserved_and_given_back_is_not_told(noted: Pool) -> None:
    await reserve(noted)
    await noted.execute(RELEASE, "t1", AT, "too late")
    assert await told(noted) == []


async def test_an_unknown_contact_is_told_at_the_time_it_left(noted: Pool) -> None:
    await reserve(noted)
    await dispatch(noted)
    await noted.execute(DOUBT, "t1", "no answer", AT)
    [event] = await everything(noted)
    assert (event.type, event.time) == ("contact.unknown", AT)


async def test_what_became_of_a_call_is_told_each_time_that_it_changes(noted: Pool) -> None:
    await reserve(noted)
    await dispatch(noted)
    await state(noted, "delivered")
    for outcome in ("voicemail", "voicemail", "conversation"):
        await noted.execute("UPDATE attempts SET outcome = $1", outcome)
    found = [one.data.get("outcome") for one in await everything(noted)]
    assert found == [None, None, "voicemail", "conversation"]


async def test_a_contact_about_two_creditors_accounts_tells_each_of_its_own(noted: Pool) -> None:
    await add_account(noted, "B7", creditor="other", due=date(2026, 11, 1))
    await Stream(noted).note_for(["bank", "other"])
    await reserve(noted, covers=("bank/A1", "other/B7"))
    await dispatch(noted)
    await state(noted, "accepted")
    found = await everything(noted)
    assert {(one.creditor, one.account) for one in found} == {("bank", "A1"), ("other", "B7")}
    assert "B7" not in next(one for one in found if one.creditor == "bank").model_dump_json()


async def test_nothing_is_noted_of_a_creditor_whose_events_nobody_wants(noted: Pool) -> None:
    await add_account(noted, "B7", creditor="other", due=date(2026, 11, 1))
    await promise(noted, "p1", "B7", "other")
    assert await told(noted) == []
    await Stream(noted).note_for(["*"])
    await promise(noted, "p2", "B7", "other")
    assert await told(noted) == ["promise.made"]


STATES: list[tuple[str, dict[str, Any], list[tuple[str, dict[str, Any]]], list[str]]] = [
    (
        "promises",
        {"promise_id": "p", "amount": Decimal(5), "due_on": AT.date(), "made_at": AT},
        [("open", {}), ("kept", {"settled_at": AT})],
        ["promise.made", "promise.kept"],
    ),
    (
        "promises",
        {"promise_id": "p", "amount": Decimal(5), "due_on": AT.date(), "made_at": AT},
        [("open", {}), ("broken", {"settled_at": AT})],
        ["promise.made", "promise.broken"],
    ),
    (
        "payment_plans",
        {
            "plan_id": "p",
            "instalments": [{"due_on": "2026-12-01", "amount": "5.00"}],
            "grace_days": 1,
            "broken_after": 1,
            "agreed_at": AT,
        },
        [("active", {}), ("broken", {"ended_at": AT})],
        ["plan.agreed", "plan.broken"],
    ),
    (
        "settlement_offers",
        {
            "offer_id": "s",
            "balance": Decimal(10),
            "amount": Decimal(8),
            "authorized": Decimal(50),
            "offered_at": AT,
            "offered_by": "ana",
            "offered_as": "agent",
            "expires_on": AT.date(),
            "pay_within_days": 3,
            "grace_days": 1,
        },
        [
            ("offered", {}),
            ("accepted", {"accepted_at": AT, "accepted_how": "call", "due_on": AT.date()}),
            ("paid", {"ended_at": AT}),
        ],
        ["settlement.offered", "settlement.accepted", "settlement.paid"],
    ),
    (
        "disputes",
        {
            "dispute_id": "d",
            "reason": "amount",
            "note": "Ana says so",
            "documents": [],
            "opened_at": AT,
            "answer_due": AT.date(),
            "asked": False,
        },
        [
            ("open", {}),
            ("resolved_for", {"resolved_at": AT}),
            ("corrected", {"corrected_at": AT}),
        ],
        ["dispute.opened", "dispute.resolved", "dispute.corrected"],
    ),
    (
        "hardships",
        {
            "hardship_id": "h",
            "reason": "illness",
            "began_at": AT,
            "review_date": AT.date(),
            "review_asked": False,
            "person_asked": False,
        },
        [("active", {}), ("ended", {"ended_at": AT})],
        ["hardship.began", "hardship.ended"],
    ),
]


@pytest.mark.parametrize(("table", "row", "moves", "kinds"), STATES)
async def test_each_state_of_what_is_an_accounts_is_told(
    noted: Pool,
    table: str,
    row: dict[str, Any],
    moves: list[tuple[str, dict[str, Any]]],
    kinds: list[str],
) -> None:
    (begun, _), *rest = moves
    whole = {"creditor": "bank", "account_id": "A1", "state": begun, **row}
    places = ", ".join(f"${number}" for number in range(1, len(whole) + 1))
    await noted.execute(
        f"INSERT INTO {table} ({', '.join(whole)}) VALUES ({places})", *whole.values()
    )
    for to, more in rest:
        sets = "".join(f", {name} = ${place}" for place, name in enumerate(more, 2))
        await noted.execute(f"UPDATE {table} SET state = $1{sets}", to, *more.values())
    found = await everything(noted)
    assert [one.type for one in found] == kinds
    assert all(one.time == AT for one in found)
    assert not any(word in one.model_dump_json() for one in found for word in ("Ana", "illness"))


async def test_phases_and_ends_of_an_account_are_told(noted: Pool) -> None:
    for sets in (
        "phase = 'early', plans = 1, planned_at = now()",
        "phase = 'early', plans = 2",
        "phase = 'late', plans = 3",
        "status = 'closed', close_reason = 'cured', closed_at = now(), balance = 0",
        "status = 'open', close_reason = NULL",
        "status = 'closed', close_reason = 'handed_off', closed_at = now()",
    ):
        await noted.execute(f"UPDATE accounts SET {sets}")
    found = await everything(noted)
    assert [one.type for one in found] == [
        *("account.phase_changed", "account.phase_changed"),
        *("account.cured", "account.reopened", "account.handed_off"),
    ]
    assert [one.data["before"] for one in found[:2]] == [None, "early"]


async def test_an_account_that_was_closed_no_one_knows_when_is_reopened_all_the_same(
    noted: Pool,
) -> None:
    await noted.execute("UPDATE accounts SET status = 'closed', close_reason = 'recalled'")
    await noted.execute("UPDATE accounts SET status = 'open', close_reason = NULL")
    assert await told(noted) == ["account.closed", "account.reopened"]


async def test_what_is_an_accounts_is_told_under_its_number_of_today_and_its_end_under_its_own(
    noted: Pool,
) -> None:
    await promise(noted, "p1")
    await noted.execute(
        "UPDATE accounts SET status = 'closed', close_reason = 'recalled', closed_at = now()"
    )
    await add_account(noted, "A9", due=date(2026, 11, 1))
    await noted.execute("UPDATE accounts SET formerly = '{A1}' WHERE account_id = 'A9'")
    found = [(one.type, one.account) for one in await everything(noted)]
    assert found == [("promise.made", "A9"), ("account.closed", "A1")]


async def test_a_stop_is_told_of_everybody_who_has_the_address(noted: Pool) -> None:
    await add_customer(noted, "C2", points=(("sms", "mobile", "+573001234567"),))
    await add_account(noted, "A2", "C2", due=date(2026, 11, 1))
    await noted.execute("DELETE FROM event_outbox")
    await noted.execute(
        "INSERT INTO law_events (event_id, customer_id, kind, at, channel, detail, address_key) "
        "SELECT 'stop', NULL, 'opt_out', $1, 'sms', '{}', address_key FROM contact_points "
        "WHERE channel = 'sms' LIMIT 1",
        AT,
    )
    found = await everything(noted)
    assert {(one.type, one.account, one.customer) for one in found} == {
        ("customer.stopped", "A1", "C1"),
        ("customer.stopped", "A2", "C2"),
    }


async def test_a_reply_is_told_without_its_words(noted: Pool) -> None:
    for number, intent in enumerate(("other", "automatic")):
        await noted.execute(
            "INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, "
            "intent, at) VALUES ('twilio', $1, 'sms', 'C1', '+573001234567', 'soy Ana', $2, $3)",
            f"SM{number}",
            intent,
            AT,
        )
    [event] = await everything(noted)
    assert event.data == {"channel": "sms", "provider": "twilio", "message": "SM0"}


async def test_work_and_what_people_do_is_told_without_who_they_are(noted: Pool) -> None:
    await noted.execute(
        "INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages, "
        "lacking) VALUES ('C1', 'dispute', 2, $1, $1, '{}', false)",
        AT,
    )
    await noted.execute(
        "UPDATE work_items SET outcome = 'handled', done_by = 'luz', done_at = $1, note = 'x'", AT
    )
    await noted.execute(
        "INSERT INTO manual_contacts (contact_id, customer_id, creditor, account_id, covers, "
        "action, channel, direction, began_at, state, result, outcome, ended_at, by_whom, "
        "recorded_at) VALUES ('m1', 'C1', 'bank', 'A1', '{bank/A1}', 'call', 'voice', 'outbound', "
        "$1, 'ended', 'talked', 'conversation', $1, 'luz', $1)",
        AT,
    )
    found = await everything(noted)
    assert [one.type for one in found] == ["work.opened", "work.done", "contact.by_person"]
    assert "luz" not in "".join(one.model_dump_json() for one in found)


async def test_what_is_rolled_back_has_not_happened(noted: Pool) -> None:
    async with noted.acquire() as connection:
        begun = connection.transaction()
        await begun.start()
        await connection.execute(
            "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at, "
            "state) VALUES ('bank', 'A1', 'p', 5, '2026-12-01', now(), 'open')"
        )
        await begun.rollback()
    assert await told(noted) == []


async def test_who_reads_by_position_misses_nothing_that_ends_late(noted: Pool) -> None:
    """The first to write is the last to commit: its event comes after, and not before."""
    stream = Stream(noted)
    await add_customer(noted, "C2", points=())
    await add_account(noted, "A2", "C2", due=date(2026, 11, 1))
    async with noted.acquire() as slow:
        begun = slow.transaction()
        await begun.start()
        await slow.execute(
            "INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at, "
            "state) VALUES ('bank', 'A1', 'slow', 5, '2026-12-01', now(), 'open')"
        )
        await promise(noted, "quick", "A2")
        await stream.number([])
        [quick] = await stream.read(0, 10)
        await begun.commit()
    await stream.number([])
    [slow_one] = await stream.read(quick.position, 10)
    assert slow_one.event.data["promise"] == "slow"


async def test_the_same_happening_has_the_same_id_and_is_told_once(noted: Pool) -> None:
    await promise(noted, "p1")
    [first] = await everything(noted)
    await noted.execute("DELETE FROM promises")
    await promise(noted, "p1")
    assert [one.id for one in await everything(noted)] == [first.id]
