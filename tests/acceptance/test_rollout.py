"""A new version while accounts wait, on real servers, by the commands an operator types."""

from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from lab.rollout.run import Rollout

REFUSED = 2


@pytest.mark.timeout(900)
async def test_a_version_is_brought_in_and_taken_back_and_nothing_is_lost_or_comes_twice(
    folder: Path,
) -> None:
    rollout = Rollout(folder, Console(), accounts=10, step=timedelta(days=7))
    told = await rollout.play()
    assert told.faults == [], told.said
    assert told.proof["holds"]
    assert told.received > 5

    said = told.said
    status, words = said["replay of a workflow that is not guarded"]
    assert status == 1, words
    assert "[TMPRL1100]" in words
    assert "workflow.patched" in words
    status, words = said["plan without a worker"]
    assert status == REFUSED, words
    assert "are its workers running?" in words
    for name in ("plan", "ramp 10", "ramp 50", "set 2", "back", "set 2 again", "drain 1 again"):
        assert said[name][0] == 0, (name, said[name][1])
    assert "all can be replayed" in said["ramp 10"][1]

    # Back: those that have taken the patch cannot go, and stay with version 2.
    assert told.pinned > 0
    status, words = said["back, refused"]
    assert status == REFUSED, words
    assert "breath-before-contact" in words
    status, words = said["drain 2, refused"]
    assert status == 1, words
    assert "pinned to it" in words
    assert said["release 2, refused"][0] == REFUSED
    assert "accounts go on" in said["release 2"][1]
    assert "0 accounts" not in said["release 2"][1]
