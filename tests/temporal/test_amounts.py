"""An amount that can be read two ways is refused by a running account, and what is owed stays."""

from decimal import Decimal

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue

from store.database import Pool
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer


@pytest.mark.usefixtures("working")
async def test_thousands_set_apart_by_points_change_nothing(
    life: Life, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10), currency="COP", balance="450000")
    await life.start()
    await life.until(lambda _: True)
    await life.signal("payment_received", id="p-1", amount="10.000", currency="COP")
    assert "450000, not 450.000" in await life.until_told("Payment received: refused: amount:")
    await life.signal("account_updated", id="u-1", balance="1e3")
    await life.until_told("Account updated: refused: balance: must be written out")
    promised = {"id": "promise-1", "amount": "200.000", "date": "2026-11-28"}
    assert "at most 2 decimals" in await life.refused("record_promise", promised)
    balance = await pool.fetchval("SELECT balance FROM accounts")
    assert balance == Decimal(450000)
    assert await pool.fetchval("SELECT count(*) FROM payments") == 0
    assert await pool.fetchval("SELECT count(*) FROM messages WHERE refused IS NOT NULL") == 3
    # What a line of the log is about are fields beside its words.
    lines = [one for one in caplog.records if one.getMessage().startswith("refused payment")]
    assert [vars(one)["temporal_activity"]["workflow_id"] for one in lines] == [life.handle.id]
    assert not [one for one in caplog.records if "workflow_id" in one.getMessage()]


@pytest.mark.usefixtures("working")
async def test_a_number_of_json_is_judged_as_it_was_written(
    life: Life, pool: Pool, client: Client
) -> None:
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10), currency="COP", balance="450000")
    await life.start()
    await life.until(lambda _: True)

    async def sends(signal: str, text: str) -> None:
        payload = Payload(metadata={"encoding": b"json/plain"}, data=text.encode())
        await life.handle.signal(signal, args=[RawValue(payload)])

    await sends("payment_received", '{"id": "n-1", "amount": 10.000}')
    assert "450000, not 450.000" in await life.until_told("Payment received: refused: amount:")
    await sends("account_updated", '{"id": "n-2", "balance": 450.000}')
    await life.until_told("Account updated: refused: balance: must have at most 2 decimals")
    await sends("account_updated", '{"id": "n-3", "balance": 4.5e5}')
    await life.until_told("Account updated: refused: balance: must be written out")
    assert await pool.fetchval("SELECT balance FROM accounts") == Decimal(450000)
    await sends("payment_received", '{"id": "n-4", "amount": 1000}')
    await sends("payment_received", '{"id": "n-5", "amount": 500.50}')
    await life.until(lambda state: state["balance"] == "448499.50")


@pytest.mark.usefixtures("working")
async def test_a_start_with_such_a_balance_says_why_the_account_is_not_taken(life: Life) -> None:
    facts = {"customer_id": "C", "currency": "COP", "oldest_due_date": "2026-11-10"}
    await life.start(**facts, balance="450.000")
    await life.until_told("Account opened: refused: balance: must have at most 2 decimals")
    assert (await life.state())["status"] == "incomplete"
