"""What a person states of a customer: on record first, then every account of theirs plans anew."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from domain.failures import NotFound
from store import law_events
from store.conversation.untold import to_tell, told
from store.database import Connection, Pool
from store.law_events import Reach
from store.views.records import Records
from workers.accounts import Accounts
from workers.cli.output import nobody
from workers.clock import Clock
from workers.intake.events import wake_all

T = TypeVar("T")


class Stated(NamedTuple, Generic[T]):
    """What came of it."""

    kept: T
    """What ``keep`` answered."""
    at: datetime
    zones: tuple[str, ...]
    """The customer's."""
    plan_anew: int
    """How many accounts."""


async def state(
    pool: Pool,
    accounts: Accounts,
    clock: Clock,
    customer_id: str,
    keep: Callable[[Connection, str, datetime], Awaitable[T]],
) -> Stated[T]:
    """Have ``keep`` write it, given a name for the news that says nothing, and the instant.

    Raises NotFound for an id that nobody has, Unavailable where Temporal does not take the news:
    what is on record stays, and nothing is sent against it.
    """
    # Asked before: who holds a connection and waits for another may wait for ever.
    if await Records(pool).zones(customer_id) is None:
        raise await nobody(pool, customer_id)
    async with pool.acquire() as connection, connection.transaction():
        concerned = await law_events.concerned(connection, Reach((customer_id,)))
        now = await clock.now(f"account/{concerned[0]}" if concerned else None)
        customer = await law_events.customer_of(connection, customer_id)
        if customer is None:
            raise NotFound(f"no customer {customer_id!r} is known any more")
        # It goes to Temporal: of nobody does it say what was stated.
        name = f"person:{customer_id}@{now.isoformat()}"
        kept = await keep(connection, name, now)
        await to_tell(connection, name, concerned)
    woken = await wake_all(accounts, dict.fromkeys(concerned, name))
    await told(pool, name, concerned)
    return Stated(kept, now, tuple(customer.zones), woken)
