"""docs/reference/messages.md, and the schemas in docs/reference/schemas/."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from temporalio.workflow import _Definition

from domain.facts import (
    AccountUpdated,
    AgreePlan,
    BeginHardship,
    CancelPlan,
    Close,
    DeliveryFailed,
    EndHardship,
    ExtendHardship,
    Hold,
    LawEventReceived,
    MessageReceived,
    OpenDispute,
    PaymentReceived,
    RecordPromise,
    ResolveDispute,
    Resume,
    Start,
)
from domain.law.request import LawEvent
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id
from lab.reference.answers import (
    End,
    NextStepAnswer,
    StateAnswer,
    TimelineAnswer,
    UpdateAnswer,
)
from lab.reference.schemas import DRAFT, fields, name_in, schema_of
from lab.reference.text import GENERATED, prose, table
from workers.intake.event_lines import Whose
from workflows.collect_account import CollectAccount

_DEFINITION: Final = _Definition.must_from_class(CollectAccount)

REQUESTS: Final[dict[str, type[BaseModel]]] = {
    model.model_fields["kind"].default: model
    for model in (
        *(PaymentReceived, AccountUpdated, LawEventReceived, DeliveryFailed, MessageReceived),
        *(RecordPromise, AgreePlan, CancelPlan, OpenDispute, ResolveDispute),
        *(BeginHardship, ExtendHardship, EndHardship, Hold, Resume, Close),
    )
}
"""What each signal and update is sent with, by its name."""

SIGNALS: Final = tuple(name for name in _DEFINITION.signals if name is not None)
UPDATES: Final = tuple(name for name in _DEFINITION.updates if name is not None)
QUERIES: Final[dict[str, type[BaseModel]]] = {
    "state": StateAnswer,
    "next_step": NextStepAnswer,
    "timeline": TimelineAnswer,
}

_FROM_THE_GATEWAY: Final = ("delivery_failed", "message_received")

_ABOUT: Final = f"""# Messages

What another system sends to an account and reads from it, in any language and without code of ours
([how, with examples](../guide/upstream.md)). As TypeScript: [contrapunto.ts](contrapunto.ts).

| | |
|---|---|
| Workflow type | `{COLLECT_ACCOUNT}` |
| Workflow id | `{workflow_id("<creditor>", "<account_id>")}` |
| Task queue | `{TASK_QUEUE}` |

Amounts are decimal strings, dates ISO 8601, instants ISO 8601 with an offset. Fields that are not
known are ignored. Names, numbers and addresses never go in: they come by intake.
"""


@dataclass(frozen=True)
class Message:
    """One message: its name, what it says of itself, its model and how it is written."""

    group: str
    name: str
    about: str
    model: type[BaseModel]
    answers: bool = False

    @property
    def file(self) -> str:
        """The schema's path below docs/reference/."""
        name = f"{self.group}.{self.name}" if self.name else self.group
        return f"schemas/{name}.schema.json"

    @property
    def schema(self) -> dict[str, Any]:
        """The schema, with its address among the others."""
        made = schema_of(self.model, "serialization" if self.answers else "validation")
        return {"$schema": DRAFT, "$id": self.file.partition("/")[2], **made}


def messages() -> Iterator[Message]:
    """All messages, in the order of the page."""
    yield Message("start", "", prose(Start.__doc__), Start)
    for name in SIGNALS:
        model = REQUESTS[name]
        yield Message("signal", name, prose(model.__doc__), model)
    for name in UPDATES:
        yield Message("update", name, prose(REQUESTS[name].__doc__), REQUESTS[name])
    yield Message("update-answer", "", prose(UpdateAnswer.__doc__), UpdateAnswer, answers=True)
    for name, model in QUERIES.items():
        yield Message("query", name, prose(model.__doc__), model, answers=True)
    yield Message("result", "", prose(End.__doc__), End, answers=True)


def schema_files() -> dict[str, str]:
    """Every schema file, by its path below docs/reference/."""
    made = {message.file: message.schema for message in messages()}
    made["schemas/event.schema.json"] = {
        "$schema": DRAFT,
        "$id": "event.schema.json",
        **event_line(),
    }
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in made.items()
    }


def event_line() -> dict[str, Any]:
    """A line of a file of events: whose it is, and the event, in one object."""
    whose, event = schema_of(Whose), schema_of(LawEvent)
    # By ``address`` a line names the contact point, whose id only we know.
    event["properties"].pop("contact_point_id")
    return event | {
        "title": "EventLine",
        "properties": whose["properties"] | event["properties"],
        "required": [*whose["required"], *event["required"]],
    }


_HEADS: Final = {
    "start": "Start",
    "signal": "Signals",
    "update": "Updates",
    "update-answer": "The answer to an update",
    "query": "Queries",
    "result": "Result",
}
_INTRODUCTIONS: Final = {
    "signal": "Facts that have happened: nobody waits for an answer. What became of each is in the "
    "timeline; one that cannot be true or kept, or is no message, is refused in words, logged, and "
    "listed by `contrapunto account refused`.",
    "update": "Requests. One that is refused fails with a message that names field and rule (error "
    "types `BadInput`, `Refused`).",
    "query": "They take nothing.",
}


def page() -> str:
    """All messages with their fields."""
    lines = [GENERATED, _ABOUT]
    group = ""
    for message in messages():
        if message.group != group:
            group = message.group
            lines += [f"## {_HEADS[group]}", ""]
            if group in _INTRODUCTIONS:
                lines += [_INTRODUCTIONS[group], ""]
        if message.name:
            lines += [f"### {message.name}", ""]
        lines += [f"{message.about} ([schema]({message.file}))", ""]
        if message.name in _FROM_THE_GATEWAY:
            lines += ["The gateway sends it, which has stored the fact.", ""]
        lines += list(_fields(message.schema, answers=message.answers))
    return "\n".join(lines)


def _fields(schema: dict[str, Any], *, answers: bool) -> Iterator[str]:
    """A table for each object that the message can be."""
    definitions = schema.get("$defs", {})
    ways = schema.get("anyOf") or [schema.get("items") or schema]
    for way in ways:
        one = definitions[name_in(way)] if "$ref" in way else way
        if len(ways) > 1:
            yield f"`{one['title']}`: {one['description']}"
            yield ""
        if not one.get("properties"):
            continue
        head = ("Field", "Always" if answers else "Needed", "Form", "Meaning")
        yield from table(head, fields({"$defs": definitions, **one}))
        yield ""
