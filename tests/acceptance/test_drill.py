"""A disaster on real servers, with the commands that a person types."""

from pathlib import Path

import pytest
from rich.console import Console

from lab.drill.run import drill


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
