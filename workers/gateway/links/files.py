"""Files of the operator's folder, and codes that were drawn, for the provider that sends them.

Whoever has the address has the file, so it is signed, of one attempt, and ends. What is read is the
file that was listed and went along, to the octet, or nothing. A token never stands in a log.
"""

import asyncio
import hashlib
import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from activities.attachments.drawing import NAME, qr
from activities.attachments.file_link import PATH, link_of
from activities.attachments.shelf import NotHadError, Shelf
from activities.channels.unsubscribe import first_of
from config.secrets.rotation import both
from config.settings import Settings
from domain.failures import Unavailable
from store.database import Pool
from store.documents.attached import Ours, ours
from workers.clock import Clock

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

log = logging.getLogger(__name__)


class Files:
    """Serves what went along with an attempt."""

    def __init__(self, settings: Settings, pool: Pool, clock: Clock) -> None:
        self._keys = both(settings.unsubscribe_key, settings.unsubscribe_previous_key)
        self._shelf = Shelf(settings)
        self._pool, self._clock = pool, clock

    def routes(self) -> list[Route]:
        """All addresses."""
        return [Route(f"{PATH}{{token}}", self.file, methods=["GET"])]

    async def file(self, request: Request) -> Response:
        """The file; 404 for what is not ours, holds no more, was withdrawn or is another by now."""
        token = request.path_params["token"]
        link = first_of(self._keys, lambda key: link_of(key, token))
        if link is None:
            return _none()
        try:
            found = await ours(self._pool, link.attempt_id, link.place)
            if found is None or await self._clock.now(found.workflow) >= link.expires:
                return _none()
        except Unavailable as error:
            log.warning("503 for a file of attempt %s: %s", link.attempt_id, error)
            return PlainTextResponse("try again later\n", 503, {"Retry-After": "5"})
        try:
            content = await asyncio.to_thread(self._content, found)
        except NotHadError as why:
            about = (link.place, link.attempt_id, why)
            log.warning("file %s of attempt %s went along and %s", *about)
            return _none()
        named = {"Content-Disposition": f'inline; filename="{found.name or NAME}"'}
        return Response(content, 200, _HEADERS | named, found.media_type)

    def _content(self, found: Ours) -> bytes:
        """To the octet what went along. Raises NotHadError."""
        if found.drawn is None:
            return self._shelf.content(found)
        drawn = qr(found.drawn)
        if hashlib.sha256(drawn).hexdigest() != found.sha256:
            raise NotHadError("is drawn otherwise by now")
        return drawn


def _none() -> Response:
    return PlainTextResponse("no such file\n", 404, _HEADERS)
