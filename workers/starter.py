"""Telling account workflows what intake found: the only part of intake that speaks to Temporal."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.store.intake import Pending
from domain.failures import BadInput, Misconfigured, Unavailable
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id

CLOSE_SECONDS: Final = 60.0
"""How long a worker may take to answer a recall before intake gives up and keeps it pending."""

_SILENT: Final = "Temporal does not answer: is it running, and is TEMPORAL_ADDRESS right?"

_MISCONFIGURED: Final = {
    RPCStatusCode.UNAUTHENTICATED: "Temporal refused the credentials",
    RPCStatusCode.PERMISSION_DENIED: "Temporal does not permit this",
    RPCStatusCode.NOT_FOUND: "Temporal does not know the namespace (TEMPORAL_NAMESPACE)",
    RPCStatusCode.INVALID_ARGUMENT: "Temporal refused the request",
}


class Starter(Protocol):
    """What intake asks of Temporal. Each call may be repeated without harm.

    Raises Unavailable or Misconfigured when Temporal cannot be used now.
    """

    async def start(self, line: Pending) -> None:
        """Start the workflow of a new account, unless it runs already."""

    async def update(self, line: Pending) -> None:
        """Tell the workflow of new facts; start it if it does not run."""

    async def recall(self, line: Pending) -> bool:
        """Close the workflow as recalled. False: it does not run. BadInput: it refuses."""


class TemporalStarter:
    """Starter on a Temporal client, also one whose time is skipped (``TimeSkipper.client``)."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def start(self, line: Pending) -> None:
        """A second start of a running account is no new one."""
        await self._start(line)

    async def update(self, line: Pending) -> None:
        """Signal-with-start: an account whose workflow was lost or closed gets one again."""
        fact = {"id": line.message_id, "as_of": line.as_of.isoformat()}
        await self._start(line, signal="account_updated", arguments=[fact])

    async def recall(self, line: Pending) -> bool:
        """The update's id makes a repeated recall the same one."""
        handle = self.client.get_workflow_handle(workflow_id(line.creditor, line.account_id))
        request = {"id": line.message_id, "reason": "recalled"}
        try:
            with _translated():
                async with asyncio.timeout(CLOSE_SECONDS):
                    await handle.execute_update("close", request, id=line.message_id)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            if (
                isinstance(cause, ApplicationError)
                and cause.type == "AcceptedUpdateCompletedWorkflow"
            ):
                return False
            raise BadInput(f"the workflow refuses to close: {cause}") from error
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise Unavailable(
                "no worker answers on the task queue: start `contrapunto worker`"
            ) from error
        except _NotRunningError:
            return False
        return True

    async def _start(
        self, line: Pending, signal: str | None = None, arguments: list[object] | None = None
    ) -> None:
        start = {
            "creditor": line.creditor,
            "account_id": line.account_id,
            "as_of": line.as_of.isoformat(),
        }
        try:
            with _translated():
                await self.client.start_workflow(
                    COLLECT_ACCOUNT,
                    start,
                    id=workflow_id(line.creditor, line.account_id),
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    static_summary=f"{line.creditor} {line.account_id}",
                    start_signal=signal,
                    start_signal_args=arguments or [],
                )
        except _NotRunningError as error:
            raise Misconfigured(str(error)) from error


class _NotRunningError(Exception):
    """No such workflow is running."""


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
