"""What an operation is: its address, what it takes and answers, and which right it asks for.

Both the routes and the OpenAPI document are made of these, so that the document cannot say another
thing than what is served.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store.access.scope import seeing
from workers.api.people import Person, Right, who_may
from workers.api.problems import ABOUT, Kind, Refusal
from workers.api.reading import MOST, Asked, read_body, read_query

NOTHING: Final = 204


@dataclass(frozen=True)
class Call:
    """One request, read."""

    person: Person
    path: Mapping[str, Any]
    query: Any
    """As the operation's ``query`` has it."""
    body: Any
    """As the operation's ``body`` has it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""

    def needs(self, right: Right) -> None:
        """Raises Refusal with 403 for who has not this right."""
        refuse_unless(self.person, right)


@dataclass(frozen=True)
class Told:
    """An answer with a status or headers of its own."""

    answer: BaseModel
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Awaitable[BaseModel | Told | None]]


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for."""

    method: str
    path: str
    name: str
    """In logs, spans and the document."""
    summary: str
    description: str
    right: Right
    act: Handler
    answer: type[BaseModel]
    tag: str
    query: type[Asked] | None = None
    body: type[Asked] | None = None
    body_needed: bool = False
    status: int = 200
    may_be_nothing: bool = False
    """Whether 204 is answered where there is none."""
    problems: tuple[int, ...] = ()
    """Statuses beside those that every operation may answer with."""
    parameters: Mapping[str, str] | None = None
    """What stands in the path, and what it means."""
    keyed: bool = False
    """Whether a request may have an ``Idempotency-Key``."""
    conditional: bool = False
    """Whether ``If-Match`` and ``If-None-Match`` are heeded."""
    tagged: bool = False
    """Whether the answer has an ``ETag``."""
    also: tuple[int, ...] = ()
    """Other statuses of the same answer."""
    most: int = MOST
    """Octets of a body."""
    exact: bool = False
    """Whether numbers of the body are decimals, as those of a file."""


class Doors(Protocol):
    """Whoever knows who asks."""

    async def person(self, authorization: str | None) -> Person:
        """Who asks. Raises Refusal with 401 or 403, Unavailable."""
        ...


def refuse_unless(person: Person, right: Right) -> None:
    """Raises Refusal with 403 for who has not this right."""
    if not person.may(right):
        roles = ", ".join(who_may(right))
        raise Refusal(403, Kind.FORBIDDEN, f"this needs one of the roles {roles}")


class Keys(Protocol):
    """Whoever carries out what has an ``Idempotency-Key`` once."""

    async def once(
        self, person: Person, key: str, request: str, act: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The answer, as it was the first time. Raises Refusal."""
        ...


def route(operation: Operation, doors: Doors, keys: Keys | None = None) -> Route:
    """The route that serves an operation."""

    async def endpoint(request: Request) -> Response:
        # Who may not ask has nothing of theirs read.
        person = await doors.person(request.headers.get("authorization"))
        request.scope[ABOUT] = f"by {person.name}"
        refuse_unless(person, operation.right)
        query = operation.query and read_query(request, operation.query)
        body = None
        if operation.body is not None:
            body = await read_body(
                request,
                operation.body,
                needed=operation.body_needed,
                most=operation.most,
                exact=operation.exact,
            )
        call = Call(person, request.path_params, query, body, request.headers)

        async def act() -> Response:
            # What changes something has effects beyond who asks: a stop is a stop for everybody.
            with seeing(person.creditors if operation.method == "GET" else None):
                return _response(operation, await operation.act(call))

        key = request.headers.get("idempotency-key")
        if key is None or keys is None or not operation.keyed:
            return await act()
        return await keys.once(person, key, _digest(operation, call), act)

    endpoint.__name__ = operation.name
    return Route(operation.path, endpoint, methods=[operation.method])


def _response(operation: Operation, answer: BaseModel | Told | None) -> Response:
    if answer is None:
        return Response(status_code=NOTHING)
    told = answer if isinstance(answer, Told) else Told(answer, operation.status)
    text = told.answer.model_dump_json(by_alias=True)
    return Response(text, told.status, dict(told.headers), media_type="application/json")


def _digest(operation: Operation, call: Call) -> str:
    """What is asked, whatever the order of its fields."""
    body = None if call.body is None else call.body.model_dump(mode="json", exclude_unset=True)
    conditions = [call.headers.get(name) for name in ("if-match", "if-none-match")]
    said = [operation.name, dict(call.path), conditions, body]
    text = json.dumps(said, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
