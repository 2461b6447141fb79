"""All that is held on a person, table by table, in one snapshot."""

from typing import Any, Final

from store.database import Pool
from store.persons.held import HELD, HISTORY, Held
from store.persons.whose import THEIRS, whose

IN_ORDER: Final = """
SELECT array_agg(a.attname ORDER BY k.place) FROM pg_index i,
    unnest(i.indkey) WITH ORDINALITY AS k (number, place), pg_attribute a
WHERE i.indrelid = to_regclass($1) AND i.indisprimary AND a.attrelid = i.indrelid
    AND a.attnum = k.number
"""


def _select(table: Held, by: list[str]) -> str:
    order = ", ".join(f"t.{name}" for name in by)
    return (
        f"{THEIRS} SELECT to_jsonb(t) AS row FROM {table.table} t "  # noqa: S608 - names of ours
        f"WHERE {table.where} ORDER BY {order}"
    )


async def export(pool: Pool, customer_id: str) -> dict[str, Any] | None:
    """The rows of a person in every table; None: nobody has this id.

    Also those to which only their addresses, accounts or messages lead. ``shared``: addresses that
    somebody else has, too, from which somebody else may have written.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        theirs = await whose(connection, customer_id)
        if theirs is None:
            return None
        tables: dict[str, Any] = {}
        for table in HELD:
            by = await connection.fetchval(IN_ORDER, table.table.removesuffix(HISTORY))
            rows = await connection.fetch(_select(table, by), *theirs.arguments())
            if rows:
                tables[table.table] = [row["row"] for row in rows]
    shared = set(theirs.addresses) - set(theirs.only_theirs)
    return {
        "customer_id": customer_id,
        "ids": list(theirs.ids),
        "perhaps_theirs": list(theirs.perhaps),
        "shared": sorted(shared),
        "tables": dict(sorted(tables.items())),
    }
