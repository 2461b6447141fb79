"""Writing down what was refused, so that neither a spreadsheet nor a terminal runs any of it."""

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

from domain.entry.intake import COLUMNS, Problem
from workers.intake.files import Format, Record

EXPLANATION: Final = ("line", "field", "rule")
"""What the rejects file says before each refused row."""

_MARKS: Final = "=+-@＝＋－＠'"
"""With these a cell begins that a spreadsheet would run (OWASP, CSV injection), or has marked."""

_PARTED: Final = re.compile(rf";(?=\s*[{re.escape(_MARKS)}])")
"""Where a semicolon parts columns, a cell begins inside another one, quoted or not."""


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
            row = [*why, *(harmless(str(cell)) for cell in record.original)]
            csv.writer(file, lineterminator="\n").writerow(row)
        else:
            said = dict(zip(EXPLANATION, why, strict=True)) | {"row": record.original}
            file.write(_printable(json.dumps(said, ensure_ascii=False)) + "\n")

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
