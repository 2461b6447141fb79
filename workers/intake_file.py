"""Reading an intake file line by line, and writing down what was refused."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from pydantic import ValidationError

from config.geo.atlas import ATLAS
from domain.failures import BadInput
from domain.intake import COLUMNS, IntakeRow, Problem, nearest, problems

EXPLANATION: Final = ("line", "field", "rule")
"""What the rejects file says before each refused row."""

_MAX_CELL: Final = 1 << 20


class Format(StrEnum):
    """How an intake file is written."""

    CSV = "csv"
    JSONL = "jsonl"


class Record(NamedTuple):
    """One row as it stands in the file; ``problem`` when it cannot even be taken apart."""

    line: int
    cells: dict[str, object]
    original: Sequence[object] | str
    problem: Problem | None = None


def file_format(path: Path) -> Format:
    """By suffix; by the first character where the suffix says nothing."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return Format.CSV
    if suffix in (".jsonl", ".ndjson"):
        return Format.JSONL
    with _opened(path) as file:
        return Format.JSONL if file.read(1 << 12).lstrip().startswith("{") else Format.CSV


def digest(path: Path) -> str:
    """SHA-256 of the file's content, in hexadecimal digits."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error


def records(path: Path) -> Iterator[Record]:
    """All rows, one at a time. Raises BadInput when the file as a whole is unusable."""
    if file_format(path) is Format.JSONL:
        yield from json_lines(path)
    else:
        with _opened(path) as file:
            yield from _csv(file, path)


def json_lines(path: Path) -> Iterator[Record]:
    """All lines of a file of JSON objects. Raises BadInput when the file cannot be read."""
    with _opened(path) as file:
        yield from _json_lines(file)


def check(record: Record, today: date) -> IntakeRow | tuple[Problem, ...]:
    """The row, or every rule it breaks."""
    if record.problem is not None:
        return (record.problem,)
    try:
        return IntakeRow.model_validate(record.cells, context={"today": today, "atlas": ATLAS})
    except ValidationError as error:
        return problems(error)


class Rejects:
    """The rejects file: each refused row as it stood, after its line, the fields and the rules.

    It holds personal data, so only its owner may read it. Without a refused row there is none.
    """

    def __init__(self, path: Path, kind: Format) -> None:
        self.path, self.kind, self.rows = path, kind, 0
        self._file: TextIO | None = None
        path.unlink(missing_ok=True)

    def write(self, record: Record, found: Iterable[Problem]) -> None:
        """Add one refused row."""
        file = self._file = self._file or self._create()
        self.rows += 1
        fields, rules = zip(*found, strict=True)
        why = (record.line, "; ".join(fields), "; ".join(rules))
        if self.kind is Format.CSV:
            csv.writer(file, lineterminator="\n").writerow([*why, *record.original])
        else:
            said = dict(zip(EXPLANATION, why, strict=True)) | {"row": record.original}
            file.write(json.dumps(said, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Write out what is left."""
        if self._file is not None:
            self._file.close()

    def _create(self) -> TextIO:
        self.path.touch(mode=0o600)
        file = self.path.open("w", encoding="utf-8", newline="")
        if self.kind is Format.CSV:
            csv.writer(file, lineterminator="\n").writerow([*EXPLANATION, *COLUMNS])
        return file


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """The file as text; what cannot be opened or read as such is BadInput."""
    try:
        # utf-8-sig: spreadsheets begin their files with a byte order mark.
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: must be UTF-8 text ({error.reason})") from error


def _csv(file: TextIO, path: Path) -> Iterator[Record]:
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(file, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, path)
        place = [header.index(name) for name in COLUMNS]
        for cells in reader:
            if not cells:
                continue
            if len(cells) == len(header):
                ordered = [cells[index] for index in place]
                row: dict[str, object] = dict(zip(COLUMNS, ordered, strict=True))
                yield Record(reader.line_num, row, ordered)
            else:
                rule = f"has {len(cells)} cells, the header has {len(header)}"
                yield Record(reader.line_num, {}, cells, Problem("row", rule))
    except csv.Error as error:
        raise BadInput(f"{path}: line {reader.line_num} is no valid CSV ({error})") from error


def _check_header(header: list[str], path: Path) -> None:
    if not header:
        raise BadInput(f"{path}: is empty; the first line must name the columns")
    if len(header) == 1 and header[0].count(";") > 1:
        raise BadInput(f"{path}: columns must be set apart by commas, not semicolons")
    for name in header:
        if name not in COLUMNS:
            hint = nearest(name, COLUMNS)
            raise BadInput(f"{path}: unknown column {name!r}{hint}\nknown: {', '.join(COLUMNS)}")
        if header.count(name) > 1:
            raise BadInput(f"{path}: column {name!r} appears {header.count(name)} times")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadInput(
            f"{path}: missing column{'s' * (len(missing) > 1)} {', '.join(missing)} "
            "(a column may be empty, but not absent)"
        )


def _json_lines(file: TextIO) -> Iterator[Record]:
    for number, text in enumerate(file, start=1):
        line = text.strip()
        if not line:
            continue
        try:
            cells = json.loads(line, parse_float=Decimal, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            yield Record(number, {}, line, Problem("row", "is no valid JSON object"))
            continue
        if isinstance(cells, dict):
            yield Record(number, cells, line)
        else:
            yield Record(number, {}, line, Problem("row", "must be a JSON object"))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found
