"""Every change of the workflow's commands is seen, and whoever made it is told what to do."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.replay.commands import FINGERPRINTS, HISTORIES, commands_of, fingerprint
from tests.replay.mutants import ExtraTimer, SilentAttributes, Unchanged
from workflows import options

ALL = sorted(HISTORIES.glob("*.json"))

TEACHING = """
{name}: the workflow gives other commands than it did.
  command {number} was: {was}
  command {number} is:  {now}

If test_replay.py fails, too, accounts that began before would be stuck at this command, some of
them months from now. Give the change an id of its own in workflows/options.py ("Patch: ...") and
put it behind workflow.patched(options.THAT), so that they keep their path.

If only this test fails (another timeout, queue, retry policy or attribute), what is running can go
on, and has the new one from its next command on. If that is meant, write the fingerprints anew:

    .venv/bin/python -m tests.replay.commands

Either way this is a new version of the worker (`contrapunto rollout build-id` says another id):
bring it in as docs/guide/rollout.md says, by `contrapunto rollout plan`, `ramp` and `set`.
"""


def lesson(history: Path, now: list[str]) -> str | None:
    """What to say of a history whose commands are others than were kept; None: they are the same.

    The first difference is told: what follows it is its consequence.
    """
    was = fingerprint(history).read_text(encoding="utf-8").splitlines()
    if was == now:
        return None
    longest = max(len(was), len(now))
    ends = ["nothing more"]
    pairs = zip(was + ends * (longest - len(was)), now + ends * (longest - len(now)), strict=True)
    number, (old, new) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return TEACHING.format(name=history.stem, number=number, was=old, now=new)


def test_every_history_has_its_fingerprint_and_there_is_no_other() -> None:
    assert {file.stem for file in FINGERPRINTS.iterdir()} == {file.stem for file in ALL}
    assert all(fingerprint(history).read_text() for history in ALL)


@pytest.mark.parametrize("history", ALL, ids=lambda file: file.stem)
async def test_the_workflow_gives_the_commands_that_it_gave(history: Path) -> None:
    taught = lesson(history, await commands_of(history))
    if taught is not None:
        pytest.fail(taught, pytrace=False)


async def test_a_change_is_taught_by_its_first_command() -> None:
    [history] = [one for one in ALL if one.stem == "handed_off"]
    assert lesson(history, await commands_of(history, Unchanged)) is None
    extra = lesson(history, await commands_of(history, ExtraTimer))
    assert extra is not None
    assert "is:  start_timer 1 s" in extra
    assert "workflow.patched" in extra
    silent = lesson(history, await commands_of(history, SilentAttributes))
    assert silent is not None
    assert "was: upsert_workflow_search_attributes" in silent


async def test_a_timeout_that_is_changed_is_seen_although_it_replays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [history] = [one for one in ALL if one.stem == "handed_off"]
    monkeypatch.setattr(options, "CONTACT", timedelta(minutes=3))
    taught = lesson(history, await commands_of(history))
    assert taught is not None
    assert "start_to_close 180 s" in taught
