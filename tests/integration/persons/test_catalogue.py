"""Every table and column of the real catalogue is held to be of a person, or of nobody."""

from collections import Counter

from store.database import Pool
from store.persons.held import HELD, OF_NOBODY

COLUMNS = """
SELECT c.relname AS name, array_agg(a.attname) AS columns FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND NOT c.relispartition
GROUP BY 1
"""

LEADS = {"customer_id", "account_id", "attempt_id", "contact_point_id", "address", "address_key"}
"""What leads to a person wherever it stands."""
COUNTS_ALONE = {"webhook_lanes"}
"""Tables of nobody that have one of these columns, each with its reason in ``OF_NOBODY``."""


async def catalogue(pool: Pool) -> dict[str, set[str]]:
    return {one["name"]: set(one["columns"]) for one in await pool.fetch(COLUMNS)}


async def test_every_table_is_held_or_of_nobody(pool: Pool) -> None:
    named = Counter([*(table.table for table in HELD), *OF_NOBODY])
    assert [name for name, count in named.items() if count > 1] == []
    assert set(await catalogue(pool)) == set(named), "say what it is in store/persons/held.py"


async def test_every_column_is_kept_emptied_or_goes_with_its_row(pool: Pool) -> None:
    there = await catalogue(pool)
    for table in HELD:
        assert table.all_columns() == there[table.table], f"{table.table} in store/persons/held.py"
        assert bool(table.columns) == table.deleted
        assert not set(table.kept.split()) & set(table.emptied)


async def test_what_is_of_nobody_has_no_column_that_leads_to_a_person(pool: Pool) -> None:
    there = await catalogue(pool)
    leading = {name for name in OF_NOBODY if there[name] & LEADS}
    assert leading == COUNTS_ALONE


async def test_a_new_table_and_a_new_column_would_be_seen(pool: Pool) -> None:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("CREATE TABLE nicknames (customer_id text, nickname text)")
            await connection.execute("ALTER TABLE customers ADD nickname text")
            there = {one["name"]: set(one["columns"]) for one in await connection.fetch(COLUMNS)}
        finally:
            await transaction.rollback()
    assert "nicknames" not in {*(table.table for table in HELD), *OF_NOBODY}
    [customers] = [table for table in HELD if table.table == "customers"]
    assert there["nicknames"] and there["customers"] - customers.all_columns() == {"nickname"}
