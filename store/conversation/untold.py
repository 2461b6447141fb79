"""Accounts whose workflow has still to hear of what a person did: an outbox.

It is written in the transaction that does it, and empty once Temporal has taken the news. What is
left, since Temporal or the process went away in between, is told by `contrapunto api`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from store.database import Connection, Pool

INSERT_UNTOLD: Final = """
INSERT INTO untold (news, account) SELECT $1, account FROM unnest($2::text[]) AS account
ON CONFLICT DO NOTHING
"""
DELETE_UNTOLD: Final = "DELETE FROM untold WHERE news = $1 AND account = ANY ($2)"

# What is being told at this moment is left to who tells it.
SELECT_UNTOLD: Final = """
SELECT news, account FROM untold WHERE since < now() - make_interval(secs => $1)
ORDER BY since, news, account LIMIT $2
"""
SELECT_OF_KIND: Final = """
SELECT news, account FROM untold WHERE starts_with(news, $1) ORDER BY news, account LIMIT $2
"""
_AT_MOST: Final = 500


class Untold(NamedTuple):
    """One account that has still to hear."""

    news: str
    account: str


async def to_tell(connection: Connection, news: str, accounts: Iterable[str]) -> None:
    """These accounts have to hear of it, in the caller's transaction."""
    await connection.execute(INSERT_UNTOLD, news, list(accounts))


async def told(pool: Pool, news: str, accounts: Iterable[str]) -> None:
    """These accounts have heard of it."""
    await pool.execute(DELETE_UNTOLD, news, list(accounts))


async def left(pool: Pool, older: float) -> list[Untold]:
    """What has waited for more than so many seconds, the oldest first."""
    return [Untold(**dict(row)) for row in await pool.fetch(SELECT_UNTOLD, older, _AT_MOST)]


async def to_hear(pool: Pool, kind: str) -> list[Untold]:
    """Who has to hear of news whose names begin so."""
    return [Untold(**dict(row)) for row in await pool.fetch(SELECT_OF_KIND, kind, _AT_MOST)]
