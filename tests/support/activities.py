"""Activities run without a Temporal server, at any instant; and what the providers took."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import httpx
from temporalio.testing import ActivityEnvironment

from activities.clock import ActivityClock
from activities.contacting import Contacting, ReconcileOrder, _Run
from activities.dependencies import Dependencies
from activities.orders import AccountRef, ContactOrder, Recorded, RecordOrder
from activities.recording import Recording
from activities.reserving import Ready, Reserving
from domain.facts import MESSAGE
from domain.ledger.protocol import CONTACT, Do
from domain.names import attempt_id
from domain.planning.step import Step

T = TypeVar("T")


@dataclasses.dataclass
class Actor:
    """One account's activities; every run is a new execution unless told otherwise."""

    dependencies: Dependencies
    account_id: str = "A1"
    creditor: str = "bank"
    runs: int = 0
    again: bool = False
    """Whether what runs next is the last activity once more."""
    activities: int = 0

    async def record(
        self,
        at: datetime,
        *messages: dict[str, Any],
        plans: int = 0,
        asked_at: datetime | None = None,
    ) -> Recorded:
        """The activity ``record``; messages as their senders write them, with their kind.
        ``asked_at``: when the workflow was asked, if that is told."""
        taken = tuple(MESSAGE.validate_python(message) for message in messages)
        asked = {one.id: asked_at for one in taken if asked_at is not None}
        order = RecordOrder(**self.who, messages=taken, plans=plans, asked_at=asked)
        return await self.run(at, Recording(self.dependencies).record, order)

    async def record_raw(self, at: datetime, *messages: Any) -> Recorded:
        """The activity ``record``, with messages that nobody has looked at."""
        order = RecordOrder(**self.who, messages=messages)
        return await self.run(at, Recording(self.dependencies).record, order)

    async def planned(self, at: datetime) -> Step:
        """The next step at an instant."""
        return (await self.record(at)).step

    async def contact(self, step: Step, at: datetime | None = None) -> Step:
        """The activity ``contact``, at the step's own time unless said otherwise."""
        order = ContactOrder(**self.who, step=step)
        return await self.run(at or step.not_before, Contacting(self.dependencies).contact, order)

    async def reconcile(self, attempt_id: str, at: datetime) -> Step:
        """The activity ``reconcile``."""
        order = ReconcileOrder(**self.who, attempt_id=attempt_id)
        return await self.run(at, Contacting(self.dependencies).reconcile, order)

    async def reserve(self, step: Step, at: datetime | None = None) -> Ready:
        """The first half of ``contact``: reserved, and then the execution sleeps or dies."""
        order = ContactOrder(**self.who, step=step)
        identity = attempt_id(self.creditor, self.account_id, step.number)

        async def half() -> Ready | Step:
            return await Reserving(self.dependencies).reserve(order, identity, ActivityClock())

        ready = await self.run(at or step.not_before, half)
        assert isinstance(ready, Ready)
        return ready

    async def send(self, ready: Ready, at: datetime) -> None:
        """The second half, in the execution that ran last."""
        self.runs -= 1

        async def half() -> None:
            run = _Run(CONTACT, AccountRef(**self.who), ready.attempt, ActivityClock(), ready=ready)
            await Contacting(self.dependencies)._walk(run, Do.DISPATCH)

        await self.run(at, half)

    async def run(self, at: datetime, work: Callable[..., Awaitable[T]], *args: object) -> T:
        """Anything inside an activity's context, in an execution of its own."""
        self.runs += 1
        if not self.again:
            self.activities = self.runs
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(
            environment.info,
            started_time=at,
            activity_id=f"{self.creditor}/{self.account_id}/{self.activities}",
            attempt=self.runs,
        )
        return await environment.run(work, *args)

    @property
    def who(self) -> dict[str, str]:
        """The account, as orders name it."""
        return {"creditor": self.creditor, "account_id": self.account_id}


async def fault(sandbox_url: str, do: str, times: int | None = 1, **match: str) -> None:
    """Let the next requests that match go wrong."""
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False) as sandbox:
        rules = [{"do": do, "times": times, "match": match}]
        (await sandbox.post("/_sandbox/faults", json=rules)).raise_for_status()


async def accepted(sandbox_url: str) -> list[dict[str, Any]]:
    """Every message that a provider took, by the sandbox's own record."""
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False) as sandbox:
        answer = (await sandbox.get("/_sandbox/messages")).json()
    return [message for message in answer["messages"] if message["direction"] == "out"]
