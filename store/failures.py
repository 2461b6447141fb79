"""Activities that fail again and again: their accounts stand still, whatever PostgreSQL last heard.

Temporal lists workflows by what fails in a workflow, not in an activity, so the activities
themselves keep a note. Where even that cannot be written, PostgreSQL is away, and that is seen.
"""

from datetime import datetime
from typing import Final, NamedTuple

from store.database import Pool

NOTE: Final = """
INSERT INTO failures AS f (creditor, account_id, activity, error, attempts, since, at)
VALUES ($1, $2, $3, $4, $5, $6, $6)
ON CONFLICT (creditor, account_id) DO UPDATE SET
    activity = excluded.activity, error = excluded.error, attempts = excluded.attempts,
    at = excluded.at,
    since = CASE WHEN f.at < (SELECT a.planned_at FROM accounts a
        WHERE a.creditor = f.creditor AND a.account_id = f.account_id)
        THEN excluded.since ELSE f.since END
"""

# An account that was planned since has got over it.
SELECT_FAILING: Final = """
SELECT f.creditor, f.account_id, f.activity, f.error, f.attempts, f.since, f.at
FROM failures f LEFT JOIN accounts a USING (creditor, account_id)
WHERE (a.planned_at IS NULL OR a.planned_at < f.at) AND coalesce(a.status, 'open') = 'open'
ORDER BY f.since, f.creditor, f.account_id
"""


class Failing(NamedTuple):
    """An account whose activity has failed often, and has not been planned since."""

    creditor: str
    account_id: str
    activity: str
    error: str
    """The class of the last error."""
    attempts: int
    since: datetime
    at: datetime
    """Of the last attempt."""


async def note(
    pool: Pool, owner: tuple[str, str], activity: str, error: str, attempts: int, at: datetime
) -> None:
    """Remember that an activity of this account has failed so many times in a row."""
    await pool.execute(NOTE, *owner, activity, error, attempts, at)


async def failing(pool: Pool) -> list[Failing]:
    """The accounts that stand still for it, the longest first."""
    return [Failing(*row) for row in await pool.fetch(SELECT_FAILING)]
