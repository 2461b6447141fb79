"""Whether the process lives, and whether it can do its work."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.failures import Misconfigured, Unavailable

REMEMBERED: Final = 1.0
"""Seconds for which an answer holds: anybody may ask, and each look costs two round trips."""
PATIENCE: Final = 3.0
"""Seconds after which a server counts as not answering."""

Ping = Callable[[], Awaitable[None]]


class Health:
    """``/healthz`` and ``/readyz``."""

    def __init__(
        self,
        pings: Mapping[str, Ping],
        *,
        remembered: float = REMEMBERED,
        patience: float = PATIENCE,
    ) -> None:
        """``pings``: by the name of a server, what raises Unavailable if it does not answer."""
        self._pings, self._remembered, self._patience = pings, remembered, patience
        self._looked = asyncio.Lock()
        self._said: dict[str, str] = {}
        self._until = 0.0

    def routes(self) -> list[Route]:
        """Both routes."""
        return [Route("/healthz", self.healthz), Route("/readyz", self.readyz)]

    async def healthz(self, _: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def readyz(self, _: Request) -> Response:
        """200 if every server answers, else 503; either way what each says."""
        async with self._looked:  # who asks meanwhile hears the same answer
            if time.monotonic() >= self._until:
                words = await asyncio.gather(*map(self._asked, self._pings.values()))
                self._said = dict(zip(self._pings, words, strict=True))
                self._until = time.monotonic() + self._remembered
        ready = all(word == "ok" for word in self._said.values())
        return JSONResponse(self._said, status_code=200 if ready else 503)

    async def _asked(self, ping: Ping) -> str:
        try:
            async with asyncio.timeout(self._patience):
                await ping()
        except TimeoutError:
            return f"no answer within {self._patience:g} seconds"
        except (Unavailable, Misconfigured) as error:
            return str(error)
        return "ok"
