"""Writing down what was refused, so that neither a spreadsheet nor a terminal runs any of it."""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TextIO

from domain.entry.intake import COLUMNS, Problem
from domain.failures import BadInput
from workers.intake.files import Format, Record

EXPLANATION: Final = ("line", "field", "rule")
"""What the rejects file says before each refused row."""

_MARKS: Final = "=+-@＝＋－＠'"
"""With these a cell begins that a spreadsheet would run (OWASP, CSV injection), or has marked."""

_PARTED: Final = re.compile(rf";(?=\s*[{re.escape(_MARKS)}])")
"""Where a semicolon parts columns, a cell begins inside another one, quoted or not."""

_BEGINNINGS: Final = (",".join(EXPLANATION).encode(), b'{"line":')
"""Of our own files; what begins otherwise is somebody's, and is never overwritten."""


class Rejects:
    """The rejects file: each refused row as it stood, after its line, the fields and the rules.

    It holds personal data, so only its owner may read it. Without a refused row there is none.
    """

    def __init__(
        self,
        path: Path,
        kind: Format,
        of: Path,
        columns: Sequence[str] = COLUMNS,
    ) -> None:
        """``of``: the file that is taken in, with these columns where it is CSV. What an earlier
        run has refused is forgotten.

        Raises BadInput where the rejects would take the place of that file, or have no place.
        """
        self.path, self.kind, self.rows = path, kind, 0
        self._columns = columns
        self._file: TextIO | None = None
        self._trouble: OSError | None = None
        try:
            _check_place(path, of)
            if path.is_file():
                path.unlink()
        except OSError as error:
            raise BadInput(_unwritable(path, error)) from error

    def write(self, record: Record, found: Iterable[Problem]) -> None:
        """Add one refused row. Where that fails, the good rows go on, and ``close`` says so."""
        self.rows += 1
        fields, rules = zip(*found, strict=True)
        why = (record.line, "; ".join(fields), "; ".join(rules))
        try:
            self._add(record, why)
        except OSError as error:
            self._trouble = self._trouble or error

    def close(self) -> None:
        """Write out what is left. Raises BadInput when not all could be written."""
        try:
            if self._file is not None:
                self._file.close()
        except OSError as error:
            self._trouble = self._trouble or error
        if self._trouble is not None:
            raise BadInput(_unwritable(self.path, self._trouble)) from self._trouble

    def _add(self, record: Record, why: tuple[int, str, str]) -> None:
        file = self._file = self._file or self._create()
        if self.kind is Format.CSV:
            row = [*why, *(harmless(str(cell)) for cell in record.original)]
            csv.writer(file, lineterminator="\n").writerow(row)
        else:
            said = dict(zip(EXPLANATION, why, strict=True)) | {"row": record.original}
            file.write(_printable(json.dumps(said, ensure_ascii=False)) + "\n")

    def _create(self) -> TextIO:
        self.path.touch(mode=0o600)
        file = self.path.open("w", encoding="utf-8", newline="")
        if self.kind is Format.CSV:
            csv.writer(file, lineterminator="\n").writerow([*EXPLANATION, *self._columns])
        return file


def _check_place(path: Path, of: Path) -> None:
    if path.exists() and of.exists() and path.samefile(of):
        raise BadInput(f"--rejects: {path} is the file that is taken in: name another one")
    if path.is_dir():
        raise BadInput(f"--rejects: {path} is a folder: name a file")
    if not path.parent.is_dir():
        raise BadInput(f"--rejects: {path.parent} is no folder that is there")
    if path.is_file():
        with path.open("rb") as file:
            begins = file.read(max(map(len, _BEGINNINGS)))
        if begins and not begins.startswith(_BEGINNINGS):
            raise BadInput(
                f"--rejects: {path} is there and holds no refused rows: name another one"
            )


def _unwritable(path: Path, error: OSError) -> str:
    return f"--rejects: {path} cannot be written ({error.strerror})"


def harmless(cell: str) -> str:
    """A cell that nothing runs: an apostrophe before what a spreadsheet takes for a formula (and
    before an apostrophe), and what cannot be seen as Python writes it (``\\t``, ``\\x1b``), as well
    as a semicolon before such a mark (``\\x3b``)."""
    seen = "".join(
        one if one.isprintable() and one != "\\" else one.encode("unicode_escape").decode()
        for one in cell
    )
    seen = _PARTED.sub(r"\\x3b", seen)
    return f"'{seen}" if seen[:1] and seen[0] in _MARKS else seen


def _printable(text: str) -> str:
    """JSON in which only what can be seen stands as it is."""
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)
