"""One account's workflow as its users see it: messages in, queries out, time moved by hand."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from domain.calendar import stable_fraction
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, account_key, workflow_id
from tests.support.time import CLOCKS
from workers.connection import fast_client

T = TypeVar("T")


def _ids() -> Iterator[str]:
    """Ids of accounts whose first contact has its place at the end of the day's window.

    So it lies ahead at nearly every hour at which the tests may run, and not behind at once.
    """
    for number in itertools.count(1):
        if stable_fraction(account_key("bank", f"A{number}"), 1) > 0.98:
            yield f"A{number}"


_new_ids = _ids()


class Life:
    """A workflow of an account id that no other test has."""

    def __init__(self, client: Client, account_id: str | None = None) -> None:
        self.client, self.skipper = client, fast_client(client)
        self.account_id = account_id or next(_new_ids)
        self.id = workflow_id("bank", self.account_id)
        self.handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(self.id)

    async def start(self, **facts: Any) -> WorkflowHandle[Any, Any]:
        """Start as an upstream system would: by name, with JSON."""
        payload = {"creditor": "bank", "account_id": self.account_id, **facts}
        return await self.start_with(payload)

    async def start_with(self, payload: Any) -> WorkflowHandle[Any, Any]:
        """Start with anything at all, at the time that the clocks of the tests tell."""
        return await start_now(self.skipper, payload, self.id)

    async def signal(self, name: str, **fields: Any) -> None:
        """A fact."""
        await self.handle.signal(name, fields)

    async def update(self, name: str, **fields: Any) -> dict[str, Any]:
        """A request and its answer."""
        async with asyncio.timeout(20):
            answer: dict[str, Any] = await self.handle.execute_update(name, fields)
        return answer

    async def refused(self, name: str, payload: Any) -> str:
        """A request that must be refused, and in which words."""
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            async with asyncio.timeout(20):
                await self.handle.execute_update(name, payload)
        cause = refused.value.cause
        assert isinstance(cause, ApplicationError), cause
        return cause.message

    async def state(self) -> dict[str, Any]:
        """The query ``state``."""
        found: dict[str, Any] = await self.handle.query("state")
        return found

    async def next_step(self) -> dict[str, Any]:
        """The query ``next_step``."""
        found: dict[str, Any] = await self.handle.query("next_step")
        return found

    async def contact_ahead(self) -> dict[str, Any]:
        """The next contact, once what is due at the hour at which this runs has been made."""

        def is_ahead(step: dict[str, Any]) -> bool:
            at = datetime.fromisoformat(step["not_before"])
            return step["kind"] == "contact" and at > datetime.now(UTC)

        return await soon(self.next_step, is_ahead, "a contact ahead")

    async def told(self) -> list[str]:
        """The lines of the query ``timeline``."""
        entries: list[dict[str, Any]] = await self.handle.query("timeline")
        return [entry["what"] for entry in entries]

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait (in real time) until the state is as it should be."""

        def settled(found: dict[str, Any]) -> bool:
            return "phase" in found and not found["waiting"] and holds(found)

        return await soon(self.state, settled)

    async def until_told(self, line: str) -> str:
        """Wait (in real time) for a line of the timeline that starts so, and say it whole.

        A query may be answered before a signal sent earlier is seen: a state that could hold just
        as well without the signal is no sign that it has come.
        """

        async def found() -> str | None:
            return next((told for told in await self.told() if told.startswith(line)), None)

        return str(await soon(found, bool, line))

    async def forward(self, by: timedelta) -> None:
        """Let virtual time pass."""
        await asyncio.wait_for(self.skipper.fast_forward(self.handle, by), 60)

    async def to(self, at: datetime) -> None:
        """Let virtual time pass up to an instant, and what is due then happen."""
        ahead = at - await self.skipper.get_current_time(self.handle)
        if ahead > timedelta(0):
            await self.forward(ahead + timedelta(seconds=2))

    async def to_next(self) -> None:
        """Up to the next step, and until it is done."""
        before = await self.next_step()
        await self.to(datetime.fromisoformat(before["not_before"]))
        await soon(
            self.next_step, lambda step: step != before, f"nothing came of {before['summary']}"
        )

    async def result(self) -> dict[str, Any]:
        """How the account ended."""
        ended: dict[str, Any] = await asyncio.wait_for(self.handle.result(), 60)
        return ended


async def start_now(skipper: TimeSkipper, payload: Any, name: str) -> WorkflowHandle[Any, Any]:
    """Start an account's workflow at the time that the clocks of the tests tell."""
    handle = await skipper.client.start_workflow(
        COLLECT_ACCOUNT, payload, id=name, task_queue=TASK_QUEUE, start_delay=CLOCKS.ahead
    )
    if CLOCKS.ahead:
        with contextlib.suppress(RPCError):  # one that was refused has ended before it is there
            await asyncio.wait_for(skipper.fast_forward(handle, CLOCKS.ahead), 60)
    return handle


async def soon(look: Callable[[], Awaitable[T]], holds: Callable[[T], object], what: str = "") -> T:
    """Look, within some 20 s of real time, until what is found holds; ``what`` is waited for."""
    found = await look()
    for _ in range(400):
        if holds(found):
            return found
        await asyncio.sleep(0.05)
        found = await look()
    raise AssertionError(f"never so: {what} {found}")


def days_ago(days: int) -> Any:
    """A date that many days back on the calendar of Bogota, where the customers live."""
    return datetime.now(ZoneInfo("America/Bogota")).date() - timedelta(days=days)
