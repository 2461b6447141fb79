"""How customers want to be reached: each time that they say so is kept."""

from datetime import datetime
from typing import Final

from domain.conversation.wishes.preference import Preference, StatedPreference
from store.database import Connection

INSERT_PREFERENCE: Final = """
INSERT INTO preferences
    (preference_id, customer_id, preference, said_at, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (preference_id) DO NOTHING RETURNING preference_id
"""

# What a person has said under another id is theirs, as in ``store/situations.py``.
SELECT_PREFERENCES: Final = """
SELECT w.preference_id, w.said_at, w.preference, w.recorded_by FROM preferences w
WHERE w.customer_id = ANY (ARRAY(
    SELECT s.customer_id FROM same_person($1) s WHERE s.surely))
ORDER BY w.said_at, w.preference_id
"""

SELECT_REACHABLE: Final = """
SELECT EXISTS (SELECT FROM contact_points
    WHERE customer_id = $1 AND current AND channel = $2)
"""


async def keep(
    connection: Connection,
    preference_id: str,
    customer_id: str,
    preference: Preference,
    said_at: datetime,
    recorded_at: datetime,
    recorded_by: str,
) -> bool:
    """Write what a customer has stated; False where it is on record already. From then on planning
    knows it."""
    stated = preference.model_dump(mode="json", by_alias=True, exclude_unset=True)
    written = (preference_id, customer_id, stated, said_at, recorded_at, recorded_by)
    return await connection.fetchval(INSERT_PREFERENCE, *written) is not None


async def of_customer(connection: Connection, customer_id: str) -> list[StatedPreference]:
    """All that a customer has stated, the oldest first."""
    rows = await connection.fetch(SELECT_PREFERENCES, customer_id)
    return [StatedPreference(**dict(row)) for row in rows]


async def can_be_met(connection: Connection, customer_id: str, preference: Preference) -> bool:
    """Whether there is an address on the channel that is asked for; a person may bring one."""
    if preference.channel is None:
        return True
    found: bool = await connection.fetchval(SELECT_REACHABLE, customer_id, preference.channel)
    return found
