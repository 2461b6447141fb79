"""The choice of a strategy: what it rests on, and each that was made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.segments.choosing import Choice
from domain.segments.telling import AS_IT_IS, TellsChoosing
from store.database import Connection, unchanged

SELECT_KEPT: Final = """
SELECT attributes, entered_days, entered_since FROM accounts
WHERE creditor = $1 AND account_id = $2
"""

NOTE_ENTRY: Final = """
UPDATE accounts SET entered_days = $3, entered_since = $4 WHERE creditor = $1 AND account_id = $2
"""

RECORD: Final = """
WITH stood AS (
    SELECT strategy, segment FROM accounts WHERE creditor = $1 AND account_id = $2
), kept AS (
    INSERT INTO strategy_choices (creditor, account_id, choice, at, strategy, segment, chosen_by,
        arm, reason, before, segment_before, facts, decided_by, policy)
    SELECT $1, $2, 1 + coalesce((SELECT max(c.choice) FROM strategy_choices c
            WHERE c.creditor = $1 AND c.account_id = $2), 0),
        $3, $4, $5, $6, $7, $8, stood.strategy, stood.segment, $9, $10, $11
    FROM stood
)
UPDATE accounts SET strategy = $4, segment = $5, chosen_by = $6, policy = $11
WHERE creditor = $1 AND account_id = $2
"""

PIN: Final = """
UPDATE accounts SET pinned = $3, pinned_as_of = $4
WHERE creditor = $1 AND account_id = $2 AND coalesce(pinned_as_of <= $4, true)
"""

# What is told as null is known no more.
TELL_ATTRIBUTES: Final = """
UPDATE accounts SET attributes_as_of = $4,
    attributes = jsonb_strip_nulls(coalesce(attributes, '{}') || $3::jsonb)
WHERE creditor = $1 AND account_id = $2 AND coalesce(attributes_as_of <= $4, true)
"""


class Kept(NamedTuple):
    """What is kept of an account for choosing alone."""

    attributes: Mapping[str, object]
    entered_days: int | None
    entered_since: datetime | None


async def kept(connection: Connection, owner: tuple[str, str]) -> Kept:
    """What a choice rests on beside the situation."""
    row = await connection.fetchrow(SELECT_KEPT, *owner)
    assert row is not None, "its situation has been read"  # noqa: S101
    return Kept(row["attributes"] or {}, row["entered_days"], row["entered_since"])


async def note_entry(
    connection: Connection, owner: tuple[str, str], days: int, since: datetime | None
) -> None:
    """Days past due when a delinquency came in: what falls due later must not change it."""
    await connection.execute(NOTE_ENTRY, *owner, days, since)


async def record(
    connection: Connection,
    owner: tuple[str, str],
    choice: Choice,
    arm: str | None,
    facts: Mapping[str, Any] | None,
    decided_by: str | None,
    at: datetime,
) -> None:
    """Write a choice, and have the account go by it."""
    made = (at, choice.strategy, choice.segment, choice.by.value, arm, choice.reason)
    await connection.execute(RECORD, *owner, *made, facts, decided_by, choice.policy)


async def tell(
    connection: Connection,
    owner: tuple[str, str],
    message: TellsChoosing,
    as_of: datetime,
) -> bool:
    """Keep which strategy an upstream wants and the attributes that it names, unless something
    newer was said; whether anything was kept."""
    done = []
    if message.strategy != AS_IT_IS:
        done.append(await connection.execute(PIN, *owner, message.strategy, as_of))
    if message.attributes:
        done.append(await connection.execute(TELL_ATTRIBUTES, *owner, message.attributes, as_of))
    return not all(map(unchanged, done))
