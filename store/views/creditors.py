"""The creditors that there are."""

from store.database import Pool

_OPEN = "SELECT DISTINCT creditor FROM accounts WHERE status = 'open' ORDER BY 1"


async def creditors(pool: Pool) -> list[str]:
    """The codes of all creditors with an open account."""
    return [row["creditor"] for row in await pool.fetch(_OPEN)]
