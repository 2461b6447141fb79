"""What tests need to run: a real PostgreSQL (one server, one fresh database a test)."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from activities.store.database import Pool, connect
from workers.local.postgres import LocalPostgres
from workers.migrate import migrate


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A server for the whole run; its template database is migrated once."""
    # Not under pytest's own folder: a second run as root would make that unreadable to the server.
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-"))
    server = LocalPostgres(folder / "postgres", durable=False).start()
    asyncio.run(_execute(server, "CREATE DATABASE template_contrapunto"))
    migrate(server.database_url("template_contrapunto"))
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def database_url(
    postgres: LocalPostgres, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """An empty, migrated database of this test's own."""
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    await _execute(postgres, f"CREATE DATABASE {name} TEMPLATE template_contrapunto")
    yield postgres.database_url(name)
    await _execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to this test's database."""
    async with connect(database_url) as made:
        yield made


async def _execute(server: LocalPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def pytest_unconfigure() -> None:
    """Let Temporal's native threads end: the interpreter may crash in shutdown beside them."""
    time.sleep(1)
