"""When a closed account is collected again, and since when: one rule at the doors of messages."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.planning.step import StepKind
from store.database import Pool
from tests.integration.store.facts.test_facts import account, payment
from tests.support.activities import Actor

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DOORS = ["account_opened", "account_updated"]


async def told(
    actor: Actor,
    pool: Pool,
    at: datetime,
    how: str,
    *,
    balance: str = "150000.00",
    later: int = 0,
    as_of: datetime | None = None,
) -> Any:
    """An upstream system tells of the account, as due so many days later than before."""
    due = str((await account(pool))["oldest_due_date"] + later * DAY)
    moment = (as_of or at).isoformat()
    said: dict[str, Any] = {"kind": how, "id": f"told:{at.timestamp()}", "as_of": moment}
    if how == "account_updated":
        said |= {"balance": balance} | ({"oldest_due_date": due} if later else {})
    else:
        who = {"creditor": "bank", "account_id": "A1", "customer_id": "C1", "currency": "COP"}
        said["facts"] = {**who, "balance": balance, "oldest_due_date": due}
    return await actor.record(at, said)


@pytest.mark.parametrize("how", DOORS)
@pytest.mark.parametrize(
    ("reason", "later", "balance", "as_of", "reopens"),
    [
        ("fraud", 0, "150000.00", 0, False),
        ("fraud", 0, "200000.00", 0, False),
        ("fraud", 1, "150000.00", 0, True),
        ("fraud", 1, "0.00", 0, False),
        ("fraud", 1, "150000.00", -2, False),
        ("recalled", 0, "150000.00", 0, True),
        ("recalled", 1, "150000.00", 0, True),
        ("recalled", 0, "0.00", 0, False),
    ],
)
async def test_what_was_closed_on_request_opens_by_a_later_instalment_alone(
    actor: Actor,
    pool: Pool,
    now: datetime,
    how: str,
    reason: str,
    later: int,
    balance: str,
    as_of: int,
    reopens: bool,
) -> None:
    began = now - DAY
    await pool.execute("UPDATE accounts SET since = $1, balance_as_of = $1", began)
    await actor.record(now, {"kind": "close", "id": "x", "reason": reason})
    at = now + HOUR
    moment = at + as_of * HOUR
    answer = await told(actor, pool, at, how, balance=balance, later=later, as_of=moment)
    row = await account(pool)
    assert row["status"] == ("open" if reopens else "closed")
    assert (answer.step.kind is StepKind.CLOSE) is not reopens
    if reopens:
        assert (row["close_reason"], row["closed_at"]) == (None, None)
        assert (row["since"] >= at) is bool(later)
    else:
        assert (row["since"], row["closed_at"] is None) == (began, False)


@pytest.mark.parametrize("how", DOORS)
@pytest.mark.parametrize(
    ("later", "as_of", "reopens"), [(0, 0, True), (1, 0, True), (1, -2, False)]
)
async def test_what_was_cured_opens_by_newer_figures_and_begins_anew_by_a_later_instalment(
    actor: Actor, pool: Pool, now: datetime, how: str, later: int, as_of: int, reopens: bool
) -> None:
    began = now - DAY
    await pool.execute("UPDATE accounts SET since = $1, balance_as_of = $1", began)
    paid_at = (now - 20 * HOUR).isoformat()
    await actor.record(now, payment(amount="150000.00", paid_at=paid_at))
    assert (await account(pool))["close_reason"] == "cured"
    at = now + HOUR
    await told(actor, pool, at, how, later=later, as_of=at + as_of * HOUR)
    row = await account(pool)
    assert row["status"] == ("open" if reopens else "closed")
    assert (row["since"] >= at) is bool(later and reopens)


async def test_a_debt_that_was_paid_may_be_told_its_due_date_first(
    actor: Actor, pool: Pool, now: datetime
) -> None:
    await actor.record(now, payment(amount="150000.00"))
    row = await account(pool)
    due = row["oldest_due_date"] + DAY
    first = now + HOUR
    await actor.record(
        first, {"kind": "account_updated", "id": "d", "oldest_due_date": due.isoformat()}
    )
    assert (await account(pool))["status"] == "closed"
    await told(actor, pool, now + 2 * HOUR, "account_updated", balance="90000.00")
    row = await account(pool)
    assert (row["status"], row["oldest_due_date"]) == ("open", due)
    assert row["balance"] == Decimal("90000.00")
    assert row["since"] >= first


@pytest.mark.parametrize("how", DOORS)
async def test_who_tells_of_a_closed_account_hears_that_it_stays_so(
    actor: Actor, pool: Pool, now: datetime, how: str
) -> None:
    await actor.record(now, {"kind": "close", "id": "x", "reason": "fraud"})
    [answer] = (await told(actor, pool, now + HOUR, how)).answers
    assert answer.refused is None
    assert "the account is closed and stays so" in answer.note
