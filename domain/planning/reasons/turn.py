"""A person's turn: in a phase, after some touches, a person is asked to contact the customer.

Automation waits for them, and no longer than the strategy says: then it goes on by itself, and the
work item stays.
"""

from datetime import timedelta
from typing import Final

from domain.calendar import day_start, local_date, wall
from domain.conversation.work_words import WorkReason
from domain.law.terms import Party
from domain.planning.frame import Frame
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
    account = frame.account
    asked = account.asked_at if account.asked_in == phase.name else None
    if asked is not None and (account.since is None or asked >= account.since):
        until = day_start(local_date(asked, frame.zones) + _days(terms.within_days), frame.zones)
        items = [one for one in frame.situation.work if one.reason is WorkReason.PERSON_FIRST]
        if not items or until <= frame.now:
            return step
        words = (
            f"A person is asked to contact the customer (work {items[0].work_id}): nobody else "
            f"does until {wall(until, frame.zones, frame.now)}"
        )
        return frame.wait(until, TURN, words, Status.RESTING)
    if step.not_before > frame.now:
        words = f"A person is asked to contact the customer {wall(step.not_before, frame.zones)}"
        return frame.wait(step.not_before, TURN, words)
    today = local_date(frame.now, frame.zones)
    until = day_start(today + _days(terms.within_days), frame.zones)
    words = (
        "A person is asked to contact the customer: nobody else does until "
        f"{wall(until, frame.zones, frame.now)}"
    )
    return frame.wait(until, TURN_DUE, words, Status.RESTING)


def _days(number: int) -> timedelta:
    return timedelta(days=number)
