"""Word to other accounts that they have to plan anew."""

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.service import RPCError

from domain.facts import LONGEST_ID

WAKING: Final = timedelta(seconds=5)
"""For the server to take word for another account."""
AT_ONCE: Final = 20
"""Signals under way at a time."""


async def wake(accounts: Mapping[str, str]) -> None:
    """Have accounts (``<creditor>/<account_id>``) plan anew, each for what its value names.

    It may be late: what they reserve rests on what is recorded, whether or not they have been
    woken.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(account: str, why: str) -> None:
        # Two long names must not become one by being cut.
        name = why if len(why) <= LONGEST_ID else hashlib.sha256(why.encode()).hexdigest()
        # It does not run, or there is no server here.
        async with gate:
            with suppress(RPCError, RuntimeError):
                handle = activity.client().get_workflow_handle(f"account/{account}")
                # Without figures: every worker, however old, takes it as a reason to plan anew.
                await handle.signal("account_updated", {"id": name}, rpc_timeout=WAKING)

    await asyncio.gather(*(one(*each) for each in accounts.items()))
