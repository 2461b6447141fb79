"""``python -m lab.capacity [--accounts 20000] [--due 5000] [--attempts 1000000] [--write]``.

Real servers, all on this machine; everything is removed at the end. ``--write`` writes
docs/guide/capacity.md, else the page is printed.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence

import asyncpg

from config.settings import ROOT
from lab.bench import figures, webhooks
from lab.bench.rig import Rig, rig
from lab.capacity import books, live
from lab.capacity.page import page
from store.database import connect
from workers.migrate import migrate

PAGE = ROOT / "docs" / "guide" / "capacity.md"


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m lab.capacity", description=__doc__)
    parser.add_argument("--accounts", type=int, default=20_000, help="that are open and sleep")
    parser.add_argument("--due", type=int, default=5_000, help="that are due at one instant")
    parser.add_argument("--attempts", type=int, default=1_000_000, help="in the ledger")
    parser.add_argument("--events", type=int, default=20_000, help="told by webhooks")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    return parser.parse_args(words)


async def measure(asked: argparse.Namespace) -> str:
    """The page."""
    machine = figures.machine()
    async with rig() as parts:
        lived = await live.measure(parts, asked.accounts, asked.due)
        _say(f"lived: {lived}")
        told = await _webhooks(parts, asked.events)
        _say(f"webhooks: {told}")
        rows = await books.measure(parts.postgres, asked.attempts)
        _say(f"rows: {rows}")
    given = {"accounts": asked.accounts, "due": asked.due, "attempts": asked.attempts}
    words = " ".join(f"--{name} {value}" for name, value in given.items())
    ran = f"python -m lab.capacity {words} --write"
    return page(lived, rows, told, machine, ran)


async def _webhooks(parts: Rig, events: int) -> tuple[float, float]:
    """Webhooks a second by one relay, and milliseconds of its processor for each."""
    server = await asyncpg.connect(parts.postgres.url)
    await server.execute("CREATE DATABASE webhooks")
    await server.close()
    url = parts.postgres.database_url("webhooks")
    await asyncio.to_thread(migrate, url)
    accounts = max(10, events // 4)
    async with connect(url, 2, same_plans=True) as pool:
        for statement in (webhooks.CUSTOMERS, webhooks.POINTS, webhooks.ACCOUNTS):
            await pool.execute(statement, accounts)
        rate = webhooks.rate(pool, url, parts.folder, events, accounts, 1)
        return await asyncio.wait_for(rate, live.PATIENCE)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> None:
    """Parse the command line, run, leave."""
    asked = options()
    text = asyncio.run(measure(asked))
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
    sys.stdout.flush()
    # Temporal's core threads can crash an interpreter that shuts down right after its workers.
    time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    main()
