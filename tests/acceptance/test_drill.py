"""A disaster on real servers, with the commands that a person types."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from lab.drill.run import drill


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not under pytest's own: as root, PostgreSQL's user could not enter that."""
    made = Path(tempfile.mkdtemp(prefix="contrapunto-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.timeout(900)
async def test_with_ledger_and_temporal_lost_nobody_is_contacted_twice_or_after_a_stop(
    folder: Path,
) -> None:
    told = await drill(folder, Console(), ["both-lost"], accounts=16)
    assert told.faults == []
    assert told.record == ()
    [one] = told.told
    assert one.messages > 0
    listed = sum(of["listed"] for of in one.found["providers"].values())
    taken_in = sum(of["imported"] for of in one.found["providers"].values())
    assert listed >= taken_in >= one.messages
