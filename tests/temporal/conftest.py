"""A Temporal dev server that skips time, one for the whole run; a sandbox beside it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from activities.dependencies import Dependencies
from lab.builders.parts import STRICT, dependencies_for, settings_for
from lab.builders.settlement import settling as with_settlements
from lab.local.temporal import LocalTemporal
from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool
from tests.support.life import Life
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
async def rooms(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    """The activities' dependencies on a fresh database."""
    with dependencies_for(pool, settings_for(sandbox_url)) as made:
        yield made


@pytest.fixture
async def life(client: Client) -> AsyncIterator[Life]:
    """One account's workflow, not started yet; it does not outlive its test."""
    made = Life(client)
    yield made
    with contextlib.suppress(RPCError):  # ended by itself, or never started
        await made.handle.terminate("end of test")


@pytest.fixture
async def working(client: Client, rooms: Dependencies) -> AsyncIterator[None]:
    """Workers without a cache: every workflow task replays from the start."""
    async with running(client, rooms, **STRICT):
        yield


@pytest.fixture
async def settling(client: Client, rooms: Dependencies) -> AsyncIterator[None]:
    """Workers whose strategy lets settlements be offered, and has them told."""
    async with running(client, with_settlements(rooms), **STRICT):
        yield
