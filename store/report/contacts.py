"""Attempts of two periods, counted in one reading of the ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from store.database import Connection

# Days are told by instants, so that one time zone's calendar, Python's, says where each begins.
COUNT_ATTEMPTS: Final = """
WITH contact AS (
    SELECT width_bucket(t.reserved_at, $1::timestamptz[]) AS day, t.*
    FROM attempts t WHERE t.reserved_at >= $2 AND t.reserved_at < $3
), told AS (
    SELECT t.day > $4::int AS now, t.day, t.channel, t.phase, t.creditor, t.purpose, t.state,
        t.outcome, t.provider, t.refusal, t.code, a.currency, c.country,
        split_part(c.locale, '-', 1) AS language, d.name AS strategy,
        t.segment, array_to_string(t.arms, ' ') AS arm, coalesce(t.segments, 1) AS parts,
        (t.reserved_at AT TIME ZONE t.zones[1])::date AS on_day,
        extract(hour FROM t.reserved_at AT TIME ZONE t.zones[1])::int AS hour,
        t.state IN ('dispatching', 'unknown', 'accepted', 'delivered', 'undelivered') AS reached
    FROM contact t LEFT JOIN customers c USING (customer_id)
        LEFT JOIN accounts a ON a.creditor = t.creditor AND a.account_id = t.account_id
        LEFT JOIN deciders d ON d.kind = 'strategy' AND d.digest = t.decided_by[1]
)
SELECT grouping(purpose, day, hour, provider) AS missing, now, day, channel, phase, creditor,
    purpose, state, outcome, provider, refusal, code, currency, country, language, strategy,
    segment, arm, on_day, hour, reached, count(*) AS number, sum(parts) AS parts
FROM told GROUP BY GROUPING SETS (
    (now, channel, phase, creditor, purpose, state, outcome, currency, country, language, strategy,
        segment, arm),
    (day, channel, state), (now, channel, country, on_day, hour, reached),
    (now, channel, provider, state, refusal, code))
"""
# Bits of ``missing``, the first column's the highest: which columns a row does not tell apart.
_BY_PLACE, _BY_DAY, _BY_HOUR, _BY_FAILURE = 0b0111, 0b1011, 0b1101, 0b1110

COUNT_WORKED: Final = """
SELECT a.strategy, count(*) AS accounts,
    count(*) FILTER (WHERE a.close_reason = 'cured' AND a.closed_at >= $1 AND a.closed_at < $2)
        AS cured
FROM (
    SELECT DISTINCT t.creditor, t.account_id FROM attempts t
    WHERE t.reserved_at >= $1 AND t.reserved_at < $2
        AND t.state IN ('dispatching', 'unknown', 'accepted', 'delivered', 'undelivered')
) AS worked JOIN accounts a USING (creditor, account_id)
GROUP BY a.strategy ORDER BY a.strategy
"""


TRIALS: Final = """
SELECT kind, CASE arm WHEN '' THEN experiment ELSE experiment || ':' || arm END AS subject, why
FROM experiment_findings WHERE found_at >= $1 AND found_at < $2 ORDER BY found_at, subject
"""


class Placed(NamedTuple):
    """Attempts that are alike in all that a report tells apart."""

    now: bool
    channel: str
    phase: str
    creditor: str
    purpose: str
    state: str
    outcome: str | None
    currency: str | None
    country: str | None
    language: str | None
    strategy: str | None
    segment: str | None
    arm: str | None
    number: int
    parts: int
    """Segments, of text messages."""


class OnDay(NamedTuple):
    """Attempts of one day, counted from 1 over both periods."""

    day: int
    channel: str
    state: str
    number: int


class AtHour(NamedTuple):
    """Attempts by day and hour on the customer's clock; of several that it may be, the first."""

    now: bool
    channel: str
    country: str | None
    on_day: date
    hour: int
    reached: bool
    """Whether they may have reached somebody."""
    number: int


class Failure(NamedTuple):
    """Attempts by what the provider said of them."""

    now: bool
    channel: str
    provider: str
    state: str
    refusal: str | None
    code: str | None
    number: int


class Worked(NamedTuple):
    """Accounts that were contacted, by the strategy they have now; how many of them are cured."""

    strategy: str
    accounts: int
    cured: int


class Attempts(NamedTuple):
    """The ledger of both periods."""

    placed: list[Placed]
    days: list[OnDay]
    hours: list[AtHour]
    failures: list[Failure]


async def attempts(
    connection: Connection, bounds: Sequence[datetime], days_before: int
) -> Attempts:
    """All attempts between the first and the last bound; ``bounds``: where each day begins."""
    found = Attempts([], [], [], [])
    span = (list(bounds[:-1]), bounds[0], bounds[-1], days_before)
    async for row in connection.cursor(COUNT_ATTEMPTS, *span, prefetch=2_000):
        missing = row["missing"]
        if missing == _BY_PLACE:
            found.placed.append(Placed(*(row[name] for name in Placed._fields)))
        elif missing == _BY_DAY:
            found.days.append(OnDay(*(row[name] for name in OnDay._fields)))
        elif missing == _BY_HOUR:
            found.hours.append(AtHour(*(row[name] for name in AtHour._fields)))
        else:
            found.failures.append(Failure(*(row[name] for name in Failure._fields)))
    return found


async def worked(connection: Connection, begins: datetime, ends: datetime) -> list[Worked]:
    """Accounts contacted in a period, and how many of them were cured in it."""
    return [Worked(*row) for row in await connection.fetch(COUNT_WORKED, begins, ends)]


async def trials(
    connection: Connection, begins: datetime, ends: datetime
) -> list[tuple[str, str, str]]:
    """What was found of experiments in a period: kind, experiment or its arm, why."""
    return [tuple(row) for row in await connection.fetch(TRIALS, begins, ends)]
