"""What an operation is: its address, what it takes and answers, and which right it asks for.

Both the routes and the OpenAPI document are made of these, so that the document cannot say another
thing than what is served.
"""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final, Protocol

from asyncpg import InterfaceError, PostgresError
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store.access.scope import seeing
from store.audit.act import Act, Stage, opened, plainly
from store.audit.writing import Entry, Runs, begin, write
from workers.api.people import Person, Right, who_may
from workers.api.problems import ABOUT, Kind, Refusal, refusal_of
from workers.api.reading import MOST, Asked, read_body, read_query

NOTHING: Final = 204

log = logging.getLogger(__name__)


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


class Writes(Enum):
    """Where the first entry of a call is written."""

    BEFORE = auto()
    """Before anything is done."""
    WITH_THE_CHANGE = auto()
    """In the transaction of the change, for each that is put."""
    WHERE_IT_READS = auto()
    """Where words are read, before they are shown; a call that asks for none has no entry."""


@dataclass(frozen=True)
class Audited:
    """An operation that changes something, or reads personal words."""

    writes: Writes = Writes.BEFORE


@dataclass(frozen=True)
class Unaudited:
    """An operation of which nothing is written, and why."""

    why: str


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
    audit: Audited | Unaudited = field(kw_only=True)
    """What the audit has of it; there is no operation without."""


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


def route(
    operation: Operation, doors: Doors, keys: Keys | None = None, runs: Runs | None = None
) -> Route:
    """The route that serves an operation; ``runs``: by what the audit is written."""

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

        async def once() -> Response:
            key = request.headers.get("idempotency-key")
            if key is None or keys is None or not operation.keyed:
                return await act()
            return await keys.once(person, key, _digest(operation, call), act)

        if isinstance(operation.audit, Unaudited):
            return await once()
        return await _on_record(operation.audit, act_of(operation.name, call), once, runs)

    endpoint.__name__ = operation.name
    return Route(operation.path, endpoint, methods=[operation.method])


def act_of(name: str, call: Call) -> Act:
    """What a call is to the audit: numbers, days and choices of the body, and names of the rest."""
    body = {} if call.body is None else dict(call.body)
    told, hidden = dict[str, Any](), list[str]()
    for field_name, value in body.items():
        if value is None or field_name not in call.body.model_fields_set:
            continue
        shown = plainly(value, as_text=False)
        if shown is None:
            hidden.append(field_name)
        else:
            told[field_name] = shown
    told |= {"given": sorted(hidden)} if hidden else {}
    account, reason = body.get("account"), body.get("note") or body.get("reason")
    if "account_id" in call.path:
        account = f"{call.path.get('creditor')}/{call.path['account_id']}"
    return Act(
        call.person.actor,
        name,
        reason if type(reason) is str else None,
        call.path.get("customer_id"),
        account if isinstance(account, str) else None,
        told,
    )


async def _on_record(
    audit: Audited, act: Act, do: Callable[[], Awaitable[Response]], runs: Runs | None
) -> Response:
    """Do it as an act of whoever asks. What cannot be written is not done."""
    act.runs = runs
    with opened(act):
        if runs is not None and audit.writes is Writes.BEFORE:
            await begin(runs, act)
        try:
            return await do()
        except Exception as error:
            if runs is not None and act.begun:
                await _failed(runs, act, error)
            raise


async def _failed(runs: Runs, act: Act, error: Exception) -> None:
    refusal = refusal_of(error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR if refusal is None else refusal.status
    entry = Entry(Stage.FAILED, act.customer, act.account, told={"status": int(status)})
    try:
        await write(runs, act, entry)
    except (OSError, PostgresError, InterfaceError, TimeoutError) as lost:
        log.warning("that %s failed is not in the audit: %s", act.what, type(lost).__name__)


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
