"""A stop whose date or words are wrong: accounts that began before, and events beside an intake."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

import workflows.collect_account
from activities.dependencies import Dependencies
from lab.builders.intake_files import row, write_csv
from lab.local.temporal import LocalTemporal
from store.database import Pool
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer
from workers.cli import intake as command
from workers.worker import running
from workflows.collect_account import CollectAccount

NO_DATE = {"kind": "death", "at": "0001-01-01T00:00:00Z"}


async def test_an_account_that_ignored_such_a_stop_before_goes_on(
    client: Client, rooms: Dependencies, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life(client)
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    with monkeypatch.context() as before:
        before.setattr(workflows.collect_account, "mended", lambda *_: None)
        async with running(client, rooms):
            await life.start()
            await life.until(lambda _: True)
            await life.signal("law_event", id="s1", event=NO_DATE)
            await life.until_told("Ignored signal law_event")
            await life.signal("payment_received", id="p1", amount="1_0")
            await life.until_told("Payment received")
    history = await life.handle.fetch_history()
    replayer = Replayer(workflows=[CollectAccount], data_converter=pydantic_data_converter)
    replayed = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert replayed.replay_failure is None


async def test_the_command_records_events_before_it_starts_an_account(
    temporal: LocalTemporal,
    database_url: str,
    pool: Pool,
    rooms: Dependencies,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    monkeypatch.setenv("CONTRAPUNTO_DATABASE_URL", database_url)
    life = Life(client)
    cells = {"account_id": life.account_id, "creditor": "bank", "oldest_due_date": str(days_ago(9))}
    accounts = write_csv(tmp_path / "accounts.csv", [row(**cells)])
    events = tmp_path / "events.jsonl"
    events.write_text(json.dumps({"id": "e1", "customer_id": "C1", **NO_DATE}), "utf-8")
    watch: Any = SimpleNamespace(client_options={})
    options: dict[str, Any] = {"snapshot": False, "accept_recalls": None, "at_once": 5}
    options |= {"rejects": None, "as_json": False, "events": events}
    at = (await pool.fetchval("SELECT now()"),)
    assert await command._intake(accounts, watch, as_of=at[0], **options) == 0
    recorded = await pool.fetchval("SELECT recorded_at FROM law_events WHERE kind = 'death'")
    assert recorded is not None
    async with running(client, rooms):
        await life.until(lambda _: True)
        assert (await life.next_step())["kind"] == "wait"
