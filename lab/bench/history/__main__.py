"""``python -m lab.bench.history [--attempts 400000]``: reserving, with years of contacts on record.

Half of the attempts are of accounts that were over long ago, spread over 12 or 120 months. Five
ledgers of the same rows, measured in turn, so that whatever else the machine does, it does to all:

- all in ``attempts``, as before there was a history;
- what is over moved into a history of 12 or 120 months, by ``contrapunto maintain``'s own code;
- ``attempts`` itself in partitions of 12 or 120 months, with a table of keys for what must be
  unique: the way that was not taken.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import asyncpg
from rich.console import Console

from domain.history.months import Month, Table, month_of
from lab.bench import figures
from lab.bench.figures import Row
from lab.bench.ledger import CLIENTS, EACH, GENERATE, NOW, Books
from lab.local.postgres import LocalPostgres
from store.database import MAINTENANCE, connect
from store.history.moving import History
from store.history.partitions import stray
from workers.migrate import migrate

_LAST: Final = datetime(2025, 9, 20, tzinfo=UTC)
"""When the last of what is over was contacted."""


def _old(months: int) -> tuple[str, ...]:
    """Customers whose accounts are over, with their attempts spread over so many months."""
    when = f"timestamptz '{_LAST:%Y-%m-%d}' - ((n + k) % {months}) * interval '1 month'"
    made = []
    for statement in GENERATE:
        told = statement.replace("timestamptz '2026-11-20' - k * interval '5 days'", when)
        made.append(told.replace("'C' || n, 'COP', 100", "'C' || n, 'COP', 0"))
    return (
        *made,
        "UPDATE accounts SET status = 'closed', close_reason = 'cured', closed_at = "
        f"timestamptz '{_LAST:%Y-%m-%d}' WHERE creditor = 'bank' "
        "AND substr(account_id, 2)::int BETWEEN $1::int AND $2::int",
    )


_PARTED: Final = (
    "ALTER TABLE attempts RENAME TO attempts_whole",
    "CREATE TABLE attempts (LIKE attempts_whole INCLUDING DEFAULTS) PARTITION BY RANGE"
    " (reserved_at)",
    "CREATE TABLE keys_of_all (attempt_id text PRIMARY KEY, creditor text, account_id text,"
    " step integer, UNIQUE (creditor, account_id, step))",
)
_PARTED_INDEXES: Final = (
    "CREATE INDEX ON attempts (attempt_id)",
    "CREATE INDEX ON attempts (creditor, account_id, step)",
    "CREATE INDEX ON attempts (customer_id, reserved_at)",
    "CREATE INDEX ON attempts (contact_point_id, reserved_at)",
    "CREATE INDEX ON attempts (provider, provider_message_id)"
    " WHERE provider_message_id IS NOT NULL",
    "CREATE INDEX ON attempts USING gin (covers) WITH (fastupdate = off)",
    "CREATE INDEX ON attempts (reserved_at) WHERE settled_at IS NULL",
    "INSERT INTO keys_of_all SELECT attempt_id, creditor, account_id, step FROM attempts",
    """
    CREATE FUNCTION keep_key() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO keys_of_all VALUES (NEW.attempt_id, NEW.creditor, NEW.account_id, NEW.step);
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER keep_key BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION keep_key()",
    "CREATE TRIGGER attempts_guard BEFORE INSERT OR UPDATE OF state ON attempts FOR EACH ROW"
    " EXECUTE FUNCTION attempts_guard()",
)


@dataclass
class Ledger:
    """One of the five."""

    name: str
    months: int
    moved: bool = False
    parted: bool = False
    books: Books | None = None

    @property
    def database(self) -> str:
        """Its database."""
        return f"history_{self.months}{'_moved' * self.moved}{'_parted' * self.parted}"


LEDGERS: Final = (
    ("all in one table", 120, False, False),
    ("history of 12 months", 12, True, False),
    ("history of 120 months", 120, True, False),
    ("table in 12 partitions", 12, False, True),
    ("table in 120 partitions", 120, False, True),
)


