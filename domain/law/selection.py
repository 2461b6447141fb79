"""Which past contacts a rule counts: sets worked out once, so that counting is a few look-ups."""

from functools import cache
from typing import TYPE_CHECKING

from domain.law.model import Counted, CountUnit
from domain.law.terms import Channel, Direction, Outcome

if TYPE_CHECKING:
    from domain.law.facts import Facts

Row = tuple[int, Channel, Direction, Outcome, str | None, str | None]
"""A past contact: epoch seconds, channel, direction, outcome, account and contact point."""


class Selection:
    """The contacts that count; make it through ``selection``, so that equal ones are one."""

    def __init__(self, counts: Counted, unit: CountUnit, *, others: bool) -> None:
        self._channels = frozenset(Channel if counts.channels is None else counts.channels)
        self._directions = frozenset(counts.directions)
        outcomes = frozenset(Outcome if counts.outcomes is None else counts.outcomes)
        self._outcomes = outcomes - set(counts.not_outcomes)
        self._of_debt = unit is not CountUnit.PERSON
        self._same_channel = counts.same_channel
        self._others = others
        self._same_point = counts.same_contact_point
        self._skip_wrong_numbers = counts.skip_wrong_numbers

    def among(self, rows: list[Row], facts: "Facts") -> list[int]:
        """Return the instants of the rows that count for what is asked, in their order."""
        channels, directions, outcomes = self._channels, self._directions, self._outcomes
        found = [
            row
            for row in rows
            if row[1] in channels and row[2] in directions and row[3] in outcomes
        ]
        if self._of_debt:
            found = [row for row in found if row[4] in facts.debt]
        if self._same_channel:
            found = [row for row in found if row[1] is facts.channel]
        if self._others:
            found = [row for row in found if row[1] is not facts.channel]
        if self._same_point:
            found = [row for row in found if facts.is_same_point(row[5])]
        if self._skip_wrong_numbers and facts.wrong_numbers:
            found = [row for row in found if row[5] not in facts.wrong_numbers]
        return [row[0] for row in found]


@cache
def selection(counts: Counted, unit: CountUnit, *, others: bool = False) -> Selection:
    """Return the shared selection; ``others``: only on other channels than the one asked about."""
    return Selection(counts, unit, others=others)
