"""What was read back into a restored ledger, when, by whom, and what it found."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from store.database import Pool

INSERT: Final = """
INSERT INTO ledger_readbacks (since, until, by_whom, complete, found) VALUES ($1, $2, $3, $4, $5)
"""

SELECT_SINCE: Final = """
SELECT read_at, since, until, by_whom, complete, found FROM ledger_readbacks
WHERE $1::timestamptz IS NULL OR read_at >= $1 ORDER BY read_at DESC LIMIT $2
"""


class ReadBack(NamedTuple):
    """One reading."""

    read_at: datetime
    since: datetime
    until: datetime
    by_whom: str
    complete: bool
    """Whether Temporal and all providers answered."""
    found: Mapping[str, Any]


async def keep(
    pool: Pool,
    span: tuple[datetime, datetime],
    by: str,
    *,
    complete: bool,
    found: Mapping[str, Any],
) -> None:
    """Keep what was found."""
    await pool.execute(INSERT, *span, by, complete, dict(found))


async def since(pool: Pool, at: datetime | None, most: int = 10) -> list[ReadBack]:
    """The readings since an instant, the latest first."""
    return [ReadBack(*row) for row in await pool.fetch(SELECT_SINCE, at, most)]
