"""What the contact ledger costs PostgreSQL: beside pgbench, and with millions of attempts in it.

``python -m lab.bench.ledger [--attempts 10000000]`` alone; rows are made by the server, about
1 GB of disk for a million attempts, and everything is removed at the end.
"""

import argparse
import asyncio
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

import asyncpg
from rich.console import Console

from domain.channels import Channel, Purpose
from domain.names import attempt_id
from domain.planning.step import Status, Step, StepKind, View
from lab.bench import figures
from lab.bench.figures import Row, ratios, spread
from lab.local.postgres import LocalPostgres
from store.attempt_moves import ACCEPT, DISPATCH
from store.database import SAME_PLANS, Pool, connect
from store.ledger import INSERT_RESERVED, Ledger, Reservation
from store.situations import (
    LOCK_PERSON,
    SELECT_SITUATION,
    lock_contact,
    read_situation,
)
from workers.migrate import migrate

CLIENTS: Final = 4
EACH: Final = 20
"""Attempts of one customer: a reservation reads them all, however many others there are."""
SIZES: Final = (10_000, 1_000_000)
CHUNK: Final = 50_000
CONTACTS: Final = 250
"""Of each client in each round."""
NOW: Final = datetime(2026, 11, 23, 16, tzinfo=UTC)
SERVED: Final = {Channel.SMS: ("twilio",)}

# Customers $1 to $2 with one account and EACH past attempts, in one statement each.
GENERATE: Final = (
    """
    INSERT INTO customers (customer_id, name, locale, country, zones)
    SELECT 'C' || n, 'Ana Rojas', 'es-CO', 'CO', '{America/Bogota}'
    FROM generate_series($1::int, $2::int) n
    """,
    """
    INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, address, consented)
    SELECT 'P' || n, 'C' || n, 'sms', 'mobile', '+57' || n, true
    FROM generate_series($1::int, $2::int) n
    """,
    """
    INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, balance_as_of,
        oldest_due_date)
    SELECT 'bank', 'A' || n, 'C' || n, 'COP', 100, '2026-01-01', '2026-01-01'
    FROM generate_series($1::int, $2::int) n
    """,
    f"""
    INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
        purpose, channel, provider, contact_point_id, state, execution, jurisdictions, zones,
        not_before, not_after, facts_seen, reserved_at, dispatched_at, settled_at,
        provider_message_id, content_digest, rule)
    SELECT substr(encode(sha256(('A' || n || '/' || k)::bytea), 'hex'), 1, 24), 'bank', 'A' || n,
        'C' || n, ARRAY['bank/A' || n], k, 1, 'early', 'reminder', 'sms', 'twilio', 'P' || n,
        'delivered', gen_random_uuid() || '/1/1', '{{CO}}', '{{America/Bogota}}', at, at, 0, at, at,
        at, 'SM' || md5(n || '/' || k), encode(sha256(k::text::bytea), 'hex'), 'co.ley2300.hours'
    FROM generate_series($1::int, $2::int) n, generate_series(1, {EACH}) k,
        LATERAL (SELECT timestamptz '2026-11-20' - k * interval '5 days' AS at) t
    """,
)


_INDEXES: Final = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index WHERE indrelid = 'attempts'::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


class Books:
    """A ledger of one size, and the customers nobody has been reserved for yet."""

    def __init__(
        self, pool: Pool, url: str, attempts: int, statements: Sequence[str] = GENERATE
    ) -> None:
        self.pool, self.url, self.customers = pool, url, attempts // EACH
        self.statements = statements
        self.ledger = Ledger(pool)
        self.chance = random.Random(1)
        everybody = range(1, self.customers + 1)
        self.fresh = iter(self.chance.sample(everybody, min(self.customers, 100_000)))

    async def fill(self) -> None:
        """Write all attempts; the triggers rest, for nothing here moves, and indexes come last."""
        connection = await asyncpg.connect(self.url, command_timeout=1800)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET synchronous_commit = off")
        await connection.execute("SET maintenance_work_mem = '1GB'")
        indexes = await connection.fetch(_INDEXES)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        for first in range(1, self.customers + 1, CHUNK):
            for statement in self.statements:
                await connection.execute(statement, first, min(first + CHUNK - 1, self.customers))
        for index in indexes:
            await connection.execute(index["definition"])
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
        await connection.close()

    async def reserve(self) -> str:
        """The transaction that reserves, for a customer not seen before; the attempt."""
        account = f"A{next(self.fresh)}"
        async with self.pool.acquire() as connection, connection.transaction():
            await lock_contact(connection, "bank", account)
            found = await read_situation(connection, "bank", account, NOW, SERVED)
            assert found is not None
            situation, facts = found
            attempt = attempt_id("bank", account, situation.next_step)
            step = _step(account, situation.next_step)
            reservation = Reservation(
                attempt_id=attempt,
                provider="twilio",
                jurisdictions=("CO",),
                reserved_at=NOW,
                facts_seen=facts,
                execution="run/1/1",
            )
            await self.ledger.reserve(connection, situation, step, reservation)
        return attempt

    async def pages(self, customers: int = 20) -> float:
        """Pages that reading a situation touches: no load on the machine changes that."""
        found = []
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {SELECT_SITUATION}"
        for number in self.chance.sample(range(1, self.customers + 1), customers):
            given = ("bank", f"A{number}", NOW - timedelta(days=400), NOW, ["sms"], ["twilio"])
            said = await self.pool.fetchval(explain, *given, NOW, 50)
            plan = said[0]["Plan"]
            found.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
        return float(median(found))


