"""The activities' dependencies on real PostgreSQL, the providers' SDKs against a fresh sandbox."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from lab.builders.parts import dependencies_for, settings_for
from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool
from tests.support.access.roles import acting_as
from tests.support.activities import Actor
from tests.support.rows import add_account, add_customer


@contextmanager
def quiet_sandbox(**more: Any) -> Iterator[str]:
    """A sandbox whose people do nothing; ``more`` settings of it."""
    nobody = {"payer": 0, "promiser": 0, "answerer": 0, "opt_outer": 0, "unreachable": 0}
    settings = SandboxSettings(personas={**nobody, "ignorer": 1}, callback_retries=0, **more)
    with in_thread(create_app(settings, clock=WallClock(), bank=PiggyBank())) as url:
        yield url


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """A sandbox of this test's own: the same attempt ids come again in every test."""
    with quiet_sandbox() as url:
        yield url


@pytest.fixture
async def dependencies(pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    """All the activities need, in the worker's own role. They tell whole steps, to be looked at."""
    settings = settings_for(sandbox_url, provider_timeout=0.7, whole_orders=True)
    async with acting_as("worker", pool) as own:
        with dependencies_for(own, settings) as made:
            yield made


@pytest.fixture
async def actor(pool: Pool, dependencies: Dependencies) -> Actor:
    """One Colombian account, ten days past due, SMS and e-mail consented."""
    await add_customer(pool, preferred="sms")
    await add_account(pool, due=datetime.now(UTC).date() - timedelta(days=10))
    return Actor(dependencies)


@pytest.fixture
def now() -> datetime:
    """A moment after everything above was written."""
    return datetime.now(UTC)