async def _part(url: str, months: int) -> None:
    """Make partitions of ``attempts`` itself."""
    connection = await asyncpg.connect(url, command_timeout=1800)
    await connection.execute("SET session_replication_role = replica")
    for statement in _PARTED:
        await connection.execute(statement)
    month = month_of(NOW)
    # From the newest back; those of the accounts that are collected are beside the old ones.
    for _ in range(months + 16):
        begins, ends = month.span
        await connection.execute(
            f"CREATE TABLE attempts_{month.begins:%Y_%m} PARTITION OF attempts FOR VALUES"
            f" FROM ('{begins.isoformat()}') TO ('{ends.isoformat()}')"
        )
        year, before = divmod(month.begins.year * 12 + month.begins.month - 2, 12)
        month = Month(month.begins.replace(year=year, month=before + 1))
    await connection.execute("INSERT INTO attempts SELECT * FROM attempts_whole")
    for statement in _PARTED_INDEXES:
        await connection.execute(statement)
    await connection.execute("DROP TABLE attempts_whole CASCADE")
    await connection.execute("VACUUM (ANALYZE)")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def _fill(ledger: Ledger, url: str, attempts: int) -> None:
    assert ledger.books is not None
    half = attempts // 2 // EACH
    old = await asyncpg.connect(url, command_timeout=1800)
    await old.execute("SET session_replication_role = replica")
    await old.execute("SET synchronous_commit = off")
    for statement in _old(ledger.months):
        await old.execute(statement, half + 1, 2 * half)
    await old.close()
    await ledger.books.fill()
    if ledger.parted:
        await _part(url, ledger.months)
    if ledger.moved:
        async with connect(url, 2, role=MAINTENANCE) as pool:
            began, moved = time.monotonic(), 0
            async for table, _, rows in History(pool).move(NOW):
                assert table is Table.ATTEMPTS
                moved += rows
            took = time.monotonic() - began
            assert moved == half * EACH, moved
            assert not any((await stray(pool)).values())
            await pool.execute("VACUUM (ANALYZE)")
            print(f"{ledger.name}: {moved:,} moved in {took:.0f} s", file=sys.stderr)


async def measure(attempts: int, samples: int) -> list[Row]:
    """All five, on a durable server of their own."""
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-history-"))
    postgres = LocalPostgres(folder / "postgres")
    try:
        await asyncio.to_thread(postgres.start)
        ledgers = [Ledger(*one) for one in LEDGERS]
        server = await asyncpg.connect(postgres.url)
        async with AsyncExitStack() as pools:
            for ledger in ledgers:
                await server.execute(f"CREATE DATABASE {ledger.database}")
                url = postgres.database_url(ledger.database)
                await asyncio.to_thread(migrate, url)
                pool = await pools.enter_async_context(connect(url, CLIENTS, same_plans=True))
                ledger.books = Books(pool, url, attempts // 2)
                await _fill(ledger, url, attempts)
            await server.close()
            return await _measured(ledgers, samples)
    finally:
        await asyncio.to_thread(postgres.stop)
        shutil.rmtree(folder, ignore_errors=True)


async def _measured(ledgers: list[Ledger], samples: int) -> list[Row]:
    taken: dict[str, list[float]] = {ledger.name: [] for ledger in ledgers}
    for turn in range(samples + 20):
        for ledger in ledgers:
            assert ledger.books is not None
            began = time.perf_counter()
            await ledger.books.reserve()
            if turn >= 20:  # connections and plans are warm by then
                taken[ledger.name].append(1000 * (time.perf_counter() - began))
    first = median(taken[ledgers[0].name])
    rows = []
    for ledger in ledgers:
        assert ledger.books is not None
        times, pages = taken[ledger.name], await ledger.books.pages()
        rows.append(
            Row(
                f"reserving, ms; its 95th percentile; pages read: {ledger.name}",
                f"{median(times):.2f}; {quantiles(times, n=20)[-1]:.2f}; {pages:.0f}",
                f"{first:.2f}",
                f"{median(times) / first:.2f}",
                "" if ledger.parted else "<= 1.1",
            )
        )
    return rows


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m lab.bench.history", description=__doc__)
    parser.add_argument("--attempts", type=int, default=400_000, help="in each ledger")
    parser.add_argument("--samples", type=int, default=400, help="reservations in each")
    given = parser.parse_args()
    began = time.monotonic()
    rows = asyncio.run(measure(given.attempts, given.samples))
    took = f"in turn, the first beside; took {time.monotonic() - began:.0f} s"
    figures.show(Console(width=150), rows, [figures.machine(), took])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
