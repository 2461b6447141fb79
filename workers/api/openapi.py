"""The OpenAPI 3.1 document, made of the operations and their models."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from workers.api.asking.operations import Asking
from workers.api.bulk.operations import Orders
from workers.api.customers import Customers
from workers.api.events.operations import Feed
from workers.api.findings.operations import Findings
from workers.api.operations import Operation
from workers.api.people import RIGHTS, Role, who_may
from workers.api.problems import MEDIA_TYPE, Problem
from workers.api.upstream.facts import Facts
from workers.api.upstream.following import Following
from workers.api.upstream.putting import Puts
from workers.api.work import Work
from workers.api.writing.operations import Messages
from workers.version import VERSION

_ABOUT: Final = """
What upstream systems bring and follow, what people do for customers, and all that is on record of
one. By the same functions as the commands `contrapunto intake`, `events`, `work`, `customer`,
`inbound`, `contact message` and `account`. Every request
says who asks, by `Authorization: Bearer`; names and rights come from the token. Where a token names
creditors, only what touches their accounts is visible: all else is 404. Whatever is not served is
told as `application/problem+json` (RFC 9457): what was wrong, where, what to do. Instants are ISO
8601 with an offset, amounts are strings. New fields may come: ignore those that you do not know.
"""
_ALWAYS: Final = (401, 403, 422, 500, 503)
_WITH_BODY: Final = (400, 413, 415)
_MEANING: Final = {
    400: "The request cannot be read.",
    401: "Who asks is not known.",
    403: "Whoever asks may not do this.",
    404: "There is no such thing, or it is not to be seen.",
    409: "As things stand this cannot be done: another has it, it is done, or a rule refuses it.",
    410: "What is asked for is kept no more.",
    412: "A condition (`If-Match`, `If-None-Match`) is not met: nothing was done.",
    413: "The body is longer than 65,536 octets (a batch: 4,194,304).",
    415: "The body is no JSON in UTF-8.",
    422: "A field is wrong; `errors` says which, and the rule.",
    500: "A mistake of ours.",
    503: "PostgreSQL or Temporal does not answer: the same request again, later.",
}
_TAGS: Final = {
    "work": "What people are asked to do.",
    "customers": "Customers and their messages.",
    "events": "What happened, for upstream systems.",
    "findings": "What reports found.",
    "upstream": "What upstream systems bring, and what they follow.",
    "bulk": "What many accounts at once are told by one order.",
    "agreements": "What is agreed with a customer, and what stands of a debt.",
}


class _Generator(GenerateJsonSchema):
    """Every field that is answered is there."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


def operations(
    work: Work,
    customers: Customers,
    messages: Messages,
    asking: Asking,
    findings: Findings,
    feed: Feed,
    puts: Puts,
    facts: Facts,
    following: Following,
    orders: Orders,
) -> list[Operation]:
    """All operations."""
    parts = (work, customers, messages, asking, findings, feed, puts, facts, following, orders)
    return [one for part in parts for one in part.operations()]


def described() -> dict[str, Any]:
    """The document without a server: nothing of what the operations do is needed for it."""
    return document(described_operations())


def described_operations() -> Sequence[Operation]:
    """All operations, to be read about and not to be called."""
    queue, people = Work.__new__(Work), Customers.__new__(Customers)
    said = Messages.__new__(Messages), Asking.__new__(Asking), Findings.__new__(Findings)
    feed = Feed.__new__(Feed)
    upstream = Puts.__new__(Puts), Facts.__new__(Facts), Following.__new__(Following)
    orders = Orders.__new__(Orders)
    return operations(queue, people, *said, feed, *upstream, orders)


def document(found: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    keys, schemas = _schemas(found)
    paths: dict[str, dict[str, Any]] = {}
    for one in found:
        path = one.path.replace(":path}", "}")
        paths.setdefault(path, {})[one.method.lower()] = _operation(one, keys)
    statuses = sorted(_MEANING)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Contrapunto",
            "version": VERSION,
            "description": _prose(_ABOUT),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": told} for name, told in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {f"Problem{status}": _problem(status, keys) for status in statuses},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"A token of the operator's, or a JWT. Roles: {_roles()}",
                }
            },
        },
    }


_Keys = Mapping[Any, Any]
"""References by model and mode."""


def _schemas(found: Sequence[Operation]) -> tuple[_Keys, dict[str, Any]]:
    asked: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for one in found:
        asked.append((one.answer, "serialization"))
        if one.body is not None:
            asked.append((one.body, "validation"))
        if one.query is not None:
            asked.append((one.query, "validation"))
    keys, made = models_json_schema(
        list(dict.fromkeys(asked)),
        schema_generator=_Generator,
        ref_template="#/components/schemas/{model}",
    )
    # Of a query the parameters stand with their operation.
    queries = {_name(keys[model, mode]) for model, mode in asked if model in _queries(found)}
    named = {name: _told(one) for name, one in sorted(made["$defs"].items()) if name not in queries}
    return keys, named


