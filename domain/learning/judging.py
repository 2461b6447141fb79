"""How good a score is on accounts that it was not made of, and to whom it does wrong."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

BINS: Final = 10
FEWEST: Final = 50
"""Accounts of a group of which anything is said."""

_AGES: Final = ((0, 26), (26, 36), (36, 51), (51, 66), (66, 200))


class Group(NamedTuple):
    """Accounts that have something in common."""

    name: str
    accounts: int
    said: float
    """The mean probability that was said."""
    seen: float
    """How many cured."""
    auc: float | None
    """None: all of them cured, or none did."""
    lowest: float
    """How many of them are among the third of all accounts with the lowest score."""

    @property
    def gap(self) -> float:
        """Positive: they are said to cure more often than they do."""
        return self.said - self.seen


def auc(said: Sequence[float], cured: Sequence[bool]) -> float | None:
    """The area under the curve: how often one who cured is scored above one who did not."""
    order = sorted(range(len(said)), key=lambda n: said[n])
    won = sum(cured)
    lost = len(cured) - won
    if not won or not lost:
        return None
    ranks, at = 0.0, 0
    while at < len(order):
        end = at
        while end < len(order) and said[order[end]] == said[order[at]]:
            end += 1
        ranks += (at + end + 1) / 2 * sum(cured[order[n]] for n in range(at, end))
        at = end
    return (ranks - won * (won + 1) / 2) / (won * lost)


def brier(said: Sequence[float], cured: Sequence[bool]) -> float:
    """The mean squared distance of said and seen."""
    return sum((p - c) ** 2 for p, c in zip(said, cured, strict=True)) / len(said)


def reliability(
    said: Sequence[float], cured: Sequence[bool], bins: int = BINS
) -> list[tuple[int, float, float]]:
    """In bins of equally many accounts, from the lowest: how many, said, seen."""
    order = sorted(range(len(said)), key=lambda n: said[n])
    edges = [round(n * len(order) / bins) for n in range(bins + 1)]
    found = []
    for first, last in pairwise(edges):
        inside = order[first:last]
        if inside:
            mean = sum(said[n] for n in inside) / len(inside)
            found.append((len(inside), mean, sum(cured[n] for n in inside) / len(inside)))
    return found


def calibration_error(said: Sequence[float], cured: Sequence[bool], bins: int = BINS) -> float:
    """The expected calibration error over bins of equally many accounts."""
    found = reliability(said, cured, bins)
    return sum(count * abs(mean - seen) for count, mean, seen in found) / len(said)


def fairness(said: Sequence[float], cured: Sequence[bool], groups: Sequence[str]) -> list[Group]:
    """What the score says of each group, and what became of it; small groups are left out."""
    lowest = sorted(said)[len(said) // 3]
    members: defaultdict[str, list[int]] = defaultdict(list)
    for n, name in enumerate(groups):
        members[name].append(n)
    found = []
    for name, inside in sorted(members.items()):
        if len(inside) < FEWEST:
            continue
        p, c = [said[n] for n in inside], [cured[n] for n in inside]
        below = sum(one < lowest for one in p) / len(p)
        found.append(Group(name, len(p), sum(p) / len(p), sum(c) / len(c), auc(p, c), below))
    return found


def age_band(cell: str) -> str:
    """Such as ``26-35``; ``unknown`` for what is no age."""
    try:
        age = float(cell)
    except ValueError:
        return "unknown"
    for first, last in _AGES:
        if first <= age < last:
            if not first:
                return f"up to {last - 1}"
            return f"{first}-{last - 1}" if last < _AGES[-1][1] else f"{first} and older"
    return "unknown"
