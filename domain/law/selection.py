"""Which past contacts a rule counts: sets worked out once, so that counting is a few look-ups."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from domain.law.model import Counted, CountUnit
from domain.law.terms import ContactOutcome, Direction, LawPointKind, Medium

if TYPE_CHECKING:
    from domain.law.facts import Facts


class Selection:
    """The contacts that count; make it through ``selection``, so that equal ones are one."""

    def __init__(
        self, counts: Counted, unit: CountUnit, inbound: tuple[ContactOutcome, ...], *, others: bool
    ) -> None:
        self._channels = frozenset(Medium if counts.channels is None else counts.channels)
        outcomes = set(ContactOutcome if counts.outcomes is None else counts.outcomes)
        outcomes -= set(counts.not_outcomes)
        self._outcomes = {
            way: frozenset(outcomes if way in counts.directions else ()) for way in Direction
        }
        self._outcomes[Direction.INBOUND] |= frozenset(inbound)
        self._of_debt = unit is not CountUnit.PERSON
        kinds = counts.contact_points
        self._kinds = frozenset({LawPointKind.UNKNOWN, *kinds} if kinds else LawPointKind)
        self._by_channel = counts.same_channel or others
        self._others = others
        self._same_point = counts.same_contact_point
        self._skip_wrong_numbers = counts.skip_wrong_numbers

    def latest_first(self, facts: "Facts", since: int) -> Iterator[int]:
        """Yield when the contacts were that count for what is asked, none before ``since``.

        One by one: most limits want to know of the last one or two, and no more is looked at.
        """
        outcomes, kinds = self._outcomes, self._kinds
        channels = self._channels_of(facts) if self._by_channel else self._channels
        debts = facts.debt if self._of_debt else None
        wrong = facts.wrong_numbers if self._skip_wrong_numbers else ()
        same_point, servicing = self._same_point, facts.servicing
        for at, channel, direction, outcome, account_id, point, kind, serviced in facts.past:
            if at < since:
                return
            if (
                channel in channels
                and outcome in outcomes[direction]
                and (debts is None or account_id in debts or serviced in servicing)
                and kind in kinds
                and point not in wrong
                and (not same_point or facts.is_same_point(point))
            ):
                yield at

    def _channels_of(self, facts: "Facts") -> frozenset[Medium]:
        asked = {facts.channel}
        return self._channels - asked if self._others else self._channels & asked


@cache
def selection(
    counts: Counted,
    unit: CountUnit,
    inbound: tuple[ContactOutcome, ...] = (),
    *,
    others: bool = False,
) -> Selection:
    """Return the shared selection; ``others``: only on other channels than the one asked about."""
    return Selection(counts, unit, inbound, others=others)
