"""What a party asks people for, and what comes of it: theirs, and heard by the account."""

from typing import Any

import pytest

from domain.conversation.work_words import WorkOutcome, WorkReason
from store.conversation.work import WorkItem, WorkItems, open_items
from store.database import Pool
from tests.integration.parties.test_contacts import ANA, BRUNO, stands
from tests.integration.store.people.support import Desk, mid_morning
from tests.support.rows import add_account, add_customer
from workers.cli.work_items.items import Finished, finish


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    await add_customer(pool, points=(("sms", "mobile", ANA),))
    await add_customer(pool, "G1", points=(("sms", "mobile", BRUNO),))
    await add_account(pool, due=mid_morning().date())
    await stands(pool, "G1")
    return Desk(pool, mid_morning())


async def asked(desk: Desk, reason: WorkReason) -> WorkItem:
    async with desk.pool.acquire() as connection:
        await open_items(connection, {"G1": None}, (reason,), "twilio/SM1", desk.now)
    [item] = await WorkItems(desk.pool).listed("G1", None, 9, done=False)
    return item


async def done(desk: Desk, item: WorkItem, outcome: WorkOutcome) -> Finished:
    accounts: Any = desk.accounts
    about = (item.work_id, "ana", outcome, None)
    return await finish(desk.pool, accounts, desk.clock, desk.people.rules, *about)


@pytest.mark.parametrize("outcome", [WorkOutcome.HANDLED, WorkOutcome.ANSWERED])
async def test_what_is_done_for_a_guarantor_has_the_account_plan_anew(
    desk: Desk, outcome: WorkOutcome
) -> None:
    finished = await done(desk, await asked(desk, WorkReason.WANTS_PERSON), outcome)
    assert finished.plan_anew == 1
    assert desk.accounts.told == ["bank/A1"]


async def test_a_guarantor_who_disputes_it_disputes_nothing_for_the_debtor(desk: Desk) -> None:
    await done(desk, await asked(desk, WorkReason.DISPUTE), WorkOutcome.DISPUTE)
    pool = desk.pool
    assert await pool.fetchval("SELECT count(*) FROM disputes") == 0
    on_file = await pool.fetch("SELECT customer_id, kind FROM law_events WHERE kind <> 'opt_in'")
    assert [tuple(row) for row in on_file] == [("G1", "dispute")]
    assert "bank/A1" in desk.accounts.told


async def test_a_guarantor_in_hardship_brings_no_hardship_on_the_debtors_account(
    desk: Desk,
) -> None:
    await done(desk, await asked(desk, WorkReason.HARDSHIP), WorkOutcome.HARDSHIP)
    assert await desk.pool.fetchval("SELECT count(*) FROM hardships") == 0


async def test_an_account_that_is_over_or_only_authorised_is_none_they_stand_for(
    desk: Desk,
) -> None:
    assert (await asked(desk, WorkReason.BALANCE)).stands_for == ("bank/A1",)
    await desk.pool.execute("UPDATE account_parties SET role = 'authorized', proof = 'power 3'")
    assert (await asked(desk, WorkReason.BALANCE)).stands_for == ()
