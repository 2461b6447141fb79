"""Whether the keys at hand open what accounts that sleep for months were started with."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client

from config.settings import Settings
from domain.names import COLLECT_ACCOUNT
from workers.cli.shell import wall_clock
from workers.codec import ENCODING, KEY_ID, PayloadCipher, UnreadablePayload
from workers.doctor.findings import Finding, fault, ok, warning

AGES: Final = (0, 7, 30, 90, 365)
"""Days: of accounts that were started before each, some are looked at."""
SOME: Final = 5


async def examine(client: Client, settings: Settings) -> list[Finding]:
    """What the first event of some open accounts is written with, old ones too."""
    cipher = PayloadCipher(settings.payload_keys) if settings.payload_keys else None
    looked, sealed = 0, 0
    wrong: set[str] = set()
    async for payload in _samples(client):
        looked += 1
        if payload.metadata.get("encoding") != ENCODING:
            continue
        sealed += 1
        if cipher is None:
            name = payload.metadata.get(KEY_ID, b"").decode(errors="replace")
            wrong.add(f"open accounts are encrypted with the key {name!r}, and no key is set here")
            continue
        try:
            await cipher.decode([payload])
        except UnreadablePayload as error:
            wrong.add(str(error))
    if wrong:
        todo = "add the key to CONTRAPUNTO_PAYLOAD_KEYS, behind the first"
        return [fault(one, todo) for one in sorted(wrong)]
    if cipher is None:
        todo = "set CONTRAPUNTO_PAYLOAD_KEYS where Temporal's operators are not yours"
        return [warning("what travels through Temporal is not encrypted by us", todo)]
    return [ok(f"the keys open {sealed} of {looked} open accounts looked at; the rest is in clear")]


async def _samples(client: Client) -> AsyncIterator[Payload]:
    seen: set[str] = set()
    for age in AGES:
        before = (wall_clock() - timedelta(days=age)).isoformat()
        query = (
            f"WorkflowType = '{COLLECT_ACCOUNT}' AND ExecutionStatus = 'Running' "
            f"AND StartTime <= '{before}'"
        )
        listed = await client.workflow_service.list_workflow_executions(
            ListWorkflowExecutionsRequest(namespace=client.namespace, page_size=SOME, query=query)
        )
        for one in listed.executions:
            if one.execution.run_id not in seen:
                seen.add(one.execution.run_id)
                for payload in await _first(client, one.execution):
                    yield payload


async def _first(client: Client, execution: WorkflowExecution) -> list[Payload]:
    history = await client.workflow_service.get_workflow_execution_history(
        GetWorkflowExecutionHistoryRequest(
            namespace=client.namespace, execution=execution, maximum_page_size=1
        )
    )
    events = history.history.events[:1]
    return [
        payload
        for event in events
        for payload in event.workflow_execution_started_event_attributes.input.payloads
    ]
