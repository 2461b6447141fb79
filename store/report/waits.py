"""How long things took, what waits, and where accounts stood on two days."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import asyncpg

from store.database import Connection

ANSWER_TIMES: Final = """
SELECT count(took) AS number, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS median,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY took) AS ninetieth
FROM (
    SELECT extract(epoch FROM t.dispatched_at - (
        SELECT max(i.at) FROM inbound i
        WHERE i.customer_id = t.customer_id AND i.at <= t.dispatched_at))::float AS took
    FROM attempts t
    WHERE t.reserved_at >= $1 AND t.reserved_at < $2 AND t.purpose = ANY ($3::text[])
        AND t.state IN ('dispatching', 'unknown', 'accepted', 'delivered', 'undelivered')
) AS answers
"""

WORK_TIMES: Final = """
SELECT count(*) AS number,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS median,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY took) AS ninetieth
FROM (
    SELECT extract(epoch FROM done_at - opened_at)::float AS took FROM work_items
    WHERE done_at >= $1 AND done_at < $2 AND done_by <> 'contrapunto'
) AS done
"""

WAITING: Final = """
SELECT reason, min(priority)::int AS priority, count(*) AS open,
    count(*) FILTER (WHERE due_at <= $1) AS late, min(due_at) FILTER (WHERE due_at <= $1) AS since
FROM work_items WHERE opened_at < $1 AND (done_at IS NULL OR done_at >= $1)
GROUP BY reason ORDER BY 2, 1
"""

ROLLED: Final = """
SELECT $3::date - oldest_due_date AS first_days, $4::date - oldest_due_date AS last_days,
    CASE WHEN status = 'closed' AND closed_at < $2 THEN close_reason END AS ended,
    count(*) AS accounts
FROM accounts
WHERE coalesce(since <= $1, true) AND (status = 'open' OR closed_at >= $1)
GROUP BY 1, 2, 3
"""


class Times(NamedTuple):
    """How long it took, in seconds."""

    number: int
    median: float | None
    ninetieth: float | None


class Waiting(NamedTuple):
    """Work of one reason that was open at an instant."""

    reason: str
    priority: int
    open: int
    late: int
    since: datetime | None
    """When somebody should have looked at the one that is latest."""


class Rolled(NamedTuple):
    """Accounts by days past due on the first and on the last day; ``ended``: how, in between."""

    first_days: int
    last_days: int
    ended: str | None
    accounts: int


async def answer_times(
    connection: Connection, begins: datetime, ends: datetime, purposes: Sequence[str]
) -> Times:
    """From what a customer wrote to the answer that left in a period."""
    return _times(await connection.fetchrow(ANSWER_TIMES, begins, ends, list(purposes)))


async def work_times(connection: Connection, begins: datetime, ends: datetime) -> Times:
    """From the opening to the end of work that people did in a period."""
    return _times(await connection.fetchrow(WORK_TIMES, begins, ends))


async def waiting(connection: Connection, at: datetime) -> list[Waiting]:
    """Work that was open at an instant, the most urgent first."""
    return [Waiting(*row) for row in await connection.fetch(WAITING, at)]


async def rolled(
    connection: Connection, begins: datetime, ends: datetime, first: date, last: date
) -> list[Rolled]:
    """Accounts that were open when a period began."""
    rows = await connection.fetch(ROLLED, begins, ends, first, last)
    return [Rolled(*row) for row in rows]


def _times(row: asyncpg.Record | None) -> Times:
    assert row is not None  # noqa: S101 - an aggregate always answers
    return Times(row["number"], row["median"], row["ninetieth"])
