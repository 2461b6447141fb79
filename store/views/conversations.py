"""What was said between us and customers, and what followed: for the report of a run.

Personal: what customers wrote, their names and their addresses.
"""

from typing import Any, Final

from store.database import Pool

WRITTEN: Final = """
SELECT i.provider || '/' || i.inbound_id AS id, i.customer_id, i.at, i.channel, i.intent, i.text,
    (SELECT r.reading FROM readings r
        WHERE r.provider = i.provider AND r.inbound_id = i.inbound_id
        ORDER BY r.read_at DESC LIMIT 1) AS reading
FROM inbound i ORDER BY i.at, i.provider, i.inbound_id
"""

WORK: Final = """
SELECT work_id, customer_id, reason, messages, opened_at, outcome, note, done_by, done_at
FROM work_items ORDER BY opened_at, work_id
"""

PLANS: Final = """
SELECT creditor || '/' || account_id AS account, at, summary, cite
FROM plan_changes ORDER BY at, creditor, account_id, plan
"""

CUSTOMERS: Final = """
SELECT customer_id, name, locale, country, zones FROM customers ORDER BY customer_id
"""

PARTIES: Final = """
SELECT p.creditor, now_called(p.creditor, p.account_id) AS account_id, p.customer_id, p.role,
    p.since, p.until, c.country, c.zones
FROM account_parties p JOIN customers c USING (customer_id)
ORDER BY p.creditor, p.account_id, p.customer_id
"""


class Conversations:
    """Whole tables, in order."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def written(self) -> list[dict[str, Any]]:
        """Every message that somebody wrote, with how it was read last."""
        return await self._all(WRITTEN)

    async def work(self) -> list[dict[str, Any]]:
        """Every work item, and what came of it."""
        return await self._all(WORK)

    async def plans(self) -> list[dict[str, Any]]:
        """Every change of an account's plan, with its reason."""
        return await self._all(PLANS)

    async def customers(self) -> list[dict[str, Any]]:
        """Everybody, with what must not be shown of them."""
        return await self._all(CUSTOMERS)

    async def parties(self) -> list[dict[str, Any]]:
        """Who stands for which account beside its debtor, and where they are."""
        return await self._all(PARTIES)

    async def _all(self, query: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.pool.fetch(query)]
