"""The conductor of fast time: brings every account's virtual clock from event to event.

On a server that skips time each workflow has a clock of its own. The conductor keeps them together
as the world would: it looks for what is due next, over all accounts and all people of the sandbox,
moves the accounts concerned to that moment, and lets it happen. Nothing here decides what is done.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
from asyncpg import PostgresError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.store.database import CONNECTION_LOST, Pool
from domain.names import workflow_id
from workers.connection import fast_client

log = logging.getLogger(__name__)

BATCH: Final = timedelta(minutes=45)
"""Events closer together than this are played at once, each account's in order."""

AT_ONCE: Final = 12
PATIENCE: Final = 90.0
"""Real seconds for one event; a worker or server may be starting again meanwhile."""

_ENDED: Final = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)

SELECT_DUE: Final = """
SELECT creditor, account_id, next_at, plans FROM accounts
WHERE status = 'open' AND next_at IS NOT NULL ORDER BY next_at LIMIT 2000
"""

COUNT_UNPLANNED: Final = """
SELECT count(*) FROM accounts WHERE status = 'open' AND next_at IS NULL
"""

SETTLING: Final = 10.0
"""Real seconds that accounts just taken in are given to make their first plan."""

SELECT_PLANS: Final = """
SELECT plans, status FROM accounts WHERE creditor = $1 AND account_id = $2
"""

_DOWN: Final = (
    *CONNECTION_LOST,
    PostgresError,
    RPCError,
    RuntimeError,
    httpx.TransportError,
    TimeoutError,
)
"""A server is away, or starting again."""


class Conductor:
    """Plays the world until an instant."""

    def __init__(
        self,
        client: Client,
        pool: Pool,
        sandbox_url: str | None,
        *,
        progress: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        self.client, self.pool = client, pool
        self.skipper = fast_client(client)
        self.sandbox_url, self.progress = sandbox_url, progress
        self.world: datetime | None = None
        self.events = 0
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def play(self, until: datetime | None = None, *, idle: float | None = None) -> None:
        """Play until ``until`` (virtual), or until nothing is left; ``idle``: look again, forever,
        every so many real seconds when nothing is due (for a stack that stays up)."""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as self.http:
            while True:
                try:
                    batch = await self._next_batch(until)
                    if batch:
                        await self._play_batch(batch)
                except _DOWN as error:
                    # A server is down or starting again: nothing is lost, look once more.
                    log.warning("fast time waits: %s", type(error).__name__)
                    await asyncio.sleep(0.5)
                    continue
                if not batch:
                    if idle is None:
                        return
                    await asyncio.sleep(idle)

    # --- what is next ---------------------------------------------------------------------------

    async def _next_batch(self, until: datetime | None) -> dict[str, tuple[datetime, Any]]:
        """The earliest event of every account that has one within the next stretch of time."""
        await self._everybody_planned()
        rows = await self.pool.fetch(SELECT_DUE)
        events: dict[str, tuple[datetime, Any]] = {
            f"{row['creditor']}/{row['account_id']}": (row["next_at"], row["plans"]) for row in rows
        }
        for action in await self._agenda():
            account = action["account"]
            at = datetime.fromisoformat(action["at"])
            if account not in events or at < events[account][0]:
                events[account] = (at, action["id"])
        if not events:
            return {}
        first = max(
            min(at for at, _ in events.values()), self.world or datetime.min.replace(tzinfo=UTC)
        )
        if until is not None and first > until:
            return {}
        self.world = first
        self.progress(first)
        return {key: event for key, event in events.items() if event[0] <= first + BATCH}

    async def _everybody_planned(self) -> None:
        """Time does not move on while accounts are still being taken in."""
        loop = asyncio.get_running_loop()
        left, since = await self.pool.fetchval(COUNT_UNPLANNED), loop.time()
        while left and loop.time() - since < SETTLING:
            await asyncio.sleep(0.1)
            now_left = await self.pool.fetchval(COUNT_UNPLANNED)
            if now_left != left:
                left, since = now_left, loop.time()

    async def _agenda(self) -> list[dict[str, Any]]:
        if self.sandbox_url is None:
            return []
        far = datetime.max.replace(tzinfo=UTC).isoformat()
        answer = await self.http.get(f"{self.sandbox_url}/_sandbox/agenda", params={"until": far})
        answer.raise_for_status()
        found: list[dict[str, Any]] = [a for a in answer.json() if a["account"]]
        return found

    # --- letting it happen ----------------------------------------------------------------------

    async def _play_batch(self, batch: dict[str, tuple[datetime, Any]]) -> None:
        played = (self._play(key, *event) for key, event in batch.items())
        # All of them to their end, also when one fails: the next batch must not run beside them.
        for result in await asyncio.gather(*played, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
        await self._quiet()

    async def _play(self, account: str, at: datetime, what: str | int) -> None:
        async with self._slots, asyncio.timeout(PATIENCE):
            self.events += 1
            plans, _ = await self._plans(account)
            if isinstance(what, str):
                await self._move(account, at)
                await self._perform(what)
            elif plans == what:
                await self._move(account, at)
                await self._planned_anew(account, plans)

    async def _move(self, account: str, at: datetime) -> None:
        """Bring the account's clock to ``at`` unless it is there already."""
        handle = self.client.get_workflow_handle(workflow_id(*account.split("/", 1)))
        try:
            ahead = at - await self.skipper.get_current_time(handle)
            if ahead > timedelta(0):
                await self.skipper.fast_forward(handle, ahead)
        except RPCError as error:
            # An account that has ended stands still; what people do about it happens all the same.
            if error.status not in _ENDED:
                raise

    async def _perform(self, action: str) -> None:
        answer = await self.http.post(
            f"{self.sandbox_url}/_sandbox/perform", json={"ids": [action]}
        )
        answer.raise_for_status()

    async def _planned_anew(self, account: str, before: int) -> None:
        while True:
            plans, status = await self._plans(account)
            if plans > before or status == "closed":
                return
            await asyncio.sleep(0.01)

    async def _plans(self, account: str) -> tuple[int, str]:
        row = await self.pool.fetchrow(SELECT_PLANS, *account.split("/", 1))
        return (0, "closed") if row is None else (row["plans"], row["status"])

    async def _quiet(self) -> None:
        """Until no callback is in flight: what providers know by then, the accounts know too."""
        if self.sandbox_url is None:
            return
        for _ in range(2000):
            answer = await self.http.get(f"{self.sandbox_url}/_sandbox/quiet")
            if answer.json() is True:
                return
            await asyncio.sleep(0.01)
