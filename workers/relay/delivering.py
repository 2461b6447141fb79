"""Everything for one endpoint: lanes are taken, their events delivered in order, and settled."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import aiohttp
from asyncpg import InterfaceError, PostgresError

from config.webhooks.endpoints import Endpoint
from store.outgoing.lanes import Dead, Lane, Lanes, Pending, Told, written
from telemetry import observing
from workers.clock import Clock
from workers.relay.posting import GONE, Answer, post, session_for

OUTAGES: Final = (OSError, PostgresError, InterfaceError, TimeoutError)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often and how long, in seconds."""

    give_up_after: float = 7 * 86_400
    poll: float = 0.2
    """Between looks for what is due."""
    lease: float = 60
    """For so long a lane is a relay's; one that is killed holds its lanes up for so long."""
    first_wait: float = 5
    longest_wait: float = 3_600
    each: int = 20
    """Events of a lane at a time."""
    settle: float = 0.01
    """So long results are gathered."""

    def wait(self, tries: int, asked: float | None, chance: float) -> float:
        """Until the next try after so many in vain: twice as long each time, spread by half."""
        grown: float = min(self.first_wait * 2.0 ** min(tries - 1, 30), self.longest_wait)
        return max(grown * (0.5 + chance / 2), asked or 0.0)


class Delivery:
    """One endpoint's deliveries in this process."""

    def __init__(
        self,
        lanes: Lanes,
        endpoint: Endpoint,
        keys: Sequence[bytes],
        clock: Clock,
        pace: Pace,
        tell_disabled: Callable[[str], Awaitable[None]],
    ) -> None:
        self._lanes, self._endpoint, self._keys = lanes, endpoint, keys
        self._clock, self._pace, self._tell_disabled = clock, pace, tell_disabled
        self._flying: set[asyncio.Task[None]] = set()
        self._told: list[Told] = []
        self._some = asyncio.Event()
        self._left_alone_until = 0.0
        self._slots = asyncio.Semaphore(endpoint.concurrency)

    async def run(self) -> None:
        """Deliver until cancelled; what has been delivered by then is settled."""
        async with session_for(self._endpoint) as session:
            settling = asyncio.create_task(self._settle_for_ever())
            try:
                while True:
                    if not await self._take(session):
                        await asyncio.sleep(self._pace.poll)
            finally:
                settling.cancel()
                for task in self._flying:
                    task.cancel()
                await asyncio.gather(settling, *self._flying, return_exceptions=True)
                await self._settle()

    async def _take(self, session: aiohttp.ClientSession) -> bool:
        """Take what is due and begin to deliver it; whether there may be more at once."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._left_alone_until:
            return False
        most = 2 * self._endpoint.concurrency
        if len(self._flying) >= self._endpoint.concurrency:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            return True
        taken_at = loop.time()
        try:
            lanes = await self._lanes.claim(
                self._endpoint.name,
                self._endpoint.wants,
                lanes=most - len(self._flying),
                each=self._pace.each,
                lease=timedelta(seconds=self._pace.lease),
                words=self._endpoint.words,
            )
        except OUTAGES as error:
            log.warning("%s: nothing is taken: %s", self._endpoint.name, type(error).__name__)
            return False
        for lane in lanes:
            # So long before another may take it over, nothing of it is sent any more.
            ends = taken_at + self._pace.lease - self._endpoint.timeout - 1
            task = asyncio.create_task(self._deliver(session, lane, ends))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return bool(lanes)

    async def _deliver(self, session: aiohttp.ClientSession, lane: Lane, ends: float) -> None:
        """Deliver the events of one account, one after the other, until one is not taken."""
        gone: list[int] = []
        dead: list[Dead] = []
        # A fault of ours in between is tried again, but not at once.
        tries, answer, wait = lane.tries, Answer(None), self._pace.first_wait
        loop = asyncio.get_running_loop()
        try:
            for event in lane.events:
                async with self._slots:
                    left_alone = self._left_alone_until - loop.time()
                    if left_alone > 0 or loop.time() > ends:
                        wait = max(0.0, left_alone)
                        break
                    answer = await self._post(session, event)
                if answer.problem is None:
                    gone.append(event.position)
                    tries = 0
                    continue
                tries += 1
                if answer.status == GONE:
                    await self._disable()
                elif self._is_given_up(lane, event):
                    dead.append(Dead(event.position, tries, answer.problem, answer.status))
                    gone.append(event.position)
                    tries = 0
                    continue
                wait = self._pace.wait(tries, answer.wait, random.random())  # noqa: S311 - a spread
                break
            else:
                answer, wait = Answer(None), 0.0
        except asyncio.CancelledError:
            wait = 0.0
            raise
        finally:
            every = len(gone) == len(lane.events) and lane.whole
            done = lane.up_to if every else max(gone, default=0)
            problem = answer.problem, answer.status if answer.problem else None
            self._told.append(Told(lane, tuple(gone), done, wait, tries, *problem, tuple(dead)))
            self._some.set()

    async def _post(self, session: aiohttp.ClientSession, event: Pending) -> Answer:
        now = await self._clock.now(None)
        body = written(event.event)
        answer = await post(session, self._endpoint, self._keys, event.event.id, body, now)
        came = "delivered" if answer.problem is None else "failed"
        observing.relayed(self._endpoint.name, came)
        if answer.problem is not None:
            log.info(
                "%s: %s was not taken: %s", self._endpoint.name, event.event.id, answer.problem
            )
        if answer.wait is not None:
            until = asyncio.get_running_loop().time() + answer.wait
            self._left_alone_until = max(self._left_alone_until, until)
        return answer

    def _is_given_up(self, lane: Lane, event: Pending) -> bool:
        waited = event.age if lane.redriven is None else min(event.age, lane.redriven)
        return waited >= self._pace.give_up_after

    async def _disable(self) -> None:
        """It says that it is no more."""
        try:
            await self._tell_disabled(self._endpoint.name)
        except OUTAGES as error:
            log.warning("%s: not disabled: %s", self._endpoint.name, type(error).__name__)

    async def _settle_for_ever(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(self._pace.settle)
            self._some.clear()
            if not await self._settle():
                await asyncio.sleep(1)
                self._some.set()

    async def _settle(self) -> bool:
        """Say what came of lanes; whether that is on record."""
        told, self._told = self._told, []
        if not told:
            return True
        try:
            await self._lanes.finish(self._endpoint.name, told)
        except OUTAGES as error:
            log.warning("%s: not on record yet: %s", self._endpoint.name, type(error).__name__)
            self._told = told + self._told
            return False
        return True
