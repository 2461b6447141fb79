"""What people are going to do, and when; and the doing of it.

In real time the agenda keeps its own timers. In fast time nothing happens by itself: a conductor
brings an account's clock to an action's moment and then asks for the action.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel

from lab.sandbox.clock import wall
from lab.sandbox.persons.bank import BankError
from lab.sandbox.persons.people import Intent, Kind
from lab.sandbox.record import State
from lab.sandbox.seed import digest
from lab.sandbox.webhooks import NotDeliveredError

log: Final = logging.getLogger(__name__)

AT_ONCE: Final = 16
RETRY_SECONDS: Final = 5.0


class Action(BaseModel):
    """One thing that somebody is going to do."""

    id: str
    at: AwareDatetime
    """On the account's clock."""
    account: str | None
    kind: Kind
    person: str
    message: str
    """The provider's id of the message that made them do it."""
    details: dict[str, Any] = {}

    def entry(self) -> dict[str, Any]:
        """As the agenda shows it."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "account": self.account,
            "kind": self.kind.value,
            "person": self.person,
        }


class Done(BaseModel):
    """What came of an action."""

    id: str
    ok: bool
    outcome: str


Performer = Callable[[Action], Awaitable[str]]


class Agenda:
    """Actions to come, kept across restarts; each is performed once."""

    def __init__(self, state: State, seed: int) -> None:
        self._state = state
        self._seed = seed
        self._actions = {
            key: Action.model_validate(value) for key, value in state.tables["action"].items()
        }
        self._busy: dict[str, asyncio.Task[Done]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._changed = asyncio.Event()
        self.performers: dict[Kind, Performer] = {}

    def add(self, intent: Intent, person: str, account: str | None, message: str) -> Action:
        """Note down what somebody intends; the same intent twice is one action."""
        key = digest(self._seed, intent.kind, person, message, sorted(intent.details.items()))
        action = Action(
            id=key[:16],
            at=intent.at,
            account=account,
            kind=intent.kind,
            person=person,
            message=message,
            details=intent.details,
        )
        if self._state.get("done", action.id) is None:
            self._actions[action.id] = action
            self._state.put("action", action.id, action.model_dump(mode="json"))
            self._changed.set()
        return action

    def until(self, end: datetime | None = None, account: str | None = None) -> list[Action]:
        """What is to be done up to a moment (included), in order of time."""
        chosen = (
            action
            for action in self._actions.values()
            if (end is None or action.at <= end) and account in (None, action.account)
        )
        return sorted(chosen, key=lambda action: (action.at, action.id))

    async def perform(self, ids: Iterable[str]) -> list[Done]:
        """Do these now, whatever the time; who asks again gets the first outcome."""
        return list(await asyncio.gather(*(self._once(key) for key in dict.fromkeys(ids))))

    async def _once(self, key: str) -> Done:
        if (outcome := self._state.get("done", key)) is not None:
            return Done(id=key, ok=True, outcome=outcome)
        if key not in self._actions:
            return Done(id=key, ok=False, outcome="no such action")
        if key not in self._busy:
            task = asyncio.create_task(self._do(self._actions[key]))
            task.add_done_callback(lambda _: self._busy.pop(key, None))
            self._busy[key] = task
        # Shielded: a conductor that hangs up must not leave an action half done.
        return await asyncio.shield(self._busy[key])

    async def _do(self, action: Action) -> Done:
        async with self._slots:
            try:
                outcome = await self.performers[action.kind](action)
            except (NotDeliveredError, BankError) as error:
                return Done(id=action.id, ok=False, outcome=str(error))
        self._state.put("done", action.id, outcome)
        self._state.put("action", action.id, None)
        self._actions.pop(action.id, None)
        return Done(id=action.id, ok=True, outcome=outcome)

    async def run(self) -> None:
        """Real time: do everything when its moment has come, for ever."""
        while True:
            self._changed.clear()
            now = wall()
            due = [action.id for action in self.until(now)]
            done = await self.perform(due)
            for failed in (result for result in done if not result.ok):
                log.warning("%s will be tried again: %s", failed.id, failed.outcome)
            await self._wait(RETRY_SECONDS if any(not result.ok for result in done) else None)

    async def _wait(self, most: float | None) -> None:
        waits = [(action.at - wall()).total_seconds() for action in self.until()[:1]]
        if most is not None:
            waits = [most]
        try:
            async with asyncio.timeout(max(waits[0], 0) if waits else None):
                await self._changed.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        """Stop what is being done; it stays on the agenda."""
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
