"""Removing from the history what nobody has to keep, or may.

Only histories are read and written here: whatever a contact is decided by, or an open account
needs, is not in one. Keys stay. Each chunk is one statement, so whoever is killed has removed a
chunk whole or not at all, and the next run goes on with what is left.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from domain.history.months import Month, Table
from store.database import Connection, Pool
from store.history.partitions import partition

GOES: Final = "goes"
WHY: Final[Mapping[str, str]] = MappingProxyType(
    {
        GOES: "its time is over",
        "young": "its time is not over",
        "unset": "no time is set for its country and table",
        "open": "an account it speaks of is open",
        "held": "a legal hold, an open dispute or other agreement, or a person's open work",
        "unknown": "whose it is is not on record",
    }
)
"""Why a row goes, or stays."""

# Of an account ``a``: what forbids that anything of it goes. All ids of its person count.
_HELD: Final = """
EXISTS (SELECT FROM legal_holds h WHERE h.lifted_at IS NULL AND (
        h.customer_id = ANY (who.ids)
        OR h.creditor = a.creditor AND (h.account_id IS NULL OR h.account_id = a.account_id
            OR h.account_id = ANY (a.formerly))))
    OR EXISTS (SELECT FROM disputes d WHERE d.creditor = a.creditor
        AND d.account_id = a.account_id AND d.state IN ('open', 'resolved_for'))
    OR EXISTS (SELECT FROM promises p WHERE p.creditor = a.creditor
        AND p.account_id = a.account_id AND p.state = 'open')
    OR EXISTS (SELECT FROM payment_plans p WHERE p.creditor = a.creditor
        AND p.account_id = a.account_id AND p.state = 'active')
    OR EXISTS (SELECT FROM hardships h WHERE h.creditor = a.creditor
        AND h.account_id = a.account_id AND h.state = 'active')
    OR EXISTS (SELECT FROM settlement_offers p WHERE p.creditor = a.creditor
        AND p.account_id = a.account_id AND p.state = 'accepted')
    OR EXISTS (SELECT FROM work_items w WHERE w.customer_id = ANY (who.ids)
        AND w.done_at IS NULL)
""".strip()


def _called(creditor: str, account: str) -> str:
    """Accounts that have a name, or had it: by two indexes, never by an OR of both."""
    return f"""SELECT o.* FROM accounts o
            WHERE o.creditor = {creditor} AND o.account_id = {account}
            UNION SELECT o.* FROM accounts o
            WHERE o.formerly <> '{{}}' AND o.formerly @> ARRAY[{account}]
                AND o.creditor = {creditor}"""  # noqa: S608 - what is put in are names


# The accounts that a row ``t`` speaks of.
_ACCOUNTS: Final[Mapping[Table, str]] = MappingProxyType(
    {
        Table.ATTEMPTS: f"""{_called("t.creditor", "t.account_id")}
            UNION SELECT o.* FROM unnest(t.covers) AS said, LATERAL (
                {_called("split_part(said, '/', 1)", "substr(said, strpos(said, '/') + 1)")}
            ) AS o""",  # noqa: S608 - what is put in are names
        Table.PROVIDER_EVENTS: f"""SELECT o.* FROM attempt_keys k, LATERAL (
                {_called("k.creditor", "k.account_id")}) AS o
            WHERE k.attempt_id = t.attempt_id""",  # noqa: S608 - what is put in are names
        Table.MESSAGES: _called("t.creditor", "t.account_id"),
        Table.INBOUND: """(SELECT o.* FROM accounts o
            WHERE o.customer_id = ANY (persons(ARRAY[t.customer_id])))""",
        Table.PLAN_CHANGES: _called("t.creditor", "t.account_id"),
    }
)
_PLACES: Final[Mapping[Table, str]] = MappingProxyType(
    {
        Table.ATTEMPTS: """
        UNION SELECT left(place, 2) FROM unnest(t.jurisdictions) AS place
        UNION SELECT c.country FROM customers c WHERE c.customer_id = t.customer_id""",
    }
)
"""Countries beside those of the accounts' customers."""

_CHILDREN: Final[Mapping[Table, str]] = MappingProxyType(
    {
        Table.ATTEMPTS: "".join(
            f""", {child}_gone AS (
    DELETE FROM {child} x USING gone WHERE x.attempt_id = gone.attempt_id
)"""  # noqa: S608 - what is put in are names
            for child in ("calls", "attached", "settlements", "person_messages", "capacity_taken")
        ),
        Table.INBOUND: "".join(
            f""", {child}_gone AS (
    DELETE FROM {child} x USING gone
    WHERE x.provider = gone.provider AND x.{name} = gone.inbound_id
)"""  # noqa: S608 - what is put in are names
            for child, name in (
                ("readings", "inbound_id"),
                ("reading_corrections", "inbound_id"),
                ("provider_events_history", "event_id"),
            )
        ),
    }
)
"""What belongs to a row, and goes with it."""


