"""Telling the workflows of an order, at its rate: each plans anew, and shows why it is silent.

An order holds without this: the row is read in every reservation. Whoever is killed while they tell
leaves the rest to who goes on (``contrapunto bulk resume``, or the API's process).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from asyncpg import InterfaceError, PostgresError

from domain.failures import Misconfigured, Unavailable
from store.bulk.wakes import Told, Wake, Wakes
from store.database import Pool
from workers.accounts import Accounts

EVERY: Final = 10.0
"""Seconds between looks for orders of which workflows have still to be told."""
PASSES: Final = 5
"""How often those are looked for whom an order keeps silent that is lifted."""
_MOST: Final = 50
"""Told at a time, and told again after a crash, at most."""

log = logging.getLogger(__name__)


Show = Callable[[Told], None]


class Telling:
    """Tells the workflows of orders."""

    def __init__(self, pool: Pool, accounts: Accounts) -> None:
        self.wakes, self.accounts = Wakes(pool), accounts

    async def next(self, order_id: int | None = None, show: Show | None = None) -> Told | None:
        """Tell all that one order has to tell, that nobody is telling; None: there is none.

        Raises Unavailable where Temporal takes no news: all that was told is on record.
        """
        due = await self.wakes.due(order_id)
        wake = due and await self.wakes.take(*due)
        if not wake:
            return None
        try:
            return await self._tell(wake, show)
        finally:
            # Also where this process is told to end.
            await asyncio.shield(self.wakes.let_go(wake))

    async def follow(self, order_id: int, show: Show | None = None) -> Told | None:
        """Have all that one order has to tell told, by this process or, as long as it lives, by
        another; None: the order has not begun. Raises Unavailable."""
        while True:
            done = await self.next(order_id, show) or await self.wakes.far(order_id)
            if done is None or done.done:
                return done
            self._shown(show, done)
            await asyncio.sleep(1)

    async def _tell(self, wake: Wake, show: Show | None) -> Told:
        loop = asyncio.get_running_loop()
        most = max(1, min(_MOST, wake.rate))
        after = (wake.after_creditor, wake.after_account)
        told, not_running = wake.told, wake.not_running
        passes, found = wake.passes, wake.found_in_pass
        while True:
            began = loop.time()
            page = await self.wakes.page(wake, after, most)
            if not page:
                # Of an order that begins one pass is enough: the reservation tells the rest.
                done = wake.occasion == "start" or found == 0 or passes + 1 >= PASSES
                kept = await self.wakes.turn(wake, done=done)
                passes, found, after = passes + 1, 0, ("", "")
                if done or not kept:
                    return self._shown(show, Told(told, not_running, wake.total, done and kept))
                await asyncio.sleep(1)  # who was just told has to plan first
                continue
            answers = await asyncio.gather(*(self._one(wake, *one) for one in page))
            heard, after = sum(answers), page[-1]
            gone = len(answers) - heard
            if not await self.wakes.advance(wake, heard, gone, after):
                return Told(told, not_running, wake.total, False)
            told, not_running, found = told + heard, not_running + gone, found + len(answers)
            self._shown(show, Told(told, not_running, wake.total, False))
            await asyncio.sleep(max(0.0, len(page) / wake.rate - (loop.time() - began)))

    async def _one(self, wake: Wake, creditor: str, account_id: str) -> bool:
        news = {"id": f"bulk:{wake.order_id}:{wake.occasion}"}
        return await self.accounts.tell(f"account/{creditor}/{account_id}", "account_updated", news)

    @staticmethod
    def _shown(show: Show | None, told: Told) -> Told:
        if show is not None:
            show(told)
        return told


async def tell_for_ever(pool: Pool, accounts: Accounts) -> None:
    """Tell whatever is left, beside other work."""
    telling = Telling(pool, accounts)
    while True:
        try:
            while (done := await telling.next()) is not None:
                log.info("told %d accounts of an order in bulk", done.told)
        except (Unavailable, Misconfigured) as error:
            log.warning("accounts could not be told of an order in bulk: %s", error)
        except (OSError, PostgresError, InterfaceError, TimeoutError) as error:
            log.warning("accounts could not be told of an order in bulk: %s", type(error).__name__)
        await asyncio.sleep(EVERY)
