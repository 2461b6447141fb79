"""Which database is trusted to know all that was sent; and how a person lets contacts go on."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import Client

from domain.failures import BadInput, Misconfigured
from store.database import Pool, connect
from store.ledger_mark import ELSEWHERE, DatabaseMark, LedgerMark, halt_elsewhere
from store.restoring.readbacks import keep
from tests.support.life import soon
from workers.process.ledger_mark import (
    SCHEDULE,
    Remembered,
    RememberedMark,
    adopt,
    compare,
    doubt,
    marking,
    refuse_a_stray,
)
from workers.restoring.standing import hold, lift, standing

HERE = "7/1/5"
SINCE = datetime(2026, 3, 2, tzinfo=UTC)


def database(mark: int, epoch: str | None = HERE, confirmed: int = 0) -> DatabaseMark:
    return DatabaseMark(mark, None, None, SINCE, epoch, confirmed, HERE)


DOUBTS: dict[str, tuple[DatabaseMark, Remembered, DatabaseMark, str | None]] = {
    "nothing was ever marked": (database(0, None), Remembered(), database(0, None), None),
    "all agree": (database(9, confirmed=9), Remembered(9, HERE), database(9), None),
    "a version before has told no epoch": (database(9), Remembered(9), database(9), None),
    "it moved on since Temporal was asked": (
        database(9, confirmed=9),
        Remembered(9, HERE),
        database(10, confirmed=10),
        None,
    ),
    "an older backup": (database(7), Remembered(9, HERE), database(7), "its mark is 7"),
    "another timeline": (database(9, "7/0/5"), Remembered(9, HERE), database(9, "7/0/5"), "serv"),
    "another database than Temporal's": (
        database(9),
        Remembered(9, "8/1/5"),
        database(9),
        "another one than Temporal remembers",
    ),
    "Temporal is empty": (
        database(9, confirmed=8),
        Remembered(),
        database(9, confirmed=8),
        "remembers none",
    ),
    "Temporal is older": (
        database(9, confirmed=8),
        Remembered(5, HERE),
        database(9, confirmed=8),
        "remembers 5",
    ),
    "Temporal has not been told yet": (database(9), Remembered(), database(9), None),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_a_database_is_doubted_that_may_have_forgotten_contacts(case: str) -> None:
    before, known, here, why = DOUBTS[case]
    said = doubt(before, known, here)
    assert (said is None) is (why is None)
    assert why is None or (said is not None and why in said)


async def test_whoever_connects_to_another_server_than_before_halts_it(
    pool: Pool, database_url: str
) -> None:
    await LedgerMark(pool).advance(0)
    async with connect(database_url, 1, each=halt_elsewhere):
        assert (await LedgerMark(pool).read()).halted_why is None
    await pool.execute("UPDATE ledger_mark SET epoch = '1/1/1'")
    async with connect(database_url, 1, each=halt_elsewhere):
        assert (await LedgerMark(pool).read()).halted_why == ELSEWHERE


async def test_a_temporal_without_memory_halts_and_a_person_lets_go(
    pool: Pool, client: Client
) -> None:
    mark, remembered = LedgerMark(pool), RememberedMark(client)
    async with marking(mark, client, every=0.05):
        await soon(mark.read, lambda one: one.confirmed >= 2)
    assert (await remembered.memory()).epoch == (await mark.read()).here
    await client.get_schedule_handle(SCHEDULE).delete()
    assert "vouched for by nobody" in (await compare(mark, remembered) or "")
    with pytest.raises(BadInput, match="must not be blank"):
        await adopt(mark, remembered, "ana", " ")
    assert "vouched for" in await adopt(mark, remembered, "ana", "Temporal was lost, all is here")
    assert await compare(mark, remembered) is None
    assert (await remembered.memory()).mark == (await mark.read()).mark


async def test_the_mark_of_a_halted_database_stands_still(pool: Pool) -> None:
    mark = LedgerMark(pool)
    assert await mark.advance(0) == 1
    await mark.halt("restored")
    assert await mark.advance(0) is None


async def test_a_worker_whose_database_others_do_not_use_is_refused(
    pool: Pool, client: Client
) -> None:
    mark, remembered = LedgerMark(pool), RememberedMark(client)
    await mark.advance(0)
    await remembered.write(5, "8/1/5")
    await refuse_a_stray(mark, remembered, 0.01)  # nobody is at work with it

    async def others() -> None:
        for reached in range(6, 1000):
            await remembered.write(reached, "8/1/5")

    working = asyncio.create_task(others())
    with pytest.raises(Misconfigured, match=r"others work with another database \(8/1/5\)"):
        await refuse_a_stray(mark, remembered, 0.5)
    working.cancel()
    assert (await mark.read()).halted_at is None


async def test_contacts_go_on_only_once_everybody_has_answered(pool: Pool, client: Client) -> None:
    await LedgerMark(pool).advance(0)
    with pytest.raises(BadInput, match="blank"):
        await hold(pool, " ", "ana")
    await hold(pool, "folders put back", "ana")
    with pytest.raises(BadInput, match="halted already"):
        await hold(pool, "once more", "ana")
    found = await standing(pool, client)
    assert found.todo == ["`contrapunto restore reconcile`"]
    assert "held by ana" in (found.mark.halted_why or "")

    async def read(*, complete: bool) -> None:
        found: dict[str, Any] = {"contacts": 1}
        await keep(pool, (SINCE, SINCE), "ana", complete=complete, found=found)

    for said in ("nothing was read back", "not all providers answered"):
        with pytest.raises(BadInput, match=said):
            await lift(pool, client, "in a hurry", "ana", unread=False)
        await read(complete=False)
    await read(complete=True)
    found = await standing(pool, client)
    assert [one.complete for one in found.readings] == [True, False, False]
    assert "restore lift" in found.todo[0]
    await lift(pool, client, "all compared", "ana", unread=False)
    assert not (await standing(pool, client)).halted
    await hold(pool, "once more", "ana")
    with pytest.raises(BadInput, match="nothing was read back"):
        await lift(pool, client, "of the last time", "ana", unread=False)
    await lift(pool, client, "nothing was lost", "ana", unread=True)
    kept = await pool.fetch("SELECT note FROM ledger_resumptions ORDER BY resumed_at")
    assert [row["note"] for row in kept] == ["all compared", "nothing was lost"]
