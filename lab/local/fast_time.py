"""The conductor of fast time: brings every account's virtual clock from event to event.

On a server that skips time each workflow has a clock of its own. The conductor keeps them together
as the world would: it looks for what is due next, over all accounts and all people of the sandbox,
moves the accounts concerned to that moment, and lets it happen. Nothing here decides what is done.

Customers have nothing to do with each other, so many are played at once, each from its own event to
the next; only ``spread`` bounds how far apart in virtual time they may be.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

import httpx
from asyncpg import PostgresError
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from domain.names import workflow_id
from store.database import CONNECTION_LOST, Pool
from store.views.runs import PLAYED_SELECT_ACCOUNTS
from workers.connection import fast_client

log = logging.getLogger(__name__)

BATCH: Final = timedelta(minutes=10)
"""Plans of one customer's accounts closer together than this are played at once. Nobody reacts to a
message sooner, so no plan is played before what a person did earlier."""

SPREAD: Final = timedelta(minutes=45)
"""How far apart in virtual time two customers may be."""

AT_ONCE: Final = 16
"""Customers. More only wait for the same two or four cores."""

PATIENCE: Final = 90.0
"""Real seconds for one event; a worker or server may be starting again meanwhile."""

TICK: Final = 0.04
"""Real seconds between two looks at the accounts, if the look itself takes a small part of that."""

AGENDA_EVERY: Final = 5.0
"""Real seconds after which the whole agenda is read again, for what nobody here brought about."""

_ENDED: Final = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)


SETTLING: Final = 10.0
"""Real seconds that accounts just taken in are given to make their first plan."""

_DOWN: Final = (
    *CONNECTION_LOST,
    PostgresError,
    RPCError,
    RuntimeError,
    httpx.HTTPError,
    TimeoutError,
)
"""A server is away, or starting again."""


class Errand(NamedTuple):
    """Something that one of our own people does about a customer."""

    work_id: int
    step: str


class Desk(Protocol):
    """Our own people: what they are going to do, and the doing of it."""

    async def due(self, customer_id: str) -> Mapping[str, list[tuple[datetime, Errand]]]:
        """By account, what is to be done about a customer, and when; in order."""
        ...

    async def do(self, errand: Errand, at: datetime) -> list[str]:
        """Do it; the accounts that plan anew for it."""
        ...


class Event(NamedTuple):
    """What is due next on an account: its plan of that number, a person's action of that id, or an
    errand of our own people."""

    at: datetime
    account: str
    what: int | str | Errand


def _order(event: Event) -> tuple[datetime, bool]:
    """Of one account's plan and action of the same instant, what the person does comes first."""
    return event.at, isinstance(event.what, int)


def at_once(events: list[Event]) -> list[Event]:
    """Of one customer's next events, in order, those that are played beside each other."""
    together = events[:1]
    for event in events[1:]:
        # What a person does comes by itself: a stop, then the plans that it may change.
        if not (isinstance(event.what, int) and isinstance(events[0].what, int)):
            break
        if event.at <= events[0].at + BATCH:
            together.append(event)
    return together