def _queries(found: Sequence[Operation]) -> set[type[BaseModel]]:
    return {one.query for one in found if one.query is not None}


def _name(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _told(schema: Any) -> Any:
    """Descriptions as prose, wherever they stand; titles that only repeat a name are left away."""
    if isinstance(schema, dict):
        return {
            key: _prose(value) if key == "description" and isinstance(value, str) else _told(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))
        }
    return [_told(one) for one in schema] if isinstance(schema, list) else schema


def _operation(one: Operation, keys: _Keys) -> dict[str, Any]:
    roles = ", ".join(who_may(one.right))
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": one.summary,
        "description": f"{_prose(one.description)} Roles: {roles}.",
        "parameters": _parameters(one),
        "responses": _responses(one, keys),
    }
    if one.body is not None:
        content = {"application/json": {"schema": keys[one.body, "validation"]}}
        told["requestBody"] = {"required": one.body_needed, "content": content}
    return told


def _parameters(one: Operation) -> list[dict[str, Any]]:
    number = {"type": "integer", "minimum": 1}
    found = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": meaning,
            "schema": number if name == "work_id" else {"type": "string"},
        }
        for name, meaning in (one.parameters or {}).items()
    ]
    found += _headers(one)
    if one.query is not None:
        schema = _told(one.query.model_json_schema(schema_generator=_Generator))
        named = schema.get("$defs", {})
        for name, field in schema["properties"].items():
            meaning = field.pop("description", "")
            about = {"name": name, "in": "query", "required": False, "description": meaning}
            found.append({**about, "schema": _without_null(field, named)})
    return found


def _headers(one: Operation) -> list[dict[str, Any]]:
    told: list[tuple[str, str, dict[str, Any]]] = []
    if one.keyed:
        meaning = (
            "Of your choosing: the same request again under it is answered as the first time, and "
            "does nothing; another request under it is 422. Kept for 7 days."
        )
        told.append(("Idempotency-Key", meaning, {"type": "string", "pattern": "^[!-~]{1,255}$"}))
    if one.conditional:
        tag = "Only where this is its `ETag` still (`*`: where it is there); else 412."
        told.append(("If-Match", tag, {"type": "string"}))
        told.append(("If-None-Match", "`*`: only where it is new; else 412.", {"const": "*"}))
    return [
        {"name": name, "in": "header", "required": False, "description": says, "schema": schema}
        for name, says, schema in told
    ]


def _without_null(field: dict[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter that is not given is none: it cannot be null."""
    ways = [one for one in field.pop("anyOf", []) if one != {"type": "null"}]
    whole = {**field, **(ways[0] if ways else {})}
    if "$ref" in whole:
        whole = {**named[_name(whole)], **{k: v for k, v in whole.items() if k != "$ref"}}
    if whole.get("default", 0) is None:
        del whole["default"]
    whole.pop("description", None)
    return whole


def _responses(one: Operation, keys: _Keys) -> dict[str, Any]:
    content = {"application/json": {"schema": keys[one.answer, "serialization"]}}
    meaning = "It is kept." if one.status == HTTPStatus.CREATED else "Served."
    told: dict[str, Any] = {str(one.status): {"description": meaning, "content": content}}
    if one.tagged:
        tag = {"description": "Its version.", "schema": {"type": "string"}}
        told[str(one.status)]["headers"] = {"ETag": tag}
    for status in one.also:
        told[str(status)] = {**told[str(one.status)], "description": "It is new."}
    if one.may_be_nothing:
        told["204"] = {"description": "There is none."}
    statuses = {*_ALWAYS, *one.problems, *(_WITH_BODY if one.body is not None else ())}
    for status in sorted(statuses):
        told[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return told


def _problem(status: int, keys: _Keys) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": keys[Problem, "serialization"]}}
    told: dict[str, Any] = {"description": _MEANING[status], "content": content}
    if status == HTTPStatus.UNAUTHORIZED:
        told["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        seconds = {"type": "integer"}
        told["headers"] = {"Retry-After": {"description": "Seconds.", "schema": seconds}}
    return told


def _roles() -> str:
    told = (f"`{role}` ({', '.join(sorted(RIGHTS[role]))})" for role in Role)
    return f"{'; '.join(told)}."


def _prose(text: str) -> str:
    return " ".join(cleandoc(text).split())