def _step(account: str, number: int) -> Step:
    return Step(
        kind=StepKind.CONTACT,
        number=number,
        not_before=NOW,
        not_after=NOW + timedelta(hours=1),
        summary="reminder",
        why="touch",
        phase="early",
        touch=1,
        channel=Channel.SMS,
        contact_point_id=f"P{account.removeprefix('A')}",
        purpose=Purpose.REMINDER,
        covers=(f"bank/{account}",),
        view=View(
            status=Status.COLLECTING,
            phase="early",
            jurisdiction="CO",
            days_past_due=10,
            bucket="1-30",
            balance=100,
            currency="COP",
        ),
    )


def _script() -> str:
    """One contact as pgbench runs it: the product's own statements, in three transactions."""
    account, attempt = "'A' || :n::text", "'attempt ' || :n::text"
    now, text = f"timestamptz '{NOW.isoformat()}'", "'digest'"
    reserve = (
        *(attempt, "'bank'", account, "'C' || :n::text", f"ARRAY['bank/' || {account}]"),
        *(f"{EACH + 100}", "1", "'early'", "'reminder'", "'sms'", "'twilio'", "'P' || :n::text"),
        *("'run/1/1'", "ARRAY['CO']", "ARRAY['America/Bogota']", now, now, now, "0"),
        *("'rule'", "'cite'", "NULL", "1", "ARRAY['d1', 'd2', 'd3']", *["NULL"] * 3),
    )
    read = ("'bank'", account, f"{now} - interval '400 days'", now, "ARRAY['sms']")
    statements = (
        "BEGIN",
        _filled(LOCK_PERSON, ("'bank'", account, "true")),
        _filled(SELECT_SITUATION, (*read, "ARRAY['twilio']", now, "50")),
        _filled(INSERT_RESERVED, reserve),
        "COMMIT",
        _filled(DISPATCH, (attempt, "'run/1/1'", now, text)),
        _filled(ACCEPT, (attempt, "'SM' || :n::text", now)),
    )
    each = "\\set i :i + 1\n\\set n :base + :client_id * :share + :i\n"
    return each + "".join(f"{statement.strip()};\n" for statement in statements)


def _filled(statement: str, values: Sequence[str]) -> str:
    return re.sub(r"\$(\d+)", lambda found: f"({values[int(found.group(1)) - 1]})", statement)


async def _milliseconds(ledgers: Sequence[Books], samples: int) -> list[float]:
    """The median of single reservations in each ledger, one after the other and in turn: whatever
    else the machine does meanwhile, it does to all of them."""
    taken: list[list[float]] = [[] for _ in ledgers]
    for _ in range(samples):
        for books, times in zip(ledgers, taken, strict=True):
            began = time.perf_counter()
            await books.reserve()
            times.append(1000 * (time.perf_counter() - began))
    return [median(times) for times in taken]


