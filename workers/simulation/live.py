"""A portfolio from the database, as it stands: with all that its accounts have lived through."""

import zlib
from collections import defaultdict
from datetime import datetime

from domain.failures import BadInput
from domain.situation import Situation
from store.database import Pool
from store.views.portfolio import open_situations
from workers.simulation.portfolio import Portfolio, Standing, grouped
from workers.simulation.settings import PROVIDERS


async def read_live(pool: Pool, now: datetime) -> Portfolio:
    """All open accounts, read in one transaction that may not write.

    How providers stand and what people have written and has not left yet is left away: neither is
    of the months to come. So are those who stand for an account beside its debtor.
    """
    found: dict[str, list[bytes]] = defaultdict(list)
    at: dict[str, set[str]] = defaultdict(set)
    number = 0
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        async for one in open_situations(connection, now, PROVIDERS):
            number += 1
            customer = one.account.customer_id
            found[customer].append(zlib.compress(_plain(one).model_dump_json().encode()))
            at[customer] |= {point.address_id for point in one.customer.points}
    if not number:
        raise BadInput("the database has no open account: take a file in first (intake)")
    everybody = [
        (Standing(customer, tuple(told)), frozenset(at[customer] - {""}))
        for customer, told in found.items()
    ]
    return Portfolio(grouped(everybody), number, 0)


def _plain(one: Situation) -> Situation:
    beside = {"health": (), "to_send": (), "siblings": (), "standings": (), "parties": ()}
    return one.model_copy(update=beside)
