"""One row of another system's file as a row of intake."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from domain.channels import Channel
from domain.entry.intake import Problem, nearest
from domain.entry.mapping.model import IDS, PHONES, FileMapping, Flag, Rule, Unit, spelt
from domain.entry.mapping.values import Cell, amount, day, phone, plain
from domain.failures import BadInput
from domain.segments.attributes import ALWAYS, PREFIX, Attribute, AttributeType

Reader = Callable[[Sequence[Cell]], str]

_NEEDS: Final[Mapping[Channel, tuple[str, ...]]] = {
    Channel.SMS: ("mobile",),
    Channel.VOICE: ("mobile", "landline"),
    Channel.WHATSAPP: ("whatsapp",),
    Channel.EMAIL: ("email",),
}
"""Which address a consent is of."""


class Mapped(NamedTuple):
    """A row of intake, as far as it can be read, and each rule that the file's row breaks."""

    cells: dict[str, object]
    wrong: tuple[Problem, ...]


class Mapper:
    """Reads rows of a file with this header. Raises BadInput where the header does not fit."""

    def __init__(
        self,
        mapping: FileMapping,
        header: Sequence[str],
        declared: Mapping[str, Attribute] = ALWAYS,
    ) -> None:
        """``declared``: the attributes that there are, by name."""
        self._mapping, self._declared = mapping, declared
        self._at = _places(mapping, header)
        self._readers = {name: self._reader(name, rule) for name, rule in mapping.columns.items()}
        used = {spelt(name) for rule in mapping.columns.values() for name in rule.sources()}
        self.unread = tuple(name for name in header if name and spelt(name) not in used)
        """Columns of the file that the mapping does not speak of."""

    def row(self, cells: Sequence[Cell]) -> Mapped:
        """What a row says, cell by cell in the order of the header."""
        found: dict[str, object] = {}
        wrong: list[Problem] = []
        for name, reader in self._readers.items():
            try:
                found[name] = reader(cells)
            except ValueError as error:
                found[name] = ""
                wrong.append(Problem(name, str(error)))
        if isinstance(agreed := found.get("consents"), str) and agreed:
            found["consents"] = ";".join(one for one in agreed.split(";") if _reaches(one, found))
        return Mapped(found, tuple(wrong))

    def _reader(self, name: str, rule: Rule) -> Reader:
        if rule.constant is not None:
            constant = rule.constant
            return lambda cells: constant
        if rule.consents is not None:
            return self._consents(rule.consents)
        if rule.columns is not None:
            places = [self._at[spelt(one)] for one in rule.columns]
            return lambda cells: " ".join(filter(None, (plain(cells[at]) for at in places)))
        at, read = self._at[spelt(rule.column or "")], self._value(name, rule)
        return lambda cells: read(cells[at])

    def _value(self, name: str, rule: Rule) -> Callable[[Cell], str]:
        """How one cell is read for a column of intake."""
        if rule.values is not None:
            return _listed(rule.values, rule.otherwise)
        mapping, kind = self._mapping, self._kind(name)
        if kind is AttributeType.NUMBER:
            cents, turned = rule.unit is Unit.CENTS, rule.reversed
            marks = mapping.amounts.marks
            return lambda cell: amount(cell, marks, cents=cents, reversed_sign=turned)
        if kind is AttributeType.DATE:
            return lambda cell: day(cell, mapping.dates)
        if name in PHONES:
            return lambda cell: phone(cell, mapping.phones)
        figures = rule.figures if name in IDS else None
        return plain if figures is None else lambda cell: _filled(plain(cell), figures)

    def _kind(self, name: str) -> AttributeType:
        if name in ("balance", "score"):
            return AttributeType.NUMBER
        if name == "oldest_due_date":
            return AttributeType.DATE
        attribute = self._declared.get(name.removeprefix(PREFIX)) if PREFIX in name else None
        return AttributeType.TEXT if attribute is None else attribute.type

    def _consents(self, flags: Mapping[Channel, Flag]) -> Reader:
        read = {
            channel: (
                self._at[spelt(flag.column)],
                {spelt(one) for one in flag.agreed},
                {"", *map(spelt, flag.refused)},
            )
            for channel, flag in flags.items()
        }

        def consents(cells: Sequence[Cell]) -> str:
            agreed = []
            for channel, (at, yes, no) in read.items():
                said = spelt(plain(cells[at]))
                if said in yes:
                    agreed.append(channel.value)
                elif said not in no:
                    raise ValueError(
                        f"{channel}: is neither yes nor no by the mapping: list the value there"
                    )
            return ";".join(agreed)

        return consents


def _reaches(channel: str, found: Mapping[str, object]) -> bool:
    """Whether the row has an address that a consent is of; consent to none changes nothing."""
    needed = _NEEDS.get(Channel(channel), ()) if channel in _CHANNELS else ()
    return not needed or any(found.get(name) for name in needed)


_CHANNELS: Final = frozenset(Channel)


def _listed(values: Mapping[str, str], otherwise: str | None) -> Callable[[Cell], str]:
    known = {spelt(written): meant for written, meant in values.items()}

    def meaning(cell: Cell) -> str:
        said = spelt(plain(cell))
        if said in known:
            return known[said]
        if otherwise is not None or not said:
            return otherwise or ""
        raise ValueError("is a value that the mapping does not list: add it to values there")

    return meaning


def _filled(text: str, figures: int) -> str:
    """An id with the zeros that were lost before it."""
    if len(text) > figures:
        raise ValueError(f"has more than the {figures} figures that the mapping says")
    return text.zfill(figures) if text.isascii() and text.isdigit() else text


def _places(mapping: FileMapping, header: Sequence[str]) -> dict[str, int]:
    """Where each column that is asked for stands."""
    seen = Counter(map(spelt, header))
    places = {spelt(name): at for at, name in enumerate(header)}
    for target, rule in mapping.columns.items():
        for name in rule.sources():
            if spelt(name) not in seen:
                there = ", ".join(filter(None, header))
                raise BadInput(
                    f"has no column {name!r}, which the mapping names for {target}"
                    f"{nearest(name, header)}\nthere are: {there}"
                )
            if seen[spelt(name)] > 1:
                raise BadInput(
                    f"has {seen[spelt(name)]} columns {name!r}: give them different names, or name "
                    "all columns in the mapping (file: header)"
                )
    return places
