"""Whether the arms have the people that their shares ask for, asked again at every look.

Where they do not, something between the draw and the count treats arms differently, and no figure
of the experiment can be trusted. Lindon and Malek, *Anytime-valid inference for multinomial count
data* (NeurIPS 2022, arXiv 2011.03567): the Bayes factor of all other shares, by a Dirichlet
distribution around those that were meant, against these themselves. Where these hold, it ever
reaches 1 / alpha with a probability of at most alpha, however often it is looked at. Groups that
were drawn with other shares, or while an arm was closed, have a factor each, and these are
multiplied.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import exp, lgamma, log
from typing import Final, NamedTuple

ALPHA: Final = 0.01
"""How likely it is that a mismatch is ever reported where there is none."""
_CLOSE: Final = 100
"""How close to those that were meant other shares are thought to be."""


class Drawn(NamedTuple):
    """People of one arm who were drawn from the same arms with the same shares."""

    arm: str
    chances: tuple[tuple[str, int], ...]
    people: int


class Mismatch(NamedTuple):
    """What the counts say."""

    found: bool
    p_value: float
    """Valid at every look."""
    meant: Mapping[str, float]
    """How many people each arm should have."""
    counted: Mapping[str, int]


def mismatch(drawn: Iterable[Drawn]) -> Mismatch:
    """Hold the counts to the shares."""
    by_chances: dict[tuple[tuple[str, int], ...], dict[str, int]] = defaultdict(dict)
    for one in drawn:
        counts = by_chances[one.chances]
        counts[one.arm] = counts.get(one.arm, 0) + one.people
    factor = 0.0
    meant: dict[str, float] = defaultdict(float)
    counted: dict[str, int] = defaultdict(int)
    for chances, counts in by_chances.items():
        whole, people = sum(share for _, share in chances), sum(counts.values())
        shares = {arm: share / whole for arm, share in chances}
        factor += _log_factor(shares, counts)
        for arm in {*shares, *counts}:
            meant[arm] += people * shares.get(arm, 0.0)
            counted[arm] += counts.get(arm, 0)
    p_value = min(1.0, exp(-max(factor, 0.0)))
    return Mismatch(p_value <= ALPHA, p_value, dict(meant), dict(counted))


def _log_factor(shares: Mapping[str, float], counts: Mapping[str, int]) -> float:
    """The logarithm of the Bayes factor against these shares."""
    if any(arm not in shares for arm in counts):
        return float("inf")  # who is in an arm that they could not be drawn into
    people = sum(counts.values())
    said = lgamma(_CLOSE) - lgamma(_CLOSE + people)
    for arm, share in shares.items():
        there = counts.get(arm, 0)
        said += lgamma(_CLOSE * share + there) - lgamma(_CLOSE * share) - there * log(share)
    return said
