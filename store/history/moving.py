"""Moving what is over into the history.

Nothing that is moved bears on a contact: no rule looks further back than ``MEMORY``; what an
account needs of older attempts is the number of its next step, which the keys hold. So moving takes
no lock of a customer and changes no count of facts. One statement moves some rows of one month and
writes their keys: it is done whole or not at all, and whoever is killed between two has lost
nothing.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from domain.history.months import Month, Table, ahead
from store.database import Pool, unchanged
from store.history.partitions import columns, ensure, months, stray_months
from store.situations import MEMORY

FIRST_YEAR: Final = 2000
"""Nothing is moved that is said to be older."""
CHUNK: Final = 2_000
"""Rows that are moved, or removed, in one transaction."""

# Of a row ``t``, whose account is no more collected, and has not been for as long as anything is
# remembered; by whichever name it has the account.
_OVER: Final = """
NOT EXISTS (SELECT FROM accounts a WHERE a.creditor = t.creditor
    AND (a.account_id = t.account_id OR a.formerly <> '{}' AND a.formerly @> ARRAY[t.account_id])
    AND (a.status = 'open' OR a.closed_at >= $3))
""".strip()

_MAY: Final[Mapping[Table, str]] = MappingProxyType(
    {
        Table.ATTEMPTS: f"t.state NOT IN ('reserved', 'dispatching', 'unknown') AND {_OVER}",
        # Nobody reads them but who counts what came lately.
        Table.PROVIDER_EVENTS: "t.told AND $3::timestamptz IS NOT NULL",
        Table.MESSAGES: _OVER,
        # A consent rests on the message that gave it (``WRITTEN_FROM_ADDRESS``); workflows have
        # still to be told of some; who works on an open item reads the words.
        Table.INBOUND: "t.intent <> 'opt_in' AND $3::timestamptz IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM provider_events e WHERE e.provider = t.provider"
        " AND e.event_id = t.inbound_id AND NOT e.told)"
        " AND t.provider || '/' || t.inbound_id NOT IN (SELECT said FROM work_items w,"
        " unnest(w.messages) AS said WHERE w.done_at IS NULL AND said IS NOT NULL)",
        Table.PLAN_CHANGES: _OVER,
    }
)

# What was refused does not hold its id: mended, it is judged anew.
_KEYS: Final[Mapping[Table, str]] = MappingProxyType(
    {
        Table.ATTEMPTS: """INSERT INTO attempt_keys (attempt_id, creditor, account_id, step,
        customer_id, channel, provider, contact_point_id, state)
    SELECT attempt_id, creditor, account_id, step, customer_id, channel, provider,
        contact_point_id, state FROM gone""",
        Table.PROVIDER_EVENTS: "INSERT INTO event_keys (key)"
        " SELECT key_of(provider, event_id) FROM gone",
        Table.MESSAGES: "INSERT INTO message_keys (key)"
        " SELECT key_of(creditor, account_id, message_id) FROM gone WHERE refused IS NULL",
    }
)
"""Of what is in the table no more, and must not come again. A message of a customer comes with a
provider event of its id; the number of a plan is counted up by its account."""


def _within(table: Table) -> str:
    at = f"t.{table.instant}"
    return f"{at} >= $1::timestamptz AND {at} < least($2::timestamptz, $3::timestamptz)"


def move_statement(table: Table, names: str) -> str:
    """Move up to $4 rows of the month from $1 to $2, which are over before $3."""
    keys = f", keys AS (\n    {_KEYS[table]}\n)" if table in _KEYS else ""
    return f"""
WITH chosen AS MATERIALIZED (
    SELECT t.ctid FROM {table.value} t
    WHERE {_within(table)} AND {_MAY[table]}
    LIMIT $4 FOR UPDATE OF t SKIP LOCKED
), gone AS (
    DELETE FROM {table.value} t USING chosen WHERE t.ctid = chosen.ctid RETURNING t.*
){keys}
INSERT INTO {table.history} ({names}) SELECT {names} FROM gone
"""  # noqa: S608 - what is put in are names and conditions of ours


def _any(table: Table) -> str:
    return f"""SELECT EXISTS (SELECT FROM {table.value} t
    WHERE {_within(table)} AND {_MAY[table]})
"""  # noqa: S608 - what is put in are names and conditions of ours


class History:
    """What is over, and the months it is kept in."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def prepare(self, now: datetime) -> dict[Table, list[Month]]:
        """Make the present month and the next ones of each history, and those that rows lack of
        which there was none; what was made."""
        made = {}
        for table in Table:
            lacking = await stray_months(self.pool, table)
            made[table] = await ensure(self.pool, table, [*ahead(now), *lacking])
        return made

    async def move(
        self, now: datetime, chunk: int = CHUNK
    ) -> AsyncIterator[tuple[Table, Month, int]]:
        """Move what is over, the oldest first: the table, the month and how many, bit by bit."""
        for table in Table:
            async for month, moved in self._move_table(table, now - MEMORY, chunk):
                yield table, month, moved

    async def _move_table(
        self, table: Table, before: datetime, chunk: int
    ) -> AsyncIterator[tuple[Month, int]]:
        statement = move_statement(table, ", ".join(await columns(self.pool, table)))
        there = set(await months(self.pool, table))
        for year in range(FIRST_YEAR, before.astimezone(UTC).year + 1):
            whole = (datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
            if not await self.pool.fetchval(_any(table), *whole, before):
                continue
            for number in range(1, 13):
                month = Month(whole[0].date().replace(month=number))
                if not await self.pool.fetchval(_any(table), *month.span, before):
                    continue
                if month not in there:
                    await ensure(self.pool, table, [month])
                while True:
                    done = await self.pool.execute(statement, *month.span, before, chunk)
                    if unchanged(done):
                        break
                    yield month, int(done.rsplit(" ", 1)[1])
