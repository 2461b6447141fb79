"""Customers are written a batch at a time, so that none waits long behind an intake."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg

from domain.failures import Unavailable
from store.database import Connection

ATTEMPTS: Final = 4
"""Tries of one batch: workers write the same rows, so a deadlock is possible, and harmless."""

T = TypeVar("T")


async def in_one_go(connection: Connection, work: Callable[[], Awaitable[T]]) -> T:
    """Do a batch's work in one transaction, again where workers were in the way."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with connection.transaction():
                return await work()
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
            if attempt == ATTEMPTS:
                raise Unavailable("PostgreSQL is too busy: run the intake again") from error
    raise AssertionError("unreachable")
