"""docs/reference/settings.md."""

from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from config.settings import ROOT, Settings
from lab.reference.text import GENERATED, described, table

_ABOUT = """# Settings

Environment variables, read when a process starts; `contrapunto config check` reads all of them and
says everything that is wrong. Temporal's connection is set by
[Temporal's own variables](../guide/production.md), telemetry by
[OpenTelemetry's](../telemetry.md). *Also* is a provider's customary name, read where ours is not
set. A list or a map is written as JSON, unless the form says otherwise.
"""
_BESIDE = """
`CONTRAPUNTO_TRACEBACK=1` is asked where an error is told: it is logged whole, which may quote
personal data (`docs/operations.md`).
"""


def page() -> str:
    """The table of all settings."""
    told = described(Settings)
    rows = []
    for name, field in Settings.model_fields.items():
        variable = f"`CONTRAPUNTO_{name.upper()}`"
        rows.append((variable, default(field), _form(field), _also(field) + told.get(name, "")))
    head = ("Variable", "Default", "Form", "Meaning")
    return "\n".join([GENERATED, _ABOUT, *table(head, rows), _BESIDE])


def default(field: FieldInfo) -> str:
    """A default as an operator would write it; empty where there is none."""
    value: Any = field.default
    if value is None or value == ():
        return ""
    if isinstance(value, Path):
        value = value.relative_to(ROOT)
    if isinstance(value, tuple):
        value = list(value)
    told = str(value).lower() if isinstance(value, bool) else str(value).replace("'", '"')
    return f"`{told}`"


def _also(field: FieldInfo) -> str:
    alias = field.validation_alias
    names = alias.choices[1:] if isinstance(alias, AliasChoices) else []
    return "".join(f"Also `{name}`. " for name in names)


_FORMS = {
    str: "text",
    SecretStr: "text, secret",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    Path: "path",
    dict: "JSON object",
    tuple: "JSON list",
}


def _form(field: FieldInfo) -> str:
    kind: Any = field.annotation
    rules = list(field.metadata)
    if get_origin(kind) in (Union, UnionType):
        [kind] = [one for one in get_args(kind) if one is not NoneType]
    if get_origin(kind) is Annotated:
        kind, *inside = get_args(kind)
        rules += [rule for one in inside if isinstance(one, FieldInfo) for rule in one.metadata]
    if get_origin(kind) is Literal:
        return " or ".join(f"`{one}`" for one in get_args(kind))
    if any(type(one).__name__ == "NoDecode" for one in rules):
        return "names with commas"
    form = _FORMS[get_origin(kind) or kind]
    signs = {"ge": "at least", "gt": "more than", "le": "at most"}
    limits = [
        f"{words} {getattr(one, sign):g}"
        for one in rules
        for sign, words in signs.items()
        if getattr(one, sign, None) is not None
    ]
    return ", ".join([form, *limits])
