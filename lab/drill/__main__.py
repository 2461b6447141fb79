"""``python -m lab.drill [NAME ...] [--accounts N]``; exit status 1 on any fault."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from lab.drill.run import drill
from lab.drill.scenarios import SCENARIOS


def main() -> int:
    """Play each on servers of its own, and tell."""
    parser = argparse.ArgumentParser(prog="python -m lab.drill", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SCENARIOS, []], metavar="NAME")
    parser.add_argument("--accounts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="the folders, to look into")
    asked = parser.parse_args()
    console, failed = Console(), 0
    for name in asked.names or SCENARIOS:
        folder = Path(tempfile.mkdtemp(prefix=f"contrapunto-drill-{name}-"))
        folder.chmod(0o755)  # as root, PostgreSQL runs as another user
        console.print(f"[bold]{name}[/] in {folder}", highlight=False)
        result = asyncio.run(
            drill(folder, console, [name], accounts=asked.accounts, seed=asked.seed)
        )
        console.print(result.summary(), markup=False, highlight=False, soft_wrap=True)
        failed += bool(result.faults)
        if not asked.keep and not result.faults:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
