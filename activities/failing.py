"""What is told of an activity that fails: to Temporal its kind and place; and, where it fails again
and again, a note for `contrapunto account overdue`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from asyncpg import PostgresError
from temporalio import activity
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.clock import ActivityClock
from activities.orders import AccountRef
from store import failures
from store.database import CONNECTION_LOST, Pool
from telemetry.errors import told, whole

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


class FailsWithoutWords(Interceptor):
    """An error travels to Temporal by kind and place: there everybody reads it, and for long.

    It keeps its type, by which it is found in the UI, and is tried again as before.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Stand before every activity."""
        return _WithoutWords(next)


class _WithoutWords(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """Do it; what it raises goes on without what it came from, whose words would travel too."""
        try:
            return await self.next.execute_activity(input)
        except FailureError:
            raise
        except Exception as error:  # noqa: BLE001 - it goes on, by another name for the same
            if whole():
                activity.logger.error("an activity failed", exc_info=error)
            raise ApplicationError(told(error), type=type(error).__name__) from None
