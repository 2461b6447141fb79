"""Customers whom nobody but persons may contact. Each belongs to the caller's transaction."""

from datetime import datetime
from typing import Final

from store.database import Connection, unchanged

SET: Final = """
INSERT INTO persons_only (customer_id, since, told_by) VALUES ($1, $2, $3)
ON CONFLICT (customer_id) WHERE ended_at IS NULL DO NOTHING
"""

END: Final = """
UPDATE persons_only SET ended_at = $2, ended_by = $3 WHERE customer_id = $1 AND ended_at IS NULL
"""

# Under whatever id of the person it stands.
ASKED: Final = """
UPDATE persons_only SET asked_at = $2
WHERE customer_id = ANY (ARRAY(SELECT s.customer_id FROM same_person($1) s)) AND ended_at IS NULL
"""


async def set_so(connection: Connection, customer_id: str, at: datetime, by: str) -> bool:
    """From now on only persons contact them; False: it was so already."""
    return not unchanged(await connection.execute(SET, customer_id, at, by))


async def end(connection: Connection, customer_id: str, at: datetime, by: str) -> bool:
    """They are contacted like everybody else again; False: they were."""
    return not unchanged(await connection.execute(END, customer_id, at, by))


async def asked(connection: Connection, customer_id: str, at: datetime) -> None:
    """A person was asked to contact them, in the place of a touch."""
    await connection.execute(ASKED, customer_id, at)
