"""What a file of a million accounts takes: read, checked, upserted; and how much memory.

``python -m lab.bench.intake [--rows 1000000]``: new customers with a mobile and a mailbox each into
real PostgreSQL, by the columns of intake; then the same file again, of which nothing changes.
Workflows are started by nobody here. Everything is removed at the end.
"""

import argparse
import asyncio
import csv
import resource
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console

from config.settings import ROOT
from domain.entry.intake import COLUMNS
from lab.bench.starts import Nowhere
from lab.builders.intake_files import row
from lab.local.postgres import LocalPostgres
from store.database import connect
from workers.intake.command import intake
from workers.intake.report import IntakeReport
from workers.migrate import migrate

_MOBILES: Final = 3_000_000_000
"""Numbers of Colombia begin here, and there are ten million for each of its operators."""


def write_portfolio(path: Path, count: int) -> None:
    """So many accounts of as many customers, none of whom has another's address."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number in range(count):
            writer.writerow(
                row(
                    account_id=f"A-{number}",
                    customer_id=f"C-{number}",
                    balance=f"{100_000 + number}.50",
                    name=f"Ana Pérez {number % 977}",
                    mobile=f"+57{_MOBILES + number}",
                    email=f"c{number}@example.com",
                )
            )


async def _take(path: Path, url: str, at: datetime) -> tuple[IntakeReport, float]:
    async with connect(url) as pool:
        began = time.perf_counter()
        report = await intake(
            path,
            snapshot=False,
            as_of=at,
            pool=pool,
            starter=Nowhere(),
            console=Console(quiet=True),
        )
        return report, time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    count = parser.parse_args().rows
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-intake-", dir=ROOT / "var"))
    postgres = LocalPostgres(folder / "postgres")
    try:
        postgres.start()
        migrate(postgres.url)
        path, at = folder / "portfolio.csv", datetime.now(UTC) - timedelta(minutes=1)
        write_portfolio(path, count)
        small = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for what in ("new", "again"):
            report, took = asyncio.run(_take(path, postgres.url, at))
            if report.read != count or report.refused:
                raise RuntimeError(f"not every row was taken in: {report.lines()}")
            used = resource.getrusage(resource.RUSAGE_SELF)
            sys.stdout.write(
                f"{what}: {count:,} rows in {took:.1f} s, {count / took:,.0f} a second; memory at "
                f"most {used.ru_maxrss / 1024:.0f} MiB ({small:.0f} before); processor of this "
                f"process so far {used.ru_utime + used.ru_stime:.0f} s\n"
            )
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
