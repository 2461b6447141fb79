"""The one client of account workflows: it starts them, tells them facts and asks them requests.

Intake, gateway and commands all reach Temporal through here, so that a silent server, a wrong
credential and a workflow that does not run mean the same thing everywhere.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.failures import BadInput, Misconfigured, NotFound, Unavailable
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id
from telemetry import links
from workers.audit import asked

PREFIX: Final = "account/"
"""Of the workflow id of an account."""
SIGNAL_TIMEOUT: Final = timedelta(seconds=5)

PATIENCE: Final = 60.0
"""Seconds that a worker may take to answer a request, unless the caller has less."""

AT_ONCE: Final = 50
"""Workflow starts under way at a time."""

_SILENT: Final = "Temporal does not answer: is it running, and is TEMPORAL_ADDRESS right?"

_MISCONFIGURED: Final = {
    RPCStatusCode.UNAUTHENTICATED: "Temporal refused the credentials",
    RPCStatusCode.PERMISSION_DENIED: "Temporal does not permit this",
    RPCStatusCode.NOT_FOUND: "Temporal does not know the namespace (TEMPORAL_NAMESPACE)",
    RPCStatusCode.INVALID_ARGUMENT: "Temporal refused the request",
}


class Found(StrEnum):
    """What starting an account's workflow showed."""

    STARTED = "started"
    RUNNING = "running"
    """It is there: what it waits for is a worker, a provider or PostgreSQL."""


class Unanswered(Unavailable):
    """What was asked is with Temporal, and no worker has answered yet."""


class Accounts:
    """Account workflows on a Temporal client, also one whose time is skipped.

    Every call may be repeated without harm: messages and requests carry ids. All raise Unavailable
    or Misconfigured when Temporal cannot be used now.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    async def start(
        self,
        creditor: str,
        account_id: str,
        *,
        as_of: datetime | None = None,
        updated: Mapping[str, Any] | None = None,
    ) -> None:
        """Start the account's workflow unless it runs; ``updated`` is a fact it hears either way.

        ``as_of``: the instant that the facts in PostgreSQL are from.
        """
        start = {"creditor": creditor, "account_id": account_id}
        if as_of is not None:
            start["as_of"] = as_of.isoformat()
        try:
            with _translated():
                await self.client.start_workflow(
                    COLLECT_ACCOUNT,
                    start,
                    id=workflow_id(creditor, account_id),
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    static_summary=f"{creditor} {account_id}",
                    start_signal=None if updated is None else "account_updated",
                    start_signal_args=[] if updated is None else [dict(updated)],
                )
        except _NotRunningError as error:
            raise Misconfigured(str(error)) from error

    async def start_missing(self, accounts: Iterable[tuple[str, str]]) -> Counter[Found]:
        """Start a workflow for each account (creditor, account id) that has none."""
        gate, found = asyncio.Semaphore(AT_ONCE), Counter[Found]()

        async def start(creditor: str, account_id: str) -> None:
            async with gate:
                found[await self._start_missing(creditor, account_id)] += 1

        await asyncio.gather(*(start(*account) for account in accounts))
        return found

    async def _start_missing(self, creditor: str, account_id: str) -> Found:
        try:
            with _translated():
                await self.client.start_workflow(
                    COLLECT_ACCOUNT,
                    {"creditor": creditor, "account_id": account_id},
                    id=workflow_id(creditor, account_id),
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    static_summary=f"{creditor} {account_id}",
                )
        except WorkflowAlreadyStartedError:
            return Found.RUNNING
        return Found.STARTED

    async def tell(self, workflow: str, signal: str, payload: Mapping[str, Any]) -> bool:
        """Signal a workflow (by its id). False: it has ended, or never began; nobody to be told."""
        if signal != "account_updated":  # which only has it plan anew
            await asked(workflow, signal, payload["id"])
        links.note(workflow.removeprefix(PREFIX))
        handle = self.client.get_workflow_handle(workflow)
        try:
            with _translated():
                await handle.signal(signal, dict(payload), rpc_timeout=SIGNAL_TIMEOUT)
        except _NotRunningError:
            return False
        return True

    async def plan_anew(self, account: str, why: str, done: str) -> bool:
        """Have ``<creditor>/<account_id>`` plan again; False where no workflow runs.

        ``why`` names the fact (the same name again changes nothing). Raises Unavailable when
        Temporal does not take the news, saying what is ``done`` all the same.
        """
        try:
            # A fact without figures: every worker, however old, takes it as a reason to plan anew.
            return await self.tell(f"account/{account}", "account_updated", {"id": why})
        except (Unavailable, Misconfigured) as error:
            raise Unavailable(
                f"{done}, but Temporal did not take the news for {account} ({error}): "
                "run the same command again"
            ) from error

    async def ask(
        self,
        workflow: str,
        update: str,
        payload: Mapping[str, Any],
        *,
        patience: float = PATIENCE,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Send an update to a workflow (by its id); its answer. ``payload["id"]`` names it.

        ``name``: by which Temporal knows the update, where that is not the id: under one name it
        answers as the first time, and the workflow never sees what else was sent.

        Raises BadInput with the refusal's own words, NotFound where no such workflow runs,
        Unanswered where no worker takes it up in time.
        """
        await asked(workflow, update, payload["id"])
        links.note(workflow.removeprefix(PREFIX))
        handle = self.client.get_workflow_handle(workflow)
        try:
            with _translated():
                async with asyncio.timeout(patience):
                    answer: dict[str, Any] = await handle.execute_update(
                        update, dict(payload), id=name or payload["id"]
                    )
        except WorkflowUpdateFailedError as error:
            if _ended_meanwhile(error):
                raise NotFound(f"{workflow} has just ended") from error
            cause = error.cause
            # As text it begins with its type, Refused: the reader knows that already.
            words = cause.message if isinstance(cause, ApplicationError) else str(cause)
            raise BadInput(words) from error
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise Unanswered(
                "no worker answers on the task queue: start `contrapunto worker`, and do not ask "
                "again: Temporal may still have what was asked, and then a worker carries it out"
            ) from error
        except _NotRunningError as error:
            raise NotFound(f"{workflow} does not run") from error
        return answer

    async def ping(self) -> None:
        """Raises Unavailable if Temporal does not answer."""
        with _translated():
            healthy = await self.client.service_client.check_health(timeout=SIGNAL_TIMEOUT)
        if not healthy:
            raise Unavailable("Temporal says it is not serving")


class _NotRunningError(Exception):
    """No such workflow is running."""


def _ended_meanwhile(error: WorkflowUpdateFailedError) -> bool:
    cause = error.cause
    return isinstance(cause, ApplicationError) and cause.type == "AcceptedUpdateCompletedWorkflow"


def _no_namespace(error: RPCError) -> bool:
    """Whether NOT_FOUND speaks of the namespace: then nothing is known of any workflow."""
    kind = NamespaceNotFoundFailure.DESCRIPTOR
    return any(detail.Is(kind) for detail in error.grpc_status.details)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and not _no_namespace(error):
            raise _NotRunningError(f"Temporal does not know: {error.message}") from error
        if error.status in _MISCONFIGURED:
            raise Misconfigured(f"{_MISCONFIGURED[error.status]}: {error.message}") from error
        raise Unavailable(f"{_SILENT} ({error.status.name})") from error
    except RuntimeError as error:  # what a lazy client raises when it cannot connect
        raise Unavailable(f"{_SILENT} ({error})") from error
