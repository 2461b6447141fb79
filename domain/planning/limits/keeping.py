"""The operator's own limits in words: why a contact comes later, or not at all in a phase."""

from typing import Final, NamedTuple

from domain.calendar import wall
from domain.planning.frame import Frame
from domain.planning.limits.spending import CAPACITY, told_budget, told_capacity
from domain.planning.step import Step
from domain.planning.touches import Touch
from domain.planning.ways import Way, best_way
from domain.strategy.phase import Phase

QUIET: Final = "quiet"
"""Why a contact waits for the end of the operator's quiet times."""
BUDGET: Final = "budget"
"""Why an account waits whose phase may cost no more."""


class KeptBack(NamedTuple):
    """What of the operator's own decided the time of a contact."""

    why: str
    """A code; empty where it is only said."""
    words: str


def kept_back(frame: Frame, phase: Phase, touch: Touch, way: Way) -> KeptBack | None:
    """Why it comes no sooner, by a limit of the operator's; and what is left of its budget."""
    why, said = "", []
    if phase.budget is not None and not touch.answers:
        said.append(told_budget(frame, phase))
    if touch.answers:
        pass
    elif way.full:
        why = CAPACITY
        said.append(f"after a full day: {told_capacity(frame, way.channel)}")
    elif touch.held is not None:
        why = touch.held.why
        said.append(f"after {touch.held.words}")
    elif frame.quiet is not None and not frame.quiet.hold(touch.earliest):
        why = QUIET
        said.append("after quiet time")
    return KeptBack(why, ", ".join(said)) if said else None


def no_further_touch(frame: Frame, phase: Phase, touch: Touch) -> Step:
    """The next touch would come after the account has left its phase."""
    words = f"No further touch due in {phase.name}"
    if touch.held is None:
        return frame.wait(frame.boundary, "phase", words)
    until = wall(touch.held.until, frame.zones, frame.now)
    words += f": {touch.held.words} is reached until {until}"
    return frame.wait(frame.boundary, touch.held.why, words)


def all_quiet_or_spent(frame: Frame, phase: Phase, touch: Touch) -> Step | None:
    """Where the law leaves time for the touch, and a limit of the operator's none of it."""
    until = wall(frame.boundary, frame.zones, frame.now)
    if frame.quiet is not None and best_way(frame, phase, touch):
        words = f"Nobody is contacted until {until}: every lawful hour left in phase {phase.name} "
        return frame.wait(frame.boundary, QUIET, words + "is quiet")
    hours = frame.open_hours
    if phase.budget is not None:
        free_of_cost = phase.model_copy(update={"budget": None})
        if best_way(frame, free_of_cost, touch, wished=hours):
            words = f"Nobody is contacted in phase {phase.name} any more, until {until}: "
            return frame.wait(frame.boundary, BUDGET, words + told_budget(frame, phase))
    if frame.rules.strategy.capacity is not None:
        without = frame.rules.strategy.model_copy(update={"capacity": None})
        roomy = Frame(frame.situation, frame.now, frame.rules_with(without))
        if best_way(roomy, phase, touch, wished=hours):
            words = f"No day until {until} has room for a contact in phase {phase.name}"
            return frame.wait(frame.boundary, CAPACITY, words)
    return None