class Conductor:
    """Plays the world until an instant."""

    def __init__(
        self,
        client: Client,
        pool: Pool,
        sandbox_url: str | None,
        *,
        progress: Callable[[datetime], None] = lambda _: None,
        spread: timedelta = SPREAD,
        at_once: int = AT_ONCE,
        tick: float = TICK,
        gives_up_after: int | None = None,
        desk: Desk | None = None,
    ) -> None:
        """``gives_up_after``: how often an event may take longer than PATIENCE before its customer
        is left alone for good (``given_up``); None: never. ``desk``: who does what people are
        asked for."""
        self.client, self.pool = client, pool
        self.skipper = fast_client(client)
        self.sandbox_url, self.progress, self.desk = sandbox_url, progress, desk
        self.tick = tick
        self.spread, self.at_once, self.gives_up_after = spread, at_once, gives_up_after
        self.world: datetime | None = None
        self.until: datetime | None = None
        """Where to stop; may be changed while playing."""
        self.events = 0
        self.given_up: dict[str, str] = {}
        """Customers left alone, and what their event was."""
        self._accounts: dict[str, Any] = {}
        self._agenda: dict[str, list[tuple[datetime, str]]] = {}
        self._errands: dict[str, list[tuple[datetime, Errand]]] = {}
        self._agenda_read = float("-inf")
        self._heard_of = set[str]()
        """Accounts whose own part of the agenda was read since all of it was last asked for."""
        self._heard_at: dict[str, int] = {}
        """By account: the plan that it had when its people were last asked what they will do."""
        self._playing: dict[str, tuple[datetime, asyncio.Task[None]]] = {}
        self._resting: dict[str, float] = {}
        self._late: dict[str, int] = defaultdict(int)
        self._unplanned, self._unplanned_since = 0, float("-inf")
        self._looked = asyncio.Event()
        self._clocks: dict[str, tuple[datetime, float]] = {}

    async def play(self, until: datetime | None = None, *, idle: float | None = None) -> None:
        """Play until ``until`` (virtual), or until nothing is left; ``idle``: look again, forever,
        every so many real seconds when nothing is due (for a stack that stays up)."""
        self.until = until or self.until
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as self.http:
            try:
                while True:
                    try:
                        pause = await self._look()
                    except _DOWN as error:
                        # A server is down or starting again: nothing is lost, look once more.
                        log.warning("fast time waits: %s", type(error).__name__)
                        await asyncio.sleep(0.5)
                        continue
                    if self._start_due() or self._playing or self._resting:
                        await asyncio.sleep(pause)
                    elif idle is None:
                        return
                    else:
                        await asyncio.sleep(idle)
                        self._agenda_read = float("-inf")
            finally:
                await self._leave()

    async def _leave(self) -> None:
        tasks = [task for _, task in self._playing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._playing.clear()

    # --- what is next ---------------------------------------------------------------------------

    async def _look(self) -> float:
        """Read where everybody stands; answers how long to wait before looking again."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        rows = await self.pool.fetch(PLAYED_SELECT_ACCOUNTS)
        self._accounts = {row["key"]: row for row in rows}
        if began - self._agenda_read > AGENDA_EVERY:
            await self._read_agenda()
        unplanned = sum(row["open"] and row["next_at"] is None for row in rows)
        if unplanned != self._unplanned:
            self._unplanned, self._unplanned_since = unplanned, began
        now = loop.time()
        self._resting = {who: until for who, until in self._resting.items() if until > now}
        looked, self._looked = self._looked, asyncio.Event()
        looked.set()
        return max(self.tick, 3 * (now - began))

    async def _read_agenda(self) -> None:
        """All of it; actions of customers being played are theirs to read when they are done."""
        self._agenda_read = asyncio.get_running_loop().time()
        if self.sandbox_url is None:
            return
        self._heard_of.clear()
        found = await self._asked("agenda", until=datetime.max.replace(tzinfo=UTC).isoformat())
        agenda: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for action in found:
            if action["account"]:
                agenda[action["account"]].append(_entry(action))
        # What was read of an account meanwhile is newer: a stop that came to be since the question
        # would else be forgotten until the next, and a sibling be played past it.
        kept = {key: self._agenda.get(key, []) for key in self._heard_of}
        self._agenda = dict(agenda) | kept

    async def _asked(self, what: str, **about: str) -> Any:
        answer = await self.http.get(f"{self.sandbox_url}/_sandbox/{what}", params=about)
        answer.raise_for_status()
        return answer.json()

    def _due(self) -> dict[str, list[Event]]:
        """Every customer's next event on each account, the earliest first."""
        due: dict[str, list[Event]] = defaultdict(list)
        for key in {*self._accounts, *self._agenda}:
            events = []
            row = self._accounts.get(key)
            if row is not None and row["open"] and row["next_at"] is not None:
                events.append(Event(row["next_at"], key, row["plans"]))
            events += [Event(at, key, action) for at, action in self._agenda.get(key, ())[:1]]
            if row is not None and row["open"]:
                events += [Event(at, key, what) for at, what in self._errands.get(key, ())[:1]]
            if events:
                due[row["customer_id"] if row else key].append(min(events, key=_order))
        for events in due.values():
            events.sort()
        return due

    def _start_due(self) -> bool:
        """Start everybody whose turn it is; whether anybody has one."""
        now, until = asyncio.get_running_loop().time(), self.until
        if self._unplanned and now - self._unplanned_since < SETTLING:
            return True  # time does not move on while accounts are still being taken in
        waiting = {who: e for who, e in self._due().items() if who not in self.given_up}
        waiting = {who: e for who, e in waiting.items() if until is None or e[0].at <= until}
        idle = {who: e for who, e in waiting.items() if who not in self._playing}
        moments = [events[0].at for events in idle.values()]
        moments += [at for at, _ in self._playing.values()]
        if not moments:
            return False
        first = max(min(moments), self.world or datetime.min.replace(tzinfo=UTC))
        self.world = first
        self.progress(first)
        for who, events in sorted(idle.items(), key=lambda one: one[1][0].at):
            if len(self._playing) >= self.at_once or events[0].at > first + self.spread:
                break
            if who not in self._resting:
                self._begin(who, events)
        return bool(idle)

    # --- letting it happen ----------------------------------------------------------------------

    def _begin(self, customer: str, events: list[Event]) -> None:
        # A plan of which nobody was heard may follow a message, and that be answered before the
        # next event here: a stop, which a sibling must not be played past.
        unheard = [event.account for event in events if self._unheard(event.account)]
        if unheard:
            task = asyncio.create_task(self._listen(customer, unheard))
        else:
            task = asyncio.create_task(self._play_customer(customer, at_once(events)))
        self._playing[customer] = (events[0].at, task)
        task.add_done_callback(lambda _: self._playing.pop(customer, None))

    def _unheard(self, account: str) -> bool:
        row = self._accounts.get(account)
        known = row is None or self._heard_at.get(account) == row["plans"]
        return self.sandbox_url is not None and not known

    async def _listen(self, customer: str, accounts: Iterable[str]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*map(self._heard, accounts))
        except _DOWN as error:
            log.warning("fast time listens again: %s", type(error).__name__)
            self._resting[customer] = asyncio.get_running_loop().time() + 0.5

    async def _play_customer(self, customer: str, events: Iterable[Event]) -> None:
        # All of them to their end, also when one fails: the next must not run beside them.
        results = await asyncio.gather(*map(self._play, events), return_exceptions=True)
        trouble = [result for result in results if isinstance(result, BaseException)]
        for error in trouble:
            if not isinstance(error, _DOWN):
                raise error
        if not trouble:
            self._late.pop(customer, None)
            return
        log.warning("fast time tries again: %s", ", ".join(type(e).__name__ for e in trouble))
        self._resting[customer] = asyncio.get_running_loop().time() + 0.5
        for event in events:
            self._clocks.pop(event.account, None)
        if any(isinstance(error, TimeoutError) for error in trouble):
            self._late[customer] += 1
            if self.gives_up_after is not None and self._late[customer] >= self.gives_up_after:
                told = "; ".join(f"{e.account} at {e.at.isoformat()}: {e.what}" for e in events)
                self.given_up[customer] = told

    async def _play(self, event: Event) -> None:
        async with asyncio.timeout(PATIENCE):
            self.events += 1
            if isinstance(event.what, Errand):
                await self._run(event.what, event)
                return
            if isinstance(event.what, str):
                # Now and then a server has gone on to the next timer by itself; what people do
                # would then come late by as much, each time.
                self._clocks.pop(event.account, None)
            await self._move(event.account, event.at)
            if isinstance(event.what, str):
                await self._perform(event.what)
            else:
                await self._planned_anew(event.account, event.what)
            await self._heard(event.account)
            await self._asked_for(event.account)

    async def _run(self, errand: Errand, event: Event) -> None:
        """Our own people do something about a customer: it is that time for all accounts of theirs.

        They read the time off any of these clocks.
        """
        who = self._accounts[event.account]["customer_id"]
        theirs = [row for row in self._accounts.values() if row["customer_id"] == who]
        plans = {row["key"]: row["plans"] for row in theirs}
        for row in theirs:
            if row["open"]:
                await self._move(row["key"], event.at)
        anew = await self.desk.do(errand, event.at) if self.desk else []
        for account in anew:
            await self._planned_anew(account, plans.get(account, 0))
        await self._asked_for(event.account)
        for account in anew:
            await self._heard(account)

    async def _asked_for(self, account: str) -> None:
        """What our own people are going to do about the customer, after what was just done."""
        row = self._accounts.get(account)
        if self.desk is not None and row is not None:
            for key in (k for k, r in self._accounts.items() if r["owner"] == row["owner"]):
                self._errands.pop(key, None)
            self._errands |= await self.desk.due(row["owner"])

    async def _move(self, account: str, at: datetime) -> None:
        """Bring the account's clock to ``at`` unless it is there already."""
        handle = self.client.get_workflow_handle(workflow_id(*account.split("/", 1)))
        try:
            ahead = at - await self._clock_of(account, handle)
            if ahead > timedelta(0):
                self._clocks.pop(account, None)
                await self.skipper.fast_forward(handle, ahead)
                self._clocks[account] = at, asyncio.get_running_loop().time()
        except RPCError as error:
            # An account that has ended stands still; what people do about it happens all the same.
            if error.status not in _ENDED:
                raise

    async def _clock_of(self, account: str, handle: WorkflowHandle[Any, Any]) -> datetime:
        """What time it is for an account: nobody but us moves its clock."""
        known = self._clocks.get(account)
        if known is None:
            return await self.skipper.get_current_time(handle)
        return known[0] + timedelta(seconds=asyncio.get_running_loop().time() - known[1])

    async def _perform(self, action: str) -> None:
        answer = await self.http.post(
            f"{self.sandbox_url}/_sandbox/perform", json={"ids": [action]}
        )
        answer.raise_for_status()

    async def _planned_anew(self, account: str, before: int) -> None:
        while True:
            row = self._accounts.get(account)
            if row is None or row["plans"] > before or not row["open"]:
                return
            await self._looked.wait()

    async def _heard(self, account: str) -> None:
        """Until no callback of this account is in flight: what providers know by then, it knows
        too; and what its people are going to do about it."""
        if self.sandbox_url is not None:
            row = self._accounts.get(account)
            found = await self._asked("agenda", account=account, quiet="true")
            self._agenda[account] = [_entry(action) for action in found]
            self._heard_of.add(account)
            if row is not None:
                self._heard_at[account] = row["plans"]


def _entry(action: dict[str, Any]) -> tuple[datetime, str]:
    return datetime.fromisoformat(action["at"]), action["id"]
