"""Answers to what a customer wrote: planned, judged by the law and sent like any other contact.

Each is given once, where it was asked, by the account that was last spoken of, and is let go when
its time has passed: then it is a person's.
"""

from datetime import datetime, timedelta
from typing import Final

from domain.channels import Purpose
from domain.conversation.wishes.preference import FROM_MESSAGE
from domain.conversation.work import ANSWERED_BY, ASKED_BACK
from domain.conversation.work_words import WorkReason
from domain.facts import LONGEST_ID
from domain.ledger.attempt import PastContact
from domain.planning.frame import Frame
from domain.planning.touches import BESIDE, Touch
from domain.situation import Situation

ANSWER_WITHIN: Final = timedelta(hours=18)
"""Later a person answers. From when it came in: no provider of messages says when it was written,
and one that could not be brought may have been written two hours before. Nobody should be answered
a day later, and WhatsApp takes free text for 24 hours from the writing."""


def answer(frame: Frame) -> Touch | None:
    """The answer that is due, if one is."""
    return _to_question(frame) or _to_promise(frame) or _to_preference(frame)


def to_party(frame: Frame) -> Touch | None:
    """The same to one who stands for the account: who writes, and how they want to be reached. How
    much is owed, what was promised or paid is the debtor's affair, and a person's."""
    for work in frame.situation.work:
        if work.reason is WorkReason.IDENTITY and work.contact_point_id is not None:
            since = min(work.opened_at, frame.now - ANSWER_WITHIN)
            told = (Purpose.IDENTITY_ANSWER, work.contact_point_id, work.opened_at, since)
            if (touch := _touch(frame, *told)) is not None:
                return touch
    return _to_preference(frame)


_LEFT_ALONE: Final = frozenset({WorkReason.ATTORNEY, WorkReason.DECEASED, WorkReason.STOP})
"""Beside which not even a helpline is told: until a person has decided, nobody may be written to,
or it may be somebody else who reads."""


def helpline(frame: Frame) -> Touch | None:
    """Who speaks of ending their life is told whom to call, once, whatever else is silent."""
    waiting = {one.reason: one for one in frame.situation.work}
    crisis = waiting.get(WorkReason.CRISIS)
    if crisis is None or crisis.contact_point_id is None or waiting.keys() & _LEFT_ALONE:
        return None
    if frame.situation.customer.country not in frame.rules.helplines:
        return None
    since = min(crisis.opened_at, frame.now - ANSWER_WITHIN)
    told = (Purpose.CRISIS_ANSWER, crisis.contact_point_id, crisis.opened_at, since)
    return _touch(frame, *told)


def is_spoken_of(situation: Situation, at: datetime) -> bool:
    """Whether what the customer said at an instant is about this account: the one that led the last
    contact before. Where nobody was ever contacted, nobody knows."""
    made = [
        one
        for one in situation.contacts
        if one.at <= at and not one.released and not one.elsewhere and not one.missed
    ]
    return bool(made) and max(made, key=lambda one: (one.at, one.step)).account == situation.key


def _to_question(frame: Frame) -> Touch | None:
    for work in frame.situation.work:
        purpose = ANSWERED_BY.get(work.reason)
        if purpose is None and work.lacking:
            purpose = ASKED_BACK.get(work.reason)
        if purpose is not None and work.contact_point_id is not None:
            # Once in that time, whatever is asked again: a program may be answering our answers.
            since = min(work.opened_at, frame.now - ANSWER_WITHIN)
            touch = _touch(frame, purpose, work.contact_point_id, work.opened_at, since)
            if touch is not None:
                return touch
    return None


def _to_promise(frame: Frame) -> Touch | None:
    promise = frame.situation.open_promise(frame.now)
    if promise is None or not promise.promise_id.startswith(FROM_MESSAGE):
        return None
    return _read_back(frame, Purpose.PROMISE_CONFIRMATION, promise.promise_id)


def _to_preference(frame: Frame) -> Touch | None:
    """What the customer wrote of how they want to be reached is read back, the last of it."""
    stated = [
        one
        for one in frame.situation.preferences
        if one.preference_id.startswith(FROM_MESSAGE) and one.said_at <= frame.now
    ]
    last = max(stated, key=lambda one: one.said_at, default=None)
    if last is None:
        return None
    if not last.preference.can_be_met(frame.situation.customer.points):
        return None  # not to promise what cannot be kept yet
    return _read_back(frame, Purpose.PREFERENCE_CONFIRMATION, last.preference_id)


def _read_back(frame: Frame, purpose: Purpose, name: str) -> Touch | None:
    """What a message said is read back where that very one was written: others may have come from
    elsewhere meanwhile, and a telephone may be somebody else's, too."""
    for one in frame.situation.replies:
        known_as = f"{FROM_MESSAGE}{one.message}"
        if name in (known_as, known_as[:LONGEST_ID]) and one.contact_point_id is not None:
            return _touch(frame, purpose, one.contact_point_id, one.at, one.at)
    return None


def _touch(
    frame: Frame, purpose: Purpose, point: str, asked_at: datetime, since: datetime
) -> Touch | None:
    """The answer to what was asked somewhere, unless it was given since another instant."""
    over = asked_at + ANSWER_WITHIN
    if purpose not in frame.rules.strategy.answers or not asked_at <= frame.now < over:
        return None
    if not is_spoken_of(frame.situation, asked_at):
        return None
    if any(one.purpose is purpose for one in _since(frame.situation, since)):
        return None
    return Touch(number=BESIDE, earliest=frame.now, only=point, purpose=purpose, over=over)


def _since(situation: Situation, at: datetime) -> list[PastContact]:
    """What was said, or may have been, to this customer since."""
    return [one for one in situation.contacts if one.at >= at and not one.released]
