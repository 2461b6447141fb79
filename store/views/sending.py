"""What became of what was sent lately, by provider."""

from datetime import datetime
from typing import Final, NamedTuple

from store.database import Pool

LATELY: Final = """
SELECT channel, provider, count(*) AS sent, count(*) FILTER (WHERE state = 'refused') AS refused,
    count(*) FILTER (WHERE state IN ('unknown', 'dispatching')) AS unknown
FROM attempts WHERE reserved_at > $1 AND dispatched_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
"""


class Sending(NamedTuple):
    """What one provider was sent on one channel."""

    channel: str
    provider: str
    sent: int
    refused: int
    unknown: int
    """Of which nobody can say yet whether they were taken."""


async def sent_since(pool: Pool, since: datetime) -> list[Sending]:
    """What left since then."""
    return [Sending(*row) for row in await pool.fetch(LATELY, since)]
