"""``contrapunto customer vulnerable``: told by a person, kept in PostgreSQL alone."""

from typing import Any, NamedTuple

from domain.failures import NotFound
from store import law_events
from store.cases import persons_only
from store.conversation.untold import to_tell, told
from store.database import Pool
from store.law_events import Reach
from store.views.records import Records
from workers.accounts import Accounts
from workers.cli.output import nobody
from workers.clock import Clock
from workers.intake.events import wake_all


class Told(NamedTuple):
    """What is so from now on."""

    customer_id: str
    vulnerable: bool
    new: bool
    """Whether it was not so before."""
    plan_anew: int


async def vulnerable(
    pool: Pool, accounts: Accounts, clock: Clock, customer_id: str, by: str, *, over: bool
) -> Told:
    """Keep that a customer is vulnerable, or is no longer, and have their accounts plan anew.

    Raises NotFound for an id that nobody has, Unavailable where Temporal does not take the news:
    what is on record stays, and nothing is sent against it.
    """
    # Asked before: who holds a connection and waits for another may wait for ever.
    if await Records(pool).zones(customer_id) is None:
        raise await nobody(pool, customer_id)
    async with pool.acquire() as connection, connection.transaction():
        concerned = await law_events.concerned(connection, Reach((customer_id,)))
        now = await clock.now(f"account/{concerned[0]}" if concerned else None)
        if await law_events.customer_of(connection, customer_id) is None:
            raise NotFound(f"no customer {customer_id!r} is known any more")
        write = persons_only.end if over else persons_only.set_so
        new = await write(connection, customer_id, now, by)
        # The name goes to Temporal: it says of nobody what was told.
        name = f"person:{customer_id}@{now.isoformat()}"
        await to_tell(connection, name, concerned)
    woken = await wake_all(accounts, dict.fromkeys(concerned, name))
    await told(pool, name, concerned)
    return Told(customer_id, not over, new, woken)


def as_dict(done: Told) -> dict[str, Any]:
    """As other systems read it."""
    return done._asdict()


def tell(done: Told) -> str:
    """What was done, in words."""
    how = "vulnerable: nobody but persons contacts them"
    if not done.vulnerable:
        how = "contacted like everybody else"
    since = "from now on" if done.new else "as before"
    return f"customer {done.customer_id} is {how}, {since}; {done.plan_anew} accounts plan anew"
