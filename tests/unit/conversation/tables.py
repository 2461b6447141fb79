"""Tables of phrases: one a line, an arrow, and what is to be read in it."""

from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).parent


def lines(name: str) -> Iterator[str]:
    """The lines of a table, without remarks."""
    for line in (_HERE / name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def row(line: str) -> tuple[str, str]:
    """A phrase, and what is behind its arrow."""
    phrase, _, expected = line.rpartition(" ->")
    return phrase, expected.strip()
