"""docs/reference/experiments.md: what a file of an experiment may say."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from domain.experiments.experiment import (
    Arm,
    Experiment,
    Goal,
    Guardrail,
    Harm,
    Metric,
    Primary,
)
from domain.experiments.judging import Verdict
from lab.reference.text import GENERATED, described, prose, table

SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "The file": Experiment,
    "Arms": Arm,
    "Primary": Primary,
    "Guardrails": Guardrail,
}
WORDS: Final[dict[str, type[StrEnum]]] = {
    "Metrics": Metric,
    "Goals": Goal,
    "Harms": Harm,
    "Verdicts": Verdict,
}

_ABOUT: Final = """# Experiments

What is compared: a YAML file below `config/experiments/`, or the folder that
`CONTRAPUNTO_EXPERIMENTS` names ([how](../guide/experiments.md)). It is read when a process starts;
a field that is not listed here is an error. `contrapunto experiment check` names everything that is
wrong, and says how many people are needed.
"""

_PLAIN: Final = {
    bool: "true or false",
    str: "text",
    int: "whole number",
    Decimal: "number",
    date: "date",
}


def page() -> str:
    """A table for each part of a file, and the words that may be used in it."""
    lines = [GENERATED, _ABOUT]
    for heading, model in SECTIONS.items():
        told = described(model)
        rows = (
            (f"`{name}`", _kind(field.annotation), _default(field), told.get(name, ""))
            for name, field in model.model_fields.items()
        )
        head = ("Field", "Type", "Default", "Meaning")
        lines += [f"## {heading}", "", prose(model.__doc__), "", *table(head, rows), ""]
    for heading, kind in WORDS.items():
        lines += [f"## {heading}", "", prose(kind.__doc__), "", *_words(kind), ""]
    return "\n".join(lines)


def _words(kind: type[StrEnum]) -> Iterator[str]:
    told = described(kind)
    rows = ((f"`{one}`", told.get(one.name, "")) for one in kind)
    yield from table(("Word", "Meaning"), rows)


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if field.is_required():
        return "*required*"
    if value is None or value in ((), {}):
        return "none"
    return "its fields' own" if isinstance(value, BaseModel) else f"`{value}`"


def _kind(kind: Any) -> str:
    while get_origin(kind) in (Annotated, Union, UnionType):
        [kind, *_] = [one for one in get_args(kind) if one is not NoneType]
    inside = get_args(kind)
    if get_origin(kind) is dict:
        return "map of [facts](segments.md) to conditions"
    if get_origin(kind) is tuple:
        return f"list of {_kind(inside[0])}"
    for heading, model in (SECTIONS | WORDS).items():
        if kind is model:
            return f"[{heading.lower()}](#{heading.lower()})"
    return _PLAIN[kind]
