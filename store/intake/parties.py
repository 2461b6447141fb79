"""Who stands for an account beside its debtor: staged and merged together with their person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.entry.intake import Problem
from domain.entry.party import PartyRow
from store.database import Connection
from store.intake.findings import Finding
from store.intake.spelling import one_spelling
from store.intake.staging import LONG, Staged, columns

STAGE_PARTIES: Final = """
INSERT INTO intake_parties
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::date[], $8::date[])
ON CONFLICT DO NOTHING RETURNING line
"""

SELECT_FIRST_LINES: Final = """
SELECT d.line, r.line AS first
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
    AS d (line, creditor, account_id, customer_id)
JOIN intake_parties r USING (creditor, account_id, customer_id)
"""

SELECT_WITHOUT_ACCOUNT: Final = """
SELECT line FROM intake_parties p
WHERE NOT EXISTS (SELECT FROM holders_of(p.creditor || '/' || p.account_id))
"""

SELECT_DEBTORS: Final = """
SELECT line FROM intake_parties p
WHERE p.customer_id IN (SELECT holders_of(p.creditor || '/' || p.account_id))
"""

SELECT_SPELT_OTHERWISE: Final = f"""
SELECT p.line, min(c.customer_id) AS known
FROM intake_parties p JOIN customers c ON c.customer_id <> p.customer_id
    AND {one_spelling("c.customer_id", "p.customer_id")}
WHERE NOT EXISTS (SELECT FROM customers b WHERE b.customer_id = p.customer_id)
GROUP BY p.line
"""  # noqa: S608 - what is put in is a condition

MERGE_PARTIES: Final = """
WITH merged AS (
    INSERT INTO account_parties AS a
        (creditor, account_id, customer_id, role, proof, since, until, told_by, as_of)
    SELECT p.creditor, p.account_id, p.customer_id, p.role, p.proof,
        coalesce(p.since, ($2::timestamptz AT TIME ZONE 'UTC')::date), p.until, $3, $2
    FROM intake_customers s JOIN intake_parties p USING (customer_id)
    WHERE s.batch = $1
    ORDER BY p.creditor, p.account_id, p.customer_id
    ON CONFLICT (creditor, account_id, customer_id) DO UPDATE SET role = excluded.role,
        proof = excluded.proof, until = excluded.until, told_by = excluded.told_by,
        as_of = excluded.as_of,
        since = CASE WHEN (SELECT p.since FROM intake_parties p WHERE p.creditor = a.creditor
                AND p.account_id = a.account_id AND p.customer_id = a.customer_id) IS NULL
            THEN a.since ELSE excluded.since END
    WHERE a.as_of <= excluded.as_of
    RETURNING creditor, account_id, xmax = 0 AS is_new
), pending AS (
    INSERT INTO intake_pending (run_id, creditor, account_id, message_id, action)
    SELECT DISTINCT $3, o.creditor, o.account_id, 'intake:' || $3, 'update'
    FROM merged m JOIN accounts o ON o.creditor = m.creditor
        AND o.account_id = now_called(m.creditor, m.account_id)
    WHERE o.status = 'open'
    ON CONFLICT (run_id, creditor, account_id) DO NOTHING
)
SELECT count(*) FILTER (WHERE is_new) AS added, count(*) FILTER (WHERE NOT is_new) AS confirmed
FROM merged
"""

_NO_ACCOUNT: Final = (
    "is no account of this creditor on record: take the file of its accounts in first"
)
_DEBTOR: Final = (
    "is the account's debtor, and cannot stand for it beside themselves: give the party's own id"
)


class Parties:
    """The parties of one run."""

    def __init__(self, connection: Connection, run_id: str, as_of: datetime) -> None:
        self.connection, self.run_id, self.as_of = connection, run_id, as_of

    async def add(self, rows: Sequence[Staged[PartyRow]]) -> dict[int, int]:
        """Keep rows for the merge. Answers, for each party seen before: line -> first line."""
        told = [_party(staged) for staged in rows]
        kept = await self.connection.fetch(STAGE_PARTIES, *columns(told, 8))
        lines = {record["line"] for record in kept}
        keys = [one[:4] for one in told if one[0] not in lines]
        found = await self.connection.fetch(SELECT_FIRST_LINES, *columns(keys, 4)) if keys else []
        return {record["line"]: record["first"] for record in found}

    async def mistaken(self) -> list[Finding]:
        """Rows that name no account, the debtor, or a person as nobody spells them."""
        found = list[Finding]()
        for one in await self.connection.fetch(SELECT_WITHOUT_ACCOUNT, timeout=LONG):
            found.append(Finding(one["line"], Problem("account_id", _NO_ACCOUNT)))
        for one in await self.connection.fetch(SELECT_DEBTORS, timeout=LONG):
            found.append(Finding(one["line"], Problem("customer_id", _DEBTOR)))
        for one in await self.connection.fetch(SELECT_SPELT_OTHERWISE, timeout=LONG):
            rule = f"is on record as {one['known']}: give it as it is on record"
            found.append(Finding(one["line"], Problem("customer_id", rule)))
        return found

    async def merge(self, batch: int) -> tuple[int, int]:
        """Write one batch, and whom to tell; how many are new, and how many were known."""
        row = await self.connection.fetchrow(MERGE_PARTIES, batch, self.as_of, self.run_id)
        assert row is not None  # noqa: S101 - an aggregate always has a row
        return row["added"], row["confirmed"]


def _party(staged: Staged[PartyRow]) -> tuple[object, ...]:
    row = staged.row
    whose = (staged.line, row.creditor, row.account_id, row.customer_id)
    return (*whose, row.role.value, row.proof, row.since, row.until)
