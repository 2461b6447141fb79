"""Reading a request that anybody may have written: bounded, and field by field."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from domain.entry.bounds import each_key_once, fault_of_text
from domain.entry.broken_rule import broken_rule
from domain.entry.json_text import read_json
from workers.api.problems import Kind, Refusal, WrongField

MOST: Final = 65_536
"""Octets of a body."""
_DIGITS: Final = 18
"""Of a number in an address: a bigint of PostgreSQL has 19."""

T = TypeVar("T", bound="Asked")


def _text(value: str) -> str:
    if (rule := fault_of_text(value)) is not None:
        raise ValueError(rule)
    return value


Text = Annotated[str, AfterValidator(_text)]
"""A text within the bounds of every text that comes in."""


class Asked(BaseModel):
    """What somebody sends; a field that is not known here is refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


async def read_body(
    request: Request, model: type[T], *, needed: bool, most: int = MOST, exact: bool = False
) -> T:
    """The body as a model; an empty one is one without fields, unless it is needed.

    ``exact``: numbers are decimals, as those of a file. Raises Refusal: 413, 415, 400 or 422.
    """
    raw = await _octets(request, most)
    if not raw and not needed:
        return model()
    kind, _, more = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/json" or "charset" in more.lower().replace(
        "charset=utf-8", ""
    ).replace('charset="utf-8"', ""):
        raise Refusal(415, Kind.MEDIA, "the body must be application/json, in UTF-8")
    try:
        found = read_json(
            raw.decode("utf-8"),
            parse_constant=_no_number,
            parse_float=Decimal if exact else None,
            object_pairs_hook=each_key_once,
        )
    except UnicodeDecodeError:
        raise Refusal(400, Kind.UNREADABLE, "the body is not UTF-8") from None
    except (ValueError, RecursionError):
        why = "the body is not JSON, gives a key twice, or is nested too deeply"
        raise Refusal(400, Kind.UNREADABLE, why) from None
    return _validated(found, model, "body")


async def _octets(request: Request, most: int) -> bytes:
    stated = request.headers.get("content-length", "")
    too_long = Refusal(413, Kind.TOO_LARGE, f"the body is longer than {most} octets")
    if stated.isdecimal() and int(stated[:20]) > most:
        raise too_long
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > most:
            raise too_long
    return bytes(read)


def read_query(request: Request, model: type[T]) -> T:
    """The parameters as a model. Raises Refusal with 422."""
    given = request.query_params.multi_items()
    twice = [name for name, count in Counter(name for name, _ in given).items() if count > 1]
    if twice:
        wrong = [WrongField(where="query", field=name, rule="is given twice") for name in twice]
        raise Refusal(422, Kind.INVALID, "a parameter is given twice", wrong)
    return _validated(dict(given), model, "query", strict=False)


def _validated(found: Any, model: type[T], where: str, *, strict: bool | None = None) -> T:
    try:
        return model.model_validate(found, strict=strict)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False)
        wrong = [
            WrongField(where=where, field=".".join(map(str, one["loc"])), rule=broken_rule(one))
            for one in told
        ]
        detail = "; ".join(f"{one.field or where}: {one.rule}" for one in wrong[:5])
        raise Refusal(422, Kind.INVALID, detail, wrong) from None


def path_text(params: Mapping[str, Any], name: str, what: str) -> str:
    """An id in an address. Raises Refusal with 404: nothing can have a name that is none."""
    value = str(params[name])
    if not value or fault_of_text(value) is not None:
        raise Refusal(404, Kind.NOT_FOUND, f"no {what} has such an id")
    return value


def path_number(params: Mapping[str, Any], name: str, what: str) -> int:
    """A number in an address. Raises Refusal with 404."""
    value = str(params[name])
    if not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS):
        raise Refusal(404, Kind.NOT_FOUND, f"no {what} has such a number")
    return int(value)


def _no_number(_: str) -> NoReturn:
    raise ValueError("is no number of JSON")
