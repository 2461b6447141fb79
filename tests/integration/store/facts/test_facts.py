"""Facts are written once, in whatever order and however often they arrive."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from activities.dependencies import Dependencies
from domain.account import CloseReason
from domain.calendar import local_date
from domain.planning.step import Status, StepKind
from store.database import Pool
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer

SECOND = timedelta(seconds=1)


async def account(pool: Pool, account_id: str = "A1") -> dict[str, Any]:
    row = await pool.fetchrow("SELECT * FROM accounts WHERE account_id = $1", account_id)
    assert row is not None
    return dict(row)


def payment(identity: str = "pay-1", amount: str = "50000.00", **more: Any) -> dict[str, Any]:
    return {"kind": "payment_received", "id": identity, "amount": amount, **more}


async def test_a_message_that_comes_twice_counts_once(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    first = await actor.record(now, payment())
    second = await actor.record(now + SECOND, payment(), payment())
    assert [answer.repeated for answer in (*first.answers, *second.answers)] == [False, True, True]
    assert (await account(pool))["balance"] == Decimal("100000.00")


async def test_one_message_in_many_executions_at_once_counts_once(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await asyncio.gather(*(actor.record(now, payment()) for _ in range(8)))
    assert (await account(pool))["balance"] == Decimal("100000.00")
    assert await pool.fetchval("SELECT count(*) FROM payments") == 1


async def test_a_refusal_is_remembered_with_its_words(actor: Actor, now: datetime) -> None:
    asked = {"kind": "hold", "id": "h1", "until": "2020-01-01T00:00:00Z", "reason": "late"}
    first = (await actor.record(now, asked)).answers[0]
    second = (await actor.record(now + SECOND, asked)).answers[0]
    assert first.refused is not None and first.refused.startswith("until: must lie in the future")
    assert (second.refused, second.repeated) == (first.refused, True)


async def test_a_payment_before_the_balance_was_taken_is_already_in_it(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    long_ago = (now - timedelta(days=1)).isoformat()
    await actor.record(now, payment(paid_at=long_ago))
    assert (await account(pool))["balance"] == Decimal("150000.00")


async def test_a_payment_from_the_future_is_taken_as_of_now(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, payment(paid_at="2999-01-01T00:00:00Z"))
    assert await pool.fetchval("SELECT paid_at FROM payments") <= now + timedelta(seconds=5)
    assert (await account(pool))["balance"] == Decimal("100000.00")


async def test_figures_older_than_a_payment_do_not_take_it_back(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    taken = now + timedelta(hours=1)
    await actor.record(now + timedelta(hours=2), payment())
    update = {"kind": "account_updated", "id": "u1", "balance": "150000.00"}
    await actor.record(now + timedelta(hours=3), {**update, "as_of": taken.isoformat()})
    assert (await account(pool))["balance"] == Decimal("100000.00")


async def test_figures_newer_than_a_payment_have_it_in_them(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now + timedelta(hours=1), payment())
    later = (now + timedelta(hours=2)).isoformat()
    update = {"kind": "account_updated", "id": "u1", "balance": "99000.00", "as_of": later}
    await actor.record(now + timedelta(hours=3), update)
    assert (await account(pool))["balance"] == Decimal("99000.00")


async def test_older_figures_do_not_replace_newer_ones(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    for identity, balance, hours in (("new", "90000.00", 2), ("old", "140000.00", 1)):
        as_of = (now + timedelta(hours=hours)).isoformat()
        update = {"kind": "account_updated", "id": identity, "balance": balance, "as_of": as_of}
        await actor.record(now + timedelta(hours=3), update)
    assert (await account(pool))["balance"] == Decimal("90000.00")


async def test_paying_everything_cures_and_new_arrears_open_the_account_again(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    cured = await actor.record(now, payment(amount="150000.00"))
    assert cured.step.close_reason is CloseReason.CURED
    row = await account(pool)
    assert (row["status"], row["close_reason"]) == ("closed", "cured")
    later = now + timedelta(days=3)
    due = str((await account(pool))["oldest_due_date"] + timedelta(days=1))
    update = {"kind": "account_updated", "id": "u1", "balance": "10000.00", "oldest_due_date": due}
    again = await actor.record(later, {**update, "as_of": later.isoformat()})
    assert again.step.kind is StepKind.CONTACT
    row = await account(pool)
    assert (row["status"], row["close_reason"], row["closed_at"]) == ("open", None, None)
    assert row["since"] >= later


def tomorrow(now: datetime) -> str:
    """The customer's: so near that no reminder of a promise comes before it."""
    return str(local_date(now, ["America/Bogota"]) + timedelta(days=1))


