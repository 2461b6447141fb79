"""Disputes in PostgreSQL: opened once, asked about once, and lifted where the law lets them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.calendar import local_date
from domain.planning.step import Status, StepKind
from store.database import Pool
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, attempts

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BOGOTA = ("America/Bogota",)


def opened(identity: str = "d-1", **more: Any) -> dict[str, Any]:
    return {"kind": "open_dispute", "id": identity, "reason": "amount", **more}


def resolved(outcome: str, identity: str = "r-1", **more: Any) -> dict[str, Any]:
    return {"kind": "resolve_dispute", "id": identity, "outcome": outcome, **more}


async def states(pool: Pool) -> dict[str, str]:
    rows = await pool.fetch("SELECT dispute_id, state FROM disputes")
    return {row["dispute_id"]: row["state"] for row in rows}


async def on_file(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT kind FROM law_events WHERE kind LIKE 'dispute%' ORDER BY at")
    return [row["kind"] for row in rows]


async def open_work(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT reason FROM work_items WHERE done_at IS NULL ORDER BY work_id")
    return [row["reason"] for row in rows]


async def test_a_dispute_silences_goes_on_file_and_the_same_again_is_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    told = opened(documents=["archive:17"], note="asks for the contract", in_writing=True)
    first = await actor.record(now, told)
    second = await actor.record(now + SECOND, told, opened(reason="fraud"))
    assert [one.repeated for one in (*first.answers, *second.answers)] == [False, True, True]
    assert await states(pool) == {"d-1": "open"}
    assert await on_file(pool) == ["dispute"]
    row = await pool.fetchrow("SELECT * FROM disputes")
    assert row is not None
    assert (row["documents"], row["note"]) == (["archive:17"], "asks for the contract")
    assert row["answer_due"] == local_date(now, BOGOTA) + 15 * DAY
    event = await pool.fetchrow("SELECT * FROM law_events WHERE kind = 'dispute'")
    assert event is not None
    assert (event["account"], event["detail"]["in_writing"]) == ("bank/A1", True)
    assert (first.step.kind, first.step.view.status) == (StepKind.WAIT, Status.DISPUTED)


async def test_one_dispute_in_many_executions_at_once_is_one(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await asyncio.gather(*(actor.record(now, opened()) for _ in range(6)))
    assert await states(pool) == {"d-1": "open"}
    assert await on_file(pool) == ["dispute"]


async def test_a_person_is_asked_when_its_day_is_over_and_once(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    day = local_date(now, BOGOTA) + 3 * DAY
    step = (await actor.record(now, opened(answer_due=str(day)))).step
    assert step.not_before == datetime.combine(day + DAY, datetime.min.time(), now.tzinfo) + (
        timedelta(hours=5)
    )
    assert await open_work(pool) == []
    late = await actor.planned(step.not_before)
    assert "answer was due" in late.summary
    assert await open_work(pool) == ["dispute_due"]
    row = await pool.fetchrow("SELECT * FROM work_items")
    assert row is not None
    assert (row["priority"], row["messages"]) == (2, ["dispute/bank/A1/d-1"])
    assert row["opened_at"] == step.not_before
    await pool.execute("UPDATE work_items SET outcome = 'handled', done_by = 'a', done_at = now()")
    await actor.planned(step.not_before + 5 * DAY)
    assert await open_work(pool) == []


@pytest.mark.parametrize(("outcome", "lift"), [("against", "verified"), ("withdrawn", "withdrawn")])
async def test_what_is_resolved_against_or_taken_back_lets_the_account_go_on(
    actor: Actor, pool: Pool, now: datetime, outcome: str, lift: str
) -> None:
    await actor.record(now, opened())
    done = await actor.record(now + DAY, resolved(outcome, reason="contract sent"))
    assert done.answers[0].refused is None
    assert (done.step.kind, done.step.view.status) == (StepKind.CONTACT, Status.COLLECTING)
    assert await on_file(pool) == ["dispute", f"dispute_{lift}"]
    [state] = (await states(pool)).values()
    assert state in (f"resolved_{outcome}", outcome)


async def test_in_the_united_states_nothing_but_proof_ends_it(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await pool.execute("UPDATE customers SET country = 'US', zones = '{America/New_York}'")
    await actor.record(now, opened())
    step = (await actor.record(now + DAY, resolved("withdrawn"))).step
    assert (step.kind, step.why) == (StepKind.WAIT, "no_channel")
    assert "disputed" in step.summary
    await actor.record(now + 2 * DAY, opened("d-2"))
    step = (await actor.record(now + 3 * DAY, resolved("against", "r-2"))).step
    assert step.kind is StepKind.CONTACT


async def test_who_was_right_is_silent_until_the_account_is_corrected(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, opened())
    step = (await actor.record(now + DAY, resolved("for", reason="paid in May"))).step
    assert (step.why, step.view.status) == ("disputed", Status.DISPUTED)
    assert await open_work(pool) == ["dispute_upheld"]
    figures = {"kind": "account_updated", "id": "f1", "balance": "900.00"}
    assert (await actor.record(now + 2 * DAY, figures)).step.why == "disputed"
    again = (await actor.record(now + 2 * DAY, resolved("against", "r-2"))).answers[0]
    assert again.refused is not None and again.refused.startswith("outcome: d-1 is resolved for")
    step = (await actor.record(now + 3 * DAY, resolved("corrected", "r-3"))).step
    assert step.view.status is not Status.DISPUTED
    assert await states(pool) == {"d-1": "corrected"}
    assert await on_file(pool) == ["dispute", "dispute_verified"]


async def test_it_ends_with_the_account_where_that_is_closed(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, opened())
    closed = {"kind": "close", "id": "c1", "reason": "not theirs"}
    step = (await actor.record(now + DAY, resolved("for"), closed)).step
    assert (step.kind, step.why) == (StepKind.CLOSE, "closed")
    assert await states(pool) == {"d-1": "resolved_for"}


async def test_a_dispute_stops_a_message_that_is_on_its_way(
    actor: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    touch = await actor.planned(now)
    ready = await actor.reserve(touch)
    await actor.record(touch.not_before + SECOND, opened())
    actor.runs -= 1
    await actor.send(ready, touch.not_before + 2 * SECOND)
    assert [row["state"] for row in await attempts(pool)] == ["released"]
    assert await accepted(sandbox_url) == []


async def test_another_account_does_not_speak_of_one_that_is_disputed(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await add_account(pool, "A2", due=local_date(now - 10 * DAY, BOGOTA))
    other = Actor(actor.dependencies, "A2")
    assert (await other.planned(now)).covers == ("bank/A2", "bank/A1")
    await actor.record(now, opened())
    assert (await other.planned(now + SECOND)).covers == ("bank/A2",)


async def test_postgresql_holds_one_that_stands_and_its_states(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, opened())
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute(
            "INSERT INTO disputes (creditor, account_id, dispute_id, reason, opened_at, answer_due)"
            " SELECT creditor, account_id, 'd-2', reason, opened_at, answer_due FROM disputes"
        )
    await actor.record(now + SECOND, resolved("against"))
    with pytest.raises(asyncpg.CheckViolationError, match="a dispute cannot go from resolved_agai"):
        await pool.execute("UPDATE disputes SET state = 'open', resolved_at = NULL")
