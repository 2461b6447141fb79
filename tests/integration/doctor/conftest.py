"""A deployment on real servers: PostgreSQL, Temporal, the sandbox, a gateway at its address."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from temporalio.client import Client

from config.keywords import shipped_keywords
from config.settings import Settings
from lab.builders.parts import SANDBOX, second_providers, settings_for, wording
from lab.local.temporal import LocalTemporal
from lab.sandbox.app import create_app
from lab.sandbox.server import Server, in_thread
from store.database import Pool
from tests.support.sandbox import ignoring
from tests.support.serving import listening
from workers.accounts import Accounts
from workers.clock import SystemClock
from workers.connection import temporal_client
from workers.doctor.checklist import checklist
from workers.doctor.findings import Finding, examined
from workers.gateway.app import build

TODAY = date(2026, 12, 1)
Examine = Callable[..., Any]


@pytest.fixture(scope="session")
def temporal() -> Iterator[LocalTemporal]:
    """The server; in memory, in real time."""
    server = LocalTemporal(None)
    asyncio.run(server.start())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """Providers that take everything."""
    with in_thread(create_app(ignoring())) as url:
        yield url


@pytest.fixture
async def client(temporal: LocalTemporal, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Temporal, as the environment of these tests names it."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    return await temporal_client()


@pytest.fixture
async def settings(client: Client, database_url: str, sandbox_url: str) -> Settings:
    """All four companies, each with what its webhooks are verified with."""
    more = second_providers(sandbox_url)
    return settings_for(
        sandbox_url,
        **more,
        database_url=database_url,
        resend_webhook_secret=SANDBOX.resend_webhook_secret.get_secret_value(),
        unsubscribe_key="0123456789abcdef0123456789abcdef",
    )


@contextlib.asynccontextmanager
async def gateway(settings: Settings, pool: Pool, client: Client) -> AsyncIterator[Settings]:
    """Serve webhooks at an address that these settings then name."""
    opened, url = listening()
    served = settings.model_copy(update={"public_url": url})
    app = build(served, pool, Accounts(client), SystemClock(), shipped_keywords(), wording())
    server = Server(app, signals=False)
    serving = asyncio.create_task(server.serve(sockets=[opened]))
    try:
        yield served
    finally:
        server.should_exit = True
        await serving
        opened.close()


async def found(
    settings: Settings, *names: str, patience: float = 20, today: date = TODAY
) -> list[Finding]:
    """What these checks find."""
    checks = checklist(settings, [], dict(os.environ), today)
    return await examined([one for one in checks if one.name in names], patience)


def faults(findings: list[Finding]) -> list[str]:
    """What is wrong, in words."""
    return [one.what for one in findings if one.verdict == "fault"]


def said(findings: list[Finding], verdict: str) -> str:
    """All that is said with a verdict."""
    return "\n".join(one.what for one in findings if one.verdict == verdict)


def now() -> datetime:
    """The wall's."""
    return datetime.now(UTC)
