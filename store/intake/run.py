"""One intake at a time: a run, from its stage to its outbox, on one session of PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from typing import Final

import asyncpg

from domain.failures import Misconfigured, Unavailable
from store.database import Connection, Pool
from store.intake.findings import Findings
from store.intake.merging import Merge
from store.intake.outbox import Outbox
from store.intake.parties import Parties
from store.intake.recalling import Recall
from store.intake.staging import CREATE_STAGE, DROP_STAGE, LONG, Stage

ONE_FILE: Final = 0x496E74616B66
"""Advisory lock: one file at a time, since two could undo each other's contact points."""
LOCK: Final = 0x496E74616B65
"""Advisory lock: who looks at what is on record and merges into it, a file or a put, is alone. A
file holds it neither while it is read nor while its workflows are told, which may take hours."""

# The latest run of a file, how many there are, and whether another file of one of its creditors
# came after it: then the file's content is news once more. So it is where the run was cut before it
# had read whose accounts it lists.
SELECT_LATEST: Final = """
SELECT r.run_id, count(*) OVER () AS runs, EXISTS (SELECT FROM intake_runs o
    WHERE o.begun_at > r.begun_at
        AND (o.creditors && r.creditors OR r.creditors = '{}' AND o.creditors <> '{}')) AS followed
FROM intake_runs r WHERE r.run_id = $1 OR starts_with(r.run_id, $1 || '.')
ORDER BY r.begun_at DESC, r.run_id DESC LIMIT 1
"""

BEGIN_RUN: Final = """
INSERT INTO intake_runs (run_id, started_at, snapshot, creditors) VALUES ($1, $2, $3, '{}')
ON CONFLICT (run_id) DO UPDATE SET finished_at = NULL RETURNING started_at
"""

NOTE_CREDITORS: Final = """
UPDATE intake_runs SET creditors = ARRAY(SELECT DISTINCT creditor FROM intake_rows)
WHERE run_id = $1
"""

FINISH_RUN: Final = "UPDATE intake_runs SET finished_at = now(), rows_read = $2 WHERE run_id = $1"


# What is asked of a whole file is planned each time, by how much there is. What is asked of each
# batch is planned once, before its tables have grown, so as to read them by their keys alone: a
# plan made for small tables would read them whole, 2 s a batch in the place of 40 ms at 16,000
# rows, and to plan each time anew would plan every check of a foreign key, row by row, too, which
# is a third of all.
OF_ALL: Final = "SET plan_cache_mode = force_custom_plan; RESET enable_seqscan"
OF_EACH: Final = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"
OF_OTHERS: Final = "RESET plan_cache_mode; RESET enable_seqscan"


class IntakeRun:
    """One run on one session of PostgreSQL. Made by ``IntakeStore.run``."""

    def __init__(self, connection: Connection, run_id: str, as_of: datetime) -> None:
        self.connection, self.run_id, self.as_of = connection, run_id, as_of
        self.stage, self.findings = Stage(connection), Findings(connection)
        self.merge = Merge(connection, run_id, as_of)
        self.recall = Recall(connection, run_id, as_of)
        self.outbox = Outbox(connection)
        self.parties = Parties(connection, run_id, as_of)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Nothing is put while the file is looked at and merged."""
        # It waits in line: the next put would else always be there before it.
        while True:
            with suppress(asyncpg.LockNotAvailableError):
                await self.connection.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=LONG)
                break
        try:
            yield
        finally:
            # A session that is gone has taken its locks along.
            with suppress(asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
                await self.connection.execute("SELECT pg_advisory_unlock($1)", LOCK)

    async def lists(self) -> None:
        """Note whose accounts the file lists, before anything of it is merged."""
        await self.connection.execute(NOTE_CREDITORS, self.run_id, timeout=LONG)

    async def batches(self) -> int:
        """How many batches there are to merge, one after the other, until ``merged``."""
        count = await self.stage.prepare()
        await self.connection.execute(OF_EACH)
        return count

    async def merged(self) -> None:
        """The last batch is."""
        await self.connection.execute(OF_ALL)

    async def finish(self, rows_read: int) -> None:
        """All merged, all told."""
        await self.connection.execute(FINISH_RUN, self.run_id, rows_read)


class IntakeStore:
    """Door to the intake of one database."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    @asynccontextmanager
    async def run(
        self,
        file_id: str,
        as_of: datetime,
        *,
        snapshot: bool,
        dry: bool = False,
        on_wait: Callable[[], None] = lambda: None,
    ) -> AsyncIterator[IntakeRun]:
        """A run, alone of its kind: waits (after ``on_wait()``) while another one is at work.

        ``file_id``: the same for the same file. After itself it is the same run, resumed, and keeps
        its first ``as_of``: its figures are no newer than then, and payments since must not be
        forgotten. After another file of the same creditor it is a run of its own, since that one
        has changed what it says. ``dry``: nothing is kept of it.
        Raises Unavailable or Misconfigured.
        """
        with _translated():
            async with self.pool.acquire() as connection:
                await _alone(connection, on_wait)
                try:
                    await connection.execute(OF_ALL)
                    await connection.execute(DROP_STAGE)
                    await connection.execute(CREATE_STAGE)
                    run_id = await _run_of(connection, file_id)
                    if not dry:
                        as_of = await connection.fetchval(BEGIN_RUN, run_id, as_of, snapshot)
                    yield IntakeRun(connection, run_id, as_of)
                finally:
                    # A session that is gone has taken its temporary tables and its lock along.
                    with suppress(asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
                        try:
                            await connection.execute(DROP_STAGE)
                            await connection.execute(OF_OTHERS)
                        finally:
                            await connection.execute("SELECT pg_advisory_unlock($1)", ONE_FILE)


async def _run_of(connection: Connection, file_id: str) -> str:
    """The run to begin or to go on with."""
    latest = await connection.fetchrow(SELECT_LATEST, file_id)
    if latest is None:
        return file_id
    return f"{file_id}.{latest['runs'] + 1}" if latest["followed"] else str(latest["run_id"])


async def _alone(connection: Connection, on_wait: Callable[[], None]) -> None:
    told = False
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", ONE_FILE):
        if not told:
            on_wait()
            told = True
        await asyncio.sleep(0.2)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        ConnectionError,
    ) as error:
        raise Unavailable(
            "PostgreSQL went away during the intake: what was merged is kept, run it again"
        ) from error
    except asyncpg.UndefinedTableError as error:
        raise Misconfigured("the database has no tables yet: run `contrapunto migrate`") from error
