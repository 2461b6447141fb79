"""``contrapunto intake FILE --map MAPPING``: write a first mapping, and show what it reads."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import yaml
from rich.console import Console
from rich.table import Table as Shown

from domain.entry.bounds import storable
from domain.entry.intake import COLUMNS
from domain.entry.mapping.guessing import Guess, guess
from domain.entry.mapping.mapper import Mapper
from domain.entry.mapping.model import Delimiter, Encoding, FileMapping, FileShape
from domain.entry.mapping.names import target_of
from domain.entry.mapping.values import Cell, shown
from domain.failures import BadInput
from domain.segments.attributes import Attribute
from workers.intake.files import TOTALS, refuse_no_text
from workers.intake.mapping.tables import is_workbook, table

_LOOKED_AT: Final = 1000
_SHOWN: Final = 10
_TITLES: Final = 30
"""Lines above a header that are looked through for it."""
_SAMPLE: Final = 1 << 18


def write_first(
    path: Path, target: Path, declared: Mapping[str, Attribute], console: Console
) -> None:
    """Guess a mapping for ``path``, write it to ``target`` and show ten rows as it reads them.

    Raises BadInput where the file cannot be read, or ``target`` is there.
    """
    if target.exists():
        raise BadInput(f"--map: {target} is there already: name another file, or take it away")
    shape = _shape(path)
    with table(path, shape) as found:
        rows = [line.cells for line in islice(found.lines, _LOOKED_AT) if line.broken is None]
        header = found.header
    shape = shape.model_copy(update={"footer": _footer(rows)})
    made = guess(header, rows)
    text = "\n".join(_lines(path, shape, made)) + "\n"
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"--map: {target} cannot be written ({error.strerror})") from error
    _show(made, text, header, rows[:_SHOWN], declared, console)
    told = f"written: {target}; read it, and then run the file with --mapping {target} --check"
    for line in (*made.unsure, *(f"no column was found for {name}" for name in made.missing), told):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _shape(path: Path) -> FileShape:
    """How a file is written, as far as its first lines tell."""
    if is_workbook(path):
        with table(path, FileShape(header=("A",))) as found:
            rows = [
                [shown(cell).strip() for cell in one.cells] for one in islice(found.lines, _TITLES)
            ]
        return FileShape(skip_lines=_header_at(rows))
    refuse_no_text(path)
    encoding = _encoding(path)
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    lines = sample.decode(encoding.value, "replace").lstrip("\ufeff").splitlines()[:_TITLES]
    delimiter = _delimiter(lines)
    above = _header_at([line.split(delimiter.sign) for line in lines])
    return FileShape(delimiter=delimiter, encoding=encoding, skip_lines=above)


def _footer(rows: Sequence[Sequence[Cell]]) -> str | None:
    """How a last row begins that counts the others."""
    filled = [text for cell in (rows[-1] if rows else ()) if (text := shown(cell).strip())]
    found = TOTALS.match(filled[0]) if filled else None
    return None if found is None else found[0]


def _encoding(path: Path) -> Encoding:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(_SAMPLE):
                pass
    except UnicodeDecodeError:
        return Encoding.WINDOWS_1252
    return Encoding.UTF_8


def _delimiter(lines: Sequence[str]) -> Delimiter:
    """The sign that parts most lines into the same number of cells, and into most of them."""

    def worth(one: Delimiter) -> tuple[int, int]:
        counts = Counter(line.count(one.sign) for line in lines if line.count(one.sign))
        times, most = max(((times, count) for count, times in counts.items()), default=(0, 0))
        return times * most, most

    return max(Delimiter, key=worth)


def _header_at(lines: Sequence[Sequence[str]]) -> int:
    """How many lines stand above the one that names most columns of those we know."""
    known = [sum(target_of(cell) is not None for cell in cells) for cells in lines]
    return known.index(max(known)) if known and max(known) > 1 else 0


def _lines(path: Path, shape: FileShape, made: Guess) -> Iterator[str]:
    yield f"# A first mapping for {storable(path.name)}, guessed: read each line before it is used."
    yield from (f"# NOT CERTAIN: {storable(one)}" for one in made.unsure)
    said = shape.model_dump(mode="json", exclude_defaults=True)
    if said:
        yield from _yaml({"file": said})
    yield from _yaml(
        {"amounts": {"decimal": made.marks.decimal, "thousands": made.marks.thousands}}
    )
    yield from _yaml({"dates": list(made.forms)})
    if made.phones:
        yield "# phones: CO  # the country of numbers without a country's code"
    yield "columns:"
    for name in COLUMNS:
        if name in made.columns:
            source = made.columns[name]
            said_of = source if isinstance(source, str) else {"columns": source}
            yield from (f"  {line}" for line in _yaml({name: said_of}))
    if "score" in made.columns:
        yield from (f"  {line}" for line in _yaml({"score": made.columns["score"]}))
    if made.consents:
        consents = {
            channel: {"column": column, "agreed": yes, "refused": no}
            for channel, (column, yes, no) in made.consents.items()
        }
        yield from (f"  {line}" for line in _yaml({"consents": {"consents": consents}}))
    for name in made.missing:
        yield f"  # {name}: which column? or {{constant: ...}}"
    yield from (f"# not read: {storable(name)}" for name in made.unread)


def _yaml(said: object) -> list[str]:
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=1000).splitlines()


def _show(
    made: Guess,
    text: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    declared: Mapping[str, Attribute],
    console: Console,
) -> None:
    """The first rows as the mapping reads them; what is missing stands as a question."""
    said = yaml.safe_load(text)
    unknown = {name: {"constant": "?"} for name in made.missing}
    said["columns"] = {**(said["columns"] or {}), **unknown}
    shown = [name for name in COLUMNS if name in said["columns"]]
    said["columns"].setdefault("email", {"constant": "?"})
    mapper = Mapper(FileMapping.model_validate(said), header, declared)
    page = Shown(*shown)
    for cells in rows:
        if len(cells) == len(header):
            row = mapper.row(cells)
            wrong = {problem.field for problem in row.wrong}
            page.add_row(*("(refused)" if n in wrong else str(row.cells.get(n, "")) for n in shown))
    console.print(page)
