"""A dispute and a hardship of an account, and when a person is asked for each."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.calendar import day_start
from domain.cases.terms import HardshipTerms
from domain.cases.words import DisputeReason, HardshipReason, Resolution
from domain.conversation.work_words import WorkReason
from domain.model import Instant, Model


class DisputeState(StrEnum):
    """A dispute is open until a person resolves it, or the customer takes it back."""

    OPEN = "open"
    RESOLVED_FOR = "resolved_for"
    RESOLVED_AGAINST = "resolved_against"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"


class HardshipState(StrEnum):
    """A hardship is active until a person ends it."""

    ACTIVE = "active"
    ENDED = "ended"


STANDING: Final = frozenset({DisputeState.OPEN, DisputeState.RESOLVED_FOR})
"""While a dispute is in one of these, the account is silent."""

ENDS_IN: Final = {
    Resolution.FOR: DisputeState.RESOLVED_FOR,
    Resolution.AGAINST: DisputeState.RESOLVED_AGAINST,
    Resolution.WITHDRAWN: DisputeState.WITHDRAWN,
    Resolution.CORRECTED: DisputeState.CORRECTED,
}
"""The state that a resolution leads to."""


class Dispute(Model):
    """What the customer says is wrong with the debt, as planning sees it."""

    dispute_id: str
    reason: DisputeReason
    opened_at: Instant
    answer_due: date
    """The last day, on the customer's calendar, on which it is answered in time."""
    state: DisputeState = DisputeState.OPEN
    asked: bool = False
    """Whether a person was asked because that day was over."""

    def overdue_at(self, zones: Sequence[str]) -> datetime:
        """When that day is over, in every zone of the customer."""
        return day_start(self.answer_due + timedelta(days=1), zones)


class Hardship(Model):
    """The customer cannot pay as agreed, as planning sees it."""

    hardship_id: str
    reason: HardshipReason
    began_at: Instant
    review_date: date
    """The day, on the customer's calendar, on which a person looks again."""
    state: HardshipState = HardshipState.ACTIVE
    review_asked: bool = False
    """Whether a person was asked for that."""
    person_asked: bool = False
    """Whether a person was asked to speak with the customer first."""

    def review_at(self, zones: Sequence[str]) -> datetime:
        """When that day begins."""
        return day_start(self.review_date, zones)


class Ask(NamedTuple):
    """What a person is asked for a case, and since when."""

    reason: WorkReason
    since: datetime
    case_id: str


def asks(
    dispute: Dispute | None, hardship: Hardship | None, terms: HardshipTerms, zones: Sequence[str]
) -> Iterator[Ask]:
    """All that people have still to be asked for what stands, with when each falls due."""
    if dispute is not None and dispute.state is DisputeState.OPEN and not dispute.asked:
        yield Ask(WorkReason.DISPUTE_DUE, dispute.overdue_at(zones), dispute.dispute_id)
    if hardship is None:
        return
    if terms.person_first and not hardship.person_asked:
        yield Ask(WorkReason.PERSON_FIRST, hardship.began_at, hardship.hardship_id)
    if not hardship.review_asked:
        yield Ask(WorkReason.HARDSHIP_REVIEW, hardship.review_at(zones), hardship.hardship_id)
