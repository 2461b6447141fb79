"""What is put over the API is in Temporal at once, through the outbox."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from config.settings import Settings
from domain.failures import Unavailable
from store.database import Pool
from workers.accounts import Accounts
from workers.api.app import build, door_of_puts
from workers.cli.rules import rules_factory
from workers.clock import SystemClock
from workers.intake.online import Online

TOKEN = "t" * 40


class Api:
    """The API over real servers."""

    def __init__(self, client: httpx.AsyncClient, online: Online) -> None:
        self.client, self.online = client, online

    async def put(self, name: str, **other: object) -> httpx.Response:
        due = datetime.now(UTC).date() - timedelta(days=20)
        body = {
            "customer_id": "P-1",
            "currency": "COP",
            "balance": "450000.00",
            "oldest_due_date": due.isoformat(),
            "name": "Marta Rojas",
            "country": "CO",
            "mobile": "+573990000001",
            "consents": ["sms"],
            **other,
        }
        return await self.client.put(f"/v1/accounts/{name}", json=body)


@pytest.fixture
async def api(pool: Pool, client: Client, tmp_path: Path) -> AsyncIterator[Api]:
    file = tmp_path / "tokens.yaml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    told = {"name": "core", "sha256": digest, "roles": ["upstream"]}
    file.write_text(yaml.safe_dump({"tokens": [told]}), encoding="utf-8")
    settings = Settings(api_tokens=file)
    accounts, clock = Accounts(client), SystemClock()
    online = door_of_puts(settings, pool, accounts, clock)
    app = build(settings, pool, accounts, clock, rules_factory(settings), online=online)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://inside", headers=headers
    ) as made:
        yield Api(made, online)


async def status(client: Client, account: str) -> WorkflowExecutionStatus | None:
    try:
        return (await client.get_workflow_handle(f"account/{account}").describe()).status
    except RPCError:
        return None


async def test_an_account_that_is_put_has_its_workflow(api: Api, client: Client) -> None:
    answer = await api.put("bank/PUT-1")
    assert answer.status_code == 201, answer.text
    await api.online.told()
    assert await status(client, "bank/PUT-1") is WorkflowExecutionStatus.RUNNING
    assert await api.online.pool.fetchval("SELECT count(*) FROM intake_pending") == 0
    paid = {"id": "p-1", "amount": "50000.00", "currency": "COP"}
    told = await api.client.post("/v1/accounts/bank/PUT-1/payments", json=paid)
    assert told.status_code == 202
    handle = client.get_workflow_handle("account/bank/PUT-1")
    names = [
        event.workflow_execution_signaled_event_attributes.signal_name
        async for event in handle.fetch_history_events()
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert names == ["payment_received"]
    await handle.terminate("end of test")


async def test_while_temporal_is_away_it_is_put_and_started_later(api: Api, client: Client) -> None:
    real = api.online.starter

    class Away:
        async def start(self, line: object) -> None:
            raise Unavailable("Temporal does not answer: test")

        update = recall = start

    api.online.starter = Away()  # type: ignore[assignment]
    assert (await api.put("bank/PUT-2")).status_code == 201
    await api.online.told()
    assert await status(client, "bank/PUT-2") is None
    api.online.starter = real
    await asyncio.sleep(1.1)
    assert await api.online.tell_left() == 1
    assert await status(client, "bank/PUT-2") is WorkflowExecutionStatus.RUNNING
    assert await api.online.tell_left() == 0
    await client.get_workflow_handle("account/bank/PUT-2").terminate("end of test")
