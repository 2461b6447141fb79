"""An activity that fails again and again leaves a note, for `contrapunto account overdue`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from asyncpg import PostgresError
from temporalio import activity

from activities.clock import ActivityClock
from activities.orders import AccountRef
from store.database import CONNECTION_LOST, Pool
from store.views import failures

AGAIN_AND_AGAIN: Final = 5
"""Attempts that failed before it is noted: some fifteen seconds, more than a failover takes."""


@asynccontextmanager
async def noted(pool: Pool, ref: AccountRef) -> AsyncIterator[None]:
    """Note an error of what is done inside, from the fifth attempt on; it goes on to Temporal."""
    clock = ActivityClock()
    try:
        yield
    except Exception as error:
        info = activity.info()
        if info.attempt >= AGAIN_AND_AGAIN:
            owner, kind = (ref.creditor, ref.account_id), type(error).__name__
            with suppress(PostgresError, *CONNECTION_LOST):  # then all of PostgreSQL is away
                await failures.note(
                    pool, owner, info.activity_type, kind, info.attempt, clock.now()
                )
        raise
