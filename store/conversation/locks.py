"""Customers are locked in one order, before anything of a message or a decision is written.

What is said raises the count of facts of all whom it concerns, statement by statement. Of two
transactions that have each locked one customer, and then want the other's, PostgreSQL ends one.
"""

from collections.abc import Sequence
from typing import Final

from store.database import Connection

_LOCK: Final = """
SELECT FROM customers WHERE customer_id = ANY (
    CASE WHEN $2 THEN ARRAY(SELECT around(persons($1))) ELSE persons($1) END)
ORDER BY customer_id FOR NO KEY UPDATE
"""


async def lock_persons(
    connection: Connection, customers: Sequence[str], *, around: bool = True
) -> None:
    """Lock customers under all of their ids; ``around``: and whoever has an address of theirs, who
    hears of a stop."""
    await connection.execute(_LOCK, customers, around)
