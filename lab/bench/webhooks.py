"""What events out cost a contact, and how many webhooks a second a relay delivers.

``python -m lab.bench.webhooks [--events 20000] [--accounts 5000] [--relays 1]``: PostgreSQL, the
relays and a receiver that only counts share this machine's cores.
"""

import argparse
import asyncio
import base64
import multiprocessing
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from statistics import median
from typing import Final

import yaml

from config.settings import ROOT
from lab.bench import figures
from lab.local.postgres import LocalPostgres
from store.attempt_moves import ACCEPT
from store.database import Pool, connect
from store.outgoing.stream import Stream
from workers.migrate import migrate

SECRET: Final = "whsec_" + base64.b64encode(b"b" * 32).decode()
SAMPLES: Final = 600

ACCOUNTS: Final = """
INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, balance_as_of,
    oldest_due_date)
SELECT 'bank', 'A' || n, 'C' || n, 'COP', 100, '2026-01-01', '2026-01-01'
FROM generate_series(1, $1::int) n
"""
CUSTOMERS: Final = """
INSERT INTO customers (customer_id, name, locale, country, zones)
SELECT 'C' || n, 'Ana Rojas', 'es-CO', 'CO', '{America/Bogota}' FROM generate_series(1, $1::int) n
"""
POINTS: Final = """
INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, address, consented)
SELECT 'P' || n, 'C' || n, 'sms', 'mobile', '+57' || n, true FROM generate_series(1, $1::int) n
"""
PROMISES: Final = """
INSERT INTO promises (creditor, account_id, promise_id, amount, due_on, made_at, state)
SELECT 'bank', 'A' || (1 + n % $2::int), 'p' || n, 50, '2026-12-01', now(), 'open'
FROM generate_series(1, $1::int) n
"""
ATTEMPTS: Final = """
INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, covers, step, touch, phase,
    purpose, channel, provider, contact_point_id, state, execution, jurisdictions, zones,
    not_before, not_after, facts_seen, reserved_at)
SELECT 't' || n, 'bank', 'A' || n, 'C' || n, ARRAY['bank/A' || n], 1, 1, 'early', 'reminder', 'sms',
    'twilio', 'P' || n, 'reserved', 'run/1/1', '{CO}', '{America/Bogota}', now(), now(), 0, now()
FROM generate_series(1, $1::int) n
"""
KNOWN: Final = "SELECT EXISTS (SELECT FROM webhook_endpoints)"
SENT: Final = "UPDATE attempts SET state = 'dispatching', dispatched_at = now()"
WITHOUT: Final = "ALTER TABLE attempts DISABLE TRIGGER note_contact"
WITH: Final = "ALTER TABLE attempts ENABLE TRIGGER note_contact"


class _Counting(asyncio.Protocol):
    """Answers 204 to every POST, and counts."""

    def __init__(self, count: "Synchronized[int]") -> None:
        self._count, self._read = count, b""
        self._to: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._to = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            at = head.index(b"content-length:") + 15
            length = int(head[at:].split(b"\r\n", 1)[0])
            if len(self._read) < end + 4 + length:
                return
            self._read = self._read[end + 4 + length :]
            assert self._to is not None
            self._to.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            self._count.value += 1


def _receive(sock: socket.socket, count: "Synchronized[int]") -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Counting(count), sock=sock)
        await server.serve_forever()

    asyncio.run(serve())


async def cost(pool: Pool) -> dict[str, float]:
    """Milliseconds of settling one contact: as before, with nobody to tell, and noted."""
    stream, number = Stream(pool), 0
    took: dict[str, list[float]] = {"no trigger": [], "nobody wants it": [], "noted": []}
    for _ in range(SAMPLES // 20):
        for how, times in took.items():
            await pool.execute(WITHOUT if how == "no trigger" else WITH)
            await stream.note_for(["bank"] if how == "noted" else [])
            for place in range(22):
                number += 1
                began = time.perf_counter()
                await pool.execute(ACCEPT, f"t{number}", f"SM{number}", None)
                if place > 1:  # plans and caches warm
                    times.append(1000 * (time.perf_counter() - began))
    return {how: median(times) for how, times in took.items()}


def _relay(given: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "workers", "relay"],
        cwd=ROOT,
        env={**os.environ, **given},
        stderr=subprocess.DEVNULL,
    )


async def rate(
    pool: Pool, url: str, folder: Path, events: int, accounts: int, relays: int
) -> tuple[float, float]:
    """Webhooks a second, from the first to the last; and milliseconds of a relay's processor for
    each, with its start."""
    await Stream(pool).note_for(["bank"])
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(512)
    count: Synchronized[int] = multiprocessing.Value("i", 0)
    receiver = multiprocessing.Process(target=_receive, args=(sock, count), daemon=True)
    receiver.start()
    one = {"name": "core", "url": f"http://127.0.0.1:{sock.getsockname()[1]}/", "private": True}
    endpoint = {**one, "creditors": ["bank"], "secrets": ["env:BANK_SECRET"], "concurrency": 64}
    file = folder / "webhooks.yaml"
    file.write_text(yaml.safe_dump({"endpoints": [endpoint]}), encoding="utf-8")
    given = {"CONTRAPUNTO_DATABASE_URL": url, "CONTRAPUNTO_WEBHOOKS": str(file)}
    given = {**given, "BANK_SECRET": SECRET}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    before = used.ru_utime + used.ru_stime
    running = await asyncio.to_thread(lambda: [_relay(given) for _ in range(relays)])
    try:
        # An endpoint is told of what is numbered once it is known.
        while not await pool.fetchval(KNOWN):  # noqa: ASYNC110 - another process says so
            await asyncio.sleep(0.1)
        await pool.execute(PROMISES, events, accounts)
        while count.value == 0:  # noqa: ASYNC110 - another process counts
            await asyncio.sleep(0.01)
        began = time.perf_counter()
        while count.value < events:  # noqa: ASYNC110 - another process counts
            await asyncio.sleep(0.01)
        took = time.perf_counter() - began
    finally:
        for relay in running:
            relay.terminate()
            relay.wait()
        receiver.terminate()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = used.ru_utime + used.ru_stime - before
    return events / took, 1000 * spent / events


async def measure(events: int, accounts: int, relays: int) -> None:
    """Print both."""
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-webhooks-"))
    postgres = LocalPostgres(folder / "postgres")
    print(figures.machine())
    try:
        await asyncio.to_thread(postgres.start)
        await asyncio.to_thread(migrate, postgres.url)
        async with AsyncExitStack() as stack:
            pool = await stack.enter_async_context(connect(postgres.url, 2, same_plans=True))
            for statement in (CUSTOMERS, POINTS, ACCOUNTS, ATTEMPTS):
                await pool.execute(statement, max(accounts, 3 * SAMPLES + 200))
            await pool.execute(SENT)
            for how, took in (await cost(pool)).items():
                print(f"settling a contact, {how}: {took:.3f} ms")
            told, spent = await rate(pool, postgres.url, folder, events, accounts, relays)
            print(f"webhooks a second, {relays} relays, {events:,} events: {told:,.0f}")
            print(f"a relay's processor for each: {spent:.2f} ms")
    finally:
        await asyncio.to_thread(postgres.stop)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Parse the command line, run."""
    parser = argparse.ArgumentParser(prog="python -m lab.bench.webhooks", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--relays", type=int, default=1)
    chosen = parser.parse_args()
    asyncio.run(measure(chosen.events, chosen.accounts, chosen.relays))


if __name__ == "__main__":
    main()
