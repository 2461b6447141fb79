"""What a request that is not served is told, and the one line that the log has of it.

A line holds ids and rules: no path (it may be an unsubscribe token), no traceback, nothing that a
customer said.
"""

import logging
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.failures import BadInput, Misconfigured, Unavailable
from telemetry import observing
from telemetry.errors import place, whole
from workers.gateway.flow import ABOUT

log = logging.getLogger(__name__)


async def _on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    log.warning("%d at %s: %s", status, _where(request.scope), detail)
    return JSONResponse({"error": detail}, status)


async def _on_bad_input(request: Request, error: Exception) -> Response:
    log.warning("400 at %s: %s", _where(request.scope), error)
    return JSONResponse({"error": str(error)}, 400)


async def _on_unavailable(request: Request, error: Exception) -> Response:
    log.warning("503 at %s: %s", _where(request.scope), error)
    return JSONResponse({"error": str(error)}, 503, {"Retry-After": "5"})


async def _on_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


HANDLERS: Final[dict[Any, Any]] = {
    HTTPException: _on_http,
    BadInput: _on_bad_input,
    Unavailable: _on_unavailable,
    Misconfigured: _on_unavailable,
    ClientDisconnect: _on_disconnect,
}


class OneLine:
    """An error of ours is answered with 500 and logged with its place, not with its words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        started = 0

        async def watched(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            name = type(error).__name__
            log.error(  # noqa: TRY400 - its words may quote what a customer said
                "500 at %s: %s in %s",
                _where(scope),
                name,
                place(error),
                exc_info=error if whole() else None,
            )
            if not started:
                answer = JSONResponse({"error": "an error of ours: it is in the log"}, 500)
                await answer(scope, receive, watched)
        if scope["type"] == "http" and scope["path"] not in ("/healthz", "/readyz"):
            observing.received(_name(scope) or "not_found", started)


def _where(scope: Scope) -> str:
    """The webhook and the ids of its request."""
    return f"{_name(scope) or 'no route of ours'} {scope.get(ABOUT, '')}".rstrip()


def _name(scope: Scope) -> str:
    return str(getattr(scope.get("endpoint"), "__name__", ""))
