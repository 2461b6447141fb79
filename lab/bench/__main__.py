"""``python -m lab.bench [--quick | --once] [--law]``: start everything, measure, print, end it.

``--law`` starts nothing and measures the law alone.
"""

import argparse
import asyncio
import os
import sys
import time
from dataclasses import dataclass, replace
from typing import Final

from rich.console import Console

from lab.bench import contacts, figures, law, ledger, messages, starts
from lab.bench.rig import rig

SHARED = (
    "Temporal, PostgreSQL, the sandbox and the worker share these cores, so what ours adds to a "
    "contact in PostgreSQL, the SDK and the sandbox is taken from Temporal too."
)


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is measured: what is certain, against what it takes."""

    rounds: int
    in_flight: int
    """Contacts of a burst."""
    starts: int
    files: int
    messages: tuple[int, int, int]
    """A second, for so many seconds; and at once."""
    ledger_rounds: int
    seconds: float
    """Of pgbench, in each of its rounds."""
    sizes: tuple[int, ...]
    """Attempts in the ledgers."""
    law_rounds: int
    calls: int
    """Requests of each kind."""
    lines: int
    """Of ``law check``."""


WHOLE: Final = Effort(
    rounds=5,
    in_flight=60,
    starts=300,
    files=2,
    messages=(50, 20, 1_000),
    ledger_rounds=4,
    seconds=4,
    sizes=ledger.SIZES,
    law_rounds=9,
    calls=300,
    lines=20_000,
)
QUICK: Final = replace(
    WHOLE,
    rounds=2,
    in_flight=30,
    starts=100,
    files=1,
    messages=(50, 6, 1_000),
    ledger_rounds=2,
    sizes=(10_000, 100_000),
    law_rounds=3,
)
ONCE: Final = Effort(
    rounds=1,
    in_flight=8,
    starts=20,
    files=1,
    messages=(10, 1, 20),
    ledger_rounds=1,
    seconds=1,
    sizes=(1_000, 10_000),
    law_rounds=1,
    calls=30,
    lines=1_000,
)


async def measure(effort: Effort) -> list[figures.Row]:
    """The rows of all but the law, one after the other: two cores bear only one at a time."""
    async with rig() as parts:
        rows = await contacts.measure(parts, rounds=effort.rounds, in_flight=effort.in_flight)
        rows += await starts.measure(
            parts, rounds=effort.rounds, starts=effort.starts, files=effort.files
        )
        rows += await messages.measure(parts, *effort.messages)
    return rows + await ledger.measure(
        rounds=effort.ledger_rounds, seconds=effort.seconds, sizes=effort.sizes
    )


def main() -> None:
    """Parse the command line, run, leave."""
    parser = argparse.ArgumentParser(prog="python -m lab.bench", description=__doc__)
    shorter = parser.add_mutually_exclusive_group()
    shorter.add_argument("--quick", action="store_true", help="fewer rounds, less certain")
    shorter.add_argument("--once", action="store_true", help="every row, none of them certain")
    parser.add_argument("--law", action="store_true", help="the law alone")
    console = Console(width=max(150, Console().width))
    chosen = parser.parse_args()
    effort = QUICK if chosen.quick else ONCE if chosen.once else WHOLE
    machine, began = figures.machine(), time.monotonic()
    rows = [] if chosen.law else asyncio.run(measure(effort))
    rows += law.measure(effort.law_rounds, effort.calls, effort.lines)
    took = f"median (min..max) of rounds in turn; took {time.monotonic() - began:.0f} s"
    figures.show(console, rows, [machine, *([] if chosen.law else [SHARED]), took])
    sys.stdout.flush()
    # Temporal's core threads can crash an interpreter that shuts down right after its workers.
    time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    main()
