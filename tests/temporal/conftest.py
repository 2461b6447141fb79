"""A Temporal dev server that skips time, one for the whole run; a sandbox beside it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from activities.house import House
from activities.store.database import Pool
from tests.support.house import STRICT, house_for, settings_for
from tests.temporal.life import Life
from workers.local.temporal import LocalTemporal
from workers.sandbox.app import create_app
from workers.sandbox.bank import PiggyBank
from workers.sandbox.clock import WallClock
from workers.sandbox.server import in_thread
from workers.sandbox.settings import Settings as SandboxSettings
from workers.worker import running


@pytest.fixture(scope="session")
def temporal() -> Iterator[LocalTemporal]:
    """The server; in memory, time skipping on."""
    server = LocalTemporal(None, fast_time=True)
    asyncio.run(server.start())
    yield server
    server.stop()


@pytest.fixture
async def client(temporal: LocalTemporal) -> Client:
    """A client like upstream systems have."""
    return await Client.connect(temporal.address, data_converter=pydantic_data_converter)


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """A sandbox whose people ignore everything and whose providers accept everything."""
    settings = SandboxSettings(
        personas={
            "payer": 0,
            "promiser": 0,
            "answerer": 0,
            "opt_outer": 0,
            "unreachable": 0,
            "ignorer": 1,
        },
        callback_retries=0,
    )
    with in_thread(create_app(settings, clock=WallClock(), bank=PiggyBank())) as url:
        yield url


@pytest.fixture
async def rooms(pool: Pool, sandbox_url: str) -> AsyncIterator[House]:
    """The activities' house on a fresh database."""
    with house_for(pool, settings_for(sandbox_url)) as made:
        yield made


@pytest.fixture
async def life(client: Client) -> AsyncIterator[Life]:
    """One account's workflow, not started yet; it does not outlive its test."""
    made = Life(client)
    yield made
    with contextlib.suppress(RPCError):  # ended by itself, or never started
        await made.handle.terminate("end of test")


@pytest.fixture
async def working(client: Client, rooms: House) -> AsyncIterator[None]:
    """Workers without a cache: every workflow task replays from the start."""
    async with running(client, rooms, **STRICT):
        yield
