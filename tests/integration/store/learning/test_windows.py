"""The decision windows of a real ledger: one reward each, of the last contact before it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.channels import Channel
from domain.learning.windows import LASTS, Window
from store.database import Pool
from store.learning.windows import read_windows
from tests.support.rows import add_account, add_customer

SINCE = datetime(2026, 3, 2, 15, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
CHOSEN = {"context": {"phase": "early"}, "channels": {"sms": 0.6, "email": 0.4}}


@pytest.fixture
async def ledger(pool: Pool) -> Pool:
    await add_customer(pool)
    await add_account(pool, due=SINCE.date() - timedelta(days=10))
    return pool


async def touched(pool: Pool, step: int, at: datetime, **fields: Any) -> None:
    told = {
        "attempt_id": f"a{step}",
        "creditor": "bank",
        "account_id": "A1",
        "customer_id": "C1",
        "covers": ["bank/A1"],
        "step": step,
        "touch": step,
        "phase": "early",
        "purpose": "reminder",
        "channel": "sms",
        "provider": "twilio",
        "contact_point_id": await pool.fetchval("SELECT min(contact_point_id) FROM contact_points"),
        "state": "reserved",
        "jurisdictions": ["CO"],
        "zones": ["America/Bogota"],
        "not_before": at,
        "not_after": at,
        "facts_seen": 1,
        "reserved_at": at,
        "dispatched_at": at,
        **fields,
    }
    state = told.pop("ends", "delivered")
    places = ", ".join(f"${n}" for n in range(1, len(told) + 1))
    await pool.execute(
        f"INSERT INTO attempts ({', '.join(told)}) VALUES ({places})", *told.values()
    )
    path = {"delivered": ("dispatching", "accepted", "delivered"), "reserved": ()}
    for one in path.get(state, ("dispatching", state) if state != "released" else (state,)):
        await pool.execute("UPDATE attempts SET state = $2 WHERE attempt_id = $1", f"a{step}", one)


async def paid(pool: Pool, at: datetime, name: str = "p1") -> None:
    await pool.execute(
        "INSERT INTO payments (payment_id, creditor, account_id, amount, paid_at) "
        "VALUES ($1, 'bank', 'A1', 5, $2)",
        name,
        at,
    )


async def wrote(pool: Pool, at: datetime, intent: str) -> None:
    await pool.execute(
        "INSERT INTO inbound (provider, inbound_id, channel, customer_id, address, text, intent, "
        "at) VALUES ('twilio', $1, 'sms', 'C1', '+57', 'x', $2, $3)",
        f"i{at.timestamp()}",
        intent,
        at,
    )


async def windows(pool: Pool, until: datetime = NOW, **more: Any) -> list[Window]:
    return [one async for one in read_windows(pool, SINCE, until, NOW, **more)]


async def rewards(pool: Pool) -> list[bool]:
    return [one.reward for one in await windows(pool)]


HOUR = timedelta(hours=1)


async def test_a_payment_in_the_window_is_the_reward_of_the_last_touch_before_it_alone(
    ledger: Pool,
) -> None:
    await touched(ledger, 1, SINCE)
    await touched(ledger, 2, SINCE + 24 * HOUR)
    await paid(ledger, SINCE + 30 * HOUR)
    assert await rewards(ledger) == [False, True]


async def test_two_payments_in_one_window_are_one_reward(ledger: Pool) -> None:
    await touched(ledger, 1, SINCE)
    await paid(ledger, SINCE + HOUR)
    await paid(ledger, SINCE + 2 * HOUR, "p2")
    assert await rewards(ledger) == [True]


@pytest.mark.parametrize(("hours", "reward"), [(-1, False), (1, True), (72, True), (73, False)])
async def test_the_window_is_72_hours_long(ledger: Pool, hours: int, *, reward: bool) -> None:
    await touched(ledger, 1, SINCE)
    await paid(ledger, SINCE + hours * HOUR)
    assert await rewards(ledger) == [reward]


@pytest.mark.parametrize(
    ("intent", "reward"),
    [
        ("unknown", True),
        ("opt_out", False),
        ("wrong_person", False),
        ("automatic", False),
        ("unproven", False),
    ],
)
async def test_a_real_reply_is_a_reward_and_a_stop_is_none(
    ledger: Pool, intent: str, *, reward: bool
) -> None:
    await touched(ledger, 1, SINCE)
    await wrote(ledger, SINCE + HOUR, intent)
    assert await rewards(ledger) == [reward]


async def test_a_conversation_on_the_telephone_is_an_answer(ledger: Pool) -> None:
    await touched(ledger, 1, SINCE, channel="voice", outcome="conversation")
    await touched(ledger, 2, SINCE + 100 * HOUR, channel="voice", outcome="no_answer")
    assert await rewards(ledger) == [True, False]


@pytest.mark.parametrize(("direction", "reward"), [("outbound", False), ("inbound", True)])
async def test_a_persons_contact_ends_a_window_and_a_call_of_theirs_is_an_answer(
    ledger: Pool, direction: str, *, reward: bool
) -> None:
    await touched(ledger, 1, SINCE)
    await ledger.execute(
        "INSERT INTO manual_contacts (contact_id, creditor, account_id, customer_id, covers, "
        "direction, action, channel, state, began_at, by_whom, recorded_at) VALUES ('m', 'bank', "
        "'A1', 'C1', '{bank/A1}', $2, 'call', 'voice', 'begun', $1, 'ana', $1)",
        SINCE + HOUR,
        direction,
    )
    await paid(ledger, SINCE + 2 * HOUR)
    assert await rewards(ledger) == [reward]


async def test_what_is_beside_the_cadence_is_no_touch_and_ends_the_window_before_it(
    ledger: Pool,
) -> None:
    await touched(ledger, 1, SINCE)
    await touched(ledger, 2, SINCE + HOUR, touch=0, purpose="payment_thanks")
    await paid(ledger, SINCE + 2 * HOUR)
    assert await rewards(ledger) == [False]


async def test_what_never_left_and_what_a_provider_did_not_take_is_none(ledger: Pool) -> None:
    await touched(ledger, 1, SINCE, ends="released")
    await touched(ledger, 2, SINCE + HOUR, ends="refused", refusal="rate")
    await touched(ledger, 3, SINCE + 2 * HOUR, ends="refused", refusal="recipient")
    assert [one.at for one in await windows(ledger)] == [SINCE + 2 * HOUR]


async def test_a_window_that_is_not_over_is_not_told(ledger: Pool) -> None:
    await touched(ledger, 1, NOW - LASTS)
    await touched(ledger, 2, NOW - LASTS + HOUR)
    assert [one.at for one in await windows(ledger)] == [NOW - LASTS]
    assert await windows(ledger, until=NOW - LASTS) == []


async def test_what_was_chosen_comes_with_it_and_the_balance_as_it_was(ledger: Pool) -> None:
    await touched(
        ledger, 1, SINCE, policy="p@1", probability=0.6, chosen_from=CHOSEN, channel="sms"
    )
    before = await ledger.fetchval("SELECT balance FROM accounts")
    await paid(ledger, SINCE + 200 * HOUR)
    [one] = await windows(ledger)
    assert (one.policy, one.probability, one.channel) == ("p@1", 0.6, Channel.SMS)
    assert one.chosen_from is not None
    assert one.chosen_from.channels == CHOSEN["channels"]
    assert one.was_a_choice
    assert one.balance == float(before) + 5
    assert (one.phase, one.country, one.currency) == ("early", "CO", "COP")


async def test_the_people_of_an_arm_can_be_left_out_and_the_segment_comes_with_it(
    ledger: Pool,
) -> None:
    await touched(ledger, 1, SINCE, arms=["spring:out"], segment="late")
    await touched(ledger, 2, SINCE + 100 * HOUR, arms=["spring:in"])
    told = await windows(ledger, without_arms=["spring:out"])
    assert [one.at for one in told] == [SINCE + 100 * HOUR]
    assert (await windows(ledger))[0].segment == "late"


async def test_reading_writes_nothing(ledger: Pool) -> None:
    await touched(ledger, 1, SINCE)
    before = await ledger.fetch("SELECT * FROM attempts")
    await windows(ledger)
    assert await ledger.fetch("SELECT * FROM attempts") == before
