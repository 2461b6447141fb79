"""The operation's capacity for a day: taken by reservations, exactly, in the database.

One counter for a channel and a day would be one row that every reservation locks until its
transaction ends. So the day's number is laid out over several rows, each with its own part of it: a
reservation takes from one that nobody holds at the moment. No row takes more than its part,
whoever comes at once, so the day never has more than its number; and it is full only once every
part is.
"""

from datetime import datetime
from typing import Final

from domain.channels import Channel
from domain.planning.limits.spending import day_of
from domain.situation import DayTaken, Situation
from domain.strategy.limits import Capacity
from store.database import Connection

PARTS: Final = 16

_taking: Final = f"""
WITH free AS (
    SELECT part FROM capacity_counts
    WHERE zone = $1 AND channel = $2 AND day = $3
        AND taken < $4::int / {PARTS} + (part < $4::int % {PARTS})::int
    ORDER BY {{order}} LIMIT 1 FOR UPDATE {{how}}
), counted AS (
    UPDATE capacity_counts c SET taken = taken + 1 FROM free
    WHERE c.zone = $1 AND c.channel = $2 AND c.day = $3 AND c.part = free.part RETURNING c.part
)
SELECT part FROM counted
"""  # noqa: S608 - a number of ours, and how to lock

TAKE_AT_ONCE: Final = _taking.format(
    order=f"(part - $5::int + {PARTS}) % {PARTS}", how="SKIP LOCKED"
)
# Whoever waits has locked the full ones before, and goes through them in one order: so no two wait
# for each other.
TAKE: Final = _taking.format(order="part, $5::int", how="")

LAY_OUT: Final = f"""
INSERT INTO capacity_counts (zone, channel, day, part)
SELECT $1, $2, $3, generate_series(0, {PARTS - 1}) ON CONFLICT DO NOTHING
"""

KEEP_TAKEN: Final = """
INSERT INTO capacity_taken (attempt_id, zone, channel, day, part) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (attempt_id) DO NOTHING
"""

SELECT_TAKEN: Final = """
SELECT channel, day, sum(taken)::int AS taken FROM capacity_counts
WHERE zone = $1 AND channel = ANY ($2) AND day >= $3 GROUP BY channel, day
"""


async def with_taken(
    connection: Connection, situation: Situation, capacity: Capacity | None, now: datetime
) -> Situation:
    """The situation with what is taken of the days from today on; nothing is read where the
    strategy names no capacity."""
    if capacity is None:
        return situation
    today = day_of(now, capacity.zone)
    rows = await connection.fetch(
        SELECT_TAKEN, capacity.zone, [one.value for one in capacity.channels], today
    )
    return seen(situation, tuple(DayTaken.model_validate(dict(row)) for row in rows))


def seen(situation: Situation, taken: tuple[DayTaken, ...]) -> Situation:
    """The situation, and each who stands for the account, with what is taken."""
    parties = tuple(one.model_copy(update={"taken_of_days": taken}) for one in situation.parties)
    return situation.model_copy(update={"taken_of_days": taken, "parties": parties})


def with_full(
    situation: Situation, capacity: Capacity, channel: Channel, now: datetime
) -> Situation:
    """The situation once today has turned out to be full."""
    today = day_of(now, capacity.zone)
    others = (one for one in situation.taken_of_days if (one.channel, one.day) != (channel, today))
    full = DayTaken(channel=channel, day=today, taken=capacity.channels[channel])
    return seen(situation, (*others, full))


async def take(
    connection: Connection,
    capacity: Capacity,
    channel: Channel,
    now: datetime,
    attempt_id: str | None,
) -> bool:
    """Take one contact of today's capacity, in the caller's transaction; False: today is full.

    ``attempt_id``: who takes it, and gives it back if nothing came of it; None: nobody does.
    """
    day, most = day_of(now, capacity.zone), capacity.channels[channel]
    key = (capacity.zone, channel.value, day)
    first = _first_of(attempt_id or now.isoformat())
    part = await _tried(connection, TAKE_AT_ONCE, *key, most, first)
    if part is None:
        # None is laid out yet, or all that are left are held at this moment: wait for one.
        await connection.execute(LAY_OUT, *key)
        part = await _tried(connection, TAKE, *key, most, first)
    if part is None:
        return False
    if attempt_id is not None:
        await connection.execute(KEEP_TAKEN, attempt_id, *key, part)
    return True


class _NoneFreeError(Exception):
    """No part was taken."""


async def _tried(connection: Connection, statement: str, *asked: object) -> int | None:
    """The part that was taken. Where none was, nothing stays locked: a row that turned out to be
    full would be, until the caller's transaction ends, and two could wait for each other."""
    try:
        async with connection.transaction():
            part: int | None = await connection.fetchval(statement, *asked)
            if part is None:
                raise _NoneFreeError
            return part
    except _NoneFreeError:
        return None


def _first_of(name: str) -> int:
    """Which part is tried first: another one for each, and the same for the same."""
    return sum(name.encode()) % PARTS
