"""What a dispute, a hardship and a customer for persons alone do to an account's planning."""

from datetime import datetime, timedelta
from typing import Final

from domain.calendar import day_start, local_date, wall
from domain.cases.case import Dispute, DisputeState, asks
from domain.conversation.work_words import WorkReason
from domain.planning.frame import Frame
from domain.planning.step import Status, Step, StepKind
from domain.strategy import Phase

DISPUTE: Final = "disputed"
"""Why an account is silent whose debt is disputed."""

HARDSHIP: Final = "hardship"
"""Why an account waits beyond its last phase whose customer is in hardship."""

PERSON_FIRST: Final = "person_first"
"""Why an account waits whose customer a person contacts."""

PERSON_DUE: Final = "person_due"
"""The same, where nobody has been asked yet: whoever shows the plan asks (``activities``)."""

_LOOK: Final = timedelta(days=30)
"""How long an account waits for what a person ends, beyond the last of its phases."""


def silence(frame: Frame) -> Step | None:
    """A dispute that stands, or a person who is to speak with the customer first."""
    dispute = frame.situation.dispute
    if dispute is not None:
        return _disputed(frame, dispute)
    hardship = frame.situation.hardship
    if hardship is not None and frame.rules.strategy.hardship.person_first:
        return _person_first(frame)
    return None


def kept(frame: Frame) -> Step | None:
    """Past the last phase: who is in hardship is not handed off."""
    hardship = frame.situation.hardship
    if hardship is None:
        return None
    review = f"{hardship.review_date:%d %b}"
    words = f"In hardship, past the last phase: not handed off until it is ended (review {review})"
    return frame.wait(frame.now + _LOOK, HARDSHIP, words)


def by_person(frame: Frame, phase: Phase, step: Step) -> Step:
    """A touch of the machine, or in its place the wait for a person where none but persons may
    contact the customer. It says no more than where a person only speaks first: that is nothing
    for Temporal."""
    if not frame.situation.persons_only or step.kind is not StepKind.CONTACT:
        return step
    if (waits := _person_first(frame)) is not None:
        return waits
    due, asked = step.not_before, frame.situation.person_asked_at
    if asked is not None:
        again = local_date(asked, frame.zones) + timedelta(days=phase.cadence.min_days)
        due = max(due, day_start(again, frame.zones))
    if due > frame.now:
        words = f"A person contacts the customer next, {wall(due, frame.zones, frame.now)}"
        return frame.wait(due, PERSON_FIRST, words, Status.RESTING)
    words = "A person is asked to contact the customer: nobody else does until then"
    return frame.wait(_open_end(frame), PERSON_DUE, words, Status.RESTING)


def looked_at(frame: Frame, step: Step) -> Step:
    """The step, or a wait that ends before it: when a person has to be asked for a case."""
    if step.ends:
        return step
    situation = frame.situation
    about = (situation.dispute, situation.hardship, frame.rules.strategy.hardship, frame.zones)
    ahead = [ask for ask in asks(*about) if frame.now < ask.since < step.not_before]
    if not ahead:
        return step
    first = min(ahead, key=lambda ask: ask.since)
    if step.kind is StepKind.WAIT:
        return step.model_copy(update={"not_before": first.since})
    day = wall(first.since, frame.zones, frame.now)
    return Step(
        kind=StepKind.WAIT,
        not_before=first.since,
        summary=f"A person is asked to look {day}; then: {step.summary}",
        why=first.reason,
        phase=step.phase,
        view=step.view.model_copy(update={"next_contact_at": None}),
    )


def _disputed(frame: Frame, dispute: Dispute) -> Step:
    what = dispute.reason.replace("_", " ")
    if dispute.state is DisputeState.RESOLVED_FOR:
        words = f"Dispute ({what}) resolved for the customer: nobody is contacted until the account"
        return frame.wait(
            _open_end(frame), DISPUTE, f"{words} is corrected or closed", Status.DISPUTED
        )
    late = dispute.overdue_at(frame.zones) <= frame.now
    answer = f"answer {'was due' if late else 'due'} {dispute.answer_due:%d %b}"
    words = f"Disputed ({what}): nobody is contacted until it is resolved, {answer}"
    return frame.wait(_open_end(frame), DISPUTE, words, Status.DISPUTED)


def _person_first(frame: Frame) -> Step | None:
    asked = [one for one in frame.situation.work if one.reason is WorkReason.PERSON_FIRST]
    if not asked:
        return None
    words = (
        f"A person contacts the customer first (work {asked[0].work_id}): nobody else until then"
    )
    return frame.wait(_open_end(frame), PERSON_FIRST, words, Status.RESTING)


def _open_end(frame: Frame) -> datetime:
    return frame.boundary if frame.boundary > frame.now else frame.now + _LOOK
