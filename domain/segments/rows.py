"""What a row of an intake file tells by which a strategy is chosen: a pin, and attributes."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from domain.entry.intake import Problem, nearest
from domain.segments.attributes import ALWAYS, PREFIX, Attribute, Held, held

STRATEGY: Final = "strategy"


class Told(NamedTuple):
    """What one row tells; what it does not speak of stays as it is."""

    pins: bool = False
    """Whether it speaks of the strategy at all."""
    strategy: str | None = None
    """The one that it pins; None: none any more."""
    attributes: Mapping[str, Held | None] = {}
    """By name; None: not known any more."""


class Portfolio(NamedTuple):
    """What may be told, by what an operator has configured."""

    strategies: Collection[str] = ("default",)
    declared: Mapping[str, Attribute] = ALWAYS

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a file may have beside those that it must have."""
        return (STRATEGY, *(f"{PREFIX}{name}" for name in self.declared))


ALONE: Final = Portfolio()
"""Nothing but what needs no declaration."""


def is_of_choosing(column: str) -> bool:
    """Whether a column is none of those that every file has."""
    return column == STRATEGY or column.startswith(PREFIX)


def told_by(
    cells: Mapping[str, object], portfolio: Portfolio
) -> tuple[Told | None, tuple[Problem, ...]]:
    """What a row tells; None: nothing. And each rule that it breaks: the field, never the value."""
    wrong: list[Problem] = []
    pins, strategy = STRATEGY in cells, _plain(cells.get(STRATEGY))
    if strategy is not None and strategy not in portfolio.strategies:
        there = ", ".join(sorted(portfolio.strategies))
        wrong.append(Problem(STRATEGY, f"must be a strategy that is configured: {there}"))
    said: dict[str, Held | None] = {}
    for column in filter(lambda one: one.startswith(PREFIX), cells):
        name, value = column.removeprefix(PREFIX), _plain(cells[column])
        attribute = portfolio.declared.get(name)
        if attribute is None:
            hint = nearest(column, portfolio.columns)
            rule = f"is no attribute that is declared (config/attributes.yaml){hint}"
            wrong.append(Problem(column, rule))
            continue
        try:
            said[name] = None if value is None else held(attribute, value)
        except ValueError as error:
            wrong.append(Problem(column, str(error)))
    told = Told(pins, None if strategy is None else str(strategy), said)
    return (told if pins or said else None), tuple(wrong)


def _plain(cell: object) -> object:
    """A cell without the blanks around it; None: it is empty."""
    return (cell.strip() or None) if isinstance(cell, str) else cell
