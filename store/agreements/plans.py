"""Payment plans: agreed, cancelled, settled. Each belongs to the caller's transaction."""

from datetime import datetime
from typing import Final

from domain.agreements.plan import PlanState
from domain.agreements.schedule import laid_out
from domain.agreements.terms import PlanTerms
from domain.facts import AgreePlan
from store.database import KNOWN_ALREADY, Connection

IS_KNOWN: Final = """
SELECT EXISTS (SELECT FROM payment_plans
    WHERE creditor = $1 AND account_id = $2 AND plan_id = $3)
"""

AGREE: Final = """
INSERT INTO payment_plans (creditor, account_id, plan_id, instalments, grace_days, broken_after,
    reaged_after, agreed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

CANCEL: Final = """
UPDATE payment_plans SET state = 'cancelled', ended_at = $4, ended_why = $3
WHERE creditor = $1 AND account_id = $2 AND state = 'active' RETURNING plan_id
"""

REPLACE_PROMISES: Final = """
WITH replaced AS (
    UPDATE promises SET state = 'replaced', settled_at = $3
    WHERE creditor = $1 AND account_id = $2 AND state = 'open' RETURNING promise_id
)
SELECT array_agg(promise_id ORDER BY promise_id) FROM replaced
"""

REPLACE_OFFER: Final = """
UPDATE settlement_offers SET state = 'replaced', ended_at = $4, ended_why = 'replaced by ' || $3
WHERE creditor = $1 AND account_id = $2 AND state IN ('proposed', 'offered', 'accepted')
RETURNING offer_id
"""

SETTLE: Final = """
UPDATE payment_plans SET state = $4, ended_at = $5, ended_why = $6
WHERE creditor = $1 AND account_id = $2 AND plan_id = $3 AND state = 'active'
"""

_WHY: Final = {PlanState.CANCELLED: "it was of an earlier delinquency"}


async def agree(
    connection: Connection,
    owner: tuple[str, str],
    asked: AgreePlan,
    terms: PlanTerms,
    at: datetime,
) -> str | None:
    """Write a plan, in the place of an active one, of open promises and of an offer that stands;
    what its sender should know of it."""
    if await connection.fetchval(IS_KNOWN, *owner, asked.id):
        return KNOWN_ALREADY  # told before, under another number of the debt
    former = await connection.fetchval(CANCEL, *owner, f"replaced by {asked.id}", at)
    offer = await connection.fetchval(REPLACE_OFFER, *owner, asked.id, at)
    promises = await connection.fetchval(REPLACE_PROMISES, *owner, at)
    parts = [one.model_dump(mode="json") for one in laid_out(asked)]
    kept = (terms.grace_days, terms.broken_after, terms.reaged_after, at)
    await connection.execute(AGREE, *owner, asked.id, parts, *kept)
    replaced = [*(f"the plan {one}" for one in [former] if one)]
    replaced += [f"the promise {one}" for one in promises or ()]
    replaced += [f"the settlement offer {one}" for one in [offer] if one]
    return f"it takes the place of {', '.join(replaced)}" if replaced else None


async def cancel(connection: Connection, owner: tuple[str, str], why: str, at: datetime) -> None:
    """Take the active plan back."""
    await connection.fetchval(CANCEL, *owner, why, at)


async def settle(
    connection: Connection, owner: tuple[str, str], plan_id: str, state: PlanState, at: datetime
) -> None:
    """Mark a plan kept, broken, or over."""
    await connection.execute(SETTLE, *owner, plan_id, state.value, at, _WHY.get(state))
