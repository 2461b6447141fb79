"""What went along with an attempt, and what did not."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from domain.documents.document import DocumentKind
from store.database import Pool

INSERT: Final = """
INSERT INTO attached
    (attempt_id, place, kind, document_id, media_type, bytes, sha256, left_away)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""


class Outcome(NamedTuple):
    """What became of one file that a strategy wanted."""

    kind: DocumentKind
    document_id: str | None
    media_type: str | None
    bytes: int | None
    sha256: str | None
    left_away: str | None
    """Why it does not go along; None: it does."""


async def keep(pool: Pool, attempt_id: str, outcomes: Sequence[Outcome]) -> None:
    """Write them down, before the attempt is dispatched."""
    rows = [(attempt_id, place, *one) for place, one in enumerate(outcomes)]
    async with pool.acquire() as connection:
        await connection.executemany(INSERT, rows)
