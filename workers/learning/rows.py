"""Decision windows as lines of JSON: what was read once can be looked at, and read again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from domain.entry.broken_rule import broken_rule
from domain.entry.json_text import read_json
from domain.failures import BadInput
from domain.learning.windows import Window


def read_rows(file: Path) -> Iterator[Window]:
    """The windows of a file. Raises BadInput, which names the line and the field."""
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _window(f"{file}: line {number}", line)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: cannot be read: {error}") from None


def as_row(window: Window) -> str:
    """One line."""
    return window.model_dump_json()


def _window(where: str, line: str) -> Window:
    try:
        read: Any = read_json(line)
        return Window.model_validate(read)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise BadInput(f"{where}: {field}: {broken_rule(first)}") from None
    except ValueError as error:
        raise BadInput(f"{where}: is no JSON: {error}") from None
