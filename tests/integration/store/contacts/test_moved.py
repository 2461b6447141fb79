"""An account that goes to another customer while a contact waits for its customer's lock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from activities.dependencies import Dependencies
from store.database import Pool
from store.ledger import Ledger
from store.situations import lock_customer
from tests.support.activities import Actor, accepted
from tests.support.rows import add_account, add_customer, attempts

LUIS = (("sms", "mobile", "+573007654321"), ("email", "email", "luis@example.com"))
SECOND = timedelta(seconds=1)
A_MOMENT = 0.5


@pytest.fixture
async def sibling(actor: Actor, pool: Pool, dependencies: Dependencies, now: datetime) -> Actor:
    """Another account of the customer; beside them somebody else, with other addresses."""
    await add_account(pool, "A2", due=now.date() - timedelta(days=10))
    await add_customer(pool, "C9", points=LUIS)
    return Actor(dependencies, "A2")


@asynccontextmanager
async def moving(pool: Pool, customer: str) -> AsyncIterator[None]:
    """The first account on its way to a customer, as intake moves it."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE accounts SET customer_id = $1 WHERE account_id = 'A1'", customer
        )
        yield


async def test_who_waited_holds_the_lock_of_the_customer_whose_account_it_is_by_then(
    sibling: Actor, pool: Pool
) -> None:
    async with moving(pool, "C9"):
        pass
    async with pool.acquire() as waiting, waiting.transaction():
        async with moving(pool, "C1"):
            locking = asyncio.create_task(lock_customer(waiting, "bank", "A1"))
            await asyncio.sleep(A_MOMENT)
            assert not locking.done()
        assert await locking
        async with pool.acquire() as beside, beside.transaction():
            await beside.execute("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await lock_customer(beside, "bank", "A2")


async def test_two_accounts_make_one_contact_though_one_went_away_and_came_back(
    actor: Actor,
    sibling: Actor,
    pool: Pool,
    sandbox_url: str,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two files, the second mending the first, while a contact ordered before them is waiting."""
    ordered, beside = await actor.planned(now), await sibling.planned(now)
    at = max(ordered.not_before, beside.not_before) + SECOND
    reserve, reserved, go_on = Ledger.reserve, asyncio.Event(), asyncio.Event()

    async def slowly(*args: Any) -> None:
        await reserve(*args)
        if not reserved.is_set():
            reserved.set()
            await go_on.wait()

    monkeypatch.setattr(Ledger, "reserve", slowly)
    async with moving(pool, "C9"):
        pass
    async with moving(pool, "C1"):
        first = asyncio.create_task(actor.contact(ordered, at))
        await asyncio.sleep(A_MOMENT)
        assert not first.done()
    await asyncio.wait_for(reserved.wait(), 10)
    second = asyncio.create_task(sibling.contact(beside, at))
    await asyncio.sleep(A_MOMENT)
    go_on.set()
    await asyncio.gather(first, second)
    assert [row["account_id"] for row in await attempts(pool)] == ["A1"]
    assert len(await accepted(sandbox_url)) == 1


async def test_what_was_ordered_for_the_former_customer_reaches_nobody(
    actor: Actor, sibling: Actor, pool: Pool, sandbox_url: str, now: datetime
) -> None:
    """What is planned under the lock is for the other one, and is no contact that was ordered."""
    ordered = await actor.planned(now)
    async with moving(pool, "C9"):
        contact = asyncio.create_task(actor.contact(ordered, ordered.not_before + SECOND))
        await asyncio.sleep(A_MOMENT)
        assert not contact.done()
    step = await contact
    assert (await attempts(pool), await accepted(sandbox_url)) == ([], [])
    assert step.contact_point_id not in (None, ordered.contact_point_id)


async def test_an_account_that_nobody_knows_has_nobody_to_lock(pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        assert not await lock_customer(connection, "bank", "A1")
