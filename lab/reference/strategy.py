"""docs/reference/strategy.md: what a strategy file may say."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from domain.agreements.settlement.terms import Authority, BalanceRange, SettlementTerms
from domain.agreements.terms import PartPayments, PlanTerms, Reageing
from domain.cases.terms import DisputeTerms, HardshipTerms
from domain.channels import Channel, Purpose, Tone
from domain.documents.document import DocumentKind
from domain.law.terms import Party, Weekday
from domain.strategy import (
    Attached,
    Cadence,
    Capacity,
    Caps,
    Condition,
    PersonsTurn,
    Phase,
    PromisePolicy,
    Quiet,
    QuietHours,
    ScoreBand,
    Strategy,
    Treatment,
)
from lab.reference.choosing.models import default_of
from lab.reference.text import GENERATED, described, prose, table

SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "The file": Strategy,
    "A phase": Phase,
    "Cadence": Cadence,
    "Person": PersonsTurn,
    "Condition": Condition,
    "Treatment": Treatment,
    "Caps": Caps,
    "Quiet": Quiet,
    "Quiet hours": QuietHours,
    "Capacity": Capacity,
    "Score bands": ScoreBand,
    "Promise": PromisePolicy,
    "Plan": PlanTerms,
    "Dispute": DisputeTerms,
    "Hardship": HardshipTerms,
    "Settlement": SettlementTerms,
    "Authority": Authority,
    "Balances": BalanceRange,
    "Attachments": Attached,
}
"""The models of a file, outermost first, each under its own heading."""

WORDS: Final[dict[str, type[StrEnum]]] = {
    "Channels": Channel,
    "Purposes": Purpose,
    "Tones": Tone,
    "Re-ageing": Reageing,
    "Part payments": PartPayments,
    "Files": DocumentKind,
}

_ABOUT: Final = """# Strategy

What is done in each phase: a YAML file below `config/strategies/`, or the folder that
`CONTRAPUNTO_STRATEGIES` names. The shipped one is `config/strategies/default.yaml`. It is read when
a process starts; a field that is not listed here is an error, and `contrapunto config check` names
everything that is wrong, with its line: also what a strategy asks for and cannot have by its own
limits. Days are calendar days where the customer is, in every time zone they may
be in: where zones disagree, a silence lasts until it is over in all of them. How to switch the
courtesies on (a reminder of a promise or an instalment, thanks, the confirmation of a stop):
[Configuration](../guide/configuration.md#courtesies). Caps, quiet times, capacity, budgets,
conditions and bands of a score, with examples: [Limits of your own](../guide/strategies.md).
"""


def page() -> str:
    """A table for each part of a file, and the words that may be used in it."""
    lines = [GENERATED, _ABOUT]
    for heading, model in SECTIONS.items():
        told = described(model)
        rows = (
            (f"`{name}`", form(field), default_of(field), told.get(name, ""))
            for name, field in model.model_fields.items()
        )
        head = ("Field", "Type", "Default", "Meaning")
        lines += [f"## {heading}", "", prose(model.__doc__), "", *table(head, rows), ""]
    for heading, kind in WORDS.items():
        lines += [f"## {heading}", "", *_words(kind), ""]
    return "\n".join(lines)


def _words(kind: type[StrEnum]) -> Iterator[str]:
    told = described(kind)
    if told:
        rows = ((f"`{one}`", told.get(one.name, "")) for one in kind)
        yield from table(("Word", "Meaning"), rows)
    else:
        yield ", ".join(f"`{one}`" for one in kind) + "."


def form(field: FieldInfo) -> str:
    """What kind of value a field takes, in words, with its bounds."""
    return ", ".join([_kind(field.annotation), *_bounds(field.annotation, field.metadata)])


_PLAIN: Final = {
    bool: "true or false",
    str: "text",
    int: "whole number",
    Decimal: "number",
    Party: "`guarantor` or `codebtor`",
    Weekday: "day of the week",
    date: "date",
}


def _kind(kind: Any) -> str:
    kind = _bare(kind)
    inside = get_args(kind)
    if get_origin(kind) is dict:
        return f"map of {_kind(inside[0])} to {_kind(inside[1])}"
    if get_origin(kind) is tuple:
        if ... in inside:
            return f"list of {_kind(inside[0])}"
        return f"list of {len(inside)} {_kind(inside[0])}s"
    for heading, model in (SECTIONS | WORDS).items():
        if kind is model:
            word = heading.split()[-1].lower().removesuffix("s")
            return f"[{word}](#{heading.lower().replace(' ', '-')})"
    return _PLAIN[kind]


def _bare(kind: Any) -> Any:
    """A type without its bounds, and without the possibility that it is absent."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        [kind, *_] = [one for one in get_args(kind) if one is not NoneType]
    return kind


def _bounds(kind: Any, rules: list[Any]) -> Iterator[str]:
    if get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            rules = [*rules, *getattr(one, "__metadata__", ())]
    flat = [deep for one in rules for deep in getattr(one, "metadata", [one])]
    for rule in flat:
        if (least := getattr(rule, "ge", None)) is not None:
            yield f"at least {least}"
        if (most := getattr(rule, "le", None)) is not None:
            yield f"at most {most}"
        if getattr(rule, "min_length", None):
            yield "not empty"
