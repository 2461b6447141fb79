"""Payment plans in PostgreSQL: agreed once, in the place of what came before, settled by time."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from domain.calendar import local_date
from domain.channels import Purpose
from domain.planning.step import Status, StepKind
from store.database import Pool
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, attempts

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def plan(now: datetime, *days: int, identity: str = "plan-1", amount: str = "50000.00") -> Any:
    today = local_date(now, ("America/Bogota",))
    parts = [{"date": str(today + one * DAY), "amount": amount} for one in days]
    return {"kind": "agree_plan", "id": identity, "instalments": parts}


def payment(identity: str, amount: str = "50000.00") -> dict[str, Any]:
    return {"kind": "payment_received", "id": identity, "amount": amount}


async def states(pool: Pool) -> dict[str, tuple[str, str | None]]:
    rows = await pool.fetch("SELECT plan_id, state, ended_why FROM payment_plans")
    return {row["plan_id"]: (row["state"], row["ended_why"]) for row in rows}


async def test_a_plan_silences_and_the_same_again_is_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    first = await actor.record(now, plan(now, 10, 20, 30))
    second = await actor.record(now + SECOND, plan(now, 10, 20, 30), plan(now, 10, 25))
    answers = [*first.answers, *second.answers]
    assert [one.repeated for one in answers] == [False, True, True]
    assert answers[2].note == (
        "this id is on record with another instalments: give each message an id of its own"
    )
    assert await states(pool) == {"plan-1": ("active", None)}
    # With a reminder of the first instalment ahead.
    assert (first.step.purpose, first.step.view.status) == (Purpose.PLAN_REMINDER, Status.ON_PLAN)


async def test_one_plan_in_many_executions_at_once_is_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await asyncio.gather(*(actor.record(now, plan(now, 10, 20)) for _ in range(6)))
    assert await states(pool) == {"plan-1": ("active", None)}


async def test_a_new_plan_takes_the_place_of_the_old_one_and_of_a_promise(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    due = str(local_date(now + 5 * DAY, ("America/Bogota",)))
    promise = {"kind": "record_promise", "id": "p1", "amount": "50000.00", "date": due}
    await actor.record(now, promise)
    first = await actor.record(now + SECOND, plan(now, 10, 20))
    assert first.answers[0].note == "it takes the place of the promise p1"
    second = await actor.record(now + 2 * SECOND, plan(now, 7, 14, 21, identity="plan-2"))
    assert second.answers[0].note == "it takes the place of the plan plan-1"
    assert await states(pool) == {
        "plan-1": ("cancelled", "replaced by plan-2"),
        "plan-2": ("active", None),
    }
    assert await pool.fetchval("SELECT state FROM promises") == "replaced"


async def test_what_is_refused_is_refused_in_words_and_changes_nothing(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    refused = (await actor.record(now, plan(now, 10, 20, amount="75000.01"))).answers[0]
    assert refused.refused is not None
    assert refused.refused.startswith("amount: all of them together must not be more than the bal")
    nothing = (await actor.record(now, {"kind": "cancel_plan", "id": "c"})).answers[0]
    assert nothing.refused == "plan: there is no active payment plan"
    assert await states(pool) == {}


async def test_a_plan_is_kept_once_all_of_it_is_paid_and_the_account_cured(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, plan(now, 10, 20, 30))
    half = await actor.record(now + DAY, payment("y1", "70000.00"))
    assert half.step.view.status is Status.ON_PLAN
    paid = await actor.record(now + 2 * DAY, payment("y2", "80000.00"))
    assert (paid.step.kind, paid.step.why) == (StepKind.CLOSE, "cured")
    assert await states(pool) == {"plan-1": ("kept", None)}


async def test_a_plan_that_is_missed_is_broken_and_the_account_goes_on(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, plan(now, 1, 8))
    assert (await actor.planned(now + 6 * DAY)).view.status is Status.ON_PLAN
    broken = await actor.planned(now + 13 * DAY)
    assert await states(pool) == {"plan-1": ("broken", None)}
    assert (broken.kind, broken.purpose) == (StepKind.CONTACT, Purpose.REMINDER)


async def test_a_plan_is_cancelled_by_its_id_alone_or_without_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, plan(now, 10, 20))
    cancel = {"kind": "cancel_plan", "id": "c1", "plan": "plan-0"}
    other = (await actor.record(now + SECOND, cancel)).answers[0]
    assert other.refused == "plan: plan-0 is not the active one, which is plan-1"
    done = await actor.record(now + 2 * SECOND, {**cancel, "plan": "plan-1", "reason": "lost job"})
    assert await states(pool) == {"plan-1": ("cancelled", "lost job")}
    assert (done.step.kind, done.step.purpose) == (StepKind.CONTACT, Purpose.REMINDER)


async def test_the_reminder_says_which_instalment_of_how_many(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    reminder = (await actor.record(now, plan(now, 10, 20))).step
    await actor.contact(reminder)
    [made] = await attempts(pool)
    assert (made["purpose"], made["touch"], made["state"]) == ("plan_reminder", 0, "accepted")
    [message] = await accepted(sandbox_url)
    assert "cuota 1 de 2, de $50.000, vence el" in message["text"].replace("\xa0", "").replace(
        "$ ", "$"
    )


async def test_a_plan_that_is_cancelled_stops_a_reminder_that_is_on_its_way(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    reminder = (await actor.record(now, plan(now, 10, 20))).step
    ready = await actor.reserve(reminder)
    await actor.record(reminder.not_before + SECOND, {"kind": "cancel_plan", "id": "c1"})
    actor.runs -= 1
    await actor.send(ready, reminder.not_before + 2 * SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    assert await accepted(sandbox_url) == []


async def test_another_account_does_not_speak_of_one_with_a_plan(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    due = local_date(now - 10 * DAY, ("America/Bogota",))
    await add_account(pool, "A2", due=due)
    other = Actor(actor.dependencies, "A2")
    assert (await other.planned(now)).covers == ("bank/A2", "bank/A1")
    await actor.record(now, plan(now, 10, 20))
    assert (await other.planned(now + SECOND)).covers == ("bank/A2",)


async def test_postgresql_holds_one_active_plan_and_its_states(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, plan(now, 10, 20))
    copy = (
        "INSERT INTO payment_plans (creditor, account_id, plan_id, instalments, grace_days, "
        "broken_after, agreed_at) SELECT creditor, account_id, 'plan-2', instalments, grace_days, "
        "broken_after, agreed_at FROM payment_plans"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute(copy)
    await pool.execute("UPDATE payment_plans SET state = 'kept', ended_at = $1", now)
    with pytest.raises(asyncpg.CheckViolationError, match="a plan cannot go from kept to active"):
        await pool.execute("UPDATE payment_plans SET state = 'active', ended_at = NULL")


async def test_a_row_of_the_ledger_names_the_amounts_to_the_cent(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, plan(now, 10, 20, amount="50000.5"))
    parts = await pool.fetchval("SELECT instalments FROM payment_plans")
    assert [Decimal(one["amount"]) for one in parts] == [Decimal("50000.50")] * 2
