"""``python -m lab.rollout [FOLDER] [--accounts N] [--days N]``; exit status 1 on any fault."""

import argparse
import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from lab.rollout.run import Rollout


def main() -> int:
    """Play, and tell."""
    parser = argparse.ArgumentParser(prog="python -m lab.rollout", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--accounts", type=int, default=60)
    parser.add_argument("--days", type=int, default=140, help="of the whole rollout")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="contrapunto-rollout-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # as root, PostgreSQL runs as another user
    console = Console()
    console.print(f"a rollout in {folder}", highlight=False)
    step = timedelta(days=asked.days / 7)
    rollout = Rollout(folder, console, accounts=asked.accounts, step=step)
    told = asyncio.run(rollout.play())
    for name, (status, said) in told.said.items():
        console.print(f"\n[bold]{name}[/]: exit status {status}", highlight=False)
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"{told.accounts} accounts, {told.received} messages received; {told.pinned} accounts "
        f"stayed with version 2 when it was taken back; open with version 2: {told.shares}",
        highlight=False,
    )
    for fault in told.faults:
        console.print(f"- {fault}", markup=False, highlight=False, soft_wrap=True)
    console.print("nothing lost, nothing twice" if not told.faults else "the rollout fails")
    return 1 if told.faults else 0


if __name__ == "__main__":
    sys.exit(main())
