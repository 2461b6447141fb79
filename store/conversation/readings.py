"""How messages were read, and what people say was meant."""

from collections.abc import Mapping
from typing import Any, Final

from store.database import Pool

INSERT_READING: Final = """
INSERT INTO readings (provider, inbound_id, version, reading) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
INSERT_CORRECTION: Final = """
INSERT INTO reading_corrections (provider, inbound_id, expected, corrected_by)
VALUES ($1, $2, $3, $4)
"""


class Readings:
    """The readings on record."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def record(
        self, provider: str, inbound_id: str, version: str, reading: Mapping[str, Any]
    ) -> None:
        """Keep what a version of the reader read; once, whatever it would read later."""
        await self.pool.execute(INSERT_READING, provider, inbound_id, version, dict(reading))

    async def correct(
        self, provider: str, inbound_id: str, expected: Mapping[str, Any], by: str
    ) -> None:
        """Keep what a person says that a message said."""
        await self.pool.execute(INSERT_CORRECTION, provider, inbound_id, dict(expected), by)
