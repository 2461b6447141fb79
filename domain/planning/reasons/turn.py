"""A person's turn: in a phase, after some touches, a person is asked to contact the customer.

Automation waits for them, and no longer than the strategy says: then it goes on by itself, and the
work item stays.
"""

from datetime import datetime, timedelta
from typing import Final

from domain.calendar import day_start, local_date, wall
from domain.channels import Channel
from domain.conversation.work_words import WorkReason
from domain.law.terms import Party
from domain.planning.frame import Frame
from domain.planning.limits.spending import CAPACITY, free_from, told_capacity
from domain.planning.step import Status, Step, StepKind
from domain.strategy import Phase

TURN: Final = "turn"
"""Why an account waits for a person whom its strategy has asked."""

TURN_DUE: Final = "turn_due"
"""The same, where nobody has been asked yet: whoever shows the plan asks (``activities``)."""


def persons_turn(frame: Frame, phase: Phase, step: Step) -> Step:
    """The touch that is due, or the wait for a person who is to come before it."""
    terms = phase.person
    if terms is None or step.kind is not StepKind.CONTACT or step.why == "failover":
        return step
    if step.touch <= terms.after or frame.situation.party is not Party.DEBTOR:
        return step
    asked = _asked(frame, phase)
    if asked is None and step.not_before > frame.now:
        words = f"A person is asked to contact the customer {wall(step.not_before, frame.zones)}"
        return frame.wait(step.not_before, TURN, words)
    today = local_date(asked or frame.now, frame.zones)
    until = day_start(today + timedelta(days=terms.within_days), frame.zones)
    others = f"nobody else does until {wall(until, frame.zones, frame.now)}"
    if asked is None:
        room = free_from(frame, Channel.HUMAN, frame.now)
        if room is None or room > frame.now:
            words = f"A person is to contact the customer: {told_capacity(frame, Channel.HUMAN)}"
            return frame.wait(room or frame.boundary, CAPACITY, words)
        words = f"A person is asked to contact the customer: {others}"
        return frame.wait(until, TURN_DUE, words, Status.RESTING)
    items = [one for one in frame.situation.work if one.reason is WorkReason.PERSON_FIRST]
    if not items or until <= frame.now:
        return step
    words = f"A person is asked to contact the customer (work {items[0].work_id}): {others}"
    return frame.wait(until, TURN, words, Status.RESTING)


def _asked(frame: Frame, phase: Phase) -> datetime | None:
    """When they were asked in this phase of the present delinquency; None: not yet."""
    account = frame.account
    if account.asked_at is None or account.asked_in != phase.name:
        return None
    return account.asked_at if account.since is None or account.asked_at >= account.since else None
