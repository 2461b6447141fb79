"""What customers wrote is read once it is stored, and what was read is kept.

Nobody waits for it and nothing depends on it: what cannot be read now is read where it is shown.
"""

import asyncio
import logging
from typing import Final

from asyncpg import PostgresError

from domain.conversation.reader import Reader
from domain.conversation.standing import Standing
from domain.failures import Unavailable
from store.conversation.readings import Readings
from store.conversation.written import one
from store.database import CONNECTION_LOST, Pool
from workers.gateway.facts import CustomerMessage

AT_ONCE: Final = 2
"""Messages read at the same time; they leave connections for what cannot wait."""
MOST_WAITING: Final = 1000
"""Messages that wait to be read; of a flood the rest is read where it is shown."""

log = logging.getLogger(__name__)


class Listening:
    """Reads messages by one reader, beside the requests that brought them."""

    def __init__(self, reader: Reader, pool: Pool) -> None:
        self._reader, self._pool, self._readings = reader, pool, Readings(pool)
        self._waiting: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)

    def hear(self, fact: CustomerMessage) -> None:
        """Have a stored message read soon. Of what a program wrote, nothing is read."""
        if fact.standing is Standing.AUTOMATIC:
            return
        if len(self._waiting) >= MOST_WAITING:
            log.warning("%s message %s is not read now", fact.provider, fact.message_id[:80])
            return
        task = asyncio.create_task(self._read(fact.provider, fact.message_id))
        self._waiting.add(task)  # a task that nobody holds may vanish
        task.add_done_callback(self._waiting.discard)

    async def settle(self) -> None:
        """Wait until all that was heard has been read."""
        while self._waiting:
            await asyncio.wait(self._waiting)

    async def _read(self, provider: str, message_id: str) -> None:
        async with self._gate:
            try:
                message = await one(self._pool, provider, message_id)
                if message is not None:
                    read = self._reader.read(message.heard())
                    about = (provider, message_id, read.version)
                    await self._readings.record(*about, read.told())
            except (PostgresError, Unavailable, *CONNECTION_LOST, TimeoutError) as error:
                why = type(error).__name__
                log.warning("%s message %s is not read now: %s", provider, message_id[:80], why)
