"""How many people an experiment needs, said before it starts."""

from math import ceil, sqrt
from typing import Final, NamedTuple

from domain.experiments.experiment import Experiment, Plan
from domain.experiments.sequences import deviation_of, radius, tuned

_MORE_OFTEN: Final = 0.75
"""So many standard deviations beyond the radius a difference has to lie for four experiments in
five to be decided by then: 0.55 of those that are looked at 400 times, 0.84 of those that are
looked at once."""


class Needed(NamedTuple):
    """For one arm against the champion."""

    arm: str
    people: int
    """In the arm."""
    of_champion: int
    in_all: int
    """Of all arms together, until these two have theirs."""


def alpha_of(plan: Plan) -> float:
    """What each arm has of the error that is allowed: all of them together make no more of it."""
    return float(plan.alpha) / len(plan.challengers)


def of_two(margin: float, expected: float, chance: float, alpha: float) -> int:
    """How many people two arms need together for a verdict four times in five: that the arm is
    better where it is by ``margin``, and not worse by more than that where it is the same.

    ``chance``: the arm's, among the two. Each is thought to have its mean at ``expected``, where
    the deviation of yes and no is no smaller than that of a part between 0 and 1.
    """
    deviation = deviation_of(expected, expected, chance)
    few, many = 1, 2
    while not _enough(many, margin, deviation, alpha):
        few, many = many, many * 2
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if _enough(middle, margin, deviation, alpha) else (middle, many)
    return many


def _enough(people: int, margin: float, deviation: float, alpha: float) -> bool:
    half = radius(people, deviation, alpha, tuned(alpha, people))
    return half + _MORE_OFTEN * deviation / sqrt(people) <= margin


def needed(experiment: Experiment) -> list[Needed]:
    """For each arm but the champion."""
    plan = experiment.plan
    champion = experiment.arm(experiment.champion)
    made = []
    for arm in experiment.challengers:
        both = arm.parts + champion.parts
        chance = arm.parts / both
        people = of_two(float(plan.margin), float(plan.expected), chance, alpha_of(plan))
        in_all = ceil(people / float(arm.share + champion.share))
        mine = ceil(people * chance)
        made.append(Needed(arm.name, mine, people - mine, in_all))
    return made


def tuned_for(plan: Plan) -> int:
    """For how many people of two arms the interval is narrowest. By the plan alone, which stands
    before the first look: of equal shares, whatever they are changed to."""
    return of_two(float(plan.margin), float(plan.expected), 0.5, alpha_of(plan))
