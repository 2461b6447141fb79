"""What messages, people and answers do to the work of a situation: pure, beside ``life``."""

from domain.conversation.work import ANSWERED_BY, Work
from domain.conversation.work_words import WorkReason
from domain.ledger.attempt import AttemptState
from domain.situation import Situation


def asked(situation: Situation, work: Work) -> Situation:
    """A person is asked to do something for the customer: once for each reason at a time."""
    there = {one.reason: one for one in situation.work}
    here = {"contact_point_id": work.contact_point_id, "lacking": work.lacking}
    there[work.reason] = there.get(work.reason, work).model_copy(update=here)
    return situation.model_copy(update={"work": tuple(there.values())})


def done(situation: Situation, reason: WorkReason) -> Situation:
    """A person has done what they were asked for."""
    left = tuple(one for one in situation.work if one.reason is not reason)
    return situation.model_copy(update={"work": left})


def answered(situation: Situation, attempt_id: str) -> Situation:
    """An attempt has got somewhere: if it is an answer that arrived, what it answers is done. Not
    what was asked after it was sent: word of it may come late."""
    purposes = {purpose: reason for reason, purpose in ANSWERED_BY.items()}
    arrived = {
        purposes[one.purpose]: one.at
        for one in situation.contacts
        if one.attempt_id == attempt_id
        and one.state is AttemptState.DELIVERED
        and not one.elsewhere
        and one.purpose in purposes
    }
    left = tuple(
        one
        for one in situation.work
        if one.reason not in arrived or one.opened_at > arrived[one.reason]
    )
    return situation.model_copy(update={"work": left})
