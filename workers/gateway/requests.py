"""Reading a request that a stranger may have written: whole, bounded, and field by field."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from domain.entry.json_text import read_json
from domain.failures import BadInput
from workers.gateway.providers.signatures import Form

MAX_BODY: Final = 1024 * 1024
MAX_FIELDS: Final = 1000
MAX_DEPTH: Final = 32
"""How deeply JSON may be nested; no provider's is by half."""
MAX_ID: Final = 255
"""Characters of an id: an index of PostgreSQL holds no more than 2,704 octets."""
MAX_CODE: Final = 64
_DIGITS: Final = 18

_FEW_FIELDS: Final = 20
_CHARSET: Final = re.compile(r""";\s*charset\s*=\s*("[^"]*"|[^;]*)""", re.IGNORECASE)
_SAFE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


@dataclass(frozen=True)
class Received:
    """One request as a provider made it."""

    body: bytes
    headers: Headers
    query: Mapping[str, str]
    url: str
    """As the provider called it: our configured address, never what proxies claim."""
    now: datetime

    @cached_property
    def form(self) -> Form:
        """The body as a form, to the letter: blank and repeated fields belong to signatures."""
        try:
            pairs = parse_qsl(
                self.body.decode("utf-8", "replace"),
                keep_blank_values=True,
                max_num_fields=MAX_FIELDS,
            )
        except ValueError:
            raise HTTPException(400, f"more than {MAX_FIELDS} fields") from None
        return Form(pairs)

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The form as it can be stored."""
        return {clean(name): clean(value) for name, value in self.form.multi_items()}

    def every(self, name: str) -> list[str]:
        """What the form has under a name, however often."""
        return [clean(value) for value in self.form.getlist(name)]

    def json(self) -> Any:
        """The body as JSON; raises BadInput if it is none.

        What no provider writes (NaN, numbers of hundreds of digits, what is nested deeply) reads as
        nothing, so that the rest of a batch is still done.
        """
        try:
            found = read_json(self.body, parse_constant=_nothing, parse_int=_whole)
        except ValueError:
            raise BadInput("the body is not JSON, or nested too deeply") from None
        level = [found]
        for _ in range(MAX_DEPTH):
            level = [child for value in level for child in _children(value)]
        for deep in level:
            if isinstance(deep, dict | list):
                deep.clear()
        return found


async def receive(request: Request, public_url: str, now: datetime) -> Received:
    """The whole request; 413 if its body is too long."""
    scope = request.scope
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"].decode("latin-1")
    url = f"{public_url}{raw.decode('latin-1')}" + (f"?{query}" if query else "")
    return Received(await body(request), request.headers, request.query_params, url, now)


async def body(request: Request) -> bytes:
    """The raw body; 413 if it is too long."""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > MAX_BODY:
        raise HTTPException(413, f"the body is longer than {MAX_BODY} bytes")
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > MAX_BODY:
            raise HTTPException(413, f"the body is longer than {MAX_BODY} bytes")
    return bytes(read)


async def small_form(request: Request) -> dict[str, str]:
    """The form of a page of ours, in either of the two encodings that RFC 8058 allows.

    In UTF-8, whatever charset its sender names (RFC 7578, 5.1.2, has none there): Python knows some
    that are no charsets. Cleaned, since a field may end in the end of a line. Raises BadInput for
    what is no such form.
    """
    read = await body(request)

    async def once() -> AsyncGenerator[bytes, None]:
        yield read

    try:
        kind = request.headers.get("content-type", "")
        if kind.lower().startswith("multipart/form-data"):
            headers = Headers({"content-type": _CHARSET.sub("", kind)})
            parts = await MultiPartParser(headers, once(), max_fields=_FEW_FIELDS).parse()
            texts = {name: value for name, value in parts.items() if isinstance(value, str)}
        else:
            texts = dict(parse_qsl(read.decode("utf-8", "replace"), max_num_fields=_FEW_FIELDS))
        return {clean(name).strip(): clean(value).strip() for name, value in texts.items()}
    except (MultiPartException, ValueError, KeyError):
        raise BadInput("the body is no form of a few fields") from None


def refuse(provider: str, key: object) -> NoReturn:
    """403: nobody we know has written this."""
    why = "wrong signature" if key else f"no key of {provider} is configured here"
    raise HTTPException(403, why)


# --- fields -------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """What PostgreSQL can hold: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def text(fields: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that holds a text; raises BadInput if none does."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and (given := clean(value).strip()):
            return given
    raise BadInput(f"{names[0]}: missing, blank or not a text")


def identifier(fields: Mapping[str, Any], *names: str) -> str:
    """As ``text``, and short enough to be a key."""
    return bounded(text(fields, *names), names[0])


def bounded(value: str, name: str) -> str:
    """Raises BadInput if this is too long for a key."""
    if len(value) > MAX_ID:
        raise BadInput(f"{name}: longer than {MAX_ID} characters")
    return value


def optional(fields: Mapping[str, Any], name: str) -> str | None:
    """As ``identifier``, but None where the field is missing, blank or no text."""
    value = fields.get(name)
    return bounded(clean(value).strip(), name) or None if isinstance(value, str) else None


def number(fields: Mapping[str, Any], name: str) -> int:
    """A whole number of JSON; raises BadInput for anything else."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**9:
        raise BadInput(f"{name}: missing or not a whole number")
    return value


def mapping(value: object, name: str = "") -> Mapping[str, Any]:
    """An object of JSON, of this name if it has one; raises BadInput for anything else."""
    if not isinstance(value, dict):
        raise BadInput(f"{name}: missing or not an object" if name else "not an object")
    return value


def array(value: object, name: str) -> list[Any]:
    """An array of JSON; raises BadInput for anything else."""
    if not isinstance(value, list):
        raise BadInput(f"{name}: missing or not an array")
    return value


def names(fields: object, *keys: str) -> str:
    """The ids that these fields hold, for a log: nothing that could be anything else."""
    if not isinstance(fields, Mapping):
        return ""
    found = ((key, fields.get(key)) for key in keys)
    return " ".join(
        f"{key}={value}"
        for key, value in found
        if isinstance(value, str) and _SAFE.fullmatch(value)
    )


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _nothing(_: str) -> None:
    return None


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= _DIGITS else None
