"""A portfolio from the database, as it stands: with all that its accounts have lived through."""

import zlib
from collections import defaultdict
from datetime import datetime

from domain.failures import BadInput
from domain.situation import Situation
from store.choosing import choices
from store.database import Pool
from store.experiments import findings
from store.views.portfolio import open_situations
from workers.simulation.book.packed import Packed
from workers.simulation.book.together import Together
from workers.simulation.portfolio import Group, Known, Portfolio, Standing
from workers.simulation.settings import PROVIDERS


async def read_live(pool: Pool, now: datetime) -> Portfolio:
    """All open accounts, read in one transaction that may not write.

    How providers stand and what people have written and has not left yet is left away: neither is
    of the months to come. So are those who stand for an account beside its debtor.
    """
    found: dict[str, list[bytes]] = defaultdict(list)
    beside: dict[str, list[Known]] = defaultdict(list)
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
            kept = await choices.kept(connection, (one.account.creditor, one.account.account_id))
            beside[customer].append(Known(*kept))
            at[customer] |= {point.address_id for point in one.customer.points}
        of_experiments = await findings.kept(connection)
    if not number:
        raise BadInput("the database has no open account: take a file in first (intake)")
    together, everybody = Together(), list(found)
    for customer in everybody:
        somebody = together.comes()
        for address in at[customer] - {""}:
            together.reached(somebody, address)
    groups: Packed[Group] = Packed(
        tuple(
            Standing(name, tuple(found.pop(name)), tuple(beside.pop(name)))
            for name in map(everybody.__getitem__, group)
        )
        for group in together.groups()
    )
    closed = tuple((one.experiment, one.kind, one.arm) for one in of_experiments)
    return Portfolio(groups, number, 0, closed)


def _plain(one: Situation) -> Situation:
    beside = {"health": (), "to_send": (), "siblings": (), "standings": (), "parties": ()}
    return one.model_copy(update=beside)
