"""Waiting for what a process needs: servers start and recover in any order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from domain.failures import Unavailable

FIRST: Final = 1.0
LONGEST: Final = 15.0
"""Seconds between two tries: the first, and after doubling no more than these."""

T = TypeVar("T")
log = logging.getLogger("contrapunto")


async def until_it_answers(ask: Callable[[], Awaitable[T]]) -> T:
    """What ``ask`` answers, asked again for as long as it raises Unavailable.

    For processes that run for ever. A command that a person waits for tells at once instead; what
    is misconfigured does not mend itself, and is raised here, too.
    """
    pause = FIRST
    while True:
        try:
            return await ask()
        except Unavailable as error:
            log.warning("%s; trying again in %.0f s", error, pause)
        await asyncio.sleep(pause)
        pause = min(LONGEST, 2 * pause)
