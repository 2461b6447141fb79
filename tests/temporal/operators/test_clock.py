"""Where time is skipped, what operators ask of an account is answered on its own clock."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from temporalio.client import Client, WorkflowHandle

from activities.dependencies import Dependencies
from config.settings import Settings
from lab.local.temporal import LocalTemporal
from store.database import Pool
from tests.support.rows import add_account, add_customer
from tests.support.time import CLOCKS
from workers.cli.law.explain import explain
from workers.cli.output import show_account
from workers.connection import clock_of, fast_client

DAY = timedelta(days=1)
AHEAD = 3 * DAY


@pytest.fixture
async def ahead(client: Client, pool: Pool) -> AsyncIterator[datetime]:
    """An account whose clock is three days ahead, and the instant that it shows."""
    await add_customer(pool)
    await add_account(pool, due=datetime.now(UTC).date() - 10 * DAY)
    skipper = fast_client(client)
    handle: WorkflowHandle[object, object] = await skipper.client.start_workflow(
        "Nobody", id="account/bank/A1", task_queue="nobody", start_delay=CLOCKS.ahead + 30 * DAY
    )
    await asyncio.wait_for(skipper.fast_forward(handle, CLOCKS.ahead + AHEAD), 60)
    yield datetime.now(UTC) + AHEAD
    await handle.terminate("end of test")


@pytest.fixture
def settings(
    temporal: LocalTemporal, rooms: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Those of a command where time is skipped."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    return rooms.settings.model_copy(update={"fast_time": True})


async def test_law_explain_judges_at_the_accounts_own_time(
    pool: Pool, settings: Settings, ahead: datetime
) -> None:
    out, clock = io.StringIO(), await clock_of(settings)
    await explain(pool, settings, "bank/A1", clock, Console(file=out), as_json=True)
    at = datetime.fromisoformat(json.loads(out.getvalue())["at"])
    assert abs(at - ahead) < timedelta(hours=1)


async def test_account_show_tells_what_is_used_at_the_accounts_own_time(
    pool: Pool, settings: Settings, ahead: datetime
) -> None:
    """Voice is used from the middle phase on, which the account has reached, and today has not."""
    await pool.execute("UPDATE accounts SET oldest_due_date = $1", ahead.date() - 32 * DAY)
    await pool.execute("UPDATE contact_points SET channel = 'voice' WHERE channel = 'sms'")
    out, clock = io.StringIO(), await clock_of(settings)
    await show_account(pool, settings, "bank/A1", clock, Console(file=out), as_json=True)
    points = json.loads(out.getvalue())["contact_points"]
    assert "not used in" not in str({one["channel"]: one["not_used"] for one in points}["voice"])


async def test_the_machines_clock_is_asked_elsewhere(rooms: Dependencies) -> None:
    clock = await clock_of(rooms.settings)
    assert not clock.by_workflow
    assert abs(await clock.now("account/bank/A1") - datetime.now(UTC)) < timedelta(minutes=1)
