"""All open accounts, one after the other, as far as a strategy is chosen by them."""

from collections.abc import AsyncIterator
from typing import Any, Final

from store.database import Connection
from store.situations import plans_of, schedule_of

PAGE: Final = 500
"""Accounts that are held in memory at a time."""

# An account without its customer cannot be planned yet, and is counted apart.
STANDING: Final = """
SELECT a.strategy, a.segment, a.phase, a.state, a.next_kind, count(*) AS accounts
FROM accounts a
WHERE a.status = 'open' AND ($1::text IS NULL OR a.segment = $1)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""

# As in store/situations.py, but for what only few rules ask for: what the person wished, and what
# stands against their addresses.
ACCOUNTS: Final = f"""
SELECT a.creditor, a.account_id, a.currency, a.balance, a.oldest_due_date, a.since, a.balance_as_of,
    a.strategy, a.segment, a.chosen_by, a.pinned, a.phase, a.score, a.attributes, a.entered_days,
    a.entered_since, c.country, c.region, c.locale, c.zones, c.preferred_channel,
    1 + (SELECT count(*) FROM accounts o
        WHERE o.customer_id = a.customer_id AND o.creditor = a.creditor AND o.status = 'open'
            AND o.account_id <> ALL (a.account_id || a.formerly)
            AND a.account_id <> ALL (o.formerly)) AS open_accounts,
    ARRAY(SELECT p.state FROM promises p
        WHERE p.creditor = a.creditor AND p.account_id = a.account_id) AS promises,
    ({plans_of("a")}) AS plans,
    ({schedule_of("a")}) AS schedule
FROM accounts a JOIN customers c USING (customer_id)
WHERE a.status = 'open' AND ($1::text IS NULL OR a.segment = $1)
"""  # noqa: S608 - what is put in is a query of ours

LOCALES: Final = """
SELECT c.locale, c.country, count(*) AS customers FROM customers c
WHERE EXISTS (SELECT FROM accounts a WHERE a.customer_id = c.customer_id AND a.status = 'open')
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""

NAMED: Final = """
SELECT strategy, count(*) AS accounts FROM (
    SELECT pinned AS strategy FROM accounts WHERE status = 'open' AND pinned IS NOT NULL
) AS named WHERE strategy <> ALL ($1) GROUP BY 1 ORDER BY 1
"""


async def standing(connection: Connection, segment: str | None) -> list[dict[str, Any]]:
    """How many open accounts stand where, by what was last written of them."""
    return [dict(row) for row in await connection.fetch(STANDING, segment)]


async def each_account(
    connection: Connection, segment: str | None
) -> AsyncIterator[dict[str, Any]]:
    """Every open account whose customer is known, a few at a time; within a transaction."""
    async for row in connection.cursor(ACCOUNTS, segment, prefetch=PAGE):
        yield dict(row)


async def locales(connection: Connection) -> list[tuple[str, str, int]]:
    """What the customers with open accounts read, where they are, and how many they are."""
    rows = await connection.fetch(LOCALES)
    return [(row["locale"], row["country"], row["customers"]) for row in rows]


async def pinned_beside(connection: Connection, strategies: list[str]) -> list[tuple[str, int]]:
    """Strategies that open accounts are pinned to beside those that are configured."""
    rows = await connection.fetch(NAMED, strategies)
    return [(row["strategy"], row["accounts"]) for row in rows]
