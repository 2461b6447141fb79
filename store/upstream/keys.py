"""Idempotency keys: what a sender asked under one, and what was answered."""

from typing import Any, Final, NamedTuple

from store.database import Pool

STALE: Final = 60.0
"""Seconds after which whoever began a request is taken to be gone."""
KEPT_DAYS: Final = 7

CLAIM: Final = """
INSERT INTO request_keys AS k (sender, key, request) VALUES ($1, $2, $3)
ON CONFLICT (sender, key) DO UPDATE SET at = now()
WHERE k.status IS NULL AND k.request = excluded.request
    AND k.at < now() - make_interval(secs => $4)
RETURNING true
"""

SELECT_KEY: Final = """
SELECT request, status, headers, answer FROM request_keys WHERE sender = $1 AND key = $2
"""

ANSWER: Final = """
UPDATE request_keys SET status = $3, headers = $4, answer = $5 WHERE sender = $1 AND key = $2
"""

FORGET: Final = "DELETE FROM request_keys WHERE sender = $1 AND key = $2 AND status IS NULL"

PURGE: Final = "DELETE FROM request_keys WHERE at < now() - make_interval(days => $1)"


class Kept(NamedTuple):
    """What is on record under a key."""

    request: str
    status: int | None
    """None: it is under way."""
    headers: dict[str, Any] | None
    answer: str | None


class RequestKeys:
    """The keys of all senders."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def claim(self, sender: str, key: str, request: str) -> Kept | None:
        """None: the request is to be carried out now, by us. Else what is on record."""
        while True:
            if await self.pool.fetchval(CLAIM, sender, key, request, STALE):
                return None
            row = await self.pool.fetchrow(SELECT_KEY, sender, key)
            if row is not None:  # else it was given up in between
                return Kept(**dict(row))

    async def answered(
        self, sender: str, key: str, status: int, headers: dict[str, str], answer: str
    ) -> None:
        """Keep the answer."""
        await self.pool.execute(ANSWER, sender, key, status, headers, answer)

    async def forget(self, sender: str, key: str) -> None:
        """What was asked was not done: it may be asked again."""
        await self.pool.execute(FORGET, sender, key)

    async def purge(self, days: int = KEPT_DAYS) -> None:
        """Forget what is older than so many days."""
        await self.pool.execute(PURGE, days)
