"""Hardships and vulnerable customers in PostgreSQL: a person first, then softly, a review once."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.calendar import local_date
from domain.conversation.work_words import WorkOutcome
from domain.planning.step import Status, Step, StepKind
from store.cases import persons_only
from store.conversation.work import WorkItems
from store.database import Pool
from tests.support.activities import Actor, accepted
from tests.support.rows import attempts

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BOGOTA = ("America/Bogota",)


def begun(identity: str = "h-1", **more: Any) -> dict[str, Any]:
    return {"kind": "begin_hardship", "id": identity, "reason": "illness", **more}


async def open_work(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT reason FROM work_items WHERE done_at IS NULL ORDER BY work_id")
    return [row["reason"] for row in rows]


async def does_all(pool: Pool, at: datetime) -> None:
    items = WorkItems(pool)
    for item in await items.listed("C1", None, 9, done=False):
        async with pool.acquire() as connection, connection.transaction():
            await items.done(connection, item.work_id, "ana", WorkOutcome.HANDLED, None, at)


async def vulnerable(pool: Pool, at: datetime) -> None:
    async with pool.acquire() as connection, connection.transaction():
        assert await persons_only.set_so(connection, "C1", at, "ana")


def shown(step: Step) -> tuple[str, Status]:
    return step.why, step.view.status


async def test_a_person_speaks_first_and_then_it_is_collected_softly(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    first = await actor.record(now, begun())
    assert shown(first.step) == ("person_first", Status.RESTING)
    assert await open_work(pool) == ["person_first"]
    row = await pool.fetchrow("SELECT messages, priority FROM work_items")
    assert row is not None and tuple(row) == (["hardship/bank/A1/h-1"], 3)
    work_id = await pool.fetchval("SELECT work_id FROM work_items")
    assert f"(work {work_id})" in first.step.summary
    await does_all(pool, now + SECOND)
    step = await actor.planned(now + DAY)
    assert (step.kind, step.view.status) == (StepKind.CONTACT, Status.HARDSHIP)
    assert await open_work(pool) == []


async def test_a_review_is_asked_for_once_and_extended_or_ended_by_a_person(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    day = local_date(now, BOGOTA) + 2 * DAY
    await actor.record(now, begun(review_date=str(day)))
    await does_all(pool, now + SECOND)
    assert (await actor.planned(now + 2 * SECOND)).not_before <= now + 2 * DAY
    await actor.planned(now + 3 * DAY)
    assert await open_work(pool) == ["hardship_review"]
    await does_all(pool, now + 3 * DAY)
    await actor.planned(now + 4 * DAY)
    assert await open_work(pool) == []
    later = {"kind": "extend_hardship", "id": "x-1", "review_date": str(day + 7 * DAY)}
    assert (await actor.record(now + 4 * DAY, later)).answers[0].refused is None
    await actor.planned(now + 12 * DAY)
    assert await open_work(pool) == ["hardship_review"]
    ended = await actor.record(now + 12 * DAY, {"kind": "end_hardship", "id": "e-1"})
    assert ended.step.view.status is Status.COLLECTING
    assert await pool.fetchval("SELECT state FROM hardships") == "ended"


async def test_the_reserved_touch_of_an_account_in_hardship_is_not_sent(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    touch = await actor.planned(now)
    ready = await actor.reserve(touch)
    await actor.record(touch.not_before + SECOND, begun())
    actor.runs -= 1
    await actor.send(ready, touch.not_before + 2 * SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    assert await accepted(sandbox_url) == []


async def test_postgresql_holds_one_that_is_active_and_its_states(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, begun())
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute(
            "INSERT INTO hardships (creditor, account_id, hardship_id, reason, began_at, "
            "review_date) SELECT creditor, account_id, 'h-2', reason, began_at, review_date "
            "FROM hardships"
        )
    await pool.execute("UPDATE hardships SET state = 'ended', ended_at = $1", now)
    with pytest.raises(asyncpg.CheckViolationError, match="a hardship cannot go from ended"):
        await pool.execute("UPDATE hardships SET state = 'active', ended_at = NULL")


# --- vulnerable customers -------------------------------------------------------------------------


async def test_a_person_is_asked_in_the_place_of_a_touch_and_again_after_its_distance(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    touch = await actor.planned(now)
    await vulnerable(pool, now)
    step = await actor.planned(now + SECOND)
    assert step.kind is StepKind.WAIT
    due = await actor.planned(touch.not_before)
    assert due.kind is StepKind.WAIT
    assert await open_work(pool) == ["person_first"]
    await does_all(pool, touch.not_before)
    after = await actor.planned(touch.not_before + SECOND)
    assert (after.kind, await open_work(pool)) == (StepKind.WAIT, [])
    assert after.not_before > touch.not_before + 3 * DAY
    again = await actor.planned(after.not_before)  # the day, and then its hour
    await actor.planned(again.not_before)
    assert await open_work(pool) == ["person_first"]
    assert await attempts(pool) == []


async def test_a_reserved_touch_is_not_sent_to_who_is_vulnerable(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    touch = await actor.planned(now)
    ready = await actor.reserve(touch)
    await vulnerable(pool, touch.not_before)
    actor.runs -= 1
    await actor.send(ready, touch.not_before + 2 * SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    assert await accepted(sandbox_url) == []


async def test_who_is_vulnerable_no_more_is_contacted_again(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await vulnerable(pool, now)
    async with pool.acquire() as connection, connection.transaction():
        assert not await persons_only.set_so(connection, "C1", now + SECOND, "eva")
        assert await persons_only.end(connection, "C1", now + SECOND, "eva")
        assert not await persons_only.end(connection, "C1", now + SECOND, "eva")
    assert (await actor.planned(now + 2 * SECOND)).kind is StepKind.CONTACT
    row = await pool.fetchrow("SELECT told_by, ended_by FROM persons_only")
    assert row is not None and tuple(row) == ("ana", "eva")


async def test_what_waits_for_a_person_reads_the_same_for_all(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    """What goes to Temporal of a vulnerable customer goes of others, too."""
    waits = (await actor.record(now, begun())).step
    await vulnerable(pool, now)
    told = await actor.planned(now)
    assert told.model_dump(exclude={"plans"}) == waits.model_dump(exclude={"plans"})
