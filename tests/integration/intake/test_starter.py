"""The starter against a real Temporal server: what intake counts on holds there."""

import asyncio
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.failures import BadInput, Misconfigured, Unavailable
from domain.names import TASK_QUEUE, workflow_id
from lab.builders.intake_files import AS_OF
from store.intake.outbox import Action, Pending
from workers import accounts as module
from workers.accounts import Accounts
from workers.intake.starter import TemporalStarter

LINE = Pending("run", "banco", "A1", "intake:run", Action.START, AS_OF)
WORKFLOW = workflow_id("banco", "A1")
PLAIN = UnsandboxedWorkflowRunner()
"""Temporal's sandbox would import this module anew, and asyncpg with it: an extension that is
loaded twice ends the process at the next connection."""


@workflow.defn(name="CollectAccount")
class Collect:
    """Stands in for the account workflow: remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.closed = ""

    @workflow.run
    async def run(self, start: dict[str, Any]) -> dict[str, Any]:
        await workflow.wait_condition(lambda: bool(self.closed))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return {"start": start, "told": self.told, "closed": self.closed}

    @workflow.signal
    def account_updated(self, fact: dict[str, Any]) -> None:
        self.told.append(fact)

    @workflow.update
    def close(self, request: dict[str, Any]) -> None:
        self.closed = request["reason"]

    @close.validator
    def _check(self, request: dict[str, Any]) -> None:
        if any(fact["id"] == "busy" for fact in self.told):
            raise ValueError("busy")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    binary = str(Path(sysconfig.get_path("scripts"), "temporal"))
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=binary) as server:
        yield server.client


async def test_what_intake_counts_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    starter, handle = TemporalStarter(Accounts(client)), client.get_workflow_handle(WORKFLOW)
    assert await starter.recall(LINE) is False
    async with Worker(client, task_queue=TASK_QUEUE, workflows=[Collect], workflow_runner=PLAIN):
        await starter.start(LINE)
        await starter.start(LINE)
        await starter.update(LINE)
        assert await starter.recall(LINE) is True
        result = await handle.result()
        start = {"creditor": "banco", "account_id": "A1", "as_of": AS_OF.isoformat()}
        fact = {"id": "intake:run", "as_of": AS_OF.isoformat()}
        assert result == {"start": start, "told": [fact], "closed": "recalled"}
        assert await (await handle.describe()).static_summary() == "banco A1"
        # The same recall again finds its answer; another one that no workflow runs.
        assert await starter.recall(LINE) is True
        assert await starter.recall(LINE._replace(message_id="later")) is False
        await starter.update(LINE._replace(message_id="busy"))
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        with pytest.raises(BadInput, match="busy"):
            await starter.recall(LINE)
    monkeypatch.setattr(module.Accounts.ask, "__kwdefaults__", {"patience": 0.5, "name": None})
    with pytest.raises(Unavailable, match="no worker"):
        await starter.recall(LINE._replace(message_id="other"))


async def test_errors_say_what_to_do(client: Client) -> None:
    nowhere = await Client.connect(client.service_client.config.target_host, namespace="absent")
    with pytest.raises(Misconfigured, match="absent"):
        await TemporalStarter(Accounts(nowhere)).start(LINE)
    with pytest.raises(Misconfigured, match="TEMPORAL_NAMESPACE"):
        await TemporalStarter(Accounts(nowhere)).recall(LINE)
    lazy = await Client.connect("127.0.0.1:1", lazy=True)
    with pytest.raises(Unavailable, match="TEMPORAL_ADDRESS"):
        await asyncio.wait_for(TemporalStarter(Accounts(lazy)).start(LINE), 60)
