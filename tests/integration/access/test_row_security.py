"""The API's role sees the rows of the creditors for whom it is asked, and no others."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest

from store.access.scope import seeing
from store.attempt_moves import ACCEPT, DISPATCH
from store.database import Pool
from store.situations import SELECT_SITUATION
from tests.integration.persons.person import add_person
from tests.support.access.roles import acting_as
from tests.support.rows import add_account, add_customer

WITHOUT_RULE = {
    "bulk_orders": "of nobody in particular; those of all creditors hold for each",
    "event_creditors": "codes of creditors",
    "legal_holds": "not the API's to read",
    "intake_pending": "whom to tell, by ids; no request reads it",
    "webhook_lanes": "the relay's; no request reads it",
}
"""Tables with a creditor that the API may read whole."""

HAVE_CREDITOR = """
SELECT c.relname, c.relrowsecurity FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND a.attname = 'creditor' AND NOT a.attisdropped
"""
COVERED = "SELECT DISTINCT tablename FROM pg_policies WHERE policyname = 'of_creditor'"


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Pool]:
    """The API's connections; the bank has C1, the garage C2, and both have C3."""
    await add_person(pool)
    due = date(2026, 1, 5)
    for customer, number in (("C2", "+573990000002"), ("C3", "+573990000003")):
        await add_customer(pool, customer, points=(("sms", "mobile", number),))
    await add_account(pool, "G2", "C2", creditor="garage", due=due)
    await add_account(pool, "A3", "C3", due=due)
    await add_account(pool, "G3", "C3", creditor="garage", due=due)
    async with acting_as("api", pool) as made:
        yield made


async def customers(pool: Pool) -> list[str]:
    found = await pool.fetch("SELECT customer_id FROM customers ORDER BY 1")
    return [one[0] for one in found]


async def test_every_table_with_a_creditor_has_a_rule_or_a_reason(pool: Pool) -> None:
    found = {one[0]: one[1] for one in await pool.fetch(HAVE_CREDITOR)}
    assert {name for name, has in found.items() if not has} == set(WITHOUT_RULE)


async def test_each_creditor_sees_its_own(api: Pool) -> None:
    with seeing(["bank"]):
        assert await customers(api) == ["C1", "C3"]
        assert await api.fetchval("SELECT count(*) FROM accounts WHERE creditor <> 'bank'") == 0
        assert await api.fetchval("SELECT count(*) FROM attempts") == 1
    with seeing(["garage"]):
        assert await customers(api) == ["C2", "C3"]
        assert await api.fetchval("SELECT count(*) FROM attempts") == 0
    with seeing(["bank", "garage"]):
        assert await customers(api) == ["C1", "C2", "C3"]
    with seeing(None):
        assert await customers(api) == ["C1", "C2", "C3"]


async def test_every_table_that_has_a_rule_is_closed_to_another_creditor(
    api: Pool, pool: Pool
) -> None:
    tables = [one[0] for one in await pool.fetch(COVERED)]
    assert len(tables) > 20
    for table in tables:
        count = f"SELECT count(*) FROM {table}"
        assert await pool.fetchval(count) > 0, table
        with seeing(["bank"]):
            assert await api.fetchval(count) > 0, table
        with seeing(["nobody"]):
            assert await api.fetchval(count) == 0, table


async def test_who_is_told_nothing_sees_nothing(api: Pool) -> None:
    assert await customers(api) == []
    with seeing([]):
        assert await customers(api) == []


@pytest.mark.parametrize("code", ["*x", "bank'; SELECT 1 --", "", "ban", "BANK", "{bank}"])
async def test_a_code_that_is_none_opens_nothing(api: Pool, code: str) -> None:
    with seeing([code]):
        assert await customers(api) == []


async def test_those_who_ask_at_the_same_time_see_each_their_own(api: Pool) -> None:
    async def ask(creditor: str, wanted: list[str]) -> None:
        with seeing([creditor]):
            for _ in range(20):
                assert await customers(api) == wanted

    asked = [("bank", ["C1", "C3"]), ("garage", ["C2", "C3"])] * 6
    await asyncio.gather(*(ask(*one) for one in asked))


async def test_nothing_is_written_for_another_creditor(api: Pool) -> None:
    with seeing(["bank"]):
        assert (
            await api.execute("UPDATE accounts SET balance = 1 WHERE creditor = 'garage'")
            == "UPDATE 0"
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await api.execute("INSERT INTO payments VALUES ('garage', 'G2', 'p', 1, now())")


@pytest.mark.parametrize("process", ["worker", "gateway", "operator", "readonly"])
async def test_all_others_see_all(api: Pool, pool: Pool, process: str) -> None:
    async with acting_as(process, pool) as other:
        assert await customers(other) == ["C1", "C2", "C3"]


@pytest.mark.parametrize(
    "statement", [SELECT_SITUATION, DISPATCH, ACCEPT], ids=["read", "dispatch", "accept"]
)
async def test_a_contact_is_reserved_by_the_same_plan_as_without_the_rules(
    pool: Pool, statement: str
) -> None:
    """The rules cost the worker nothing: PostgreSQL plans them away."""
    nothing = ", ".join("NULL" for _ in set(re.findall(r"\$\d+", statement)))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")

        async def plan() -> list[str]:
            await connection.execute(f"PREPARE asked AS {statement}")
            explain = f"EXPLAIN (COSTS OFF, VERBOSE) EXECUTE asked({nothing})"
            found = [one[0] for one in await connection.fetch(explain)]
            await connection.execute("DEALLOCATE asked")
            return found

        owners = await plan()
        await connection.execute("SET LOCAL ROLE contrapunto_worker")
        assert await plan() == owners
        if statement is SELECT_SITUATION:  # the API may read it, and by the rules
            await connection.execute("SET LOCAL ROLE contrapunto_api")
            assert any("contrapunto.creditors" in line for line in await plan())
