"""docs/reference/contrapunto.ts: the messages as types, from the same schemas."""

import json
from collections.abc import Iterator
from typing import Any, Final

from domain.facts import Start
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE
from lab.reference.answers import End, UpdateAnswer
from lab.reference.messages import QUERIES, REQUESTS, SIGNALS, UPDATES
from lab.reference.schemas import Mode, name_in, schemas_of

_HEAD: Final = f"""\
// Written by `make docs` from the code; edit the code, not this file.
// Amounts are decimal strings, dates and instants ISO 8601, instants with an offset.

export const workflowType = '{COLLECT_ACCOUNT}';
export const taskQueue = '{TASK_QUEUE}';
export const workflowId = (creditor: string, accountId: string): string =>
  `account/${{creditor}}/${{accountId}}`;
"""


def module() -> str:
    """The whole file."""
    sent: dict[type, Mode] = dict.fromkeys((Start, *REQUESTS.values()), "validation")
    read: dict[type, Mode] = dict.fromkeys((UpdateAnswer, End, *QUERIES.values()), "serialization")
    definitions = schemas_of(sent | read)
    names = _names(definitions)
    lines = [_HEAD]
    for name, schema in _declared_once(definitions, names).items():
        lines += [*_comment(schema.get("description", ""), ""), *_declared(name, schema, names), ""]
    lines += [
        *_map("Signals", {name: REQUESTS[name].__name__ for name in SIGNALS}),
        *_map("Updates", {name: REQUESTS[name].__name__ for name in UPDATES}),
        *_map("Queries", {name: model.__name__ for name, model in QUERIES.items()}),
    ]
    return "\n".join(lines)


def _names(definitions: dict[str, Any]) -> dict[str, str]:
    """What a definition is called: its class, of the law's rooms with that before it.

    Pydantic sets apart by module, and by whether a class is read or written.
    """
    names: dict[str, str] = {}
    for key in definitions:
        *rooms, name = key.partition("-")[0].split("__")
        names[key] = f"Law{name}" if "law" in rooms else name
    return names


def _declared_once(definitions: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Each type by its name; raises ValueError where two different ones have one name."""
    declared: dict[str, Any] = {}
    for key, schema in definitions.items():
        if declared.setdefault(names[key], schema) != schema:
            raise ValueError(f"two types are called {names[key]}")
    return declared


def _declared(name: str, schema: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    if "properties" not in schema:
        yield f"export type {name} = {_type(schema, names)};"
        return
    yield f"export interface {name} {{"
    for field, one in schema["properties"].items():
        yield from _comment(one.get("description", ""), "  ")
        mark = "" if field in schema.get("required", []) else "?"
        yield f"  {field}{mark}: {_type(one, names)};"
    yield "}"


def _type(schema: dict[str, Any], names: dict[str, str]) -> str:
    if "$ref" in schema:
        return names[name_in(schema)]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one, names) for one in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        values = schema.get("enum") or [schema["const"]]
        return " | ".join("'" + json.dumps(value)[1:-1] + "'" for value in values)
    if schema.get("type") == "array":
        return f"ReadonlyArray<{_type(schema.get('items', {}), names)}>"
    if schema.get("type") == "object":
        return "Record<string, never>" if "properties" not in schema else "object"
    kinds = {"integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
    return kinds.get(schema.get("type", ""), "string" if schema.get("type") else "unknown")


def _comment(words: str, pad: str) -> Iterator[str]:
    if words:
        yield f"{pad}/** {words.replace('*/', '* /')} */"


def _map(name: str, members: dict[str, str]) -> Iterator[str]:
    yield f"/** {name} by their names. */"
    yield f"export interface {name} {{"
    yield from (f"  {member}: {model};" for member, model in members.items())
    yield "}"
    yield ""
