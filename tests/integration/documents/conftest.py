"""A bank's files at an address, and accounts whose messages carry them."""

from collections.abc import Iterator

import pytest

from lab.sandbox.app import create_app
from lab.sandbox.clock import WallClock
from lab.sandbox.persons.bank import PiggyBank
from lab.sandbox.server import in_thread
from lab.sandbox.settings import Settings as SandboxSettings
from tests.integration.channels.conftest import Script


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
