"""The base of every model that crosses a border: frozen, and lenient towards newer fields.

An old worker must be able to read what a newer one wrote during a rollout, so unknown fields are
ignored here; files and requests that people write use ``Strict`` instead, which names them.
"""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


class Model(BaseModel):
    """Frozen value, unknown fields ignored (Temporal payloads, database rows)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Strict(BaseModel):
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
