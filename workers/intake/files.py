"""Reading an intake file line by line.

A file may end with a line that says how many rows it has, so that a copy which was cut short is
known as one: ``#end,rows=200``, or in JSON lines ``{"#end": {"rows": 200}}``. Beside
``accounts.csv`` may lie ``accounts.csv.sha256``, as ``sha256sum`` writes it.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from pydantic import ValidationError

from config.geo.atlas import ATLAS
from domain.entry.bounds import each_key_once, storable
from domain.entry.intake import COLUMNS, OPTIONAL, IntakeRow, Problem, nearest, problems
from domain.entry.json_text import read_json
from domain.failures import BadInput
from domain.segments.attributes import PREFIX
from domain.segments.rows import ALONE, Portfolio, is_of_choosing, told_by
from workers.intake.delimited import LONGEST_CELL, Table

_END: Final = "#end"
_LONGEST_BLANK: Final = 1 << 16
_ROWS: Final = re.compile(r"rows=([0-9]{1,12})")

TOTALS: Final = re.compile(
    r"((grand|gran|sub) ?)?(totals?|totales|totais|sum|suma|soma|registros|records|rows)\b",
    re.IGNORECASE,
)
"""How a line of totals begins."""
_FEWEST: Final = 9
"""Cells that are filled in every good row: what is required, and one address."""
_NO_ACCOUNT: Final = "is a line of totals and no account: leave it away"
_UNFINISHED: Final = (
    "is not finished by the end of its line, so the file may be cut short; if it is whole, put an "
    "empty line after it"
)
_QUOTE: Final = (
    'has a quote (") that is not closed, or that stands within a cell: write it twice there, and '
    "once at the cell's end"
)
_TOO_LONG: Final = "has more than 1048576 characters: is the end of a line missing?"

_NO_TEXT: Final = (
    (b"PK\x03\x04", "is a workbook or an archive"),
    (b"\xd0\xcf\x11\xe0", "is a workbook"),
    (b"\x1f\x8b", "is compressed"),
    (b"\xff\xfe", "is UTF-16 text"),
    (b"\xfe\xff", "is UTF-16 text"),
)
"""How files begin that are given instead of text: save or convert them first."""

_OTHER_OCTET: Final = re.compile("[\udc80-\udcff]")
"""An octet of a line that is no UTF-8, as it is read with ``surrogateescape``."""
_CONVERT: Final = "iconv -f WINDOWS-1252 -t UTF-8"


class Format(StrEnum):
    """How an intake file is written."""

    CSV = "csv"
    JSONL = "jsonl"


_WANTED: Final[dict[Format | None, str]] = {
    Format.CSV: "CSV in UTF-8, with commas",
    Format.JSONL: "UTF-8 text, one JSON object a line",
    None: "UTF-8 text: CSV with commas, or one JSON object a line",
}
"""What a file should be saved as; None: nobody has said which of the two it is."""


class Record(NamedTuple):
    """One row as it stands in the file; ``problem`` when it cannot even be taken apart."""

    line: int
    cells: dict[str, object]
    original: Sequence[object] | str
    problem: Problem | None = None


class _End(NamedTuple):
    """The line that says how many rows there are; None: it does not say so legibly."""

    line: int
    rows: int | None
    original: Sequence[object] | str


def file_format(path: Path) -> Format:
    """By suffix; by the first character where the suffix says nothing."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return Format.CSV
    if suffix in (".jsonl", ".ndjson"):
        return Format.JSONL
    with _opened(path, None) as file:
        return Format.JSONL if file.read(1 << 12).lstrip().startswith("{") else Format.CSV


def digest(path: Path) -> str:
    """SHA-256 of the file's content, in hexadecimal digits."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error


def check_whole(path: Path, content: str) -> None:
    """Raises BadInput when a checksum lies beside the file that is not ``content``, its own."""
    beside = path.with_name(f"{path.name}.sha256")
    try:
        said = beside.read_text(encoding="utf-8", errors="replace").split()
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadInput(f"{beside}: cannot be read ({error.strerror})") from error
    if not said or said[0].lower().lstrip("\\") != content:
        raise BadInput(
            f"{path}: is not what {beside.name} says by its SHA-256: it is cut short, or another "
            "file; fetch both again"
        )


def is_finished(path: Path) -> bool:
    """Whether the last line has an end; a JSON object and the line that counts have their own, and
    a blank row needs none once it has all its cells."""
    if file_format(path) is Format.JSONL:
        return True
    last = _unended(path)
    blank = _blank(last)
    return not last or last.startswith(_END) or (blank is not None and blank >= len(COLUMNS))


def _unended(path: Path) -> str:
    """The last line, where it has no end: as far back as a blank one may reach."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LONGEST_BLANK))
        tail = file.read()
    lines = tail.splitlines(keepends=True)
    return "" if not lines or tail[-1:] in b"\r\n" else lines[-1].decode(errors="replace")


