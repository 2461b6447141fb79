"""What went along with an attempt, and what did not."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from domain.documents.document import DocumentKind
from domain.names import workflow_id
from store.database import Pool

INSERT: Final = """
INSERT INTO attached
    (attempt_id, place, kind, document_id, media_type, bytes, sha256, left_away, drawn)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""

SELECT_OURS: Final = """
SELECT a.drawn, d.file, d.name, a.media_type, a.bytes, a.sha256, t.creditor,
    now_called(t.creditor, t.account_id) AS account_id
FROM attached a LEFT JOIN documents d USING (document_id) JOIN attempts t USING (attempt_id)
WHERE a.attempt_id = $1 AND a.place = $2 AND a.left_away IS NULL
    AND (a.drawn IS NOT NULL OR d.withdrawn_at IS NULL AND d.file IS NOT NULL)
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
    drawn: str | None = None
    """What the code says that was drawn for the message, where its provider fetches it. Personal:
    it names the debt and its amount."""


async def keep(pool: Pool, attempt_id: str, outcomes: Sequence[Outcome]) -> None:
    """Write them down, before the attempt is dispatched."""
    rows = [(attempt_id, place, *one) for place, one in enumerate(outcomes)]
    async with pool.acquire() as connection:
        await connection.executemany(INSERT, rows)


class Ours(NamedTuple):
    """A file that went along and that we serve: of the operator's folder, or drawn."""

    drawn: str | None
    """What the drawn code says; None: it lies in the folder."""
    file: str | None
    name: str | None
    """What the customer sees it called; None: it is drawn."""
    media_type: str
    bytes: int
    sha256: str
    creditor: str
    account_id: str
    """The account that leads, by the number that it has now."""

    @property
    def url(self) -> None:
        """It lies on no host."""

    @property
    def workflow(self) -> str:
        """The workflow of the account that leads."""
        return workflow_id(self.creditor, self.account_id)


async def ours(pool: Pool, attempt_id: str, place: int) -> Ours | None:
    """What went along with an attempt at this place; None: nothing, or it was withdrawn since."""
    async with pool.acquire() as connection:
        row = await connection.fetchrow(SELECT_OURS, attempt_id, place)
    return None if row is None else Ours(**dict(row))
