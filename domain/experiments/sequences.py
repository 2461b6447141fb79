"""Intervals that hold at every look: asymptotic confidence sequences.

Theorem 2.2 of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, *Time-uniform central limit theory
and asymptotic confidence sequences*, Annals of Statistics 2024 (arXiv 2103.06476): for independent
observations with mean m, of which t have been seen, with their standard deviation s,

    mean +- s * sqrt(2 (t r^2 + 1) / (t^2 r^2) * log(sqrt(t r^2 + 1) / alpha))

covers m at all t at once with a probability that tends to 1 - alpha. It follows from Robbins'
normal mixture, and from a strong approximation of sums by a Brownian motion; so it says nothing of
the first few observations, and nobody reads these (``FEWEST``).

The difference of two arms is the mean of one number a person, as in section 3 there (randomised
experiments): weighted by how likely the person's arm was when they were drawn, so that shares may
be changed on the way without one arm having more of the later people than the other.

What is rare is underrated by few people: of 200 to whom it never happened the deviation would be 0.
So no arm is taken to vary less than both together do, and it must be expected ``FEWEST_OF_A_KIND``
times in the smaller arm.
"""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

FEWEST: Final = 100
"""People who have to count in each of two arms before they are compared."""
FEWEST_OF_A_KIND: Final = 10
"""So many people to whom it happens, and to whom it does not, have to be expected in each arm."""


class Group(NamedTuple):
    """People of one arm who were drawn with the same chances and count by now."""

    arm: str
    chances: tuple[tuple[str, int], ...]
    """The arms they were drawn from, each with its share at that time."""
    people: int
    total: float
    """Of what is counted: a number between 0 and 1 of each."""
    squares: float
    """Of its square; the same, where it is yes or no."""


class Interval(NamedTuple):
    """A difference, and between what it certainly is."""

    difference: float
    low: float
    high: float


def tuned(alpha: float, people: int) -> float:
    """r^2, with which the interval is narrowest once so many have been seen (appendix B.2 there).

    Any number is right that was chosen before the first look.
    """
    return (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / people


def radius(people: int, deviation: float, alpha: float, r2: float) -> float:
    """Half the width of the interval after so many people."""
    seen = people * r2 + 1
    return deviation * math.sqrt(2 * seen / (people**2 * r2) * math.log(math.sqrt(seen) / alpha))


def difference(
    groups: Iterable[Group], arm: str, champion: str, alpha: float, r2: float
) -> Interval | None:
    """By how much more happens in ``arm``; None: too few count to say anything."""
    both = {arm, champion}
    # Who was drawn while one of the two was closed was not drawn between them.
    mine = [one for one in groups if one.arm in both and both <= {*dict(one.chances)}]
    ours = [one for one in mine if one.arm == arm]
    theirs = [one for one in mine if one.arm == champion]
    fewest = min(_people(ours), _people(theirs))
    if fewest < FEWEST:
        return None
    people = _people(mine)
    common = sum(one.total for one in mine) / people
    if fewest * min(common, 1 - common) < FEWEST_OF_A_KIND:
        return None
    least = sum(one.squares for one in mine) / people - common**2
    means = {arm: _weighted_mean(ours, champion), champion: _weighted_mean(theirs, arm)}
    signs = {arm: 1.0, champion: -1.0}
    # Of each person: sign * (what is counted - the arm's mean) / chance + the arms' difference.
    moved = squared = 0.0
    for one in mine:
        weight = signs[one.arm] / _chance(one, champion if one.arm == arm else arm)
        mean = means[one.arm]
        moved += weight * (one.total - one.people * mean)
        around = one.squares - 2 * mean * one.total + one.people * mean**2
        squared += weight**2 * max(around, one.people * least)
    at = means[arm] - means[champion] + moved / people
    deviation = math.sqrt(squared / people)
    half = radius(people, deviation, alpha, r2)
    return Interval(at, at - half, at + half)


def deviation_of(mean: float, other: float, chance: float) -> float:
    """The standard deviation of the number of one person, of arms with these means (of yes or no);
    ``chance``: of the first arm, among the two."""
    return math.sqrt(mean * (1 - mean) / chance + other * (1 - other) / (1 - chance))


def _people(groups: Iterable[Group]) -> int:
    return sum(one.people for one in groups)


def _chance(group: Group, other: str) -> float:
    """How likely the arm was, of the two that are compared."""
    chances = dict(group.chances)
    return chances[group.arm] / (chances[group.arm] + chances[other])


def _weighted_mean(groups: Iterable[Group], other: str) -> float:
    weights = [(1 / _chance(one, other), one) for one in groups]
    return sum(w * one.total for w, one in weights) / sum(w * one.people for w, one in weights)
