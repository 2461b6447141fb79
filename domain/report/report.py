"""A report: two periods side by side, with what there is to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from domain.report.figures import Cell, Dimension, Tally, groups, sums
from domain.report.findings import Finding, Late
from domain.report.lawful import Lawful
from domain.report.period import Period
from domain.report.prices import Prices
from domain.report.statistics import Share


class Failed(NamedTuple):
    """Attempts of one kind that did not arrive, now and before."""

    channel: str
    provider: str
    state: str
    refusal: str
    code: str
    now: int
    before: int


class Took(NamedTuple):
    """How long something took, in seconds: half of it less than ``median``."""

    number: int
    median: float | None
    ninetieth: float | None


class Trend(NamedTuple):
    """One day, of the period before or of the period."""

    day: date
    now: bool
    contacts: int
    delivered: int


class Roll(NamedTuple):
    """Accounts by the bucket they were in on the first day, and where they are on the last."""

    start: str
    end: str
    accounts: int


@dataclass
class Report:
    """Everything that any form of it shows."""

    period: Period
    made_at: datetime
    prices: Prices
    cells: Sequence[Cell]
    by: Sequence[Dimension] = ()
    trend: Sequence[Trend] = ()
    hours: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """By channel, contacts of the period by the hour on the customer's clock."""
    hours_before: Mapping[str, Sequence[int]] = field(default_factory=dict)
    lawful: Mapping[bool, Sequence[Lawful]] = field(default_factory=dict)
    """Of the period (True) and of the one before, by channel and country, how much of the hours
    that the law left open was used."""
    failed: Sequence[Failed] = ()
    templates: Mapping[tuple[str, str, str], Share] = field(default_factory=dict)
    rolls: Mapping[bool, Sequence[Roll]] = field(default_factory=dict)
    answers: Mapping[bool, Took] = field(default_factory=dict)
    work: Mapping[bool, Took] = field(default_factory=dict)
    late: Mapping[bool, Sequence[Late]] = field(default_factory=dict)
    findings: Sequence[Finding] = ()

    def whole(self) -> dict[bool, Tally]:
        """All of the period (True), and of the one before."""
        return sums(self.cells)

    def grouped(self, by: Dimension) -> dict[str, dict[bool, Tally]]:
        """The same by one dimension."""
        return groups(self.cells, by)


BUCKETS = ("current", "1-30", "31-60", "61-90", "91-120", "120+")
ENDS = ("cured", "settled", "closed", "recalled", "handed_off")
"""Where an account may be on the last day, beside the buckets."""


def worse(roll: Roll) -> bool:
    """Whether an account stands in a later bucket than before."""
    order = {name: place for place, name in enumerate(BUCKETS)}
    return order.get(roll.end, -1) > order.get(roll.start, 99)


def cost_to_collect(tally: Tally, prices: Prices) -> dict[str, float | None]:
    """By currency, what one unit collected costs; None where no rate tells."""
    return {
        currency: prices.to_collect(
            tally.cost_of.get(currency, Decimal()), tally.collected(currency), currency
        )
        for currency in tally.currencies
        if tally.collected(currency)
    }
