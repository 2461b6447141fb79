"""The account's workflow on a real server, with the cache off: every task replays from the start."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle

from activities.house import House
from activities.store.database import Pool
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id
from tests.support.house import add_account, add_customer, attempts
from workers.connection import fast_client
from workers.worker import running

START = {"creditor": "bank", "account_id": "A1"}


def days_ago(days: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=days)


async def start(client: Client, start: Any = START) -> WorkflowHandle[Any, Any]:
    return await fast_client(client).client.start_workflow(
        COLLECT_ACCOUNT, start, id=workflow_id("bank", "A1"), task_queue=TASK_QUEUE
    )


async def test_an_account_is_contacted_through_its_phases_and_handed_off(
    client: Client, rooms: House, pool: Pool
) -> None:
    await add_customer(pool)
    await add_account(pool, due=days_ago(100))
    async with running(client, rooms, max_cached_workflows=0):
        handle = await start(client)
        skipper = fast_client(client)
        await skipper.fast_forward(handle, timedelta(days=40))
        result = await handle.result()
    assert result["reason"] == "handed_off"
    made = await attempts(pool)
    assert made, "somebody was contacted"
    print([(r["phase"], r["channel"], r["state"], r["dispatched_at"].isoformat(), r["cite"]) for r in made])
