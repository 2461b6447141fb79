"""Account starts beside bare ``start_workflow``, and a file's rows beside the starts they lead to.

Ours is the last stage of intake as it is: lines of the outbox read from PostgreSQL, each account
started with its summary and conflict policy, the lines struck off. The bare side starts as many
workflows of the same type with the same input, as many at a time, and has no database at all. No
worker runs, so neither side's server is busy with anything but starts.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median

from rich.console import Console

from domain.names import COLLECT_ACCOUNT
from lab.bench.figures import Row, ratios, spread
from lab.bench.rig import Rig
from lab.builders.intake_files import rows as good_rows
from lab.builders.intake_files import write_csv
from store.intake.outbox import Pending
from workers.accounts import Accounts
from workers.intake.command import intake
from workers.intake.report import IntakeReport
from workers.intake.starter import Starter, TemporalStarter

AT_ONCE = 50
"""What ``contrapunto intake`` has."""
ROWS = 10_000


class Nowhere:
    """A starter that starts nothing."""

    async def start(self, line: Pending) -> None:
        """Nothing."""

    async def update(self, line: Pending) -> None:
        """No account of a new file is an old one."""
        raise AssertionError(line.account_id)

    async def recall(self, line: Pending) -> bool:
        """No file of ours is a snapshot."""
        raise AssertionError(line.account_id)


async def measure(rig: Rig, rounds: int, starts: int, files: int) -> list[Row]:
    """Starts in turn, bare and ours; then whole files without starts."""
    numbers = count(1)
    await _bare(rig, numbers, starts // 4)
    await _ours(rig, numbers, starts // 4)
    ours, bare = [], []
    for _ in range(rounds):
        bare.append(await _bare(rig, numbers, starts))
        ours.append(await _ours(rig, numbers, starts))
    taken = [await _file(rig, number) for number in range(files)]
    expected = ROWS / median(ours)
    shares = [seconds / expected for seconds in taken]
    return [
        Row(
            "account starts per second",
            spread(ours),
            spread(bare),
            spread(ratios(ours, bare), 2),
            ">= 0.8",
        ),
        Row(
            f"{ROWS:,} rows read, checked, upserted, as a share of their starts' time",
            f"{spread(taken, 2)} s",
            f"{expected:.0f} s (scaled from the starts above)",
            spread(shares, 3),
            "< 0.1",
        ),
    ]


async def _bare(rig: Rig, numbers: "count[int]", starts: int) -> float:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with free:
            await rig.client.start_workflow(
                COLLECT_ACCOUNT,
                {"creditor": "bare", "account_id": f"A{number}"},
                id=f"start/{number}",
                task_queue="nobody",
            )

    began = time.perf_counter()
    await asyncio.gather(*(one(next(numbers)) for _ in range(starts)))
    return starts / (time.perf_counter() - began)


async def _ours(rig: Rig, numbers: "count[int]", starts: int) -> float:
    """From the moment the outbox is first read to the moment its last line is struck off."""
    creditor = f"starts-{next(numbers)}"
    await rig.commands.execute(_RUN, creditor)
    await rig.commands.execute(_OUTBOX, creditor, starts)
    empty = rig.folder / f"{creditor}.csv"
    write_csv(empty, [])
    began = time.perf_counter()
    report = await _intake(rig, empty, TemporalStarter(Accounts(rig.client)))
    took = time.perf_counter() - began
    if report.started != starts:
        raise RuntimeError(f"{report.started} of {starts} accounts were started")
    return starts / took


async def _file(rig: Rig, number: int) -> float:
    """Seconds for a file of new accounts of new customers, its outbox emptied into nothing.

    None of them has another's address: who has one is looked at, which no first file needs.
    """
    rows = good_rows(ROWS)
    for place, cells in enumerate(rows):
        cells["creditor"] = f"file-{number}"
        cells["customer_id"] = f"F{number}-{place}"
        cells["mobile"] = f"+57399{number * ROWS + place:07d}"
        cells["email"] = f"c{number}-{place}@example.com"
    file = write_csv(rig.folder / f"file-{number}.csv", rows)
    began = time.perf_counter()
    report = await _intake(rig, file, Nowhere())
    took = time.perf_counter() - began
    if report.added != ROWS or report.started != ROWS:
        raise RuntimeError(f"not every row was taken in: {report.lines()}")
    return took


async def _intake(rig: Rig, file: Path, starter: Starter) -> IntakeReport:
    return await intake(
        file,
        snapshot=False,
        as_of=datetime.now(UTC) - timedelta(minutes=1),
        pool=rig.commands,
        starter=starter,
        console=Console(quiet=True),
        concurrency=AT_ONCE,
    )


_RUN = "INSERT INTO intake_runs (run_id, started_at, snapshot) VALUES ($1, now(), false)"
_OUTBOX = """
INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
SELECT $1, $1, 'A' || n, 'intake:' || $1, 'start' FROM generate_series(1, $2) AS n
"""
