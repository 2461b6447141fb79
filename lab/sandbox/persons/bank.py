"""How payments and promises reach the system: as an upstream system would send them.

A payment is a signal (a fact), a promise an update (a request that can be refused), both by name
and as JSON, to the account's workflow.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from lab.sandbox import names

PAYMENT_RECEIVED: Final = "payment_received"
RECORD_PROMISE: Final = "record_promise"


class BankError(Exception):
    """The system could not be told; it can be tried again."""


class Bank(Protocol):
    """Takes what people pay and promise."""

    async def pay(self, account: str, payment: Mapping[str, str]) -> str:
        """Tell of {"id", "amount", "currency", "paid_at"}; the outcome in a word."""
        ...

    async def promise(self, account: str, promise: Mapping[str, str]) -> str:
        """Ask to record {"id", "amount", "date"}; the outcome in a word."""
        ...


class PiggyBank:
    """Keeps everything to itself: for a sandbox without Temporal, and for tests."""

    def __init__(self) -> None:
        self.payments: list[tuple[str, dict[str, str]]] = []
        self.promises: list[tuple[str, dict[str, str]]] = []

    async def pay(self, account: str, payment: Mapping[str, str]) -> str:
        """Keep the payment."""
        self.payments.append((account, dict(payment)))
        return "kept"

    async def promise(self, account: str, promise: Mapping[str, str]) -> str:
        """Keep the promise."""
        self.promises.append((account, dict(promise)))
        return "kept"


class TemporalBank:
    """Signals and updates to `account/<creditor>/<account_id>`."""

    def __init__(self, client: Client, timeout: timedelta = timedelta(seconds=30)) -> None:
        self._client = client
        self._timeout = timeout

    async def pay(self, account: str, payment: Mapping[str, str]) -> str:
        """Signal `payment_received`."""
        try:
            await self._handle(account).signal(
                PAYMENT_RECEIVED, dict(payment), rpc_timeout=self._timeout
            )
        except RPCError as error:
            return _gone(error)
        return "told"

    async def promise(self, account: str, promise: Mapping[str, str]) -> str:
        """Update `record_promise`; the promise's id is the update's id, so a repeat is one."""
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                await self._handle(account).execute_update(
                    RECORD_PROMISE, dict(promise), id=promise["id"]
                )
        except WorkflowUpdateFailedError as error:
            return f"refused: {error.cause}"
        except TimeoutError as error:
            raise BankError(f"{RECORD_PROMISE}: no answer") from error
        except RPCError as error:
            return _gone(error)
        return "told"

    def _handle(self, account: str) -> WorkflowHandle[object, object]:
        creditor, _, account_id = account.partition("/")
        return self._client.get_workflow_handle(names.workflow_id(creditor, account_id))


def _gone(error: RPCError) -> str:
    if error.status is RPCStatusCode.NOT_FOUND:
        return "account closed"
    raise BankError(f"Temporal: {error.status.name}") from error
