"""Accounts whose workflow was lost are found in PostgreSQL and set going again."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.dependencies import Dependencies
from domain.names import workflow_id
from lab.builders.parts import STRICT
from store.database import Pool
from store.views.overdue import Overdue, overdue
from tests.support.rows import add_account, add_customer
from workers.accounts import Accounts, Found
from workers.cli.temporal_ui import VIEWS
from workers.worker import running

NOW = datetime.now(UTC)


@pytest.fixture
async def accounts(pool: Pool) -> None:
    """Two open accounts that nobody has ever planned, and a closed one."""
    await add_customer(pool)
    for account in ("O1", "O2", "O3"):
        await add_account(pool, account, due=NOW.date() - timedelta(days=5))
    await pool.execute("UPDATE accounts SET status = 'closed' WHERE account_id = 'O3'")


async def test_lost_workflows_are_started_and_running_ones_left_alone(
    accounts: None, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    soon = NOW + timedelta(minutes=5)
    found = await overdue(pool, soon)
    assert [one.account_id for one in found] == ["O1", "O2"]

    async def start(missing: Sequence[Overdue]) -> Counter[Found]:
        keys = [(one.creditor, one.account_id) for one in missing]
        return await Accounts(client).start_missing(keys)

    async with running(client, rooms, **STRICT):
        assert await start(found) == {Found.STARTED: 2}

        async with asyncio.timeout(20):
            while any(one.planned_at is None for one in await overdue(pool, None)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert await start(found) == {Found.RUNNING: 2}
        first = client.get_workflow_handle(workflow_id("bank", "O1"))
        await first.terminate("lost")
        assert await start(found) == {Found.STARTED: 1, Found.RUNNING: 1}
    for account in ("O1", "O2"):
        await client.get_workflow_handle(workflow_id("bank", account)).terminate("end of test")


async def test_an_account_that_waits_for_its_time_is_not_overdue(
    accounts: None, pool: Pool
) -> None:
    at = NOW + timedelta(hours=3)
    await pool.execute("UPDATE accounts SET next_at = $1 WHERE account_id = 'O1'", at)
    assert [one.account_id for one in await overdue(pool, at)] == ["O2"]
    later = at + timedelta(seconds=1)
    assert [one.account_id for one in await overdue(pool, later)] == ["O2", "O1"]


@pytest.mark.parametrize("query", VIEWS.values(), ids=VIEWS.keys())
async def test_the_views_of_the_ui_are_queries_that_the_server_takes(
    client: Client, query: str
) -> None:
    await client.count_workflows(query)
    with pytest.raises(RPCError, match="invalid query"):
        await client.count_workflows(query.replace("S", "No", 1))
