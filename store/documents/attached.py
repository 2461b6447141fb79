"""What went along with an attempt, and what did not."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from domain.documents.document import DocumentKind
from domain.names import workflow_id
from store.database import Pool

INSERT: Final = """
INSERT INTO attached
    (attempt_id, place, kind, document_id, media_type, bytes, sha256, left_away)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""

SELECT_IN_FOLDER: Final = """
SELECT d.file, d.name, a.media_type, a.bytes, a.sha256, t.creditor,
    now_called(t.creditor, t.account_id) AS account_id
FROM attached a JOIN documents d USING (document_id) JOIN attempts t USING (attempt_id)
WHERE a.attempt_id = $1 AND a.place = $2 AND a.left_away IS NULL AND d.withdrawn_at IS NULL
    AND d.file IS NOT NULL
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


class InFolder(NamedTuple):
    """A file of the operator's folder that went along."""

    file: str
    name: str
    """What the customer sees it called."""
    media_type: str
    bytes: int
    sha256: str
    creditor: str
    account_id: str
    """The account that leads, by the number that it has now."""

    @property
    def url(self) -> None:
        """It lies in the folder."""

    @property
    def workflow(self) -> str:
        """The workflow of the account that leads."""
        return workflow_id(self.creditor, self.account_id)


async def in_folder(pool: Pool, attempt_id: str, place: int) -> InFolder | None:
    """What went along with an attempt at this place; None: nothing, or it was withdrawn since."""
    async with pool.acquire() as connection:
        row = await connection.fetchrow(SELECT_IN_FOLDER, attempt_id, place)
    return None if row is None else InFolder(**dict(row))
