"""What customers wrote is read once it is stored, and what was read is kept.

Nothing waits for it and nothing depends on it: what cannot be read now is read where it is shown.
"""

import logging

from asyncpg import PostgresError

from domain.conversation.reader import VERSION, Reader
from domain.conversation.standing import Standing
from domain.failures import Unavailable
from store.conversation.readings import Readings
from store.conversation.written import one
from store.database import CONNECTION_LOST, Pool
from workers.gateway.facts import CustomerMessage

log = logging.getLogger(__name__)


class Listening:
    """Reads messages by one reader."""

    def __init__(self, reader: Reader, pool: Pool) -> None:
        self._reader, self._pool, self._readings = reader, pool, Readings(pool)

    async def read(self, fact: CustomerMessage) -> None:
        """Read a stored message and keep what it says; never raises. Of what a program wrote,
        nothing is read."""
        if fact.standing is Standing.AUTOMATIC:
            return
        try:
            message = await one(self._pool, fact.provider, fact.message_id)
            if message is not None:
                reading = self._reader.read(message.heard()).told()
                await self._readings.record(fact.provider, fact.message_id, VERSION, reading)
        except (PostgresError, Unavailable, *CONNECTION_LOST, TimeoutError) as error:
            log.warning("what was written could not be read now: %s", type(error).__name__)
