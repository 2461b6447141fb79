"""A dry run of what stands in the database: with its past, and without a trace in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.failures import BadInput
from store.database import Pool
from tests.support.rows import add_account, add_customer
from tests.unit.simulation.support import default, lives, run
from workers.simulation.live import read_live
from workers.simulation.portfolio import situations

TABLES = ("attempts", "plan_changes", "promises", "payments", "work_items", "law_events", "inbound")


async def counts(pool: Pool) -> list[int]:
    return [await pool.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]


async def test_open_accounts_are_tried_as_they_stand_and_stay_as_they_are(pool: Pool) -> None:
    now = datetime.now(UTC)
    due = now.date() - timedelta(days=10)
    await add_customer(pool, "C1")
    await add_customer(pool, "C2", points=(("sms", "mobile", "+573001234567"),))
    await add_customer(pool, "C3", points=(("email", "email", "eva@example.com"),))
    await add_customer(pool, "C4", points=(("email", "email", "luz@example.com"),))
    for account, customer in (("A1", "C1"), ("A2", "C1"), ("A3", "C2"), ("A4", "C3"), ("A5", "C4")):
        await add_account(pool, account, customer, due=due)
    await pool.execute(
        "INSERT INTO law_events (event_id, customer_id, kind, at) VALUES ('s', 'C3', 'cease', $1)",
        now + timedelta(seconds=1),
    )
    await pool.execute("UPDATE accounts SET status = 'closed' WHERE account_id = 'A5'")
    before, began = await counts(pool), now + timedelta(minutes=1)

    people = await read_live(pool, began)

    assert people.accounts == 4
    told = [[one.key for one in situations(group, began)] for group in people.groups]
    assert sorted(map(sorted, told)) == [["bank/A1", "bank/A2", "bank/A3"], ["bank/A4"]]
    [record] = lives(people, replace(run(default(), days=40), began=began))
    made = {account.key: account.contacts for account in record.accounts}
    assert made["bank/A4"] == 0, "who asked to be left alone is left alone"
    assert made["bank/A1"] + made["bank/A2"] > 0
    assert made["bank/A3"] > 0
    assert await counts(pool) == before


async def test_a_database_without_an_open_account_has_nothing_to_try(pool: Pool) -> None:
    with pytest.raises(BadInput, match="has no open account"):
        await read_live(pool, datetime.now(UTC))
