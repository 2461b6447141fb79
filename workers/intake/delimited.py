"""Delimited text taken apart, row by row: one broken row costs no other.

A quote that is never closed would swallow the rest of a file. So a record that cannot be right is
given back but for its first line, and what follows is read anew.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self, TextIO

from domain.failures import BadInput

LONGEST_CELL: Final = 1 << 20
"""Characters; a line that is longer has lost its end."""

Header = Callable[[Iterator[list[str]]], list[str]]
"""Takes rows until it has the names of the columns."""


class Taken(NamedTuple):
    """One row: its cells, or the first line of what cannot be taken apart."""

    line: int
    cells: list[str]
    broken: str | None = None


class Table:
    """The rows behind the header, blank ones left out.

    Raises BadInput where the header cannot be read.
    """

    def __init__(
        self,
        file: TextIO,
        path: Path,
        header: Header,
        delimiter: str = ",",
        *,
        end: str = "",
        begins: int = 0,
    ) -> None:
        """``end``: what the first cell of a last line holds that need not have all cells.
        ``begins``: how many lines of the file stand before what is given here."""
        csv.field_size_limit(LONGEST_CELL)
        self._lines, self._delimiter, self._end = _Lines(file, begins), delimiter, end
        self._rows = csv.reader(self._lines, strict=True, delimiter=delimiter)
        try:
            self.header = header(self._each())
        except csv.Error as error:
            raise BadInput(
                f"{path}: line {self._lines.first} must name the columns, but is no valid CSV "
                f"({error})"
            ) from error

    def _each(self) -> Iterator[list[str]]:
        for cells in self._rows:
            yield cells
            self._lines.taken.clear()

    def __iter__(self) -> Iterator[Taken]:
        lines = self._lines
        while True:
            lines.taken.clear()
            try:
                cells = next(self._rows, None)
                broken = lines.doubtful or any(map(self._is_row, lines.taken[1:]))
            except csv.Error:
                cells, broken = [], True
            if cells is None:
                return
            if broken:
                lines.give_back()
                yield Taken(lines.first, [], lines.taken[0])
            elif any(cell.strip() for cell in cells):
                if len(cells) == len(self.header):
                    lines.whole()
                yield Taken(lines.first, cells)

    def _is_row(self, line: str) -> bool:
        """Whether a line inside a cell is a row by itself: the quote before it was never closed."""
        try:
            cells = next(csv.reader([line], strict=True, delimiter=self._delimiter), [])
        except csv.Error:
            return False
        whole = len(cells) == len(self.header) or (bool(self._end) and cells[:1] == [self._end])
        return line.count('"') % 2 == 0 and whole


class _Lines:
    """The lines of a file for a reader of CSV, which takes as many as it wants for a record.

    Whoever finds that it took too many gives back all but the first, and they are read anew.
    """

    def __init__(self, file: TextIO, begins: int) -> None:
        self._file, self._again = file, deque[str]()
        self._number = self._furthest = begins
        self._broken = False
        self.taken: list[str] = []
        """The lines of the present record."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._file)
        self._number += 1
        self.taken.append(line)
        return line

    @property
    def first(self) -> int:
        """The line on which the present record begins."""
        return self._number - len(self.taken) + 1

    @property
    def doubtful(self) -> bool:
        """Whether the record may be the end of one that broke before: a quote closes in it that
        nothing in it has opened."""
        return self._broken and "".join(self.taken).count('"') % 2 == 1

    def whole(self) -> None:
        """The present record is a row: what broke before has ended, unless it reached further."""
        self._broken = self._broken and self._number < self._furthest

    def give_back(self) -> None:
        """Read anew what stands after the first line of the present record, which is broken."""
        self._broken = True
        self._furthest = max(self._furthest, self._number)
        self._again.extendleft(reversed(self.taken[1:]))
        self._number -= len(self.taken) - 1
        del self.taken[1:]
