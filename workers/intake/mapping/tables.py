"""The rows of a file as it comes, text or workbook, before anybody knows what they mean."""

import codecs
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from domain.entry.mapping.model import Encoding, FileShape, spelt
from domain.entry.mapping.values import Cell
from domain.failures import BadInput
from workers.intake.delimited import Table
from workers.intake.files import refuse_no_text

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SAMPLE: Final = 1 << 20
"""Octets that are looked at to see whether text is UTF-8."""
_WHOLE: Final = 1e15
"""Below it a binary64 is exactly the whole number that it shows."""


class Line(NamedTuple):
    """One row: where it stands, its cells; or the text of a line that cannot be taken apart."""

    number: int
    cells: Sequence[Cell]
    broken: str | None = None


class Columns(NamedTuple):
    """A table: the names of its columns, and its rows behind them."""

    header: list[str]
    lines: Iterator[Line]


def is_workbook(path: Path) -> bool:
    """Whether a file is one of a spreadsheet. Raises BadInput where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(4).startswith(_WORKBOOKS)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error


@contextmanager
def table(path: Path, shape: FileShape) -> Iterator[Columns]:
    """The file's rows. Raises BadInput, also while they are read, where they cannot be."""
    if is_workbook(path):
        yield _of_rows(path, shape, _workbook(path, shape.sheet))
        return
    with _text(path, shape.encoding) as file:
        delimiter = shape.delimiter.sign
        try:
            for _ in range(shape.skip_lines):
                file.readline(_SAMPLE)
            rows = Table(file, path, _header(path, shape), delimiter, begins=shape.skip_lines)
            lines = (Line(row.line, row.cells, row.broken) for row in rows)
            yield Columns(rows.header, lines)
        except UnicodeDecodeError as error:
            raise BadInput(
                f"{path}: {_first_undecodable(path, shape.encoding)}, which is none of "
                f"{shape.encoding}: correct the mapping (file: encoding)"
            ) from error


def _header(path: Path, shape: FileShape) -> Callable[[Iterator[list[str]]], list[str]]:
    def header(rows: Iterator[list[str]]) -> list[str]:
        if shape.header:
            return list(shape.header)
        for cells in rows:
            names = _names(cells)
            if names and not names[0].startswith("sep="):
                return names
        raise BadInput(f"{path}: has no line that names the columns")

    return header


def _names(cells: Sequence[Cell]) -> list[str]:
    names = [" ".join(str(cell).replace("\ufeff", "").split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _of_rows(path: Path, shape: FileShape, rows: Iterator[list[Cell]]) -> Columns:
    numbered = enumerate(rows, start=1)
    for _ in range(shape.skip_lines):
        next(numbered, None)
    header = list(shape.header)
    while not header:
        found = next(numbered, None)
        if found is None:
            raise BadInput(f"{path}: has no row that names the columns")
        header = _names(found[1])
    width = len(header)
    # A sheet is as wide as its widest row: what is empty beyond the header is none of the row.
    lines = (
        Line(number, cells[:width] if not any(map(_says, cells[width:])) else cells)
        for number, cells in numbered
        if any(map(_says, cells))
    )
    return Columns(header, lines)


def _says(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


def _workbook(path: Path, name: str | None) -> Iterator[list[Cell]]:
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise BadInput(f"{path}: has a password: save it without one") from error
    except (CalamineError, OSError) as error:
        raise BadInput(
            f"{path}: is no workbook that can be read; save it as .xlsx or CSV"
        ) from error
    try:
        sheet = book.get_sheet_by_name(_sheet(path, book, name))
        for row in sheet.iter_rows():
            yield [_cell(value) for value in row]
    except CalamineError as error:
        raise BadInput(f"{path}: its sheet cannot be read; save it as .xlsx or CSV") from error
    finally:
        book.close()


def _sheet(path: Path, book: CalamineWorkbook, name: str | None) -> str:
    names: list[str] = book.sheet_names
    if name is not None:
        for one in names:
            if spelt(one) == spelt(name):
                return one
        raise BadInput(f"{path}: has no sheet {name!r}; there are: {', '.join(names)}")
    filled = [one for one in names if book.get_sheet_by_name(one).height]
    if len(filled) != 1:
        there = f"there are: {', '.join(filled)}" if filled else "all are empty"
        raise BadInput(f"{path}: the mapping must say which sheet is meant (file: sheet); {there}")
    return filled[0]


def _cell(value: object) -> Cell:
    """A value as a workbook holds it: numbers exactly as they are shown."""
    if isinstance(value, bool | str | date):
        return value
    if isinstance(value, float):
        return (
            Decimal(int(value))
            if value.is_integer() and abs(value) < _WHOLE
            else Decimal(repr(value))
        )
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, time | timedelta):
        return str(value)
    return "" if value is None else str(value)


@contextmanager
def _text(path: Path, encoding: Encoding) -> Iterator[TextIO]:
    refuse_no_text(path)
    if encoding is Encoding.WINDOWS_1252 and _is_utf8(path):
        raise BadInput(
            f"{path}: is UTF-8 text, and the mapping says {encoding}: names would be garbled. "
            "Correct the mapping (file: encoding)"
        )
    codec = "utf-8-sig" if encoding is Encoding.UTF_8 else encoding.value
    try:
        with path.open(encoding=codec, newline="") as file:
            yield file
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error


def _is_utf8(path: Path) -> bool:
    """Whether a file begins as UTF-8 that is more than ASCII: by chance other text hardly is."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if sample.isascii():
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _first_undecodable(path: Path, encoding: Encoding) -> str:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding.value)
            except UnicodeDecodeError as error:
                return f"line {number} holds the octet 0x{line[error.start]:02X}"
    return "it holds an octet"
