"""Settlement offers: written as ``domain/agreements/settlement/offers.py`` has made them.

Each belongs to the caller's transaction.
"""

from datetime import datetime
from typing import Final

from domain.account import PromiseState
from domain.agreements.plan import PlanState
from domain.agreements.settlement.offer import LIVE, OfferState, SettlementOffer
from domain.situation import Situation
from store.agreements import plans
from store.database import Connection

OFFER: Final = """
INSERT INTO settlement_offers (creditor, account_id, offer_id, balance, amount, offered_at,
    offered_by, offered_as, authorized, approved_by, approved_as, approved_at, expires_on,
    pay_within_days, grace_days, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""

CHANGE: Final = """
UPDATE settlement_offers SET authorized = $4, approved_by = $5, approved_as = $6, approved_at = $7,
    accepted_at = $8, accepted_how = $9, due_on = $10, state = $11, ended_at = $12, ended_why = $13
WHERE creditor = $1 AND account_id = $2 AND offer_id = $3
"""


async def write(
    connection: Connection,
    owner: tuple[str, str],
    before: Situation,
    after: Situation,
    at: datetime,
    why: str | None = None,
) -> None:
    """Write what has changed of the offers of an account, and what gave way to one.

    ``why``: what ended an offer, in words.
    """
    known = {one.offer_id: one for one in before.offers}
    changed = [one for one in after.offers if known.get(one.offer_id) != one]
    # The one that gives way first: one stands at a time.
    for one in sorted(changed, key=lambda it: it.state in LIVE):
        if one.offer_id in known:
            await connection.execute(CHANGE, *owner, *_changed(one, at, why))
        else:
            await connection.execute(OFFER, *owner, *_new(one))
    if any(one.state is OfferState.ACCEPTED for one in changed):
        [accepted] = [one for one in changed if one.state is OfferState.ACCEPTED]
        if _active_plan(before) and not _active_plan(after):
            await plans.cancel(connection, owner, f"replaced by {accepted.offer_id}", at)
        if _open_promises(before) and not _open_promises(after):
            await connection.execute(plans.REPLACE_PROMISES, *owner, at)


def _active_plan(situation: Situation) -> bool:
    return any(one.state is PlanState.ACTIVE for one in situation.plans)


def _open_promises(situation: Situation) -> bool:
    return any(one.state is PromiseState.OPEN for one in situation.promises)


def _new(one: SettlementOffer) -> tuple[object, ...]:
    return (
        *(one.offer_id, one.balance, one.amount, one.offered_at, one.offered_by, one.offered_as),
        *(one.authorized, one.approved_by, one.approved_as, one.approved_at, one.expires_on),
        *(one.pay_within_days, one.grace_days, one.state.value),
    )


def _changed(one: SettlementOffer, at: datetime, why: str | None) -> tuple[object, ...]:
    ended = one.state not in LIVE
    how = one.accepted_how.value if one.accepted_how else None
    return (
        *(one.offer_id, one.authorized, one.approved_by, one.approved_as, one.approved_at),
        *(one.accepted_at, how, one.due_on, one.state.value),
        *(at if ended else None, why if ended else None),
    )
