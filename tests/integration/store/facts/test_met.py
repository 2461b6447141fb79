"""A plan or a promise on record does what the customer asked for, and nothing they wrote since."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from config.reader import load_reader
from domain.calendar import local_date
from domain.channels import Channel
from domain.conversation.keywords import Intent
from domain.conversation.work_words import WorkReason
from store.conversation.work import WorkItem, WorkItems, open_items
from store.database import Pool
from store.provider_events import ProviderEvents
from tests.support.activities import Actor
from tests.support.rows import add_account

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MOBILE = "+573001234567"
IN_PARTS = "puedo pagar en cuotas?"
I_PAY = "pago 50000 el viernes o el sabado"


def plan(now: datetime, identity: str = "plan-1", amount: str = "50000.00") -> dict[str, Any]:
    today = local_date(now, ("America/Bogota",))
    parts = [{"date": str(today + one * DAY), "amount": amount} for one in (10, 20)]
    return {"kind": "agree_plan", "id": identity, "instalments": parts}


def promise(now: datetime) -> dict[str, Any]:
    day = str(local_date(now, ("America/Bogota",)) + 3 * DAY)
    return {"kind": "record_promise", "id": "p-1", "amount": "50000.00", "date": day}


async def writes(pool: Pool, at: datetime, text: str) -> None:
    said = ("twilio", f"SM{at:%d%H%M%S}", Channel.SMS, MOBILE, text, Intent.OTHER, at)
    await ProviderEvents(pool, load_reader()).inbound(*said)


async def items(pool: Pool, reason: WorkReason = WorkReason.PLAN_REQUEST) -> list[WorkItem]:
    found = await WorkItems(pool).listed(None, reason, 9, done=True)
    return sorted(found, key=lambda one: one.work_id)


async def test_a_plan_on_record_does_what_asks_for_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await writes(pool, now - MINUTE, IN_PARTS)
    await writes(pool, now - MINUTE / 2, "no reconozco esa deuda")
    await actor.record(now, plan(now))
    [item] = await items(pool)
    assert (item.outcome, item.done_by, item.done_at is not None) == ("agreed", "contrapunto", True)
    [other] = await items(pool, WorkReason.DISPUTE)
    assert other.done_at is None


async def test_a_promise_on_record_does_what_offers_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await writes(pool, now - MINUTE, I_PAY)
    await writes(pool, now - MINUTE / 2, IN_PARTS)
    await actor.record(now, promise(now))
    [item] = await items(pool, WorkReason.PROMISE)
    assert (item.outcome, item.done_by) == ("promised", "contrapunto")
    [other] = await items(pool)
    assert other.done_at is None


async def test_whoever_has_claimed_it_holds_it_no_more(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await writes(pool, now - MINUTE, IN_PARTS)
    [item] = await items(pool)
    await WorkItems(pool).claim(item.work_id, "ana", now, DAY)
    await actor.record(now, plan(now))
    [item] = await items(pool)
    assert (item.outcome, item.claimed_by) == ("agreed", None)


async def test_what_was_written_after_the_plan_was_asked_for_waits(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    """However late it is recorded: whoever agreed it had not read that."""
    await writes(pool, now - 5 * MINUTE, IN_PARTS)
    await writes(pool, now - MINUTE, f"{IN_PARTS} mejor en seis, cada quincena")
    await actor.record(now, plan(now), asked_at=now - 3 * MINUTE)
    [item] = await items(pool)
    assert item.done_at is None
    assert len(item.messages) == 2


async def test_what_a_person_was_told_after_it_was_asked_for_waits(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await writes(pool, now - 5 * MINUTE, IN_PARTS)
    row = await pool.fetchrow("SELECT customer_id FROM accounts LIMIT 1")
    assert row is not None
    async with pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO manual_contacts (contact_id, customer_id, creditor, account_id, covers, "
            "action, channel, direction, began_at, state, result, outcome, ended_at, by_whom, "
            "recorded_at) VALUES ('c1', $1, 'bank', 'A1', '{bank/A1}', 'call', 'voice', "
            "'outbound', $2, 'ended', 'plan_request', 'conversation', $2, 'ana', $2)",
            *(row["customer_id"], now - MINUTE),
        )
        about = ({row["customer_id"]: None}, (WorkReason.PLAN_REQUEST,), "contact/c1")
        await open_items(connection, *about, now - MINUTE)
    await actor.record(now, plan(now), asked_at=now - 3 * MINUTE)
    [item] = await items(pool)
    assert (item.done_at, len(item.messages)) == (None, 2)


async def test_what_is_written_later_waits_and_no_repeated_or_cancelled_plan_does_it(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await writes(pool, now - MINUTE, IN_PARTS)
    await actor.record(now, plan(now))
    await writes(pool, now + MINUTE, IN_PARTS)
    await actor.record(now + 2 * MINUTE, plan(now))
    cancel = {"kind": "cancel_plan", "id": "c-1"}
    await actor.record(now + 3 * MINUTE, cancel)
    first, second = await items(pool)
    assert (first.outcome, second.done_at) == ("agreed", None)
    refused = plan(now, "plan-2", amount="9999999.00")
    answer = await actor.record(now + 4 * MINUTE, refused)
    assert answer.answers[0].refused is not None
    _, second = await items(pool)
    assert second.done_at is None
    await actor.record(now + 5 * MINUTE, plan(now, "plan-3"))
    _, second = await items(pool)
    assert second.outcome == "agreed"


async def test_where_they_may_have_written_of_another_account_a_person_looks(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await add_account(pool, "A2", due=now.date() - 10 * DAY)
    await writes(pool, now - MINUTE, IN_PARTS)
    await actor.record(now, plan(now))
    [item] = await items(pool)
    assert item.done_at is None
    await pool.execute(
        "UPDATE accounts SET status = 'closed', close_reason = 'cured', "
        "closed_at = $1 WHERE account_id = 'A2'",
        now,
    )
    await actor.record(now + MINUTE, plan(now, "plan-2"))
    [item] = await items(pool)
    assert item.outcome == "agreed"


@pytest.mark.parametrize("agrees", [plan, promise])
async def test_what_nobody_asked_for_does_nothing(
    actor: Actor, pool: Pool, now: datetime, agrees: Any
) -> None:
    answer = await actor.record(now, agrees(now))
    assert answer.answers[0].refused is None
    assert await WorkItems(pool).listed(None, None, 9, done=True) == []
