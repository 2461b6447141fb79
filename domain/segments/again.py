"""Waiting no longer than until the days alone may make another strategy right."""

from collections.abc import Sequence
from datetime import datetime

from domain.calendar import wall
from domain.planning.step import Step, StepKind


def until_chosen_again(step: Step, until: datetime | None, zones: Sequence[str]) -> Step:
    """The step; or a wait until ``until``, where it lies before the step."""
    if until is None or step.ends or step.not_before <= until:
        return step
    return Step(
        kind=StepKind.WAIT,
        not_before=until,
        summary=f"{step.summary}; its segment is asked for again {wall(until, zones)}",
        why="segment",
        phase=step.phase,
        view=step.view,
    )
