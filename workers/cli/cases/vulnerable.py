"""``contrapunto customer vulnerable``: told by a person, kept in PostgreSQL alone."""

from datetime import datetime
from typing import Any, NamedTuple

from store.cases import persons_only
from store.database import Connection, Pool
from workers.accounts import Accounts
from workers.cli.customer.stating import state
from workers.clock import Clock


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

    Raises as ``state`` does.
    """

    async def keep(connection: Connection, _name: str, now: datetime) -> bool:
        write = persons_only.end if over else persons_only.set_so
        return await write(connection, customer_id, now, by)

    done = await state(pool, accounts, clock, customer_id, keep)
    return Told(customer_id, not over, done.kept, done.plan_anew)


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
