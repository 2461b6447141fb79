"""Whatever stands between a client and its provider, and answers in the provider's stead.

A company's proxy that wants to be logged in to, a filter that blocks an address, a balancer that is
overrun, an API gateway before a region that is down: each can answer a request that it has handed
on already. The sender then reads a status that looks like a refusal, of a message that was taken.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

STATUSES: Final = (401, 403, 404, 407, 413, 421, 429, 451, 502)

_FORM: Final[dict[str, Callable[[int, str], Response]]] = {
    "html": lambda status, words: HTMLResponse(
        f"<html>\n<head><title>{status} {words}</title></head>\n<body>\n"
        f"<center><h1>{status} {words}</h1></center>\n<hr><center>nginx</center>\n</body></html>",
        status,
    ),
    "text": lambda status, words: PlainTextResponse(f"{words}\n", status),
    "json": lambda status, words: JSONResponse(
        {"error": {"type": "policy", "status": status, "reason": words, "request": "0f3a-77"}},
        status,
    ),
    # As API gateways write it: the one field that providers' own errors have as well.
    "gateway": lambda status, words: JSONResponse({"message": words}, status),
}
FORMS: Final = tuple(_FORM)
_ARGUMENT: Final = re.compile(
    rf"(?P<status>{'|'.join(map(str, STATUSES))})-(?P<form>{'|'.join(FORMS)})(?P<retry>-retry)?"
)
_ASKS: Final = {401: ("WWW-Authenticate", 'Bearer realm="out"')} | {
    407: ("Proxy-Authenticate", 'Basic realm="out"')
}


def understood(argument: str) -> bool:
    """Whether it says what is answered: ``<status>-<form>``, and ``-retry`` for a Retry-After."""
    return _ARGUMENT.fullmatch(argument) is not None


def answer(argument: str) -> Response:
    """The answer of ``403-html``, ``429-json-retry`` and the like."""
    asked = _ARGUMENT.fullmatch(argument)
    if asked is None:
        raise ValueError(f"{argument!r} is no answer of a proxy")
    status = int(asked["status"])
    made = _FORM[asked["form"]](status, HTTPStatus(status).phrase)
    made.headers["Via"] = "1.1 egress"
    if status in _ASKS:
        name, value = _ASKS[status]
        made.headers[name] = value
    if asked["retry"]:
        made.headers["Retry-After"] = "30"
    return made
