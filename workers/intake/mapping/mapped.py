"""A file of another system as rows of intake."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from domain.entry.intake import Problem
from domain.entry.mapping.mapper import Mapper
from domain.entry.mapping.model import FileMapping, spelt
from domain.entry.mapping.values import shown
from domain.failures import BadInput
from domain.segments.attributes import Attribute
from workers.intake.files import Format, Record, broken
from workers.intake.mapping.tables import Line, is_workbook, table
from workers.intake.readings import Reading


class MappedFile(Reading):
    """A file that is read by a mapping. Raises BadInput where its header does not fit it."""

    def __init__(self, path: Path, mapping: FileMapping, declared: Mapping[str, Attribute]) -> None:
        """``declared``: the attributes that there are, by name."""
        self.path, self.kind, self._mapping = path, Format.CSV, mapping
        self._declared = declared
        with table(path, mapping.file) as found:
            self.columns: Sequence[str] = found.header
            self.unread = self._mapper(found.header).unread

    def identity(self) -> str:
        """Another mapping reads other rows of the same file."""
        return hashlib.sha256(self._mapping.model_dump_json().encode()).hexdigest()

    def records(self) -> Iterator[Record]:
        """All rows but those of the footer."""
        shape, footer = self._mapping.file, self._mapping.file.footer
        with table(self.path, shape) as found:
            mapper = self._mapper(found.header)
            for line in found.lines:
                if footer is None or not _begins(line, spelt(footer)):
                    yield self._record(line, found.header, mapper)

    def is_finished(self) -> bool:
        """A workbook is whole if it can be opened, and text if its last line has an end."""
        if is_workbook(self.path):
            return True
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 1))
            return file.read() in (b"\n", b"\r", b"")

    def _mapper(self, header: Sequence[str]) -> Mapper:
        try:
            return Mapper(self._mapping, header, self._declared)
        except BadInput as error:
            raise BadInput(f"{self.path}: {error}") from error

    def _record(self, line: Line, header: list[str], mapper: Mapper) -> Record:
        if line.broken is not None:
            sign = self._mapping.file.delimiter.sign
            of_text = broken(line.number, line.broken, header, sign)
            return of_text._replace(cells={})
        cells = list(line.cells)
        original = [shown(cell) for cell in cells]
        while len(cells) > len(header) and cells[-1] == "":
            cells.pop()
        if len(cells) != len(header):
            rule = f"has {len(cells)} cells, the header has {len(header)}"
            return Record(line.number, {}, original, Problem("row", rule))
        said, wrong = mapper.row(cells)
        problem = None
        if wrong:
            problem = Problem(*("; ".join(parts) for parts in zip(*wrong, strict=True)))
        return Record(line.number, said, original, problem)


def _begins(line: Line, footer: str) -> bool:
    first = next((text for cell in line.cells if (text := spelt(shown(cell)))), "")
    return first.startswith(footer)
