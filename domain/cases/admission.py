"""Which requests about a dispute or a hardship are refused, and in which words."""

from datetime import date, timedelta
from typing import NamedTuple

from domain.cases.case import DisputeState
from domain.cases.terms import CaseTerms
from domain.cases.words import Resolution
from domain.facts import (
    BeginHardship,
    Case,
    EndHardship,
    ExtendHardship,
    OpenDispute,
    ResolveDispute,
)

MOST_DAYS = 366
"""How far ahead, in days, an answer or a review may be due."""


class Standing(NamedTuple):
    """What stands of an account."""

    dispute: str | None = None
    """The id of the dispute that is open, or resolved for the customer."""
    dispute_state: DisputeState | None = None
    hardship: str | None = None
    """The id of the hardship that is active."""


def case_refused(asked: Case, standing: Standing, today: date) -> str | None:
    """Why it cannot be done, naming field and rule; None when it can."""
    match asked:
        case OpenDispute(answer_due=due):
            if standing.dispute is not None:
                return f"dispute: {standing.dispute} stands already: resolve that one first"
            return _date_refused("answer_due", due, today)
        case ResolveDispute():
            return _resolution_refused(asked, standing)
        case BeginHardship(review_date=review):
            if standing.hardship is not None:
                return f"hardship: {standing.hardship} is active already: extend or end that one"
            return _date_refused("review_date", review, today)
        case ExtendHardship(review_date=review):
            other = _other("hardship", asked.hardship, standing.hardship, "active")
            return other or _date_refused("review_date", review, today)
        case EndHardship():
            return _other("hardship", asked.hardship, standing.hardship, "active")


def _resolution_refused(asked: ResolveDispute, standing: Standing) -> str | None:
    if (other := _other("dispute", asked.dispute, standing.dispute, "open")) is not None:
        return other
    is_for = standing.dispute_state is DisputeState.RESOLVED_FOR
    if is_for and asked.outcome is not Resolution.CORRECTED:
        return (
            f"outcome: {standing.dispute} is resolved for the customer: `corrected` ends it, or "
            "close the account"
        )
    if asked.outcome is Resolution.CORRECTED and not is_for:
        return f"outcome: {standing.dispute} is open: `for`, `against` or `withdrawn` resolves it"
    return None


def _other(what: str, named: str | None, standing: str | None, word: str) -> str | None:
    if standing is None:
        return f"{what}: there is none that is {word}"
    if named not in (None, standing):
        return f"{what}: {named} is not the one that stands, which is {standing}"
    return None


def _date_refused(field: str, named: date | None, today: date) -> str | None:
    if named is None:
        return None
    if named < today:
        return f"{field}: must not lie in the past, {named} does (today is {today})"
    if (ahead := (named - today).days) > MOST_DAYS:
        return f"{field}: at most {MOST_DAYS} days ahead, {named} is {ahead}"
    return None


def completed(asked: Case, today: date, terms: CaseTerms) -> Case:
    """A request with the dates that the strategy says where it names none."""
    match asked:
        case OpenDispute(answer_due=None):
            due = today + timedelta(days=terms.dispute.answer_days)
            return asked.model_copy(update={"answer_due": due})
        case BeginHardship(review_date=None):
            review = today + timedelta(days=terms.hardship.review_days)
            return asked.model_copy(update={"review_date": review})
        case _:
            return asked
