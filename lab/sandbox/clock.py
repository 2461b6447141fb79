"""Whose clock it is: the wall's, or the account's own on a Temporal server that skips time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Protocol

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from lab.sandbox import names

PATIENCE: Final = timedelta(seconds=5)
"""How long a server that does not answer is asked again: less than a sender waits for us."""


def wall() -> datetime:
    """The real time."""
    return datetime.now(UTC)  # noqa: TID251 - the one place of the sandbox that reads a clock


class Reading(NamedTuple):
    """A time, and whether it was read (True) or had to be guessed."""

    at: datetime
    exact: bool


class Clock(Protocol):
    """Tells the time of an account; of the world when no account is known."""

    async def now(self, account: str | None) -> Reading:
        """The time now."""
        ...


class WallClock:
    """Everybody lives in real time."""

    async def now(self, account: str | None) -> Reading:
        """The real time, whatever the account."""
        return Reading(wall(), exact=True)


class AccountClock:
    """Each account has the virtual clock of its workflow, asked for anew at every reading."""

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._skipper = TimeSkipper(client)
        self._patience = patience
        self._offsets: dict[str, timedelta] = {}

    async def now(self, account: str | None) -> Reading:
        """The account's virtual time; last known offset if the server stays dumb."""
        if account is None or "/" not in account:
            return Reading(wall(), exact=False)
        deadline = wall() + self._patience
        while True:
            try:
                return await self._ask(account)
            except (RPCError, TimeoutError, ValueError) as trouble:
                # ValueError: the SDK cannot name the status of a paused workflow.
                unknown = isinstance(trouble, RPCError) and trouble.status in (
                    RPCStatusCode.NOT_FOUND,
                    RPCStatusCode.INVALID_ARGUMENT,
                )
                if unknown or wall() >= deadline:
                    return Reading(wall() + self._offsets.get(account, timedelta()), exact=False)
                await asyncio.sleep(0.2)

    async def _ask(self, account: str) -> Reading:
        creditor, _, account_id = account.partition("/")
        handle = self._client.get_workflow_handle(names.workflow_id(creditor, account_id))
        async with asyncio.timeout(self._patience.total_seconds()):
            at = await self._skipper.get_current_time(handle)
        self._offsets[account] = at - wall()
        return Reading(at, exact=True)
