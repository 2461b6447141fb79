"""Which of several rates is the highest, as far as is known: exact, without a draw and a clock.

What is known of a rate after ``won`` of so many tries is a beta distribution. Thompson sampling
chooses each option as often as it is the best one under these; here that probability is worked out
by adding up, not by drawing, so that the same counts give the same answer on every machine.
"""

from collections.abc import Sequence
from math import exp, inf, isfinite, lgamma, log, log1p, sqrt
from typing import Final, NamedTuple

MOST: Final = 100_000.0
"""Tries beyond which nothing more is learnt: greater counts are scaled down to it."""

_LEAST: Final = 1e-3
_STEPS: Final = tuple((k / 2) for k in range(-12, 13))
"""Where each distribution is looked at, in standard deviations from its mean."""
_TINY: Final = 1e-300
_ROUNDS: Final = 1_000
_ENOUGH: Final = 1e-12


class Beta(NamedTuple):
    """What is known of a rate."""

    won: float
    lost: float

    @classmethod
    def of(cls, won: float, lost: float) -> "Beta":
        """From any two numbers: what is no count counts as next to nothing."""
        known = [value if isfinite(value) and value > _LEAST else _LEAST for value in (won, lost)]
        scale = min(1.0, MOST / sum(known))
        return cls(max(known[0] * scale, _LEAST), max(known[1] * scale, _LEAST))

    @property
    def mean(self) -> float:
        """The rate to expect."""
        return self.won / (self.won + self.lost)

    @property
    def deviation(self) -> float:
        """How far it may be from that."""
        total = self.won + self.lost
        return sqrt(self.won * self.lost / (total * total * (total + 1)))


def best_of(known: Sequence[Beta]) -> list[float]:
    """For each option the probability that its rate is the highest; they sum to 1."""
    if len(known) == 1:
        return [1.0]
    points = _grid(known)
    below = [[below_at(one, x) for x in points] for one in known]
    chances = []
    for i in range(len(known)):
        total = 0.0
        for k in range(1, len(points)):
            rise = below[i][k] - below[i][k - 1]
            if rise <= 0:
                continue
            low = high = 1.0
            for j, row in enumerate(below):
                if j != i:
                    low, high = low * row[k - 1], high * row[k]
            total += rise * (low + high) / 2
        chances.append(total)
    every = sum(chances)
    return [one / every for one in chances]


def below_at(known: Beta, x: float) -> float:
    """The probability that the rate is below ``x`` (the regularised incomplete beta function).

    By its continued fraction (Press et al., Numerical Recipes, section 6.4).
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    a, b = known
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return min(1.0, front * _fraction(a, b, x) / a)
    return max(0.0, 1.0 - front * _fraction(b, a, 1 - x) / b)


def _fraction(a: float, b: float, x: float) -> float:
    """Lentz's way of a continued fraction."""
    c, d = 1.0, 1.0 / _away(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _ROUNDS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _away(1 + term * d)
            c = _away(1 + term / c)
            found *= d * c
        if abs(d * c - 1) < _ENOUGH:
            break
    return found


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _grid(known: Sequence[Beta]) -> list[float]:
    """Where to look: around each of the means, as densely as it is narrow."""
    points = {0.0, 1.0}
    for one in known:
        middle, width = one.mean, one.deviation
        points.update(x for step in _STEPS if 0 < (x := middle + step * width) < 1)
        # A distribution that leans on an edge is not looked at by its deviation alone.
        points.update(middle / 4**k for k in range(1, 24))
        points.update(1 - (1 - middle) / 4**k for k in range(1, 24))
    return sorted(one for one in points if -inf < one < inf)
