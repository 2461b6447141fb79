"""The schema: the database knows the same moves as the domain, and old workers go on beside it."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from itertools import pairwise

import asyncpg
import pytest

from config.settings import ROOT
from domain.failures import Unavailable
from domain.ledger.attempt import TRANSITIONS
from lab.local.postgres import LocalPostgres
from store.attempt_moves import DISPATCH
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


async def test_a_dispatch_writes_into_no_index(pool: Pool) -> None:
    """PostgreSQL leaves all of them alone where nothing changes that one holds or is limited by."""
    found = await pool.fetch(
        """
        SELECT d.objid::regclass::text AS name, a.attname FROM pg_index i
        JOIN pg_depend d ON d.objid = i.indexrelid AND d.refobjid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE i.indrelid = 'attempts'::regclass
        """
    )
    written = re.findall(r"(\w+) =", DISPATCH.partition(" SET ")[2].partition("FROM")[0])
    assert written == ["state", "dispatched_at", "content_digest"]
    assert ("attempts_unsettled", "settled_at") in [tuple(row) for row in found]
    assert not [tuple(row) for row in found if row["attname"] in written]


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


async def test_two_migrators_at_a_time_are_one_after_the_other(empty: str) -> None:
    program = "import sys; from workers.migrate import migrate; migrate(sys.argv[1])"
    migrators = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, empty) for _ in range(2)
    ]
    assert [await one.wait() for one in migrators] == [0, 0]


async def test_a_table_that_somebody_holds_is_not_waited_for(empty: str) -> None:
    """Behind a migration that waits for a table, everybody else would wait, too."""
    await asyncio.to_thread(migrate, empty, "0004")
    connection = await asyncpg.connect(empty)
    async with connection.transaction():
        await connection.execute("LOCK TABLE customers IN ACCESS SHARE MODE")
        with pytest.raises(Unavailable, match="run it again"):
            await asyncio.to_thread(migrate, empty)
    await asyncio.to_thread(migrate, empty)
    await connection.close()


async def test_an_index_that_was_left_half_built_is_built_anew(empty: str) -> None:
    await asyncio.to_thread(migrate, empty, "0005")
    connection = await asyncpg.connect(empty)
    await connection.execute(
        "CREATE INDEX provider_events_pending ON provider_events (at) WHERE NOT told"
    )
    await connection.execute(
        "UPDATE pg_index SET indisvalid = false "
        "WHERE indexrelid = 'provider_events_pending'::regclass"
    )
    await asyncio.to_thread(migrate, empty)
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'provider_events_pending'::regclass"
    assert await connection.fetchval(valid) is True
    await connection.close()
