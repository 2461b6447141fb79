"""Facts of a portfolio's own: which there are, of which type, and how their values are written.

They are declared once (``config/attributes.yaml``) and told by intake (columns ``attr_*``) or by
messages. Kept as they are told; whoever reads one reads it by its declaration of today, so that a
value which does not fit any more is unknown, and stops nothing.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from domain.entry.bounds import fault_of_text
from domain.model import Strict

PREFIX: Final = "attr_"
"""Before the name of an attribute, as a column of intake and as a fact of the segments."""

LONGEST_TEXT: Final = 200
MOST: Final = 100
"""Attributes that may be declared."""

_NAME: Final = r"^[a-z][a-z0-9_]{0,39}$"
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SAID: Final = {"yes": True, "true": True, "no": False, "false": False}

Held = str | bool
"""How a value is kept: a number and a date as the text that they are written as."""
Value = str | bool | int | Decimal | date
"""What a fact is, by its type."""

AttributeName = Annotated[str, Field(pattern=_NAME)]


class AttributeType(StrEnum):
    """What the values of an attribute are."""

    TEXT = "text"
    """Printable, at most 200 characters."""
    NUMBER = "number"
    """Such as `12` or `-0.75`, without separators between thousands."""
    DATE = "date"
    """Such as `2025-11-21`."""
    YES_NO = "yes_no"
    """`yes` or `no`; of a message `true` or `false`."""
    ONE_OF = "one_of"
    """One of the `values` that are listed."""


class Attribute(Strict):
    """What is declared of one."""

    type: AttributeType
    """What its values are."""
    values: tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)], ...] = ()
    """Of `one_of`: all that there are, each in quotes where YAML would read another thing."""

    @model_validator(mode="before")
    @classmethod
    def _by_type_alone(cls, said: Any) -> Any:
        return {"type": said} if isinstance(said, str) else said

    @model_validator(mode="after")
    def _listed(self) -> Self:
        if (self.type is AttributeType.ONE_OF) is not bool(self.values):
            raise ValueError("values: belong to one_of, which needs them, and to no other type")
        if len(set(self.values)) != len(self.values):
            raise ValueError("values: must differ from each other")
        return self


PRODUCT: Final = "product"
CUSTOMER_SINCE: Final = "customer_since"
_SCORE: Final = "score"
"""No attribute: the column and the field `score` are where it is told."""

ALWAYS: Final[Mapping[str, Attribute]] = {
    PRODUCT: Attribute(type=AttributeType.TEXT),
    CUSTOMER_SINCE: Attribute(type=AttributeType.DATE),
}
"""Those that need no declaration: facts of their own are made of them (`product`,
`tenure_days`)."""


class Attributes(Strict):
    """The file: which attributes there are."""

    attributes: Annotated[dict[AttributeName, Attribute], Field(max_length=MOST)] = Field({})
    """By name, as in `attr_<name>`: the type alone, or with what it needs."""

    @model_validator(mode="after")
    def _as_they_are_used(self) -> Self:
        product = self.attributes.get(PRODUCT)
        if product and product.type not in (AttributeType.TEXT, AttributeType.ONE_OF):
            raise ValueError("attributes.product: is always there, as text or one_of")
        since = self.attributes.get(CUSTOMER_SINCE, ALWAYS[CUSTOMER_SINCE])
        if since != ALWAYS[CUSTOMER_SINCE]:
            raise ValueError("attributes.customer_since: is always there, as date: leave it away")
        if _SCORE in self.attributes:
            raise ValueError("attributes.score: is told by the column `score`: leave it away")
        return self

    @property
    def declared(self) -> dict[str, Attribute]:
        """All of them by name, those that are always there first."""
        return {**ALWAYS, **self.attributes}


NONE: Final = Attributes()
"""None of a portfolio's own."""


def held(attribute: Attribute, said: object) -> Held:
    """A value as it is kept. Raises ValueError with the rule that is broken; never the value."""
    match attribute.type:
        case AttributeType.TEXT:
            return _text(said)
        case AttributeType.NUMBER:
            number = str(said) if isinstance(said, int | float | Decimal) else said
            if isinstance(said, bool) or not isinstance(number, str):
                raise ValueError("must be a number such as 12 or -0.75")
            if not _NUMBER.fullmatch(number):
                raise ValueError("must be a number such as 12 or -0.75, without separators")
            return number
        case AttributeType.DATE:
            if not isinstance(said, str) or not _DATE.fullmatch(said):
                raise ValueError("must be a date such as 2025-11-21 (year-month-day)")
            try:
                date.fromisoformat(said)
            except ValueError:
                raise ValueError("must be a day that exists") from None
            return said
        case AttributeType.YES_NO:
            known = said if isinstance(said, bool) else _SAID.get(str(said).lower())
            if known is None:
                raise ValueError("must be yes or no")
            return known
        case AttributeType.ONE_OF:
            if not isinstance(said, str) or said not in attribute.values:
                raise ValueError(f"must be one of {', '.join(attribute.values)}")
            return said


def _text(said: object) -> str:
    if not isinstance(said, str) or not said.strip():
        raise ValueError("must be text")
    if (rule := fault_of_text(said, LONGEST_TEXT)) is not None:
        raise ValueError(rule)
    if not said.isprintable():
        raise ValueError("must be printable")
    return said


def value_of(attribute: Attribute, kept: object) -> Value | None:
    """What a kept value is; None where it does not fit its declaration any more."""
    try:
        said = held(attribute, kept)
    except ValueError:
        return None
    if attribute.type is AttributeType.NUMBER:
        return Decimal(str(said))
    if attribute.type is AttributeType.DATE:
        return date.fromisoformat(str(said))
    return said


def fault_of_attributes(
    said: Mapping[str, object], declared: Mapping[str, Attribute]
) -> tuple[str, str] | None:
    """Which of several values cannot be kept, by name, and the rule that it breaks."""
    for name, value in said.items():
        if name not in declared:
            known = ", ".join(declared)
            return name, f"is no attribute that is declared (config/attributes.yaml): {known}"
        if value is None:
            continue
        try:
            held(declared[name], value)
        except ValueError as error:
            return name, str(error)
    return None
