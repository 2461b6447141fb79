"""The fingerprint of the workflow: every command that it gives while it replays a history.

``python -m tests.replay.commands`` writes the fingerprints of all committed histories anew, into
``fingerprints/``. Read README.md before you do: it is right only for a change that replays.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from temporalio.workflow import _Definition

from domain.names import workflow_id
from workflows.collect_account import CollectAccount

HERE: Final = Path(__file__).parent
HISTORIES: Final = HERE / "histories"
FINGERPRINTS: Final = HERE / "fingerprints"


class _Listening(WorkflowRunner):
    """Runs workflows as a worker does, and writes their commands down."""

    def __init__(self) -> None:
        self.runner = UnsandboxedWorkflowRunner()
        self.commands: list[str] = []

    def prepare_workflow(self, defn: _Definition) -> None:
        self.runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = self.runner.create_instance(det)
        activate = instance.activate

        def heard(act: WorkflowActivation) -> WorkflowActivationCompletion:
            done = activate(act)
            self.commands += map(told, done.successful.commands)
            return done

        setattr(instance, "activate", heard)  # noqa: B010 - a method in place of another
        return instance


async def commands_of(history: Path, workflow: type = CollectAccount) -> list[str]:
    """The commands with which a workflow answers what a history brings, in order."""
    listening = _Listening()
    replayer = Replayer(
        workflows=[workflow], workflow_runner=listening, data_converter=pydantic_data_converter
    )
    text = history.read_text(encoding="utf-8")
    lived = WorkflowHistory.from_json(workflow_id("bank", "A1"), text)
    await replayer.replay_workflow(lived, raise_on_replay_failure=False)
    return listening.commands


def told(command: WorkflowCommand) -> str:
    """A command in one line: what the server is asked, without what came of activities."""
    kind = command.WhichOneof("variant") or "nothing"
    return " ".join([kind, *_details(kind, getattr(command, kind, None))])


def _details(kind: str, asked: Any) -> Iterator[str]:
    if kind == "start_timer":
        yield _seconds(asked.start_to_fire_timeout)
    elif kind == "schedule_activity":
        yield f"{asked.activity_type} on {asked.task_queue}"
        for name in ("schedule_to_close", "start_to_close", "heartbeat"):
            if asked.HasField(f"{name}_timeout"):
                yield f"{name} {_seconds(getattr(asked, f'{name}_timeout'))}"
        retry = asked.retry_policy
        yield f"retried from {_seconds(retry.initial_interval)} times {retry.backoff_coefficient:g}"
        yield f"to {_seconds(retry.maximum_interval)}, attempts {retry.maximum_attempts or 'any'}"
    elif kind == "upsert_workflow_search_attributes":
        yield ", ".join(sorted(asked.search_attributes.indexed_fields))
    elif kind == "set_patch_marker":
        yield asked.patch_id
    elif kind == "update_response":
        yield str(asked.WhichOneof("response"))


def _seconds(duration: Duration) -> str:
    return f"{duration.ToTimedelta().total_seconds():g} s"


def fingerprint(history: Path) -> Path:
    """Where the commands of a history are kept."""
    return FINGERPRINTS / f"{history.stem}.txt"


async def write() -> None:
    """All of them."""
    FINGERPRINTS.mkdir(exist_ok=True)
    for history in sorted(HISTORIES.glob("*.json")):
        lines = "".join(f"{line}\n" for line in await commands_of(history))
        fingerprint(history).write_text(lines, encoding="utf-8")
        print(f"{fingerprint(history).name}: {lines.count(chr(10))} commands")
    await asyncio.sleep(1)  # the SDK's threads may crash an interpreter that ends at once


if __name__ == "__main__":
    asyncio.run(write())
