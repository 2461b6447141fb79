"""What came of the people of an experiment: counted in PostgreSQL, of each once they are over.

A person counts by what is on record of the days since they were taken in, whatever came later: a
cure that is followed by a new delinquency stays one. Whoever came along with another is treated and
not counted.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.experiments.experiment import Harm, Metric, Plan
from domain.experiments.mismatch import Drawn
from domain.experiments.sequences import Group
from store.database import Connection

PATIENCE: Final = 300.0
"""Seconds that one count may take: of a hundred thousand people it takes some."""

# A worker's sessions are made for short statements by keys; these read all people of an experiment.
READS_MUCH: Final = f"""
SET LOCAL enable_seqscan = on;
SET LOCAL plan_cache_mode = auto;
SET LOCAL statement_timeout = '{PATIENCE:.0f}s'
"""

# Of each account that they owed of: what came in within the days ($3), and whether it was closed as
# cured or settled. Payments follow an account to its new number, changes of plan stay. Row by row
# and by keys, never by joins: it takes as long as there are people, whatever PostgreSQL knows of
# the tables.
_OWING: Final = """(
    SELECT o.currency, o.balance,
        coalesce((SELECT sum(y.amount) FROM payments y
            WHERE y.creditor = c.creditor AND y.account_id = now_called(c.creditor, o.account_id)
                AND y.paid_at > c.taken_in_at AND y.paid_at <= c.taken_in_at + $3::interval), 0)
            AS paid,
        (SELECT min(l.why) FROM plan_changes l
            WHERE l.creditor = c.creditor
                AND l.account_id IN (o.account_id, now_called(c.creditor, o.account_id))
                AND l.kind = 'close' AND l.why IN ('cured', 'settled')
                AND l.at > c.taken_in_at AND l.at <= c.taken_in_at + $3::interval) AS ended
    FROM jsonb_to_recordset(c.owed) AS o (account_id text, currency text, balance numeric)
)"""
_COUNTED: Final = """experiment_people c
WHERE c.experiment = $1 AND c.came_with IS NULL AND c.taken_in_at <= $2"""

OUTCOMES: Final = f"""
SELECT p.arm, p.chances, count(*) AS people, sum(p.value) AS total, sum(p.value ^ 2) AS squares
FROM (
    SELECT c.arm, c.chances, (
        SELECT CASE WHEN $4 THEN bool_and(a.ended IS NOT NULL OR a.paid >= a.balance)::int::float8
            ELSE avg(CASE WHEN a.ended = 'cured' THEN 1
                ELSE least(1, a.paid / a.balance) END)::float8 END
        FROM {_OWING} AS a) AS value
    FROM {_COUNTED}
) AS p
WHERE p.value IS NOT NULL
GROUP BY p.arm, p.chances ORDER BY p.arm, p.chances
"""  # noqa: S608 - what is put in is SQL of this file

MONEY: Final = f"""
SELECT p.arm, p.currency, count(DISTINCT p.customer) AS people, sum(p.balance) AS owed,
    sum(p.paid) AS paid
FROM (
    SELECT c.arm, c.creditor || '/' || c.customer_id AS customer, a.currency, a.balance, a.paid
    FROM experiment_people c CROSS JOIN LATERAL {_OWING} AS a
    WHERE c.experiment = $1 AND c.came_with IS NULL AND c.taken_in_at <= $2
) AS p
GROUP BY p.arm, p.currency ORDER BY p.arm, p.currency
"""  # noqa: S608


def _how_many(happened: str) -> str:
    return f"""
