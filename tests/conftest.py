"""What tests need to run: a real PostgreSQL, emptied before every test."""

import gc
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

# Its pytest plugin would import it after the last test, when threads of the tests may still run: in
# CPython before 3.11.8 two threads that parse source at a time end in a SystemError (gh-106905).
import hypothesis
import pytest

# Before anything asks what time it is.
from tests.support.time import CLOCKS, before_hours  # isort: skip
from lab.local.postgres import LocalPostgres
from store.database import Pool, connect
from tests.support.access.roles import make_users
from tests.support.emptying import Emptying
from tests.support.quick import be_quick, shortened
from workers.migrate import migrate

be_quick()

# No test asserts a time: an example that has to wait for a busy machine is no failure.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A server for the whole run, its database migrated once."""
    # Not under pytest's own folder: a second run as root would make that unreadable to the server.
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-"))
    server = LocalPostgres(folder / "postgres", durable=False).start()
    migrate(server.url)
    make_users(server.url)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def emptying(postgres: LocalPostgres) -> Iterator[Emptying]:
    """What takes all rows away."""
    with Emptying(postgres.url) as made:
        yield made


@pytest.fixture
def database_url(postgres: LocalPostgres, emptying: Emptying) -> str:
    """A migrated database without a row; emptied before the test, so that a failure leaves it."""
    emptying.empty()
    return postgres.url


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to this test's database."""
    async with connect(database_url) as made:
        yield made


@pytest.fixture
def working_morning() -> Iterator[datetime]:
    """Begin before hours on a working day, for a test whose account has to wait first."""
    with CLOCKS.moved(before_hours()) as moment:
        yield moment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fewer examples of Hypothesis's than ``make search`` tries."""
    for item in items:
        shortened(item)


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector of garbage need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say when the tests were begun, where it is not now."""
    if CLOCKS.begins is not None:
        terminalreporter.write_line(f"begun on {CLOCKS.begins:%A %Y-%m-%d %H:%M} UTC (TEST_BEGINS)")


def pytest_unconfigure() -> None:
    """Let Temporal's native threads end: the interpreter may crash in shutdown beside them."""
    CLOCKS.put_back()
    time.sleep(1)
