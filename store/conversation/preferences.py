"""How customers want to be reached: each time that they say so is kept."""

from datetime import datetime
from typing import Final

from domain.conversation.wishes.preference import Preference
from store.database import Connection

INSERT_PREFERENCE: Final = """
INSERT INTO preferences
    (preference_id, customer_id, preference, said_at, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (preference_id) DO NOTHING RETURNING preference_id
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