async def test_a_promise_is_kept_by_payments_made_after_it(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    promise = {"kind": "record_promise", "id": "p1", "amount": "50000.00", "date": tomorrow(now)}
    promised = await actor.record(now + SECOND, promise)
    assert promised.step.view.status is Status.PROMISED
    part = await actor.record(now + 2 * SECOND, payment("a", "20000.00"))
    assert part.step.view.status is Status.PROMISED
    rest = await actor.record(now + 3 * SECOND, payment("b", "30000.00"))
    assert rest.step.view.status is Status.COLLECTING
    assert await pool.fetchval("SELECT state FROM promises") == "kept"


async def test_a_promise_that_passes_is_broken_when_somebody_looks(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    promise = {"kind": "record_promise", "id": "p1", "amount": "50000.00", "date": tomorrow(now)}
    step = (await actor.record(now + SECOND, promise)).step
    after = (await actor.record(step.not_before)).step
    assert after.kind is StepKind.CONTACT
    assert after.purpose == "promise_broken"
    assert await pool.fetchval("SELECT state FROM promises") == "broken"


async def test_a_fact_of_an_unknown_account_is_kept_until_intake_brings_it(
    dependencies: Dependencies, pool: Pool, now: datetime
) -> None:
    stranger = Actor(dependencies, "A9")
    recorded = await stranger.record(now, payment(amount="5000.00"))
    assert recorded.answers[0].refused is None
    assert (recorded.step.kind, recorded.step.why) == (StepKind.WAIT, "incomplete")
    assert "the account is not known yet" in recorded.step.summary
    facts = {
        "creditor": "bank",
        "account_id": "A9",
        "customer_id": "C1",
        "currency": "COP",
        "balance": "8000.00",
        "oldest_due_date": str(now.date() - timedelta(days=5)),
    }
    before = (now - timedelta(hours=1)).isoformat()
    opened = {"kind": "account_opened", "id": "start:1", "facts": facts, "as_of": before}
    waiting = await stranger.record(now + SECOND, opened)
    assert "the customer is not known yet" in waiting.step.summary
    await add_customer(pool)
    planned = await stranger.planned(now + timedelta(seconds=5))
    assert planned.kind is StepKind.CONTACT
    assert planned.view.balance == Decimal("3000.00"), "the payment came after the figures"


async def test_each_accounts_messages_are_its_own(
    actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime
) -> None:
    await add_account(pool, "A2", due=now.date())
    await actor.record(now, payment())
    other = await Actor(dependencies, "A2").record(now + timedelta(minutes=1), payment())
    assert not other.answers[0].repeated
    assert (await account(pool, "A2"))["balance"] == Decimal("100000.00")


@pytest.mark.parametrize(
    "date", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", "1970-01-01T00:00:00Z"]
)
async def test_money_whose_date_cannot_be_true_counts_as_of_now(
    pool: Pool, actor: Actor, now: datetime, date: str
) -> None:
    before = await pool.fetchval("SELECT balance FROM accounts")
    answer = (await actor.record(now + SECOND, payment(paid_at=date))).answers[0]
    assert answer.refused is None
    assert answer.note == "paid_at: is no date of our years, so it counts as of now"
    assert await pool.fetchval("SELECT balance FROM accounts") < before
