"""An account whose days are those of a phase, and which may not enter any."""

from typing import Final

from domain.calendar import wall
from domain.planning.frame import Frame
from domain.planning.step import Step

NOT_ENTERED: Final = "not_entered"
"""Why an account waits that may not enter any phase yet."""


def not_entered(frame: Frame) -> Step | None:
    """The days are those of a phase, and what else it asks for does not hold."""
    if frame.phase is not None or frame.by_days is None:
        return None
    asked = frame.by_days.enter
    needs = f" (it needs {asked.words})" if asked else ""
    until = wall(frame.boundary, frame.zones, frame.now)
    words = f"Phase {frame.by_days.name} is not entered{needs}; looked at again {until}"
    return frame.wait(frame.boundary, NOT_ENTERED, words)