async def _pgbench(postgres: LocalPostgres, database: str, *options: str) -> str:
    server = ("-h", "127.0.0.1", "-p", str(postgres.port), "-U", "postgres", database)
    running = await asyncio.create_subprocess_exec(
        str(postgres.programs / "pgbench"),
        *options,
        *server,
        env={
            **os.environ,
            "PGOPTIONS": " ".join(f"-c {k}={v}" for k, v in SAME_PLANS.items()),  # as of workers
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await running.communicate())[0].decode()
    if running.returncode or "ERROR" in said:
        raise RuntimeError(f"pgbench: {said}")
    return said


async def _rate(postgres: LocalPostgres, database: str, *what: str) -> float:
    """Scripts a second, by pgbench and its clients."""
    run = ("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2")
    said = await _pgbench(postgres, database, *run, *what)
    found = re.search(r"^tps = ([\d.]+)", said, re.MULTILINE)
    assert found, said
    return float(found.group(1))


async def measure(
    *, rounds: int, seconds: float, sizes: tuple[int, ...] = SIZES, samples: int = 400
) -> list[Row]:
    """Both rows, on a durable server of their own."""
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-ledger-"))
    postgres = LocalPostgres(folder / "postgres")
    try:
        await asyncio.to_thread(postgres.start)
        server = await asyncpg.connect(postgres.url)
        for database in ("pgbench", *map(_database, sizes)):
            await server.execute(f"CREATE DATABASE {database}")
        await server.close()
        await _pgbench(postgres, "pgbench", "-i", "-q", "-s", "10")
        (folder / "contact.sql").write_text(_script(), encoding="utf-8")
        ledgers: list[Books] = []
        async with AsyncExitStack() as pools:
            for size in sizes:
                url = postgres.database_url(_database(size))
                await asyncio.to_thread(migrate, url)
                pool = await pools.enter_async_context(connect(url, CLIENTS, same_plans=True))
                ledgers.append(Books(pool, url, size))
                await ledgers[-1].fill()
            script = folder / "contact.sql"
            return await _measured(postgres, ledgers, sizes, script, rounds, seconds, samples)
    finally:
        await asyncio.to_thread(postgres.stop)
        shutil.rmtree(folder, ignore_errors=True)


def _database(attempts: int) -> str:
    return f"ledger_{attempts}"


async def _measured(
    postgres: LocalPostgres,
    ledgers: Sequence[Books],
    sizes: tuple[int, ...],
    script: Path,
    rounds: int,
    seconds: float,
    samples: int,
) -> list[Row]:
    few = min(samples, ledgers[0].customers * 3 // 4)
    await _milliseconds(ledgers, min(20, few // 10))  # connections and plans warm
    took = dict(zip(sizes, await _milliseconds(ledgers, few), strict=True))
    pages = {size: await books.pages() for size, books in zip(sizes, ledgers, strict=True)}
    # Every contact is of another customer: each client has its own, each round another stretch.
    books, database = ledgers[-1], _database(sizes[-1])
    share = books.customers // (CLIENTS * rounds)
    contacts = str(min(share, CONTACTS))
    timed = ("-T", f"{seconds:.0f}")
    ours: list[float] = []
    bare: list[float] = []
    for place in range(rounds):
        given = {"i": 0, "base": place * share * CLIENTS, "share": share}
        defined = [word for name, value in given.items() for word in ("-D", f"{name}={value}")]
        ours.append(await _rate(postgres, database, "-t", contacts, "-f", str(script), *defined))
        bare.append(await _rate(postgres, "pgbench", *timed, "-b", "simple-update") / 3)
    first = took[sizes[0]]
    return [
        Row(
            "contacts in the ledger a second; three simple-updates of pgbench",
            spread(ours, 0),
            spread(bare, 0),
            spread(ratios(ours, bare), 2),
            ">= 0.5",
        ),
        *(
            Row(
                f"reserving among {size:,} attempts, ms (beside {sizes[0]:,})",
                f"{took[size]:.2f}",
                f"{first:.2f}",
                f"{took[size] / first:.2f}",
                "<= 1.5",
            )
            for size in sizes[1:]
        ),
        *(
            Row(
                f"pages read to reserve among {size:,} attempts (beside {sizes[0]:,})",
                f"{pages[size]:.0f}",
                f"{pages[sizes[0]]:.0f}",
                f"{pages[size] / pages[sizes[0]]:.2f}",
                "<= 1.5",
            )
            for size in sizes[1:]
        ),
    ]


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m lab.bench.ledger", description=__doc__)
    parser.add_argument("--attempts", type=int, default=SIZES[-1], help="in the largest ledger")
    given = parser.parse_args()
    sizes = (SIZES[0], given.attempts)
    began = time.monotonic()
    rows = asyncio.run(measure(rounds=5, seconds=5, sizes=sizes))
    took = f"{CLIENTS} clients; took {time.monotonic() - began:.0f} s"
    figures.show(Console(width=150), rows, [figures.machine(), took])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
