"""Accounts that an older version began go on under this one. Never recorded anew: README.md."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from domain.names import workflow_id
from tests.replay.mutants import MUTANTS, Unchanged, Unrecorded
from workflows.collect_account import CollectAccount

HISTORIES = sorted(Path(__file__).parent.glob("histories/*.json"))
REFUSED = "refused_start"
"""The history that has no loop: its start could not be read."""


async def failure(workflow: type, history: Path) -> BaseException | None:
    """Why the workflow cannot be replayed over a history, if it cannot."""
    text = history.read_text(encoding="utf-8")
    replayer = Replayer(workflows=[workflow], data_converter=pydantic_data_converter)
    replayed = await replayer.replay_workflow(
        WorkflowHistory.from_json(workflow_id("bank", "A1"), text), raise_on_replay_failure=False
    )
    return replayed.replay_failure


def test_the_histories_are_there_and_complete() -> None:
    names = ["cured", "disputed", "failover_1", "failover_2", "handed_off", "odd_messages"]
    names += ["on_plan", "paid_beside", "paid_meanwhile", REFUSED, "settled", "written_by_a_person"]
    assert [file.stem for file in HISTORIES] == names
    for file in HISTORIES:
        history = WorkflowHistory.from_json("any", file.read_text(encoding="utf-8"))
        last = history.events[-1]
        continued = last.HasField("workflow_execution_continued_as_new_event_attributes")
        completed = last.HasField("workflow_execution_completed_event_attributes")
        failed = last.HasField("workflow_execution_failed_event_attributes")
        ends = {"failover_1": (True, False, False), REFUSED: (False, False, True)}
        assert (continued, completed, failed) == ends.get(file.stem, (False, True, False))


@pytest.mark.parametrize("history", HISTORIES, ids=lambda file: file.stem)
async def test_this_version_gives_the_commands_that_were_recorded(history: Path) -> None:
    found = await failure(CollectAccount, history)
    assert found is None, (
        f"{history.name} cannot be replayed: accounts that began before would be stuck. Guard the "
        f"change with workflow.patched, see tests/replay/README.md ({found})"
    )


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
async def test_a_change_of_commands_is_caught(mutant: type) -> None:
    lived = [history for history in HISTORIES if history.stem != REFUSED]
    found = [await failure(mutant, history) for history in lived]
    assert all(isinstance(one, NondeterminismError) for one in found), found


async def test_so_is_one_of_what_becomes_of_a_start_that_cannot_be_read() -> None:
    [history] = [history for history in HISTORIES if history.stem == REFUSED]
    assert isinstance(await failure(Unrecorded, history), NondeterminismError)


@pytest.mark.parametrize("history", HISTORIES, ids=lambda file: file.stem)
async def test_a_change_that_gives_the_same_commands_is_none(history: Path) -> None:
    assert await failure(Unchanged, history) is None
