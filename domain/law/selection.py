"""Which past contacts a rule counts: sets worked out once, so that counting is a few look-ups."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from domain.law.model import Counted, CountUnit
from domain.law.request import Past
from domain.law.terms import Channel, Outcome, PointKind

if TYPE_CHECKING:
    from domain.law.facts import Facts


class Selection:
    """The contacts that count; make it through ``selection``, so that equal ones are one."""

    def __init__(self, counts: Counted, unit: CountUnit, *, others: bool) -> None:
        self._channels = frozenset(Channel if counts.channels is None else counts.channels)
        self._directions = frozenset(counts.directions)
        outcomes = frozenset(Outcome if counts.outcomes is None else counts.outcomes)
        self._outcomes = outcomes - set(counts.not_outcomes)
        self._of_debt = unit is not CountUnit.PERSON
        self._kinds = counts.contact_points and {PointKind.UNKNOWN, *counts.contact_points}
        self._same_channel = counts.same_channel
        self._others = others
        self._same_point = counts.same_contact_point
        self._skip_wrong_numbers = counts.skip_wrong_numbers

    def among(self, contacts: Iterable[Past], facts: "Facts") -> list[int]:
        """Return the instants of the contacts that count for what is asked, in their order."""
        channels, directions, outcomes = self._channels, self._directions, self._outcomes
        found = [
            past
            for past in contacts
            if past.channel in channels
            and past.direction in directions
            and past.outcome in outcomes
        ]
        if self._of_debt:
            found = [past for past in found if past.account_id in facts.debt]
        if self._kinds:
            found = [past for past in found if past.contact_point_kind in self._kinds]
        if self._same_channel:
            found = [past for past in found if past.channel is facts.channel]
        if self._others:
            found = [past for past in found if past.channel is not facts.channel]
        if self._same_point:
            found = [past for past in found if facts.is_same_point(past.contact_point_id)]
        if self._skip_wrong_numbers and facts.wrong_numbers:
            found = [past for past in found if past.contact_point_id not in facts.wrong_numbers]
        return [past.at for past in found]


@cache
def selection(counts: Counted, unit: CountUnit, *, others: bool = False) -> Selection:
    """Return the shared selection; ``others``: only on other channels than the one asked about."""
    return Selection(counts, unit, others=others)
