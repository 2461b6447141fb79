"""Tomorrow's file has the erased person in it again: nobody is contacted as if they were new."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from domain.names import contact_point_id
from domain.planning.step import StepKind
from lab.builders.intake_files import FakeStarter, row
from store.database import Pool
from store.intake.run import LOCK
from store.persons.erasing import erase
from store.persons.exporting import export
from tests.integration.intake.desk import Desk
from tests.integration.intake.test_consents import AS_OF, COUNTRIES, NOW, load

CO = {"country": "CO", **COUNTRIES["CO"]}
DAY = timedelta(days=1)


@pytest.fixture
async def desk(pool: Pool, tmp_path: Path) -> Desk:
    """A desk whose customer C1 was taken in yesterday, and erased."""
    desk = Desk(pool, tmp_path, FakeStarter())
    await load(desk, CO, AS_OF - DAY)
    await pool.execute("UPDATE accounts SET status = 'closed', close_reason = 'closed'")
    await erase(pool, "C1", "eva", "asked for", AS_OF - timedelta(hours=2))
    return desk


async def texts(desk: Desk) -> str:
    found = await desk.pool.fetch(
        "SELECT to_jsonb(c)::text AS row FROM customers c UNION ALL "
        "SELECT to_jsonb(p)::text FROM contact_points p"
    )
    return "\n".join(one["row"] for one in found)


@pytest.mark.parametrize("customer", ["C1", " c1 "])
@pytest.mark.parametrize("account", ["A1", "A7"])
async def test_the_same_id_is_refused_and_nothing_of_it_kept(
    desk: Desk, customer: str, account: str
) -> None:
    cells = row(**CO, customer_id=customer, account_id=account)
    status, told = await desk.command(desk.file([cells]), as_of=AS_OF, now=AS_OF)
    assert status == 3, told
    if customer == "C1":
        rejects = (desk.folder / "accounts.csv.rejects.csv").read_text("utf-8")
        assert "is of a person who was erased on 2026-11-24" in rejects
        assert "is on record for another person" not in rejects
    assert CO["mobile"] not in await texts(desk)
    assert await desk.pool.fetchval("SELECT count(*) FROM accounts WHERE status = 'open'") == 0, (
        told
    )


async def test_what_is_taken_in_at_the_same_time_is_taken_in_before(
    pool: Pool, tmp_path: Path
) -> None:
    desk = Desk(pool, tmp_path, FakeStarter())
    await load(desk, CO, AS_OF - DAY)
    await pool.execute("UPDATE accounts SET status = 'closed', close_reason = 'closed'")
    async with pool.acquire() as merging:
        await merging.execute("SELECT pg_advisory_lock($1)", LOCK)
        erasing = asyncio.create_task(erase(pool, "C1", "eva", "asked for", AS_OF))
        waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
        while not await merging.fetchval(waits):
            assert not erasing.done()
            await asyncio.sleep(0.01)
        await merging.execute("UPDATE customers SET name = 'Merged Meanwhile'")
        await merging.execute("SELECT pg_advisory_unlock($1)", LOCK)
    await erasing
    assert "Meanwhile" not in await texts(desk)


async def test_an_account_of_theirs_is_refused_under_another_id(desk: Desk) -> None:
    cells = row(**CO, customer_id="C9", account_id="A1")
    status, told = await desk.command(desk.file([cells]), as_of=AS_OF, now=AS_OF)
    assert status == 3, told
    rejects = (desk.folder / "accounts.csv.rejects.csv").read_text("utf-8")
    assert (status, "is an account of a person who was erased" in rejects) == (3, True)


async def test_their_number_under_another_id_comes_with_a_stop(desk: Desk) -> None:
    await load(desk, CO | {"customer_id": "C9", "account_id": "A9"})
    step = await desk.plan(NOW, "A9")
    assert step.kind is not StepKind.CONTACT, step
    # It holds as any stop does: until whoever has the number now says otherwise.
    own = contact_point_id("C9", "sms", CO["mobile"])
    await desk.says("opt_in", NOW, "C9", channel="sms", contact_point_id=own)
    assert (await desk.plan(NOW + 3 * DAY, "A9")).kind is StepKind.CONTACT


async def test_somebody_else_is_taken_in_and_contacted_as_ever(desk: Desk) -> None:
    other = CO["mobile"][:-1] + "8"
    await load(desk, CO | {"customer_id": "C8", "account_id": "A8", "mobile": other})
    assert (await desk.plan(NOW, "A8")).kind is StepKind.CONTACT


async def test_a_number_that_another_has_all_along_does_not_come_with_the_erasure(
    pool: Pool, tmp_path: Path
) -> None:
    desk = Desk(pool, tmp_path, FakeStarter())
    await load(desk, CO, AS_OF - DAY)
    await load(desk, CO | {"customer_id": "C2", "account_id": "A2"}, AS_OF - DAY)
    await pool.execute("UPDATE accounts SET status = 'closed', close_reason = 'closed' "
                       "WHERE account_id = 'A1'")  # fmt: skip
    await erase(pool, "C1", "eva", "asked for", AS_OF - timedelta(hours=2))
    await load(desk, CO | {"customer_id": "C2", "account_id": "A2"})
    assert (await desk.plan(NOW, "A2")).kind is StepKind.CONTACT
    found = await export(pool, "C1")
    assert found is not None and CO["mobile"] not in str(found)
