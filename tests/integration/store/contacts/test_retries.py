"""An activity may run again at any point: the sandbox's own record counts what was accepted."""

import asyncio
from datetime import datetime, timedelta

import pytest

from domain.channels import Channel
from domain.names import attempt_id
from domain.planning.step import StepKind
from store.database import Pool
from tests.support.activities import Actor, accepted, fault
from tests.support.rows import attempts

ATTEMPT = attempt_id("bank", "A1", 1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


async def states(pool: Pool) -> list[str]:
    return [row["state"] for row in await attempts(pool)]


async def until(pool: Pool, state: str) -> None:
    for _ in range(500):
        if await states(pool) == [state]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"never {state}: {await states(pool)}")


async def test_a_contact_that_ran_twice_is_made_once(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await actor.planned(now)
    first = await actor.contact(step)
    second = await actor.contact(step, step.not_before + SECOND)
    assert (await states(pool), len(await accepted(sandbox_url))) == (["accepted"], 1)
    assert (second.number, second.kind) == (first.number, first.kind) == (2, StepKind.CONTACT)


async def test_two_executions_at_the_same_time_make_one_contact(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await actor.planned(now)
    await asyncio.gather(*(actor.contact(step) for _ in range(5)), return_exceptions=True)
    assert len(await accepted(sandbox_url)) <= 1
    again = await actor.planned(step.not_before + SECOND)
    if again.kind is StepKind.CONTACT and again.not_before <= step.not_before + SECOND:
        await actor.contact(again)
    assert len(await accepted(sandbox_url)) <= 1


async def test_an_execution_that_died_before_reserving_left_nothing(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await actor.planned(now)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT FROM customers FOR UPDATE")
        dying = asyncio.create_task(actor.contact(step))
        await asyncio.sleep(0.2)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await transaction.rollback()
    assert await attempts(pool) == []
    await actor.contact(step, step.not_before + SECOND)
    assert len(await accepted(sandbox_url)) == 1


async def test_an_execution_that_died_after_reserving_is_released_and_planned_anew(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await actor.planned(now)
    await actor.reserve(step)
    later = step.not_before + SECOND
    again = await actor.contact(step, later)
    assert await states(pool) == ["released"]
    assert (again.kind, again.number, again.touch) == (StepKind.CONTACT, 2, step.touch)
    assert again.not_before <= later
    await actor.contact(again, later)
    assert await states(pool) == ["released", "accepted"]
    assert len(await accepted(sandbox_url)) == 1


async def test_an_execution_that_slept_after_reserving_cannot_send_when_it_wakes(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await actor.planned(now)
    sleeper = await actor.reserve(step)
    reserving = actor.runs
    again = await actor.contact(step, step.not_before + SECOND)
    await actor.contact(again, step.not_before + SECOND)
    actor.runs = reserving
    await actor.send(sleeper, step.not_before + 2 * SECOND)
    assert await states(pool) == ["released", "accepted"]
    assert len(await accepted(sandbox_url)) == 1


async def test_an_execution_that_died_after_dispatching_is_in_doubt_and_never_sent_again(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await actor.planned(now)
    await actor.reserve(step)
    execution = (await attempts(pool))[0]["execution"]
    await actor.dependencies.ledger.dispatch(ATTEMPT, execution, step.not_before, "digest")
    again = await actor.contact(step, step.not_before + SECOND)
    assert await states(pool) == ["unknown"]
    assert (again.kind, again.attempt_id) == (StepKind.RECONCILE, ATTEMPT)
    asked = 0
    while again.kind is StepKind.RECONCILE:
        asked += 1
        again = await actor.reconcile(ATTEMPT, again.not_before)
    assert asked == len(actor.dependencies.settings.reconcile_after)
    assert (again.kind, again.touch) == (StepKind.CONTACT, 2)
    assert again.not_before >= step.not_before + 4 * DAY
    assert await states(pool) == ["unknown"]
    assert await accepted(sandbox_url) == []


async def test_an_execution_that_is_told_to_stop_while_sending_still_settles(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    await fault(sandbox_url, "slow:0.5")
    step = await actor.planned(now)
    stopped = asyncio.create_task(actor.contact(step))
    await until(pool, "dispatching")
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    await until(pool, "accepted")
    await actor.contact(step, step.not_before + 2 * SECOND)
    assert await states(pool) == ["accepted"]
    assert len(await accepted(sandbox_url)) == 1


# --- the answer is lost ---------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize(
    "what", ["hang_after", "reset_after", "5xx_after", "cut_after", "truncate_after"]
)
async def test_a_lost_answer_is_asked_about_and_never_sent_again(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime, what: str, channel: str
) -> None:
    await pool.execute("UPDATE customers SET preferred_channel = $1", channel)
    await fault(sandbox_url, what, op="send")
    step = await actor.planned(now)
    assert step.channel == channel
    again = await actor.contact(step)
    took_it = len(await accepted(sandbox_url))
    assert took_it == 1, "the sandbox accepted before the answer was lost"
    row = (await attempts(pool))[0]
    if row["state"] == "unknown":
        assert (again.kind, again.attempt_id) == (StepKind.RECONCILE, ATTEMPT)
        again = await actor.contact(step, step.not_before + SECOND)
        assert again.kind is StepKind.RECONCILE
        # The provider's own list has it (the sandbox stamps it with the wall's time).
        async with pool.acquire() as connection:
            early = "UPDATE attempts SET dispatched_at = now() - interval '1 minute'"
            await connection.execute(early)
        await actor.reconcile(ATTEMPT, again.not_before)
    assert await states(pool) == ["accepted"]
    assert len(await accepted(sandbox_url)) == 1


async def test_while_the_lists_cannot_be_read_it_is_asked_beyond_the_last_time(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    """A provider down for days, with its lists: they know, and tell when they are back."""
    await fault(sandbox_url, "5xx_after", op="send")
    step = await actor.planned(now)
    await actor.contact(step)
    waits = [SECOND * wait for wait in actor.dependencies.settings.reconcile_after]
    async with pool.acquire() as connection:
        early = "UPDATE attempts SET dispatched_at = now() - interval '1 minute', state = 'unknown'"
        await connection.execute(early)
        since = await connection.fetchval("SELECT dispatched_at FROM attempts")
    await fault(sandbox_url, "5xx_before", times=len(waits) + 1, op="list")
    at, asked = since + waits[0], []
    while (await states(pool))[0] == "unknown":
        await actor.reconcile(ATTEMPT, at)
        asked.append(SECOND * round((at - since) / SECOND))
        at = await pool.fetchval("SELECT reconcile_at FROM attempts")
    assert asked[: len(waits)] == waits
    assert asked[len(waits) :] == [2 * waits[-1], 3 * waits[-1]]
    assert await states(pool) == ["accepted"]


async def test_lists_that_never_tell_are_given_up(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    await fault(sandbox_url, "5xx_after", op="send")
    await fault(sandbox_url, "5xx_before", times=50, op="list")
    step = await actor.planned(now)
    again = await actor.contact(step)
    last = again.not_before
    await pool.execute("UPDATE attempts SET state = 'unknown', reconcile_at = $1", last)
    while (at := await pool.fetchval("SELECT reconcile_at FROM attempts")) is not None:
        last = at
        await actor.reconcile(ATTEMPT, at)
    assert await states(pool) == ["unknown"]
    assert 6 * DAY < last - step.not_before <= 7 * DAY + SECOND


@pytest.mark.parametrize("what", ["hang_before", "reset_before", "5xx_before"])
async def test_a_request_of_which_nobody_knows_counts_as_a_contact(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime, what: str
) -> None:
    await fault(sandbox_url, what, op="send")
    step = await actor.planned(now)
    again = await actor.contact(step)
    while again.kind is StepKind.RECONCILE:
        again = await actor.reconcile(ATTEMPT, again.not_before)
    assert await states(pool) == ["unknown"]
    assert again.not_before >= step.not_before + 4 * DAY
    assert await accepted(sandbox_url) == []


# --- certain refusals -----------------------------------------------------------------------------


async def test_a_certain_refusal_fails_over_at_once_and_reaches_the_person_once(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    await fault(sandbox_url, "refuse:21211", channel="sms")
    step = await actor.planned(now)
    again = await actor.contact(step)
    assert (again.why, again.channel, again.touch) == ("failover", Channel.EMAIL, step.touch)
    await actor.contact(again, max(again.not_before, step.not_before + SECOND))
    assert await states(pool) == ["refused", "accepted"]
    assert [message["channel"] for message in await accepted(sandbox_url)] == ["email"]
    suppressed = await pool.fetch("SELECT channel FROM contact_points WHERE suppressed <> ''")
    assert [row["channel"] for row in suppressed] == ["sms"]


async def test_too_many_requests_waits_for_the_same_channel(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    await fault(sandbox_url, "429", channel="sms")
    step = await actor.planned(now)
    again = await actor.contact(step)
    assert (again.channel, again.touch, again.number) == (Channel.SMS, step.touch, 2)
    assert again.not_before >= step.not_before + timedelta(minutes=10)
    await actor.contact(again)
    assert await states(pool) == ["refused", "accepted"]


async def test_a_plan_that_comes_too_late_is_planned_again_not_forced_through(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await actor.planned(now)
    assert step.not_after is not None
    again = await actor.contact(step, step.not_after)
    assert await attempts(pool) == []
    assert await accepted(sandbox_url) == []
    assert again.not_before > step.not_after


async def test_a_send_that_cannot_be_over_in_time_does_not_leave(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    step = await actor.planned(now)
    ready = await actor.reserve(step)
    assert step.not_after is not None
    await actor.send(ready, step.not_after - 5 * SECOND)
    assert await states(pool) == ["refused"]
    assert await accepted(sandbox_url) == []