def _blank(line: str) -> int | None:
    """How many cells a line has, none of which says anything; None: one does."""
    try:
        cells = next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None
    return None if any(cell.strip() for cell in cells) else len(cells)


def no_account(record: Record) -> bool:
    """Whether a row is certainly none of an account's, though it names none: a line of totals."""
    return record.problem is not None and record.problem.rule == _NO_ACCOUNT


def records(
    path: Path, columns: Sequence[str] = COLUMNS, optional: Sequence[str] = OPTIONAL
) -> Iterator[Record]:
    """All rows, one at a time, of a file with these columns, and some that may be absent.

    Raises BadInput when the file as a whole is unusable, or has not as many rows as its end says.
    """
    kind = file_format(path)
    # A blank last line is no row, and what stands before it has the end of its own line.
    finished = is_finished(path) or _blank(_unended(path)) is not None
    with _opened(path, kind) as file:
        rows = _csv(file, path, columns, optional) if kind is Format.CSV else _json_lines(file)
        yield from _whole(rows, path, finished=finished)


def columns_of(path: Path, more: Sequence[str]) -> tuple[str, ...]:
    """The columns of a file of accounts: those that it must have, and those of ``more`` that it
    has. What is wrong with its header is told by ``records``."""
    if file_format(path) is not Format.CSV:
        return COLUMNS
    with _opened(path, Format.CSV) as file:
        try:
            header = _header(csv.reader(file, strict=True))
        except csv.Error:
            return COLUMNS
    return (*COLUMNS, *(name for name in (*OPTIONAL, *more) if name in header))


def json_lines(path: Path) -> Iterator[Record]:
    """All lines of a file of JSON objects, each for itself: a bad one costs no other.

    So a line that says how many there are is a refused one where it is not right or not the last.
    Raises BadInput when the file cannot be read.
    """
    end: _End | None = None
    count = 0
    with _opened(path, Format.JSONL) as file:
        for row in _json_lines(file):
            if end is not None:
                yield _refused(end, f"stands before line {row.line}: it must be the last one")
            end = row if isinstance(row, _End) else None
            if isinstance(row, Record):
                count += 1
                yield row
        if end is not None and end.rows != count:
            yield _refused(end, f"{_said_of(end)}, and there are {count}: is the file cut short?")


def check(
    record: Record, today: date, portfolio: Portfolio = ALONE
) -> IntakeRow | tuple[Problem, ...]:
    """The row, or every rule it breaks. What else it tells: ``told_by``."""
    if record.problem is not None:
        return (record.problem,)
    wrong = told_by(record.cells, portfolio)[1]
    cells = {name: cell for name, cell in record.cells.items() if not is_of_choosing(name)}
    try:
        row = IntakeRow.model_validate(cells, context={"today": today, "atlas": ATLAS})
    except ValidationError as error:
        return (*problems(error), *wrong)
    return wrong or row


def _whole(rows: Iterator[Record | _End], path: Path, *, finished: bool) -> Iterator[Record]:
    """The rows, the last one refused if it may be cut short; BadInput if some are missing."""
    last: Record | None = None
    end: _End | None = None
    count = 0
    for row in rows:
        if end is not None:
            raise BadInput(f"{path}: line {row.line} stands after the end of the file ({_END})")
        if isinstance(row, _End):
            end = row
            continue
        if last is not None:
            yield last
        last, count = row, count + 1
    if end is not None and end.rows != count:
        raise BadInput(
            f"{path}: has {count} rows, and its end ({_END}) {_said_of(end)}: is it cut short?"
        )
    if last is not None:
        whole = finished or end is not None
        yield last if whole else last._replace(problem=Problem("row", _UNFINISHED))


def _said_of(end: _End) -> str:
    return "does not say how many rows there are" if end.rows is None else f"says {end.rows}"


def _refused(end: _End, rule: str) -> Record:
    return Record(end.line, {}, end.original, Problem(_END, rule))


@contextmanager
def _opened(path: Path, kind: Format | None) -> Iterator[TextIO]:
    """The file as text; what cannot be opened or read as such is BadInput.

    Lines of JSON are told one by one that they are no UTF-8; a row of CSV may be many lines.
    """
    errors = "strict" if kind is Format.CSV else "surrogateescape"
    try:
        refuse_no_text(path, kind)
        # utf-8-sig: spreadsheets begin their files with a byte order mark.
        with path.open(encoding="utf-8-sig", errors=errors, newline="") as file:
            yield file
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path}: must be UTF-8 text, but {_first_other_octet(path)}, as Windows-1252 (the "
            f"plain CSV of a spreadsheet) has it: save it as 'CSV UTF-8', or convert it with "
            f"{_CONVERT}"
        ) from error


