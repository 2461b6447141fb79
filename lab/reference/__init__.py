"""The reference pages, schemas and types in docs/reference/, written from the code.

``make docs`` writes them; a test holds the committed ones to the code. Nothing is said here that
the code knows: what a field means stands under it as its docstring.
"""

import json

from lab.reference import (
    columns,
    commands,
    events,
    messages,
    segments,
    settings,
    signs,
    states,
    strategy,
    typescript,
)
from lab.reference.choosing import experiments, mappings
from lab.reference.outgoing import webhooks
from lab.reference.people import results, work, worlds
from lab.reference.text import GENERATED
from workers.api.openapi import described

INDEX = f"""{GENERATED}
# Reference

| Page | What it lists |
|---|---|
| [Settings](settings.md) | Every environment variable. |
| [Commands](commands.md) | Every command with its options. |
| [Strategy](strategy.md) | Every field of a strategy file. |
| [Facts](segments.md) | What segments may ask for of an account. |
| [Experiments](experiments.md) | Every field of a file of an experiment. |
| [Intake](intake.md) | The columns of an intake file. |
| [Mappings](mappings.md) | Every field of a mapping of a portfolio's file. |
| [Parties](parties.md) | The columns of a file of guarantors and co-debtors. |
| [Events](events.md) | What `contrapunto events` and the signal `law_event` take. |
| [Webhooks](webhooks.md) | What upstream systems are told of what happened. |
| [`asyncapi.json`](asyncapi.json) | The same, as AsyncAPI. |
| [Messages](messages.md) | The workflow's input, signals, updates, queries and result. |
| [Work](work.md) | What each intent of a message does, and what it asks people for. |
| [`openapi.json`](openapi.json) | The [HTTP API](../guide/api.md) for people's work, as OpenAPI. |
| [Results](results.md) | What people do to reach customers, and what comes of it. |
| [Worlds](worlds.md) | What models of people assume in a [dry run](../simulation.md). |
| [States](states.md) | Every state of accounts and what is theirs, and every move. |
| [Signs](signs.md) | Exit statuses, statuses of an account, search attributes, metrics. |
| [`contrapunto.ts`](contrapunto.ts) | The messages as TypeScript. |
| [`schemas/`](schemas) | The messages as JSON schemas (draft 2020-12). |
| [Law request](../law-request.schema.json) | What `law check` reads. |
| [Law verdict](../law-verdict.schema.json) | What `law check` answers. |
| [The law](../law/README.md) | Every rule and every reading. |
"""


def pages() -> dict[str, str]:
    """Every file, by its path below docs/reference/."""
    return {
        "README.md": INDEX,
        "settings.md": settings.page(),
        "commands.md": commands.page(),
        "strategy.md": strategy.page(),
        "segments.md": segments.page(),
        "experiments.md": experiments.page(),
        "intake.md": columns.page(),
        "mappings.md": mappings.page(),
        "parties.md": columns.page_of_parties(),
        "events.md": events.page(),
        "webhooks.md": webhooks.page(),
        "asyncapi.json": webhooks.asyncapi(),
        **webhooks.schema_files(),
        "messages.md": messages.page(),
        "work.md": work.page(),
        "results.md": results.page(),
        "worlds.md": worlds.page(),
        "states.md": states.page(),
        "signs.md": signs.page(),
        "contrapunto.ts": typescript.module(),
        "openapi.json": json.dumps(described(), ensure_ascii=False, indent=2) + "\n",
        **messages.schema_files(),
    }
