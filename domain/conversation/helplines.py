"""Whom somebody can call who speaks of ending their life."""

from datetime import date
from typing import Annotated

from pydantic import Field

from domain.model import Strict


class Helpline(Strict):
    """One helpline, answered in a whole country."""

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\n<>{}]+$")]
    """As people there know it."""
    number: Annotated[str, Field(pattern=r"^[*#]?[0-9][0-9 ]{1,18}$")]
    """As it is dialled there."""
    option: Annotated[int, Field(ge=0, le=99)] | None = None
    """What to press then, if anything."""
    source: Annotated[str, Field(min_length=1)]
    """Where the number was read."""
    checked: date
    """When."""
