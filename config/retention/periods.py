"""How long rows are kept, as operators edit it: read and checked where it is used."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter

from config.yaml_files import read_checked
from domain.history.months import Table
from domain.model import Strict

LEAST: Final = 14
"""Months: no rule of law or strategy looks further back than 400 days."""


class Period(Strict):
    """How long rows of a table are kept, and who says so."""

    months: Annotated[int, Field(ge=LEAST, le=1_200)]
    """After the latest of the row itself and the end of every account it speaks of."""
    cite: Annotated[str, Field(min_length=1, max_length=500)]
    """The law, the contract or the decision."""
    source: Annotated[str, Field(max_length=500)] = ""
    """Where that was read."""


Periods = Mapping[str, Mapping[Table, Period]]
"""By country and table; what is not here is kept."""

_FILE: Final[TypeAdapter[dict[str, dict[Table, Period]]]] = TypeAdapter(
    dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], dict[Table, Period]]
)


def load_periods(file: Path) -> Periods:
    """All periods. Raises Misconfigured, which names each field that is wrong."""
    return read_checked(file, lambda found: _FILE.validate_python({} if found is None else found))
