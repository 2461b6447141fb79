"""``python -m lab.bench [--quick] [--law]``: start everything, measure, print, end everything.

``--law`` starts nothing and measures the law alone.
"""

import argparse
import asyncio
import os
import sys
import time

from rich.console import Console

from lab.bench import contacts, figures, law, ledger, starts
from lab.bench.rig import rig

SHARED = (
    "Temporal, PostgreSQL, the sandbox and the worker share these cores, so what ours adds to a "
    "contact in PostgreSQL, the SDK and the sandbox is taken from Temporal too."
)


async def measure(*, quick: bool) -> list[figures.Row]:
    """The rows of all but the law, one after the other: two cores bear only one at a time."""
    async with rig() as parts:
        rows = await contacts.measure(
            parts, rounds=2 if quick else 5, in_flight=30 if quick else 60
        )
        rows += await starts.measure(
            parts, rounds=2 if quick else 5, starts=100 if quick else 300, files=1 if quick else 2
        )
    sizes = (10_000, 100_000) if quick else ledger.SIZES
    return rows + await ledger.measure(rounds=2 if quick else 4, seconds=4, sizes=sizes)


def main() -> None:
    """Parse the command line, run, leave."""
    parser = argparse.ArgumentParser(prog="python -m lab.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less certain")
    parser.add_argument("--law", action="store_true", help="the law alone")
    console = Console(width=max(150, Console().width))
    chosen = parser.parse_args()
    machine, began = figures.machine(), time.monotonic()
    rows = [] if chosen.law else asyncio.run(measure(quick=chosen.quick))
    rows += law.measure(rounds=3 if chosen.quick else 9)
    took = f"median (min..max) of rounds in turn; took {time.monotonic() - began:.0f} s"
    figures.show(console, rows, [machine, *([] if chosen.law else [SHARED]), took])
    sys.stdout.flush()
    # Temporal's core threads can crash an interpreter that shuts down right after its workers.
    time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    main()
