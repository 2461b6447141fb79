"""A promise of several dates, and part payments, on a real server."""

from datetime import timedelta
from typing import Any

import pytest

from store.database import Pool
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer, attempts
from tests.temporal.agreements.test_plans import collected, parts

pytestmark = pytest.mark.usefixtures("working")


async def test_a_promise_of_several_dates_is_lived_through_to_the_one_that_is_missed(
    life: Life, pool: Pool
) -> None:
    """Each date remembered, the first paid, and the second broken: then one message says so."""
    await collected(life, pool)
    before = len(await attempts(pool))
    await life.update("record_promise", id="p-1", parts=parts(10, 20))
    assert (await life.state())["status"] == "promised"
    told = " ".join(await life.told())
    assert f"Promise: recorded, 50000.00 by {days_ago(-10)}, 50000.00 by {days_ago(-20)}" in told
    while len(made := (await attempts(pool))[before:]) < 1:
        await life.to_next()
    await life.signal("payment_received", id="y-1", amount="50000.00")
    await life.until(lambda state: bool(state["balance"] == "100000.00"))
    assert (await life.state())["status"] == "promised"
    while len(made := (await attempts(pool))[before:]) < 3:
        await life.to_next()
    said = [row["purpose"] for row in made]
    assert said == ["promise_reminder", "promise_reminder", "promise_broken"]
    assert await pool.fetchval("SELECT state FROM promises") == "broken"


async def test_a_part_payment_moves_the_account_to_another_phase_at_once(
    life: Life, pool: Pool
) -> None:
    await add_customer(pool, country="US", zones=("America/New_York",), preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(40))
    await life.start()
    await life.until(lambda state: bool(state["phase"] == "mid"))
    due: list[dict[str, Any]] = [
        {"date": str(days_ago(40)), "amount": "100000.00"},
        {"date": str(days_ago(10)), "amount": "50000.00"},
    ]
    await life.signal("account_updated", id="u-1", balance="150000.00", due=due)
    await life.signal("payment_received", id="y-1", amount="99999.99")
    state = await life.until(lambda state: bool(state["balance"] == "50000.01"))
    assert state["phase"] == "mid"
    await life.signal("payment_received", id="y-2", amount="0.01")
    state = await life.until(lambda state: bool(state["balance"] == "50000.00"))
    assert state["phase"] == "early"


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"id": "p"}, "amount: is missing: give amount and date, or parts"),
        ({"id": "p", "parts": "all"}, "RecordPromise: parts: "),
        ({"id": "p", "parts": [{"date": "2999-01-01"}]}, "RecordPromise: parts.0.amount: "),
        ({"id": "p", "parts": parts(3)}, "parts: from 2 to 3, they are 1"),
        ({"id": "p", "parts": parts(3, 90)}, "parts.1.date: at most 60 days ahead"),
    ],
)
async def test_a_promise_that_cannot_be_is_refused_with_the_part(
    life: Life, pool: Pool, payload: Any, words: str
) -> None:
    await collected(life, pool)
    assert (await life.refused("record_promise", payload)).startswith(words)
    assert await pool.fetchval("SELECT count(*) FROM promises") == 0


async def test_time_alone_breaks_a_promise_by_its_first_date(life: Life, pool: Pool) -> None:
    await collected(life, pool)
    await life.update("record_promise", id="p-1", parts=parts(1, 30))
    await life.forward(timedelta(days=2))
    assert await pool.fetchval("SELECT state FROM promises") == "open"
    await life.forward(timedelta(days=3))
    assert await pool.fetchval("SELECT state FROM promises") == "broken"
