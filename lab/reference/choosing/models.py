"""A page of the models of a file that people write: its fields, and the words they may take."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lab.reference.text import GENERATED, described, prose, table

_PLAIN: Final = {
    bool: "true or false",
    str: "text",
    int: "whole number",
    Decimal: "number",
    date: "date",
}


class Models(NamedTuple):
    """What a page tells of."""

    about: str
    sections: Mapping[str, type[BaseModel]]
    words: Mapping[str, type[StrEnum]]
    maps: Mapping[str, str]
    """What a mapping is, by the name of its field."""

    def page(self) -> str:
        """A table for each part of a file, and the words that may be used in it."""
        lines = [GENERATED, self.about]
        for heading, model in self.sections.items():
            told = described(model)
            rows = (
                (f"`{name}`", self._of(name, field), default_of(field), told.get(name, ""))
                for name, field in model.model_fields.items()
            )
            head = ("Field", "Type", "Default", "Meaning")
            lines += [f"## {heading}", "", prose(model.__doc__), "", *table(head, rows), ""]
        for heading, kind in self.words.items():
            lines += [f"## {heading}", "", prose(kind.__doc__), "", *_words(kind), ""]
        return "\n".join(lines)

    def _of(self, name: str, field: FieldInfo) -> str:
        return self.maps.get(name) or self._kind(field.annotation)

    def _kind(self, kind: Any) -> str:
        while get_origin(kind) in (Annotated, Union, UnionType):
            [kind, *_] = [one for one in get_args(kind) if one is not NoneType]
        if get_origin(kind) is tuple:
            return f"list of {self._kind(get_args(kind)[0])}"
        for heading, model in (dict(self.sections) | dict(self.words)).items():
            if kind is model:
                return f"[{heading.lower()}](#{heading.lower().replace(' ', '-')})"
        return _PLAIN[kind]


def _words(kind: type[StrEnum]) -> Iterator[str]:
    told = described(kind)
    rows = ((f"`{one}`", told.get(one.name, "")) for one in kind)
    yield from table(("Word", "Meaning"), rows)


def default_of(field: FieldInfo) -> str:
    """What holds where the field is left out; empty where it has to be there, or nothing does."""
    value: Any = field.default
    if field.is_required():
        return "*required*"
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value)
    return "its fields' own" if isinstance(value, BaseModel) else f"`{value}`"
