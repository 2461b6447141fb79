"""The base of every model that crosses a border: frozen, and lenient towards newer fields.

An old worker must be able to read what a newer one wrote during a rollout, so unknown fields are
ignored here; files and requests that people write use ``Strict`` instead, which names them.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    """What both have in common."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's own, in a third of its time: planning and the ledger in memory do little
        else. Neither extra nor private fields, of which there are none, are looked for."""
        if deep:
            return super().model_copy(update=update, deep=True)
        made, changed = self.__class__.__new__(self.__class__), update or {}
        of = object.__setattr__  # frozen values have none of their own
        of(made, "__dict__", {**self.__dict__, **changed})
        of(made, "__pydantic_fields_set__", {*self.__pydantic_fields_set__, *changed})
        of(made, "__pydantic_extra__", None)
        of(made, "__pydantic_private__", None)
        return made


class Model(_Frozen):
    """Frozen value, unknown fields ignored (Temporal payloads, database rows)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Strict(_Frozen):
    """Frozen value, unknown fields refused by name (configuration, requests)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _printable(value: str) -> str:
    if not value.isprintable() or "/" in value or value != value.strip():
        raise ValueError("must be printable, without '/' and without blanks at either end")
    return value


Instant = AwareDatetime
"""A moment; must carry its offset. UTC wherever we made it."""

Key = Annotated[str, AfterValidator(_printable)]
"""Business key that becomes part of a workflow id: printable, no slash."""


def _is_none(value: object) -> bool:
    return value is None


_T = TypeVar("_T")
Maybe = Annotated[_T | None, Field(exclude_if=_is_none)]
"""What may be there, and is left away in JSON where it is not: histories hold it, and for long."""
