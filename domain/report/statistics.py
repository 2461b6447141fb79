"""Whether two shares differ by more than chance: nothing here knows what is counted."""

from math import exp, lgamma, log, sqrt
from statistics import NormalDist
from typing import NamedTuple


class Share(NamedTuple):
    """So many of so many."""

    part: int
    whole: int

    @property
    def rate(self) -> float:
        """From 0 to 1; 0 of nothing is 0."""
        return self.part / self.whole if self.whole else 0.0


def wilson(share: Share, z: float) -> tuple[float, float]:
    """The interval of a share, by Wilson's score (1927)."""
    rate, n = share.rate, share.whole
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(one: Share, other: Share, certainty: float) -> tuple[float, float]:
    """The interval of ``one`` less ``other``, by Newcombe's method 10 (Statistics in Medicine 17,
    1998): it holds with few, and near 0 and 1, where the usual one does not."""
    z = NormalDist().inv_cdf(0.5 + certainty / 2)
    (low, high), (other_low, other_high) = wilson(one, z), wilson(other, z)
    between = one.rate - other.rate
    down = sqrt((one.rate - low) ** 2 + (other_high - other.rate) ** 2)
    up = sqrt((high - one.rate) ** 2 + (other.rate - other_low) ** 2)
    return between - down, between + up


def chance_of_more(one: Share, other: Share) -> float:
    """How likely ``one`` has as many as it has, or more, if both had the same rate.

    Exact, given how many both have together, each of them falling to ``one`` by its size: the
    conditional test of two Poisson rates (Przyborowski and Wilenski, 1940). For what is rare.
    """
    together, place = one.part + other.part, one.whole / (one.whole + other.whole)
    return _tail(together, place, one.part)


def chance_of_fewer(one: Share, other: Share) -> float:
    """How likely ``one`` has as few as it has, or fewer, if both had the same rate."""
    together, place = one.part + other.part, other.whole / (one.whole + other.whole)
    return _tail(together, place, other.part)


def _tail(n: int, p: float, least: int) -> float:
    """The chance that of ``n`` at least ``least`` come, each with ``p``."""
    if least <= 0 or p >= 1:
        return 1.0
    if p <= 0:
        return 0.0
    terms = (
        exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))
        for k in range(least, n + 1)
    )
    return min(1.0, sum(terms))
