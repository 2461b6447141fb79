"""What requests and time do to disputes and hardships of a situation: pure, beside ``life``."""

from datetime import datetime

from domain.cases.case import (
    ENDS_IN,
    STANDING,
    Ask,
    Dispute,
    DisputeState,
    Hardship,
    HardshipState,
)
from domain.cases.words import Resolution
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.facts import (
    BeginHardship,
    Case,
    EndHardship,
    ExtendHardship,
    OpenDispute,
    ResolveDispute,
)
from domain.law.request import LawEvent
from domain.law.terms import EventKind
from domain.situation import Situation

_LIFTS = {
    Resolution.AGAINST: EventKind.DISPUTE_VERIFIED,
    Resolution.CORRECTED: EventKind.DISPUTE_VERIFIED,
    Resolution.WITHDRAWN: EventKind.DISPUTE_WITHDRAWN,
}


def said_by(asked: Case, account: str, at: datetime) -> LawEvent | None:
    """What goes on file with a request, for the law; None: nothing.

    That the customer is right lifts nothing: the account stays silent until it is corrected.
    """
    match asked:
        case OpenDispute(in_writing=written):
            kind = EventKind.DISPUTE
            return LawEvent(kind=kind, at=at, account_id=account, in_writing=written)
        case ResolveDispute(outcome=outcome) if outcome in _LIFTS:
            return LawEvent(kind=_LIFTS[outcome], at=at, account_id=account)
        case _:
            return None


def asks_at_once(asked: Case) -> WorkReason | None:
    """What a person is asked as soon as a request is on record."""
    upheld = isinstance(asked, ResolveDispute) and asked.outcome is Resolution.FOR
    return WorkReason.DISPUTE_UPHELD if upheld else None


def received(situation: Situation, asked: Case, at: datetime) -> Situation:
    """A request is on record; its dates are told (``completed``)."""
    match asked:
        case OpenDispute(id=name, reason=reason, answer_due=due):
            assert due is not None  # noqa: S101
            made = Dispute(dispute_id=name, reason=reason, opened_at=at, answer_due=due)
            return _with(situation, dispute=made)
        case ResolveDispute(outcome=outcome):
            return _disputed(situation, state=ENDS_IN[outcome])
        case BeginHardship(id=name, reason=reason, review_date=review):
            assert review is not None  # noqa: S101
            begun = Hardship(hardship_id=name, reason=reason, began_at=at, review_date=review)
            return _with(situation, hardship=begun)
        case ExtendHardship(review_date=review):
            return _in_hardship(situation, review_date=review, review_asked=False)
        case EndHardship():
            return _in_hardship(situation, state=HardshipState.ENDED)


def asked(situation: Situation, ask: Ask) -> Situation:
    """A person has been asked for a case."""
    match ask.reason:
        case WorkReason.DISPUTE_DUE:
            return _disputed(situation, asked=True)
        case WorkReason.HARDSHIP_REVIEW:
            return _in_hardship(situation, review_asked=True)
        case _:
            return _in_hardship(situation, person_asked=True)


def item(reason: WorkReason, since: datetime, work_id: int) -> Work:
    """The item by which a person is asked."""
    return Work(work_id=work_id, reason=reason, opened_at=since)


def _disputed(situation: Situation, **changed: object) -> Situation:
    known = situation.dispute
    if known is None:
        return situation
    made = known.model_copy(update=changed)
    stands = DisputeState(made.state) in STANDING
    return _with(situation, dispute=made if stands else None)


def _in_hardship(situation: Situation, **changed: object) -> Situation:
    known = situation.hardship
    if known is None:
        return situation
    made = known.model_copy(update=changed)
    active = HardshipState(made.state) is HardshipState.ACTIVE
    return _with(situation, hardship=made if active else None)


def _with(situation: Situation, **changed: object) -> Situation:
    return situation.model_copy(update=changed)
