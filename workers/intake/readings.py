"""A file of accounts as intake reads it: rows, one at a time, as often as they are asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from workers.intake.files import Format, Record, columns_of, file_format, is_finished, records


class Reading(Protocol):
    """How one file is read. Each method raises BadInput where the file as a whole is unusable."""

    path: Path
    kind: Format
    """What its refused rows are written as."""
    columns: Sequence[str]
    """Those of its rows, as they stand in the file."""

    def identity(self) -> str:
        """What makes the same file say another thing, beside its content."""

    def records(self) -> Iterator[Record]:
        """All rows, in the columns of intake."""

    def is_finished(self) -> bool:
        """Whether the last row is certainly whole."""


class OwnFile(Reading):
    """A file in the columns of intake."""

    def __init__(self, path: Path, more: Sequence[str]) -> None:
        """``more``: columns that may be there, beside those that every file has."""
        self.path, self.kind = path, file_format(path)
        self.columns = columns_of(path, more)

    def identity(self) -> str:
        """It says what it says."""
        return ""

    def records(self) -> Iterator[Record]:
        """All rows."""
        return records(self.path, self.columns)

    def is_finished(self) -> bool:
        """By the end of its last line."""
        return is_finished(self.path)
