"""What somebody is told whose request is not served: RFC 9457, what was wrong, where, what to do.

The log has one line of it: the operation, who asked, and our own words; never a path, never a word
that a customer wrote.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from asyncpg import PostgresError
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.entry.bounds import storable
from domain.failures import BadInput, Misconfigured, NotFound, Unavailable
from store.database import BAD_DATA, NOT_NOW
from telemetry import observing
from telemetry.errors import place, whole

MEDIA_TYPE: Final = "application/problem+json"
ABOUT: Final = "contrapunto.about"
"""Where a request's scope holds the operation and who asks, for the log."""
RETRY_AFTER: Final = "5"
NOT_FOUND: Final = 404

log = logging.getLogger(__name__)


class WrongField(BaseModel):
    """One thing that is wrong."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    where: str
    """`body`, `query` or `path`."""
    field: str
    """The field, with dots to what lies inside it; empty: all of it."""
    rule: str
    """What it must be, and is not."""


class Problem(BaseModel):
    """Why a request was not served (RFC 9457)."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    type: str
    """`urn:contrapunto:problem:` and the kind of problem, for programs."""
    title: str
    """The kind of problem in words."""
    status: int
    """The status of the answer."""
    detail: str
    """What was wrong."""
    todo: str
    """What to do."""
    errors: tuple[WrongField, ...] = ()
    """Each field that is wrong."""


class Kind:
    """The kinds of problems: code, title and what to do."""

    UNAUTHORIZED: Final = ("unauthorized", "Who asks is not known", "Send a token that is valid.")
    FORBIDDEN: Final = ("forbidden", "This is not yours to do", "Ask for a role that may.")
    NOT_FOUND: Final = (
        *("not-found", "There is nothing of this name"),
        "Look the name up in a list.",
    )
    METHOD: Final = ("method", "This is not done that way", "See /openapi.json.")
    CONFLICT: Final = (
        *("conflict", "As things stand this cannot be done"),
        "Read it again and decide anew.",
    )
    GONE: Final = (
        *("gone", "What comes after this cursor is not there any more"),
        "Begin again without a cursor, and read from other records what is missing.",
    )
    TOO_LARGE: Final = ("too-large", "The body is too long", "Send less.")
    MEDIA: Final = (
        *("media-type", "The body is of another kind"),
        "Send JSON, as Content-Type: application/json.",
    )
    UNREADABLE: Final = ("unreadable", "The request cannot be read", "Send JSON in UTF-8.")
    INVALID: Final = ("invalid", "Something in the request is wrong", "Mend what `errors` names.")
    NOT_NOW: Final = (
        *("not-now", "A server that this needs does not answer"),
        "Send the same request again: nothing is lost, and nothing is done twice.",
    )
    CONDITION: Final = (
        *("condition", "A condition of the request is not met"),
        "Read it again, and put what is right now, with the ETag that it has.",
    )
    REUSED: Final = (
        *("key-reused", "The Idempotency-Key has been used for another request"),
        "Give each request a key of its own; repeat one with its own key and body.",
    )
    OURS: Final = ("ours", "This is a mistake of ours", "Report it: the log says where it is.")


class Refusal(Exception):
    """A request that is not served."""

    def __init__(
        self,
        status: int,
        kind: tuple[str, str, str],
        detail: str,
        errors: Sequence[WrongField] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.errors, self.headers = tuple(errors), headers or {}


def response(refusal: Refusal) -> Response:
    """The answer that says why."""
    code, title, todo = refusal.kind
    told = Problem(
        type=f"urn:contrapunto:problem:{code}",
        title=title,
        status=refusal.status,
        detail=storable(refusal.detail),
        todo=todo,
        errors=tuple(
            one.model_copy(update={"field": storable(one.field), "rule": storable(one.rule)})
            for one in refusal.errors
        ),
    )
    body = told.model_dump_json()
    return Response(body, refusal.status, dict(refusal.headers), media_type=MEDIA_TYPE)


def unauthorized(detail: str, *, given: bool) -> Refusal:
    """401, with the challenge of RFC 6750."""
    challenge = 'Bearer realm="contrapunto"'
    if given:
        # A header is one line of ASCII, and what is quoted in it has no quote.
        plain = detail.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "/")
        challenge += f', error="invalid_token", error_description="{plain}"'
    return Refusal(401, Kind.UNAUTHORIZED, detail, headers={"WWW-Authenticate": challenge})


def not_now(detail: str) -> Refusal:
    """503: the same request may be served a little later."""
    return Refusal(503, Kind.NOT_NOW, detail, headers={"Retry-After": RETRY_AFTER})


_BY_STATUS: Final = {
    404: (Kind.NOT_FOUND, "there is nothing at this address; /openapi.json lists what there is"),
    405: (Kind.METHOD, "this address does not know the method"),
}


def refusal_of(error: Exception) -> Refusal | None:
    """What a failure means for who asked; None: it is a mistake of ours."""
    match error:
        case Refusal():
            return error
        case HTTPException(status_code=status) if status in _BY_STATUS:
            return Refusal(status, *_BY_STATUS[status], headers=error.headers)
        case HTTPException(status_code=status):
            return Refusal(status, Kind.UNREADABLE, error.detail, headers=error.headers)
        case NotFound():
            return Refusal(404, Kind.NOT_FOUND, str(error))
        case BadInput():
            return Refusal(409, Kind.CONFLICT, str(error))
        case Unavailable() | Misconfigured():
            return not_now(str(error))
        case TimeoutError():
            return not_now("PostgreSQL does not answer in time")
        case PostgresError() if isinstance(error, BAD_DATA):
            return Refusal(422, Kind.INVALID, f"a value is impossible ({type(error).__name__})")
        case PostgresError() | OSError():
            return not_now(f"PostgreSQL does not answer: {type(error).__name__}")
        case _ if isinstance(error, NOT_NOW):
            return not_now(f"PostgreSQL does not answer: {type(error).__name__}")
        case _:
            return None


async def _answer(request: Request, error: Exception) -> Response:
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    # A name that is not found, and a field that is not known, may be anything: not in the log.
    told = "; ".join(one.rule for one in refusal.errors)
    if not told and refusal.status != NOT_FOUND:
        told = refusal.detail
    log.warning("%d at %s: %s", refusal.status, _where(request.scope), told)
    return response(refusal)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


HANDLERS: Final[dict[Any, Any]] = {
    ClientDisconnect: _gone,
    **dict.fromkeys((HTTPException, Refusal, NotFound, BadInput, Unavailable), _answer),
    **dict.fromkeys((Misconfigured, PostgresError, *NOT_NOW, TimeoutError), _answer),
}

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Outermost:
    """What holds for every answer: its headers, that it is counted, and that a mistake of ours is
    answered with 500 and logged with its place, not with its words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = 0

        async def watched(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            log.error(  # noqa: TRY400 - its words may quote what a customer wrote
                "500 at %s: %s in %s",
                _where(scope),
                type(error).__name__,
                place(error),
                exc_info=error if whole() else None,
            )
            if not started:
                refusal = Refusal(500, Kind.OURS, "an error of ours: it is in the log")
                await response(refusal)(scope, receive, watched)
        observing.served(_name(scope), started)


def _name(scope: Scope) -> str:
    return str(getattr(scope.get("endpoint"), "__name__", "not_found"))


def _where(scope: Scope) -> str:
    return f"{_name(scope)} {scope.get(ABOUT, '')}".rstrip()
