"""A bank's files at an address, and accounts whose messages carry them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lab.builders.parts import dependencies_for, second_providers, settings_for
from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from store.database import Pool
from tests.integration.channels.conftest import Script
from tests.integration.documents.bank import Bank


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """A sandbox of this test's own: the same attempt ids come again in every test."""
    nobody = {"payer": 0, "promiser": 0, "answerer": 0, "opt_outer": 0, "unreachable": 0}
    settings = SandboxSettings(personas={**nobody, "ignorer": 1}, callback_retries=0)
    app = create_app(settings, clock=WallClock(), bank=PiggyBank())
    with in_thread(app) as url:
        yield url


@pytest.fixture
def files() -> Iterator[Script]:
    """The host of the operator's files."""
    script = Script()
    yield script
    script.close()


@pytest.fixture
async def bank(
    request: pytest.FixtureRequest, pool: Pool, sandbox_url: str, files: Script, tmp_path: Path
) -> AsyncIterator[Bank]:
    more = getattr(request, "param", {})
    if more.get("email_providers") == ("resend",):
        more = more | second_providers(sandbox_url)
    settings = settings_for(
        sandbox_url,
        documents_url=files.url,
        documents_folder=tmp_path,
        twilio_whatsapp_from="+15005550006",
        agency_name="Agencia Cobros",
        phone="+57 601 555 0100",
        **more,
    )
    with dependencies_for(pool, settings) as made:
        yield Bank(pool, made, sandbox_url, files, tmp_path)
