"""What a report over a million attempts takes, and what it takes from contacts beside it.

``python -m lab.bench.report [--attempts 1000000]``; about 2 GB of disk for a million, and
everything is removed at the end. Half of the attempts are of the period, half of the one before.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Final

import asyncpg
from rich.console import Console

from config.settings import ROOT
from lab.bench import figures
from lab.bench.figures import Row, ratios, spread
from lab.bench.ledger import CLIENTS, EACH, GENERATE, Books
from lab.local.postgres import LocalPostgres
from store.database import connect
from workers.migrate import migrate

DATABASE: Final = "reported"
PERIOD: Final = ("--from", "2026-09-28", "--to", "2026-11-16", "--zone", "America/Bogota")
"""The 20 attempts of each customer are 5 days apart: ten in these 50 days, ten in those before."""

# As those of ``lab.bench.ledger``, of several countries and channels, and not all delivered.
PEOPLE: Final = """
INSERT INTO customers (customer_id, name, locale, country, zones)
SELECT 'C' || n, 'Ana Rojas', CASE n % 4 WHEN 3 THEN 'pt-BR' ELSE 'es-CO' END,
    (ARRAY['CO', 'MX', 'CL', 'BR'])[n % 4 + 1],
    ARRAY[(ARRAY['America/Bogota', 'America/Mexico_City', 'America/Santiago',
        'America/Sao_Paulo'])[n % 4 + 1]]
FROM generate_series($1::int, $2::int) n
"""
ATTEMPTS: Final = f"""
INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
    purpose, channel, provider, contact_point_id, state, execution, jurisdictions, zones,
    not_before, not_after, facts_seen, reserved_at, dispatched_at, settled_at, outcome, refusal,
    code, provider_message_id, content_digest, rule, segments)
SELECT substr(encode(sha256(('A' || n || '/' || k)::bytea), 'hex'), 1, 24), 'bank', 'A' || n,
    'C' || n, ARRAY['bank/A' || n], k, 1,
    (ARRAY['early', 'middle', 'late', 'pre_legal'])[k % 4 + 1],
    (ARRAY['reminder', 'second_notice', 'final_notice', 'pre_legal'])[k % 4 + 1], channel, 'twilio',
    'P' || n, state, gen_random_uuid() || '/1/1', '{{CO}}',
    ARRAY[(ARRAY['America/Bogota', 'America/Mexico_City', 'America/Santiago',
        'America/Sao_Paulo'])[n % 4 + 1]],
    at, at, 0, at, at, at,
    CASE WHEN channel = 'voice' THEN
        (ARRAY['conversation', 'voicemail', 'no_answer', 'no_answer'])[(n + k) % 4 + 1] END,
    CASE WHEN state IN ('undelivered', 'refused') THEN 'recipient' END,
    CASE WHEN state IN ('undelivered', 'refused') THEN (30003 + (n + k) % 6)::text END,
    'SM' || md5(n || '/' || k), encode(sha256(k::text::bytea), 'hex'), 'co.ley2300.hours', n % 3 + 1
FROM generate_series($1::int, $2::int) n, generate_series(1, {EACH}) k,
    LATERAL (SELECT timestamptz '2026-11-21 13:00+00' - k * interval '5 days'
            + (n % 600) * interval '1 minute' AS at,
        (ARRAY['sms', 'email', 'whatsapp', 'voice'])[(n + k) % 4 + 1] AS channel,
        CASE WHEN (n * 7 + k * 13) % 100 < 85 THEN 'delivered'
            WHEN (n * 7 + k * 13) % 100 < 90 THEN 'accepted'
            WHEN (n * 7 + k * 13) % 100 < 96 THEN 'undelivered'
            WHEN (n * 7 + k * 13) % 100 < 98 THEN 'refused'
            WHEN (n * 7 + k * 13) % 100 < 99 THEN 'unknown' ELSE 'released' END AS state) t
