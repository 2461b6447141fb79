"""Where the open accounts stand, for the metrics: in one query, without reading any customer."""

from typing import Final

from activities.store.database import Pool

STANDING: Final = """
SELECT coalesce(phase, 'unknown') AS phase,
    CASE WHEN state IS NULL THEN 'unplanned' WHEN state = 'collecting' THEN next_kind
        ELSE state END AS wait,
    count(*) AS accounts
FROM accounts WHERE status = 'open' GROUP BY 1, 2
"""


async def standing(pool: Pool) -> list[tuple[str, str, int]]:
    """Open accounts by phase and by what they wait for.

    A wait is the kind of the next step (``contact``, ``wait``, ``reconcile``) while collecting,
    else the status that keeps the account silent (``promised``, ``on_hold`` ...).
    """
    rows = await pool.fetch(STANDING)
    return [(row["phase"], row["wait"], row["accounts"]) for row in rows]
