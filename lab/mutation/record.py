"""What became of each change, kept in a file so that a run can go on where another stopped."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

SEEN, SURVIVED, HUNG = "seen", "survived", "hung"
FATES: Final = (SEEN, SURVIVED, HUNG)
LEFT: Final = "left"
"""Not seen as far as patience went, so not tried yet."""


class Tried(NamedTuple):
    """A change that was tried: what became of it, in how many seconds of work, and who saw it."""

    name: str
    fate: str
    seconds: float
    by: str | None

    @property
    def line(self) -> str:
        """The change on a line of its own, divided by tabs."""
        return "\t".join([self.name, self.fate, f"{self.seconds:.2f}", self.by or "-"])

    @classmethod
    def read(cls, line: str) -> Self:
        """The change that was told on a line."""
        name, fate, seconds, by = line.rstrip("\n").split("\t")
        return cls(name, fate, float(seconds), None if by == "-" else by)


class Record:
    """The changes tried so far, in a file to which several processes may add."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def tried(self) -> dict[str, Tried]:
        """By name, the last word on each."""
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return {tried.name: tried for tried in map(Tried.read, lines)}

    def add(self, tried: Tried) -> None:
        """Keep one more, and say so unless it was seen."""
        if tried.fate != SEEN:
            print(f"{tried.fate}: {tried.name}", flush=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(tried.line + "\n")


def table(groups: Mapping[str, str], tried: Mapping[str, Tried]) -> Iterator[str]:
    """Lines that say for each pack or module, and for all, how many were tried, and how."""
    told = {name: group for name, group in groups.items() if name in tried}
    counted = Counter((group, tried[name].fate) for name, group in told.items())
    wanted = Counter(groups.values())
    yield _row(("", "changes", "tried", *FATES))
    for group in wanted:
        yield _row((group, wanted[group], *_counts(counted, [group])))
    yield _row(("all", len(groups), *_counts(counted, list(wanted))))


def _counts(counted: Mapping[tuple[str, str], int], groups: Sequence[str]) -> list[int]:
    fates = [sum(counted[group, fate] for group in groups) for fate in FATES]
    return [sum(fates), *fates]


def _row(cells: Sequence[object]) -> str:
    return f"{cells[0]!s:12}" + "".join(f"{cell!s:>10}" for cell in cells[1:])
