"""What an operation is: its address, what it takes and answers, and which right it asks for.

Both the routes and the OpenAPI document are made of these, so that the document cannot say another
thing than what is served.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workers.api.people import Person, Right, who_may
from workers.api.problems import ABOUT, Kind, Refusal
from workers.api.reading import Asked, read_body, read_query

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

    def needs(self, right: Right) -> None:
        """Raises Refusal with 403 for who has not this right."""
        refuse_unless(self.person, right)


Handler = Callable[[Call], Awaitable[BaseModel | None]]


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


def route(operation: Operation, doors: Doors) -> Route:
    """The route that serves an operation."""

    async def endpoint(request: Request) -> Response:
        # Who may not ask has nothing of theirs read.
        person = await doors.person(request.headers.get("authorization"))
        request.scope[ABOUT] = f"by {person.name}"
        refuse_unless(person, operation.right)
        query = operation.query and read_query(request, operation.query)
        body = None
        if operation.body is not None:
            body = await read_body(request, operation.body, needed=operation.body_needed)
        answer = await operation.act(Call(person, request.path_params, query, body))
        if answer is None:
            return Response(status_code=NOTHING)
        text = answer.model_dump_json(by_alias=True)
        return Response(text, operation.status, media_type="application/json")

    endpoint.__name__ = operation.name
    return Route(operation.path, endpoint, methods=[operation.method])
