"""The schema: the database knows the same moves as the domain, and old workers go on beside it."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import asyncpg
import pytest

from config.settings import ROOT
from domain.ledger.attempt import TRANSITIONS
from lab.local.postgres import LocalPostgres
from store.database import SCHEMA, Pool
from workers.migrate import migrate

REVISIONS = [file.name[:4] for file in sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))]


async def test_moves_of_an_attempt_are_the_same_in_postgres(pool: Pool) -> None:
    rows = await pool.fetch("SELECT old, new FROM attempt_moves")
    known = {(old.value, new.value) for old, news in TRANSITIONS.items() for new in news}
    assert {(row["old"], row["new"]) for row in rows} == known


def test_the_code_asks_for_the_newest_schema() -> None:
    """Two branches that each add a migration merge without a conflict here, and forget it."""
    assert REVISIONS[-1] == SCHEMA


@pytest.fixture
async def empty(postgres: LocalPostgres) -> AsyncIterator[str]:
    """A database of its own without any schema."""
    server = await asyncpg.connect(postgres.url)
    await server.execute("CREATE DATABASE step_by_step")
    yield postgres.database_url("step_by_step")
    await server.execute("DROP DATABASE step_by_step WITH (FORCE)")
    await server.close()


async def test_every_step_leaves_what_older_workers_read_and_write(empty: str) -> None:
    """No column goes, changes its type or becomes a duty that an older worker does not know."""
    found = []
    for revision in REVISIONS:
        await asyncio.to_thread(migrate, empty, revision)
        found.append(await _columns(empty))
    assert len(found) == len(REVISIONS) > 1
    for (before, after), revision in zip(pairwise(found), REVISIONS[1:], strict=True):
        tables = {table for table, _ in before}
        for column, (kind, must) in before.items():
            assert column in after, f"{revision} takes {column} away"
            assert after[column][0] == kind, f"{revision} makes {column} {after[column][0]}"
            assert must or not after[column][1], f"{revision} demands {column}"
        new = {column: must for column, (_, must) in after.items() if column not in before}
        asked = [column for column, must in new.items() if must and column[0] in tables]
        assert not asked, f"{revision} demands {asked} of workers that do not know them"


async def _columns(url: str) -> dict[tuple[str, str], tuple[str, bool]]:
    """(table, column) to its type, and whether whoever inserts has to name it."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        """
        SELECT table_name, column_name, udt_name,
            is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AS must
        FROM information_schema.columns WHERE table_schema = 'public'
        """
    )
    await connection.close()
    return {(r["table_name"], r["column_name"]): (r["udt_name"], r["must"]) for r in rows}
