"""Errors by kind and place: their own words may quote what a customer wrote, owes or lives at.

pydantic quotes the value that it refuses, and PostgreSQL the whole row. What we raise to be read
(``domain.failures``, and the refusals of a workflow) is worded by us and names fields and rules.
"""

import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from temporalio.exceptions import ApplicationError

from domain.failures import Failure

WHOLE: Final = "CONTRAPUNTO_TRACEBACK"
"""With this variable errors are shown whole, on the machine where somebody has set it."""

_ROOT: Final = Path(__file__).resolve().parent.parent
_ROOMS: Final = frozenset(
    {"activities", "config", "domain", "lab", "migrations", "store"}
    | {"telemetry", "workers", "workflows"}
)
_MOST: Final = 4
"""Errors of a chain that are told: what was raised, and what it came from."""


def whole() -> bool:
    """Whether somebody wants to see all that an error says."""
    return bool(os.environ.get(WHOLE))  # noqa: TID251 - also where settings fail


def place(error: BaseException) -> str:
    """File and line where an error came up: the last of ours, or else the last of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _is_ours(Path(frame.filename))] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "an unknown place"


def told(error: BaseException) -> str:
    """An error, and what it came from, without a word that is not ours."""
    return ", from ".join(_one(found) for found in _chain(error))


def _one(error: BaseException) -> str:
    if isinstance(error, Failure | ApplicationError):
        return f"{type(error).__name__} at {place(error)}: {error}"
    return f"{type(error).__name__} at {place(error)}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _ in range(_MOST):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _is_ours(file: Path) -> bool:
    return file.is_relative_to(_ROOT) and file.relative_to(_ROOT).parts[0] in _ROOMS
