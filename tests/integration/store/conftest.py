"""The activities' house on real PostgreSQL, the providers' SDKs against a fresh sandbox."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from activities.house import House
from activities.store.database import Pool
from tests.support.activities import Actor
from tests.support.house import add_account, add_customer, house_for, settings_for
from workers.sandbox.app import create_app
from workers.sandbox.bank import PiggyBank
from workers.sandbox.clock import WallClock
from workers.sandbox.server import in_thread
from workers.sandbox.settings import Settings as SandboxSettings


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """A sandbox of this test's own: the same attempt ids come again in every test."""
    nobody = {"payer": 0, "promiser": 0, "answerer": 0, "opt_outer": 0, "unreachable": 0}
    settings = SandboxSettings(personas={**nobody, "ignorer": 1}, callback_retries=0)
    app = create_app(settings, clock=WallClock(), bank=PiggyBank())
    with in_thread(app) as url:
        yield url


@pytest.fixture
async def house(pool: Pool, sandbox_url: str) -> AsyncIterator[House]:
    """All the activities need."""
    with house_for(pool, settings_for(sandbox_url, provider_timeout=0.7)) as made:
        yield made


@pytest.fixture
async def actor(pool: Pool, house: House) -> Actor:
    """One Colombian account, ten days past due, SMS and e-mail consented."""
    await add_customer(pool, preferred="sms")
    await add_account(pool, due=datetime.now(UTC).date() - timedelta(days=10))
    return Actor(house)


@pytest.fixture
def now() -> datetime:
    """A moment after everything above was written."""
    return datetime.now(UTC)
