"""What all webhooks share: reading a request that a stranger may have written, and refusing it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import Request

from domain.failures import BadInput
from domain.names import workflow_id

MAX_BODY: Final = 1024 * 1024
AT_ONCE: Final = 8
"""Events of one batch handled at the same time; fewer than a pool has connections."""

log = logging.getLogger(__name__)


async def body(request: Request) -> bytes:
    """The raw body; 413 if it is too long."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > MAX_BODY:
            raise HTTPException(413, f"the body is longer than {MAX_BODY} bytes")
    return bytes(read)


def refuse(request: Request, provider: str, key: object) -> NoReturn:
    """403: nobody we know has written this."""
    why = "wrong signature" if key else f"no key of {provider} is configured here"
    log.warning("refused %s: %s", where(request), why)
    raise HTTPException(403, why)


def where(request: Request) -> str:
    """The path for the log, without an unsubscribe token."""
    return "/u/" if request.url.path.startswith("/u/") else request.url.path


def clean(text: str) -> str:
    """What PostgreSQL can hold: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def workflow(account: str | None) -> str | None:
    """The workflow of the account ``<creditor>/<account_id>``; None if it is no such key."""
    creditor, slash, account_id = (account or "").partition("/")
    return workflow_id(creditor, account_id) if slash else None


async def each(events: Sequence[Any], take: Callable[[object], Awaitable[None]]) -> None:
    """Take every event of a batch; the good ones are done even if some are not.

    Raises BadInput that says what is wrong with which.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def gated(event: object) -> None:
        async with gate:
            await take(event)

    results = await asyncio.gather(*map(gated, events), return_exceptions=True)
    problems = []
    for place, result in enumerate(results):
        if isinstance(result, BadInput):
            problems.append(f"event {place}: {result}")
        elif result is not None:
            raise result
    if problems:
        raise BadInput("; ".join(problems))
