"""docs/reference/webhooks.md, the schema of each type, and docs/reference/asyncapi.json."""

import json
from typing import Any, Final

from domain.outgoing.events import KINDS, TEST, VERSION, Event
from lab.reference.schemas import DRAFT, fields, schema_of
from lab.reference.text import GENERATED, prose, table
from workers.version import VERSION as RELEASE

_ABOUT: Final = f"""# Webhooks

What upstream systems are told of what happened, by webhook and from `GET /v1/events` of the
[API](openapi.json): each as one JSON object ([schemas](schemas/outgoing),
[AsyncAPI](asyncapi.json)). How they are delivered, signed and read:
[Webhooks](../guide/webhooks.md). These are not the [events](events.md) that come in.

`{TEST}` is what `contrapunto webhooks send-test` sends: nothing has happened.

New types, and new fields of these, may come within a version: ignore what you do not know.
"""

HEADERS: Final = {
    "webhook-id": "The event's id, also when it comes again: do each once.",
    "webhook-timestamp": "When it was sent, in seconds since 1970; refuse what is 5 minutes old.",
    "webhook-signature": "One or more, separated by blanks: `v1,` and the base64 of HMAC-SHA256 of "
    "`{id}.{timestamp}.{body}`.",
}


def page() -> str:
    """Every type with its fields."""
    head = ("Field", "Needed", "Form", "Meaning")
    lines = [GENERATED, _ABOUT, "## Every event", ""]
    lines += [*table(head, fields(schema_of(Event, "serialization"))), ""]
    lines += ["## Headers of a webhook", ""]
    lines += [*table(("Header", "Meaning"), ((f"`{k}`", v) for k, v in HEADERS.items())), ""]
    lines += ["## Types", ""]
    told = ((f"`{name}`", one.meaning, _linked(one.data)) for name, one in KINDS.items())
    lines += [*table(("Type", "Meaning", "`data`"), told), ""]
    lines += ["## Data", ""]
    for model in dict.fromkeys(one.data for one in KINDS.values()):
        lines += [f"### {model.__name__}", "", prose(model.__doc__), ""]
        lines += [*table(head, fields(schema_of(model, "serialization"))), ""]
    return "\n".join(lines)


def _linked(model: type) -> str:
    return f"[{model.__name__}](#{model.__name__.lower()})"


def schema(name: str) -> dict[str, Any]:
    """The whole schema of one type."""
    kind = KINDS[name]
    whole, data = schema_of(Event, "serialization"), schema_of(kind.data, "serialization")
    definitions = {**whole.pop("$defs", {}), **data.pop("$defs", {})}
    # Whoever reads takes fields that come later.
    for one in (data, *definitions.values()):
        one.pop("additionalProperties", None)
    whole["properties"] |= {
        "type": {"const": name, "description": kind.meaning},
        "version": {"const": VERSION},
        "data": data,
    }
    if "words" in data["properties"]:
        data["required"].remove("words")
    return {**({"$defs": definitions} if definitions else {}), **whole, "title": name}


def schema_files() -> dict[str, str]:
    """Every schema file, by its path below docs/reference/."""
    made = {f"schemas/outgoing/{name}.v{VERSION}.schema.json": schema(name) for name in KINDS}
    return {
        name: json.dumps(
            {"$schema": DRAFT, "$id": name.rpartition("/")[2], **told}, indent=2, ensure_ascii=False
        )
        + "\n"
        for name, told in made.items()
    }


def asyncapi() -> str:
    """The AsyncAPI 3 document."""
    headers = {
        "type": "object",
        "required": list(HEADERS),
        "properties": {
            name: {"type": "string", "description": told} for name, told in HEADERS.items()
        },
    }
    messages = {
        name: {
            "name": name,
            "title": kind.meaning,
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/Headers"},
            "payload": {
                "schemaFormat": "application/schema+json;version=draft-2020-12",
                "schema": {"$ref": f"schemas/outgoing/{name}.v{VERSION}.schema.json"},
            },
        }
        for name, kind in KINDS.items()
    }
    made = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Contrapunto: what happened",
            "version": RELEASE,
            "description": "Webhooks that go out, signed as Standard Webhooks say; at least once, "
            "and in order for each account.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "{url}",
                "description": "An endpoint that the operator names in `config/webhooks`.",
                "parameters": {"url": {"description": "Its address."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in KINDS},
            }
        },
        "operations": {
            "tell": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "A POST for each event; any 2xx says that it is taken.",
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
            }
        },
        "components": {"messages": messages, "schemas": {"Headers": headers}},
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
