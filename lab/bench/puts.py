"""Puts over the API: how many a second, and how long the slowest take, over loopback.

``python -m lab.bench.puts [--rate N] [--seconds N] [--processes N]``: PostgreSQL (durable) and the
processes of the API on this machine, and so is who asks. Nobody starts workflows: what Temporal
takes is measured by the starts. Each put is a new account of a new person, the dearest there is.
"""

import argparse
import asyncio
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from config.settings import Settings
from lab.local.postgres import LocalPostgres
from store.database import API, connect
from workers.accounts import Accounts
from workers.api.app import build
from workers.cli.rules import rules_factory
from workers.clock import SystemClock
from workers.gateway.server import configured, most_connections
from workers.migrate import migrate
from workers.process.listening import listening
from workers.process.serving import serve_until_told

TOKEN: Final = "bench-" + "t" * 40
FIRST_PORT: Final = 18_083
CONNECTIONS: Final = 64
"""Of who asks, over all processes."""


class NoTemporal(Accounts):
    """Takes every start and does nothing."""

    def __init__(self) -> None:
        """No client: nobody is asked."""

    async def start(
        self,
        creditor: str,
        account_id: str,
        *,
        as_of: datetime | None = None,
        updated: Mapping[str, Any] | None = None,
    ) -> None:
        """Nothing."""

    async def ping(self) -> None:
        """It is never away."""


async def serve(port: int, url: str, tokens: Path) -> None:
    """One process of the API."""
    settings = Settings(api_tokens=tokens)
    async with connect(url, settings.database_pool, role=API) as pool:
        app = build(settings, pool, NoTemporal(), SystemClock(), rules_factory(settings))
        sock = listening("127.0.0.1", port, "the API", "choose another port")
        await serve_until_told(configured(app, most_connections()), sock)


class _Load:
    """Puts at a rate, whoever is late: a slow answer makes the next ones wait, and it is seen."""

    def __init__(self, ports: list[int]) -> None:
        self.ports, self.numbers = ports, count(1)
        self.taken: list[float] = []
        self.refused = 0
        self.due: asyncio.Queue[float | None] = asyncio.Queue()

    async def run(self, rate: float, seconds: float) -> tuple[float, list[float]]:
        """Puts a second that were answered, and seconds that each took, sorted."""
        self.taken, began = [], time.perf_counter()
        workers = [asyncio.create_task(self._ask(number)) for number in range(CONNECTIONS)]
        for number in range(int(rate * seconds)):
            wait = began + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self.due.put_nowait(began + number / rate)
        for _ in workers:
            self.due.put_nowait(None)
        await asyncio.gather(*workers)
        return len(self.taken) / (time.perf_counter() - began), sorted(self.taken)

    async def _ask(self, number: int) -> None:
        port = self.ports[number % len(self.ports)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (due := await self.due.get()) is not None:
            writer.write(_request(next(self.numbers)))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            self.refused += not head.startswith(b"HTTP/1.1 201")
            self.taken.append(time.perf_counter() - due)
        writer.close()


def _request(number: int) -> bytes:
    due = datetime.now(UTC).date() - timedelta(days=20)
    body = json.dumps(
        {
            "customer_id": f"P{number}",
            "currency": "COP",
            "balance": "450000.00",
            "oldest_due_date": due.isoformat(),
            "name": "Ana Ejemplo",
            "country": "CO",
            "mobile": f"+57399{number:07d}",
            "email": f"p{number}@example.com",
            "consents": ["sms", "email"],
        }
    )
    head = (
        f"PUT /v1/accounts/bank/A{number} HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def measure(rates: list[float], seconds: float, processes: int) -> list[str]:
    """A line for each rate."""
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-bench-"))
    tokens = folder / "tokens.yaml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    tokens.write_text(f"tokens:\n- {{name: bench, sha256: {digest}, roles: [upstream]}}\n")
    async with AsyncExitStack() as stack:
        server = LocalPostgres(folder / "postgres", durable=True).start()
        stack.callback(server.stop)
        await asyncio.to_thread(migrate, server.url)
        ports = [FIRST_PORT + number for number in range(processes)]
        for port in ports:
            told = [str(port), server.url, str(tokens)]
            command = [sys.executable, "-m", "lab.bench.puts", "--serve", *told]
            process = await asyncio.create_subprocess_exec(*command)
            stack.push_async_callback(process.wait)
            stack.callback(process.terminate)
        await asyncio.gather(*(_up(port) for port in ports))
        load = _Load(ports)
        await load.run(50, 3)
        lines = []
        for rate in rates:
            done, taken = await load.run(rate, seconds)
            line = f"{rate:.0f} a second asked, {done:.0f} answered, "
            line += ", ".join(
                f"p{share} {1000 * taken[min(len(taken) - 1, len(taken) * share // 100)]:.0f} ms"
                for share in (50, 95, 99)
            )
            lines.append(f"{line}; {load.refused} not taken; {processes} processes")
        return lines


async def _up(port: int) -> None:
    for _ in range(1200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError(f"nobody listens on port {port}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m lab.bench.puts", description=__doc__)
    parser.add_argument("--rate", type=float, action="append", help="puts a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.serve:
        asyncio.run(serve(int(told.serve[0]), told.serve[1], Path(told.serve[2])))
        return
    for line in asyncio.run(measure(told.rate or [250.0, 500.0], told.seconds, told.processes)):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
