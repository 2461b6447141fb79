"""Workflows for the accounts that have none: after Temporal was lost, for all that are open."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from store.database import Pool
from store.restoring.forgotten import Forgotten
from workers.accounts import Accounts, Found

PAGE: Final = 1000
"""Accounts read at a time: there may be millions."""


async def start_missing(
    pool: Pool, accounts: Accounts, progress: Callable[[int], None] = lambda _: None
) -> Counter[Found]:
    """Start a workflow for each open account without one; how many were started, and ran.

    It may be broken off and done again: those that run are left alone. What an account has lived
    through is in PostgreSQL, by which its new workflow plans.
    """
    store, found = Forgotten(pool), Counter[Found]()
    after = ("", "")
    while page := await store.open_accounts(after, PAGE):
        found += await accounts.start_missing(page)
        progress(sum(found.values()))
        after = page[-1]
    return found
