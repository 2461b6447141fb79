"""An account that was contacted, and whose ledger then forgets it, as a restored one has."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.dependencies import Dependencies
from config.keywords import shipped_keywords
from config.reader import load_reader
from lab.builders.parts import dependencies_for, second_providers, settings_for
from lab.local.temporal import LocalTemporal
from lab.sandbox.server import serve
from lab.sandbox.settings import Settings as SandboxSettings
from store.call_scripts import CallScripts
from store.conversation.page import PreferencePages
from store.database import Pool
from store.ledger_mark import LedgerMark
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts
from workers.accounts import Accounts
from workers.clock import SystemClock
from workers.gateway.flow import Flow
from workers.restoring.found import Found
from workers.restoring.readback import ReadBack

IGNORING = {
    "personas": {
        "payer": 0,
        "promiser": 0,
        "answerer": 0,
        "opt_outer": 0,
        "unreachable": 0,
        "ignorer": 1,
    },
    "callback_retries": 0,
}
EVER = datetime(2000, 1, 1, tzinfo=UTC)
LATE = datetime.now(UTC) + timedelta(days=800)


@pytest.fixture
async def temporal() -> AsyncIterator[LocalTemporal]:
    """A server of its own: a read-back asks for all accounts that there are."""
    server = LocalTemporal(None, fast_time=True)
    await server.start()
    yield server
    server.stop()


@pytest.fixture
async def sandbox(temporal: LocalTemporal) -> AsyncIterator[str]:
    """Providers that take each message at the time of its account; what is written to us stays
    with them."""
    settings = SandboxSettings.model_validate(
        {**IGNORING, "port": 0, "temporal_address": temporal.address, "fast_time": True}
    )
    stop, url = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(settings, ready=url.set_result, stop=stop))
    yield await url
    stop.set()
    await serving


@pytest.fixture
async def rooms(pool: Pool, sandbox: str) -> AsyncIterator[Dependencies]:
    """With two providers of SMS and of e-mail."""
    with dependencies_for(pool, settings_for(sandbox, **second_providers(sandbox))) as made:
        yield made


class Restored:
    """The account, and what is done to its ledger."""

    def __init__(self, rooms: Dependencies, client: Client, life: Life, sandbox: str) -> None:
        self.rooms, self.client, self.life, self.sandbox = rooms, client, life, sandbox
        self.pool = rooms.pool

    async def contacted(self, channel: str = "sms") -> dict[str, Any]:
        """The row of the first contact, once it is made."""
        await add_customer(self.pool, preferred=channel)
        await add_account(self.pool, self.life.account_id, due=days_ago(10))
        await self.life.start()
        await self.life.until(lambda _: True)
        while not (made := [r for r in await attempts(self.pool) if r["provider_message_id"]]):
            await self.life.to_next()
        assert made[0]["channel"] == channel
        return made[0]

    async def forgets(self) -> None:
        """What a backup of before the first contact would bring back, halted."""
        for table in ("attempts", "messages", "payments", "inbound", "provider_events"):
            await self.pool.execute(f"DELETE FROM {table}")
        await self.pool.execute("DELETE FROM law_events WHERE kind <> 'opt_in'")
        await self.pool.execute("UPDATE accounts SET plans = 0, balance = 150000")
        await LedgerMark(self.pool).halt("restored from an older backup")

    async def read_back(self) -> Found:
        """All of it."""
        pages = PreferencePages(self.pool, load_reader(shipped_keywords(), classifier=False))
        accounts = Accounts(self.client)
        flow = Flow("http://gateway", CallScripts(self.pool), pages, accounts, SystemClock())
        return await ReadBack(self.rooms, self.client, flow, shipped_keywords()).read(EVER, LATE)

    async def writes(self, name: str, text: str) -> None:
        """The customer answers a message; nobody here hears of it."""
        async with httpx.AsyncClient() as http:
            said = {"message": name, "text": text}
            answer = await http.post(f"{self.sandbox}/_sandbox/say", json=said)
        assert answer.json() == {"outcome": "nobody listens"}


@pytest.fixture
def restored(rooms: Dependencies, client: Client, life: Life, sandbox: str) -> Restored:
    """One account's."""
    return Restored(rooms, client, life, sandbox)


@pytest.fixture
async def empty() -> AsyncIterator[Client]:
    """Another Temporal, as it is after the first was lost."""
    server = LocalTemporal(None, fast_time=True)
    await server.start()
    yield await Client.connect(server.address, data_converter=pydantic_data_converter)
    server.stop()