WITH complained AS MATERIALIZED (
    -- Hardly anybody does: read once, not by person.
    SELECT t.creditor, t.customer_id, e.at
    FROM provider_events e JOIN attempts t USING (attempt_id)
    WHERE e.code IN ('spamreport', 'complained')
        AND e.at > (SELECT min(p.taken_in_at) FROM experiment_people p WHERE p.experiment = $1)
)
SELECT c.arm, c.chances, count(*) AS people, sum(({happened})::int)::float8 AS total
FROM {_COUNTED}
GROUP BY c.arm, c.chances ORDER BY c.arm, c.chances
"""  # noqa: S608 - what is put in are conditions of this file


OPT_OUTS: Final = _how_many("""EXISTS (SELECT FROM law_events e
    WHERE e.customer_id = c.customer_id AND e.kind IN ('opt_out', 'cease')
        AND e.at > c.taken_in_at AND e.at <= c.taken_in_at + $3::interval)""")

COMPLAINTS: Final = _how_many("""EXISTS (SELECT FROM law_events e
    WHERE e.customer_id = c.customer_id AND e.kind IN ('attorney', 'cease')
        AND e.at > c.taken_in_at AND e.at <= c.taken_in_at + $3::interval)
    OR EXISTS (SELECT FROM complained t
    WHERE t.creditor = c.creditor AND t.customer_id = c.customer_id
        AND t.at > c.taken_in_at AND t.at <= c.taken_in_at + $3::interval)""")

DISPUTES: Final = _how_many("""EXISTS (
    SELECT FROM jsonb_to_recordset(c.owed) AS o (account_id text)
    JOIN disputes d ON d.creditor = c.creditor
        AND d.account_id IN (o.account_id, now_called(c.creditor, o.account_id))
    WHERE d.opened_at > c.taken_in_at AND d.opened_at <= c.taken_in_at + $3::interval)""")

HARMS: Final = {
    Harm.OPT_OUTS: OPT_OUTS,
    Harm.COMPLAINTS: COMPLAINTS,
    Harm.DISPUTES: DISPUTES,
}

DRAWN: Final = """
SELECT arm, chances, count(*) FILTER (WHERE came_with IS NULL) AS people,
    count(*) FILTER (WHERE came_with IS NOT NULL) AS came_along
FROM experiment_people WHERE experiment = $1 GROUP BY arm, chances ORDER BY arm, chances
"""


class Taken(NamedTuple):
    """People of one arm who were taken in."""

    drawn: Drawn
    came_along: int


class Collected(NamedTuple):
    """What the people of an arm owed and paid, in one currency."""

    arm: str
    currency: str
    people: int
    owed: Decimal
    paid: Decimal


async def take_time(connection: Connection) -> None:
    """Let what is counted in this transaction take its time."""
    await connection.execute(READS_MUCH)


async def outcomes(
    connection: Connection, experiment: str, plan: Plan, now: datetime
) -> list[Group]:
    """By arm, of the people who count by now."""
    days, until = _counted(plan.primary.within_days, plan.late_days, now)
    is_cured = plan.primary.metric is Metric.CURED
    rows = await connection.fetch(OUTCOMES, experiment, until, days, is_cured, timeout=PATIENCE)
    return [
        Group(
            row["arm"],
            _chances(row["chances"]),
            row["people"],
            float(row["total"]),
            float(row["squares"]),
        )
        for row in rows
    ]


async def harms(
    connection: Connection, experiment: str, plan: Plan, now: datetime
) -> dict[tuple[Harm, int], list[Group]]:
    """The same, of each harm that the plan watches."""
    made: dict[tuple[Harm, int], list[Group]] = {}
    for rail in plan.guardrails:
        days, until = _counted(rail.within_days, 0, now)
        rows = await connection.fetch(HARMS[rail.harm], experiment, until, days, timeout=PATIENCE)
        made[rail.harm, rail.within_days] = [
            Group(row["arm"], _chances(row["chances"]), row["people"], row["total"], row["total"])
            for row in rows
        ]
    return made


async def money(
    connection: Connection, experiment: str, plan: Plan, now: datetime
) -> list[Collected]:
    """What the same people owed and paid: cures alone hide who pays the large debts."""
    days, until = _counted(plan.primary.within_days, plan.late_days, now)
    rows = await connection.fetch(MONEY, experiment, until, days, timeout=PATIENCE)
    return [Collected(**dict(row)) for row in rows]


async def taken_in(connection: Connection, experiment: str) -> list[Taken]:
    """All who were taken in so far."""
    return [
        Taken(Drawn(row["arm"], _chances(row["chances"]), row["people"]), row["came_along"])
        for row in await connection.fetch(DRAWN, experiment)
    ]


def _counted(days: int, late: int, now: datetime) -> tuple[timedelta, datetime]:
    return timedelta(days=days), now - timedelta(days=days + late)


def _chances(said: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((arm, int(share)) for arm, share in said.items()))