def refuse_no_text(path: Path, kind: Format | None = None) -> None:
    """Raises BadInput for what is certainly no text in octets, and OSError as opening does."""
    with path.open("rb") as raw:
        begin = raw.read(4)
    for magic, what in _NO_TEXT:
        if begin.startswith(magic):
            hint = " or read it by a mapping (--mapping)" if "workbook" in what else ""
            raise BadInput(f"{path}: {what}; save it as {_WANTED[kind]}{hint}")


def _first_other_octet(path: Path) -> str:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return f"line {number} holds the octet 0x{line[error.start]:02X}"
    return "it holds other octets"


def _csv(
    file: TextIO, path: Path, columns: Sequence[str], optional: Sequence[str]
) -> Iterator[Record | _End]:
    table = Table(file, path, _header, end=_END)
    header, further = table.header, [name for name in optional if name not in columns]
    _check_header(header, path, (*columns, *further), columns)
    there = (*columns, *(name for name in further if name in header))
    for row in table:
        if row.broken is not None:
            yield broken(row.line, row.broken, header)
        else:
            yield _row(row.line, row.cells, header, there)


def broken(line: int, text: str, header: list[str], delimiter: str = ",") -> Record:
    """A line that cannot be taken apart. Of its cells those before the first quote are certain."""
    before = text[:LONGEST_CELL].partition('"')[0].split(delimiter)[:-1]
    cells: dict[str, object] = dict(zip(header, before, strict=False))
    rule = _TOO_LONG if len(text) > LONGEST_CELL else _QUOTE
    return Record(line, cells, [storable(text.rstrip("\r\n"))], Problem("row", rule))


def _header(rows: Iterator[list[str]]) -> list[str]:
    """The names of the columns; empty lines, and the ``sep=,`` of a spreadsheet, may go before."""
    for cells in rows:
        names = [name.strip() for name in cells]
        while names and not names[-1]:
            names.pop()
        if names and not names[0].startswith("sep="):
            return names
    return []


def _row(line: int, cells: list[str], header: list[str], columns: Sequence[str]) -> Record | _End:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if cells[0].strip() == _END:
        found = _ROWS.fullmatch(filled[1]) if len(filled) == 2 else None
        return _End(line, int(found[1]) if found else None, cells)
    if len(filled) < _FEWEST and TOTALS.match(filled[0]):
        return Record(line, {}, cells, Problem("row", _NO_ACCOUNT))
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(header):
        rule = f"has {len(cells)} cells, the header has {len(header)}"
        return Record(line, {}, cells, Problem("row", rule))
    found_at = dict(zip(header, cells, strict=True))
    row: dict[str, object] = {name: found_at[name] for name in columns}
    return Record(line, row, list(row.values()))


def _check_header(
    header: list[str], path: Path, columns: Sequence[str], needed: Sequence[str]
) -> None:
    if not header:
        raise BadInput(f"{path}: is empty; the first line must name the columns")
    for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and header[0].count(mark) > 1:
            raise BadInput(
                f"{path}: columns must be set apart by commas, not {name}: save it as 'CSV UTF-8 "
                "(comma delimited)', amounts with a point before the decimals"
            )
    for name in header:
        if name not in columns:
            hint = nearest(name, columns)
            if name.startswith(PREFIX):
                hint = "; declare it in config/attributes.yaml, if it is an attribute"
            raise BadInput(f"{path}: unknown column {name!r}{hint}\nknown: {', '.join(columns)}")
        if header.count(name) > 1:
            raise BadInput(f"{path}: column {name!r} appears {header.count(name)} times")
    missing = [name for name in needed if name not in header]
    if missing:
        raise BadInput(
            f"{path}: missing column{'s' * (len(missing) > 1)} {', '.join(missing)} "
            "(a column may be empty, but not absent)"
        )


def _json_lines(file: TextIO) -> Iterator[Record | _End]:
    for number, text in enumerate(file, start=1):
        line = text.strip()
        if not line:
            continue
        if (octet := _OTHER_OCTET.search(line)) is not None:
            yield _not_utf8(number, line, octet[0])
            continue
        try:
            cells = read_json(line, parse_float=Decimal, object_pairs_hook=each_key_once)
        except ValueError:
            yield Record(number, {}, line, Problem("row", "is no valid JSON object"))
            continue
        if not isinstance(cells, dict):
            yield Record(number, {}, line, Problem("row", "must be a JSON object"))
        elif _END in cells:
            said = cells[_END]
            rows = said.get("rows") if isinstance(said, dict) else None
            yield _End(number, rows if isinstance(rows, int) else None, line)
        else:
            yield Record(number, cells, line)


def _not_utf8(number: int, line: str, octet: str) -> Record:
    """A line as it can be shown, and which of its octets is none of UTF-8's."""
    shown = line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    rule = (
        f"must be UTF-8 text, but holds the octet 0x{ord(octet) - 0xDC00:02X}, as Windows-1252 has "
        f"it: convert it with {_CONVERT}"
    )
    return Record(number, {}, shown, Problem("row", rule))
