"""Workflows are told of an order in bulk at its rate, also when whoever tells them is killed."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from activities.dependencies import Dependencies
from config.settings import ROOT
from domain.bulk.kinds import BulkKind
from domain.bulk.order import BulkScope, NewOrder
from lab.builders.parts import STRICT
from lab.local.temporal import LocalTemporal
from store.bulk.orders import BulkOrders
from store.bulk.wakes import Wakes
from store.database import Pool
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.bulk.telling import Telling
from workers.worker import running


async def give(pool: Pool, kind: str = "hold", rate: int = 50, **scope: Any) -> int:
    new = NewOrder(kind=BulkKind(kind), scope=BulkScope(**scope), reason="flood", rate=rate)
    counted = await BulkOrders(pool).count(new, datetime.now(UTC))
    return await BulkOrders(pool).give(new, "ana", sum(one.accounts for one in counted))


@pytest.mark.usefixtures("working_morning")
async def test_a_workflow_shows_why_it_is_silent_and_goes_on_when_the_order_is_lifted(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    telling = Telling(pool, Accounts(client))
    async with running(client, rooms, **STRICT):
        await life.start()
        await life.until(lambda _: True)
        await life.contact_ahead()

        order = await give(pool, creditor="bank")
        told = await telling.follow(order)
        assert told is not None
        assert (told.told, told.not_running, told.done) == (1, 0, True)
        state = await life.until(lambda found: found["status"] == "on_hold")
        assert f"On hold by order {order} (flood)" in (await life.next_step())["summary"]
        assert state["status"] == "on_hold"
        attributes = (await life.handle.describe()).search_attributes
        assert attributes["Standing"] == ["on_hold"]

        await BulkOrders(pool).lift(order, "ana", "it is dry")
        told = await telling.follow(order)
        assert told is not None
        assert (told.told, told.done) == (1, True)
        await life.until(lambda found: found["status"] == "collecting")
        await life.to_next()
        made = await attempts(pool)
    assert [row["state"] for row in made] == ["accepted"]


@pytest.mark.usefixtures("working_morning")
async def test_a_contact_whose_time_comes_before_its_workflow_is_told_is_not_made(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    async with running(client, rooms, **STRICT):
        await life.start()
        await life.until(lambda _: True)
        await life.contact_ahead()
        await give(pool, "cease", creditor="bank")
        await life.to_next()
        await life.until(lambda found: found["status"] == "on_hold")
        assert await attempts(pool) == []


async def signals(client: Client, life: Life, order: int) -> int:
    """How often a workflow was told."""
    history = await client.get_workflow_handle(life.id).fetch_history()
    told = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    return sum(
        one.event_type == told and f"bulk:{order}:start".encode() in one.SerializeToString()
        for one in history.events
    )


async def test_whoever_goes_on_after_a_kill_tells_everybody_and_few_of_them_twice(
    pool: Pool, client: Client, temporal: LocalTemporal, database_url: str
) -> None:
    lives = [Life(client) for _ in range(12)]
    await add_customer(pool)
    for life in lives:
        await add_account(pool, life.account_id, due=days_ago(10))
        await life.start()
    rate = 4
    environment = {
        **os.environ,
        "CONTRAPUNTO_DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal.address,
    }
    command = (sys.executable, "-m", "workers", "bulk")
    given = ["start", "--kind", "hold", "--creditor", "bank", "--reason", "flood", "--yes"]
    given += ["--by", "ana", "--rate", str(rate)]
    first = await asyncio.create_subprocess_exec(*command, *given, env=environment, cwd=ROOT)
    wakes = Wakes(pool)
    order, begun = 0, None
    while begun is None or not begun.told:
        await asyncio.sleep(0.05)
        order = await pool.fetchval("SELECT coalesce(max(order_id), 0) FROM bulk_orders")
        begun = await wakes.far(order)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    far = await wakes.far(order)
    assert far is not None
    assert far.told < len(lives)
    # As when the lease has lapsed of itself.
    await pool.execute("UPDATE bulk_wakes SET leased_until = now()")
    second = await asyncio.create_subprocess_exec(
        *command, "resume", str(order), env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said = (await second.communicate())[0].decode()
    assert second.returncode == 0
    assert f"order {order}: 12 of about 12 workflows told: done" in said
    told = Counter({life.id: await signals(client, life, order) for life in lives})
    assert set(told.values()) <= {1, 2}
    assert len(lives) <= sum(told.values()) <= len(lives) + rate


async def test_two_who_tell_at_once_tell_everybody_once(pool: Pool, client: Client) -> None:
    lives = [Life(client) for _ in range(6)]
    await add_customer(pool)
    for life in lives:
        await add_account(pool, life.account_id, due=days_ago(10))
        await life.start()
    order = await give(pool, creditor="bank", rate=3)
    tellers = [Telling(pool, Accounts(client)) for _ in range(3)]
    ends = await asyncio.gather(*(one.follow(order) for one in tellers))
    assert {(one.told, one.done) for one in ends if one} == {(6, True)}
    assert [await signals(client, life, order) for life in lives] == [1] * 6


async def test_accounts_whose_workflow_does_not_run_are_counted_apart(
    pool: Pool, client: Client
) -> None:
    await add_customer(pool)
    await add_account(pool, "nowhere", due=days_ago(10))
    order = await give(pool, creditor="bank")
    told = await Telling(pool, Accounts(client)).follow(order)
    assert told is not None
    assert (told.told, told.not_running, told.done) == (0, 1, True)


async def test_an_order_that_begins_later_is_told_of_when_it_begins(
    pool: Pool, client: Client
) -> None:
    await add_customer(pool)
    await add_account(pool, "nowhere", due=days_ago(10))
    telling = Telling(pool, Accounts(client))
    ahead = NewOrder(
        kind=BulkKind.CEASE, reason="sold", starts_at=datetime.now(UTC) + timedelta(hours=1)
    )
    order = await BulkOrders(pool).give(ahead, "ana", 1)
    assert await telling.next() is None
    assert await telling.follow(order) is None
    await pool.execute("UPDATE bulk_orders SET starts_at = now()")
    told = await telling.next()
    assert told is not None
    assert told.done


async def test_who_plans_while_an_order_is_lifted_is_found_in_another_pass(
    pool: Pool, client: Client
) -> None:
    life = Life(client)
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    order = await give(pool, creditor="bank")
    await BulkOrders(pool).lift(order, "ana", "over")
    # Its activity read before the lift, and writes its plan after it was passed over.
    key = "UPDATE accounts SET next_key = 'wait|bulk_hold|on_hold|early||||0|bulk.' || $1::text"
    await pool.execute(key, str(order))
    told = await Telling(pool, Accounts(client)).follow(order)
    assert told is not None
    assert told.done
    history = await client.get_workflow_handle(life.id).fetch_history()
    assert any(f"bulk:{order}:lift".encode() in one.SerializeToString() for one in history.events)