"""
AROUND: Final = (
    """
    INSERT INTO payments (creditor, account_id, payment_id, amount, paid_at)
    SELECT 'bank', 'A' || n, 'p' || k, 10000, timestamptz '2026-11-16' - (n % 90) * interval '1 day'
    FROM generate_series($1::int, $2::int) n, generate_series(1, 2) k
    """,
    """
    INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at, state,
        settled_at)
    SELECT 'bank', 'A' || n, 'r1', 20000, '2026-11-01', at, (ARRAY['kept', 'broken'])[n % 2 + 1],
        at + interval '5 days'
    FROM generate_series($1::int, $2::int, 3) n,
        LATERAL (SELECT timestamptz '2026-11-10' - (n % 90) * interval '1 day' AS at) t
    """,
    """
    INSERT INTO inbound (provider, inbound_id, channel, customer_id, contact_point_id, address,
        text, intent, at)
    SELECT 'twilio', 'SM' || n, 'sms', 'C' || n, 'P' || n, '+57' || n, 'ok', 'other',
        timestamptz '2026-11-16' - (n % 90) * interval '1 day'
    FROM generate_series($1::int, $2::int, 3) n
    """,
    """
    INSERT INTO law_events (event_id, customer_id, kind, at, channel)
    SELECT 'e' || n, 'C' || n, CASE n % 50 WHEN 0 THEN 'opt_out' ELSE 'opt_in' END,
        timestamptz '2026-11-16' - (n % 90) * interval '1 day', 'sms'
    FROM generate_series($1::int, $2::int) n
    """,
    """
    INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages, outcome,
        done_by, done_at)
    SELECT 'C' || n, 'unclear', 4, at, at + interval '2 days', '{}', 'handled', 'ana',
        at + (n % 60) * interval '1 hour'
    FROM generate_series($1::int, $2::int, 10) n,
        LATERAL (SELECT timestamptz '2026-11-10' - (n % 90) * interval '1 day' AS at) t
    """,
    """
    INSERT INTO provider_events (provider, event_id, attempt_id, status, at, applied, told, code)
    SELECT 'twilio', t.attempt_id, t.attempt_id, t.state, t.reserved_at, true, true,
        CASE WHEN t.channel = 'email' AND t.step = 7 AND substr(t.account_id, 2)::int % 500 = 0
            THEN 'spamreport' END
    FROM attempts t WHERE t.creditor = 'bank' AND t.account_id = ANY (
        SELECT 'A' || n FROM generate_series($1::int, $2::int) n)
    """,
)
STATEMENTS: Final = (PEOPLE, GENERATE[1], GENERATE[2], ATTEMPTS, *AROUND)


def _command(url: str, out: Path) -> tuple[list[str], dict[str, str]]:
    """The command as an operator types it."""
    forms = [f"--{form}={out / f'report.{form}'}" for form in ("html", "json", "csv")]
    by = "--by=segment,strategy,arm,creditor,phase,channel"
    words = [sys.executable, "-m", "workers", "report", *PERIOD, by, *forms]
    return words, {**os.environ, "CONTRAPUNTO_DATABASE_URL": url}


async def _report(url: str, out: Path) -> float:
    words, environment = _command(url, out)
    began = time.perf_counter()
    running = await asyncio.create_subprocess_exec(
        *words,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        if await running.wait():
            raise RuntimeError("the report could not be made")
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    return time.perf_counter() - began


@asynccontextmanager
async def _reports(url: str, out: Path) -> AsyncIterator[None]:
    """One report after another, until left."""

    async def forever() -> None:
        while True:
            await _report(url, out)

    task = asyncio.create_task(forever())
    await asyncio.sleep(1.5)  # the interpreter is up, and reads
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _rate(books: Books, seconds: float) -> tuple[float, float]:
    """Reservations a second, and the slowest hundredth of them in milliseconds."""
    until, taken = time.perf_counter() + seconds, list[float]()

    async def client() -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            await books.reserve()
            taken.append(1000 * (time.perf_counter() - began))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return len(taken) / seconds, sorted(taken)[len(taken) * 99 // 100]


async def measure(attempts: int, rounds: int, seconds: float) -> list[Row]:
    """How long a report takes, and contacts a second without and with it."""
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-report-"))
    postgres = LocalPostgres(folder / "postgres")
    try:
        await asyncio.to_thread(postgres.start)
        server = await asyncpg.connect(postgres.url)
        await server.execute(f"CREATE DATABASE {DATABASE}")
        await server.close()
        url = postgres.database_url(DATABASE)
        await asyncio.to_thread(migrate, url)
        async with connect(url, CLIENTS, same_plans=True) as pool:
            books = Books(pool, url, attempts, STATEMENTS)
            await books.fill()
            took = [await _report(url, folder) for _ in range(3)]
            await _rate(books, 2)
            alone: list[tuple[float, float]] = []
            beside: list[tuple[float, float]] = []
            for _ in range(rounds):
                alone.append(await _rate(books, seconds))
                async with _reports(url, folder):
                    beside.append(await _rate(books, seconds))
    finally:
        await asyncio.to_thread(postgres.stop)
        shutil.rmtree(folder, ignore_errors=True)
    rates = [[one[0] for one in side] for side in (beside, alone)]
    slow = [[one[1] for one in side] for side in (beside, alone)]
    return [
        Row(
            f"a report over {attempts:,} attempts, s: HTML, JSON and CSV, six groupings",
            spread(took, 1),
            "",
            f"{median(took) / 30:.2f}",
            "< 1 (of 30 s)",
        ),
        Row(
            "reservations a second beside reports without end (without)",
            spread(rates[0], 0),
            spread(rates[1], 0),
            spread(ratios(*rates), 2),
            "",
        ),
        Row(
            "the slowest hundredth of them, ms",
            spread(slow[0], 1),
            spread(slow[1], 1),
            spread(ratios(*slow), 2),
            "",
        ),
    ]


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m lab.bench.report", description=__doc__)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    began = time.monotonic()
    rows = asyncio.run(measure(given.attempts, given.rounds, 6))
    took = f"{CLIENTS} clients; took {time.monotonic() - began:.0f} s"
    figures.show(Console(width=150), rows, [figures.machine(), took])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