def _verdict(table: Table) -> str:
    """By $1, the present, $2, countries, and $3, their months: what becomes of a row ``t``."""
    return f"""LATERAL (
    WITH spoken AS MATERIALIZED (
        SELECT a.*, c.country, ({_HELD}) AS held
        FROM ({_ACCOUNTS[table]}) AS a LEFT JOIN customers c ON c.customer_id = a.customer_id,
            LATERAL (SELECT persons(ARRAY[a.customer_id]) AS ids) AS who
    ), kept_for AS (
        SELECT CASE WHEN count(*) = count(months) THEN max(months) END AS months
        FROM (
            SELECT country AS place FROM spoken WHERE country IS NOT NULL{_PLACES.get(table, "")}
        ) AS places LEFT JOIN unnest($2::text[], $3::int[]) AS given (place, months) USING (place)
    )
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM spoken WHERE country IS NOT NULL) THEN 'unknown'
        WHEN EXISTS (SELECT FROM spoken WHERE status = 'open') THEN 'open'
        WHEN EXISTS (SELECT FROM spoken WHERE held) THEN 'held'
        WHEN (SELECT months FROM kept_for) IS NULL THEN 'unset'
        WHEN greatest(t.{table.instant}, (SELECT max(closed_at) FROM spoken))
            + make_interval(months => (SELECT months FROM kept_for)) > $1::timestamptz THEN 'young'
        ELSE '{GOES}' END AS verdict
) AS v"""  # noqa: S608 - what is put in are names and conditions of ours


def count_statement(table: Table, name: str) -> str:
    """How many rows of a month go, or stay, and why."""
    # A customer's message takes its event along.
    those = "t.status NOT LIKE 'inbound:%'" if table is Table.PROVIDER_EVENTS else "true"
    return f"""
SELECT v.verdict, count(*) AS rows FROM {name} t, {_verdict(table)} WHERE {those} GROUP BY 1
"""  # noqa: S608 - what is put in are names and conditions of ours


def remove_statement(table: Table, name: str) -> str:
    """Remove up to $4 rows of a month that may go, and what belongs to them."""
    return f"""
WITH chosen AS MATERIALIZED (
    SELECT t.ctid FROM {name} t, {_verdict(table)}
    WHERE v.verdict = '{GOES}' LIMIT $4 FOR UPDATE OF t SKIP LOCKED
), gone AS (
    DELETE FROM {name} t USING chosen WHERE t.ctid = chosen.ctid RETURNING t.*
){_CHILDREN.get(table, "")}
SELECT count(*) FROM gone
"""  # noqa: S608 - what is put in are names and conditions of ours


HOLDING: Final = "SELECT pg_advisory_xact_lock(hashtextextended('legal_holds', 0))"
_REMOVING: Final = "SELECT pg_advisory_xact_lock_shared(hashtextextended('legal_holds', 0))"
"""Once a hold is placed, nothing that it is for is removed any more: it waits for the chunk that is
being removed, and the next chunk sees it."""


class Removing:
    """What may go, by table and month."""

    def __init__(self, pool: Pool, months: Mapping[str, Mapping[Table, int]]) -> None:
        """``months``: how long a country's rows of a table are kept."""
        self.pool, self._months = pool, months

    def has_any(self, table: Table) -> bool:
        """Whether anything of a table may ever go."""
        return any(table in tables for tables in self._months.values())

    def _given(self, table: Table, now: datetime) -> tuple[datetime, list[str], list[int]]:
        set_for = {place: kept[table] for place, kept in self._months.items() if table in kept}
        return now, list(set_for), list(set_for.values())

    async def count(self, table: Table, month: Month, now: datetime) -> dict[str, int]:
        """How many rows go, and how many stay, by why."""
        statement = count_statement(table, partition(table, month))
        rows = await self.pool.fetch(statement, *self._given(table, now))
        return {row["verdict"]: row["rows"] for row in rows}

    async def remove(self, table: Table, month: Month, now: datetime, chunk: int) -> int:
        """Remove a chunk of what may go; 0: nothing is left."""
        statement = remove_statement(table, partition(table, month))
        async with self.pool.acquire() as connection, connection.transaction():
            return await _remove(connection, statement, *self._given(table, now), chunk)


async def _remove(connection: Connection, statement: str, *given: object) -> int:
    await connection.execute(_REMOVING)
    removed: int = await connection.fetchval(statement, *given)
    return removed
