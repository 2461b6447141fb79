"""A database brought back from an older backup contacts nobody until a person says go."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from activities.dependencies import Dependencies
from domain.failures import BadInput
from domain.planning.step import Status, StepKind
from store.database import Pool
from store.ledger_mark import LedgerMark
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer, attempts
from workers.process.ledger_mark import RememberedMark, compare, marking

HOUR = timedelta(hours=1)


@pytest.fixture
async def actor(pool: Pool, rooms: Dependencies) -> Actor:
    await add_customer(pool, preferred="sms")
    await add_account(pool, due=datetime.now(UTC).date() - timedelta(days=10))
    return Actor(rooms)


async def test_an_account_whose_plans_were_forgotten_halts_everybody(
    actor: Actor, pool: Pool, rooms: Dependencies
) -> None:
    now = datetime.now(UTC)
    await add_account(pool, "A2", due=now.date() - timedelta(days=10), creditor="shop")
    step = await actor.planned(now)
    assert step.plans == 1
    made = await actor.contact(step)
    assert made.plans == 2
    # What a backup of an hour ago would bring back: neither the contact nor the plans.
    await pool.execute("DELETE FROM attempts")
    await pool.execute("UPDATE accounts SET plans = 0")
    again = await actor.contact(step)
    assert (again.kind, again.view.status) == (StepKind.WAIT, Status.HALTED)
    assert "has forgotten 1 plans of bank/A1" in again.summary
    assert await attempts(pool) == []
    first = await actor.record(now + HOUR, plans=2)
    assert first.step.view.status is Status.HALTED
    other = await Actor(rooms, "A2", "shop").planned(now)
    assert other.view.status is Status.HALTED


async def test_a_mark_smaller_than_temporal_remembers_halts_before_the_first_contact(
    pool: Pool, client: Client, rooms: Dependencies, actor: Actor
) -> None:
    mark, remembered = LedgerMark(pool), RememberedMark(client)
    async with marking(mark, client, every=0.05):
        while await remembered.read() < 3:
            pass
    assert (await mark.read()).halted_at is None
    await pool.execute("UPDATE ledger_mark SET mark = 1")
    await compare(mark, remembered)
    halted = await mark.read()
    assert halted.halted_why is not None and "its mark is 1" in halted.halted_why
    step = await actor.planned(datetime.now(UTC))
    assert (step.kind, step.why) == (StepKind.WAIT, "halted")

    why = await mark.resume("ana", "provider lists compared, nothing missing", 3)
    assert why == halted.halted_why
    await compare(mark, remembered)
    assert (await mark.read()).halted_at is None
    assert (await actor.planned(datetime.now(UTC))).kind is StepKind.CONTACT
    with pytest.raises(BadInput, match="nothing is halted"):
        await mark.resume("ana", "again", 3)


async def test_a_mark_never_goes_back_in_temporal(client: Client) -> None:
    remembered = RememberedMark(client)
    before = await remembered.read()
    for mark, known in ((before + 10, before + 10), (before + 4, before + 10)):
        await remembered.write(mark)
        assert await remembered.read() == known
