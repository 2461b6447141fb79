"""The HTTP server of the gateway: uvicorn, with a deadline for every request and room for all.

uvicorn waits for a request for ever, and asyncio accepts until the process has no file left: then
nobody is served, and every refused accept is a traceback. So a connection has a deadline for
its request, and where there are too many, the one that has kept us waiting longest gives way.
"""

import asyncio
import logging
import math
import resource
from typing import ClassVar, Final

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from workers.process.listening import listening
from workers.process.serving import serve_until_told

DEADLINE: Final = 15.0
"""Seconds that a client has for a whole request, head and body. Providers need far less, and give
up by themselves after 15 (Twilio) or less."""
MAX_CONNECTIONS: Final = 400
_FILES: Final = 4096
"""Open files asked for, where the system lets us have them."""
_OWN_FILES: Final = 200
"""What the process needs beside connections: PostgreSQL, Temporal, libraries."""
_REPORT_EVERY: Final = 60.0

log = logging.getLogger(__name__)


class Dropped:
    """Counts the connections that were cut off, and says so once a minute: not a line for each."""

    def __init__(self) -> None:
        self.count = 0
        self._reporting = False

    def add(self, loop: asyncio.AbstractEventLoop) -> None:
        """One more."""
        self.count += 1
        if not self._reporting:
            self._reporting = True
            loop.call_later(_REPORT_EVERY, self._report)

    def _report(self) -> None:
        log.warning("cut off %d connections that did not bring their request", self.count)
        self.count, self._reporting = 0, False


class BoundedConnection(H11Protocol):
    """One connection, which has a deadline whenever it owes us a request."""

    most: ClassVar[int]
    deadline: ClassVar[float]
    dropped = Dropped()

    _timer: asyncio.TimerHandle | None = None

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Begin to wait, in the place of another if there are too many."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > self.most:
            ours = (one for one in self.connections if isinstance(one, BoundedConnection))
            min(ours, key=lambda one: one.due).drop()

    def data_received(self, data: bytes) -> None:
        """Some of a request, perhaps all of it."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """The next request may be on its way."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self._unwatch()
        super().connection_lost(exc)

    @property
    def due(self) -> float:
        """When its request must be here, by the loop's clock; never while it owes none."""
        return math.inf if self._timer is None else self._timer.when()

    def drop(self) -> None:
        """Cut the client off."""
        self._unwatch()
        self.dropped.add(self.loop)
        self.transport.abort()

    def _watch(self) -> None:
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY) or self.transport.is_closing():
            self._unwatch()
        elif self._timer is None:
            self._timer = self.loop.call_later(self.deadline, self.drop)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def serve(app: Starlette, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises Misconfigured if the address cannot be listened on."""
    todo = "set CONTRAPUNTO_GATEWAY_HOST and CONTRAPUNTO_GATEWAY_PORT"
    sock = listening(host, port, "the gateway", todo)
    await serve_until_told(configured(app, most_connections()), sock)


def configured(app: Starlette, most: int, deadline: float = DEADLINE) -> uvicorn.Config:
    """For an application that takes ``most`` connections, each ``deadline`` seconds a request."""
    return uvicorn.Config(
        app,
        http=type("Connection", (BoundedConnection,), {"most": most, "deadline": deadline}),
        ws="none",
        # Accepted in one go, before any of them can be counted (asyncio.selector_events).
        backlog=max(16, most // 4),
        access_log=False,  # its lines would hold unsubscribe tokens
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=20,
    )


def most_connections() -> int:
    """How many connections we can have, after asking the system for files enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _FILES:
        soft = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    most = min(MAX_CONNECTIONS, max(16, (soft - _OWN_FILES) // 2))
    if most < MAX_CONNECTIONS:
        log.warning("at most %d connections at a time: this process may open %d files", most, soft)
    return most
