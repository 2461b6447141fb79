"""What a worker of an older version let pass keeps no later stop from being heard."""

from typing import Any

import pytest
from temporalio.client import Client

import workers.worker
from activities.dependencies import Dependencies
from lab.builders.parts import STRICT
from store.database import Pool
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer
from tests.temporal.upgrading.older import Older
from workers.worker import running

AT = "2026-11-20T10:00:00Z"
UNDATED: dict[str, Any] = {"kind": "cease", "at": "someday"}
ODD: dict[str, Any] = {"kind": "Cease", "at": AT, "source": "crm"}
NEWER: dict[str, Any] = {"kind": "attorney", "at": AT, "recorded_at": AT}


@pytest.mark.parametrize("let_pass", [UNDATED, ODD, NEWER], ids=["undated", "odd", "newer"])
@pytest.mark.parametrize("later", [UNDATED, ODD, NEWER], ids=["undated", "odd", "newer"])
async def test_a_stop_is_heard_after_one_that_was_not(
    client: Client,
    rooms: Dependencies,
    life: Life,
    pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    let_pass: dict[str, Any],
    later: dict[str, Any],
) -> None:
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    monkeypatch.setattr(workers.worker, "WORKFLOWS", [Older])
    async with running(client, rooms, **STRICT):
        await life.start()
        await life.until(lambda _: True)
        await life.signal("law_event", id="s1", event=let_pass)
        await life.signal("payment_received", id="p1", amount="1000.00")
        await life.until(lambda state: state["balance"] == "149000.00")
    monkeypatch.undo()
    async with running(client, rooms, **STRICT):
        await life.signal("law_event", id="s2", event=later)
        kinds = "SELECT array_agg(kind) FROM law_events WHERE recorded_by LIKE 'signal%'"
        heard = await soon(lambda: pool.fetchval(kinds), bool, "the stop")
        assert heard == [later["kind"].lower()]
        await life.signal("payment_received", id="p2", amount="1000.00")
        await life.until(lambda state: state["balance"] == "148000.00")
