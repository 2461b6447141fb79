"""A score: how probable it is that an account cures, by a sum of small trees that people can read.

Fitted by a library (``workers/learning/score_fit.py``), kept as JSON, and worked out here without
it: whoever applies a score needs nothing but the file.
"""

from collections.abc import Mapping, Sequence
from math import exp, isnan, nan
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from domain.model import Strict

SCALE: Final = 1000
"""A score is the probability in thousandths."""
_LEAST: Final = 0.001

Number = Annotated[float, Field(allow_inf_nan=False)]

Node = tuple[int, Number, bool, int, int]
"""Of a tree: feature, threshold (at most it: left), whether a missing value goes left, and the
places of both children; a negative place ``-n`` is leaf ``n - 1``."""


class Feature(Strict):
    """A column that the score looks at."""

    column: str
    """In the file."""
    median: Number
    """Of the accounts it was fitted to; 0 where all lacked it."""
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    """By how much the probability moves on average when it is put at the median."""


class Tree(Strict):
    """One of the trees; its root is the first node, or leaf 0 where it has none."""

    nodes: tuple[Node, ...]
    leaves: Annotated[tuple[Number, ...], Field(min_length=1)]


class Made(Strict):
    """Of what a score was made, and how good it is on accounts that it was not made of."""

    accounts: int
    """It was fitted to."""
    judged: int
    """Accounts kept apart, by which it was judged."""
    auc: Number
    """Area under the curve there."""
    brier: Number
    """Brier score there."""
    calibration_error: Number
    """Mean distance of said and seen over ten bins of equally many accounts there."""
    cured: Number
    """How many of them cured."""


class ScoreModel(Strict):
    """A score, as its file says it."""

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    version: Annotated[int, Field(ge=1)]
    account: tuple[str, ...]
    """The columns that name an account."""
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]
    base: Number
    trees: tuple[Tree, ...]
    slope: Number
    """The sum of base and trees times this, plus ``shift``, is the log-odds (Platt 1999)."""
    shift: Number
    made: Made

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for number, tree in enumerate(self.trees, start=1):
            for place, (feature, _, _, left, right) in enumerate(tree.nodes):
                if not 0 <= feature < len(self.features):
                    raise ValueError(f"tree {number} looks at a feature that there is not")
                for child in (left, right):
                    # Only ahead: no walk through a tree goes round in circles.
                    ok = (
                        place < child < len(tree.nodes)
                        if child >= 0
                        else -child <= len(tree.leaves)
                    )
                    if not ok:
                        raise ValueError(f"tree {number} leads nowhere")
        return self


class Reason(NamedTuple):
    """What one column does to the score of one account."""

    column: str
    value: float
    """Not a number: it is missing."""
    effect: float
    """The probability as it is, less what it would be with this column at the median of all."""


class Scorer:
    """A score, ready to be worked out for many accounts."""

    def __init__(self, model: ScoreModel) -> None:
        self.model = model
        self._looks = [frozenset(node[0] for node in tree.nodes) for tree in model.trees]
        self._of_feature = [
            [n for n, looks in enumerate(self._looks) if at in looks]
            for at in range(len(model.features))
        ]

    def probability(self, values: Sequence[float]) -> float:
        """How probable it is that the account cures; the values in the order of the features."""
        return self._from(self.model.base + sum(self._leaves(values)))

    def reasons(self, values: Sequence[float]) -> tuple[float, list[Reason]]:
        """The probability, and what each column does to it, the weightiest first.

        A drop-one difference: the same account with this one column at the median of all. Where
        columns say the same thing the differences do not add up.
        """
        leaves = self._leaves(values)
        total = self.model.base + sum(leaves)
        now, found = self._from(total), []
        for at, feature in enumerate(self.model.features):
            other = [*values]
            other[at] = feature.median
            moved = total
            for n in self._of_feature[at]:
                moved += _leaf(self.model.trees[n], other) - leaves[n]
            found.append(Reason(feature.column, values[at], now - self._from(moved)))
        return now, sorted(found, key=lambda one: (-abs(one.effect), one.column))

    def _leaves(self, values: Sequence[float]) -> list[float]:
        return [_leaf(tree, values) for tree in self.model.trees]

    def _from(self, total: float) -> float:
        odds = self.model.slope * total + self.model.shift
        if odds >= 0:
            return 1 / (1 + exp(-odds))
        return exp(odds) / (1 + exp(odds))


def _leaf(tree: Tree, values: Sequence[float]) -> float:
    place = 0 if tree.nodes else -1
    while place >= 0:
        feature, threshold, missing_left, left, right = tree.nodes[place]
        value = values[feature]
        goes_left = missing_left if isnan(value) else value <= threshold
        place = left if goes_left else right
    return tree.leaves[-place - 1]


def scored(probability: float) -> int:
    """The score, from 0 to 1000."""
    return round(probability * SCALE)


def values_of(model: ScoreModel, row: Mapping[str, Any]) -> list[float]:
    """The values of a row of a file; raises ValueError, which names the column that is no number.

    An empty cell is missing.
    """
    return [number(one.column, row.get(one.column)) for one in model.features]


def number(column: str, cell: object) -> float:
    """A cell as a number; empty: not a number. Raises ValueError, which names the column."""
    text = str(cell or "").strip()
    if not text:
        return nan
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{column}: must be a number, or empty") from None
    if abs(value) == float("inf"):
        raise ValueError(f"{column}: must be a finite number, or empty")
    return value


def in_words(found: Sequence[Reason], most: int = 3) -> str:
    """The weightiest reasons: ``PAY_0 2 lowers it by 31 points; ...``, a point is a hundredth."""
    told = []
    for one in found[:most]:
        if abs(one.effect) < _LEAST:
            continue
        value = "missing" if isnan(one.value) else f"{one.value:g}"
        does = "raises" if one.effect > 0 else "lowers"
        told.append(f"{one.column} {value} {does} it by {100 * abs(one.effect):.1f} points")
    return "; ".join(told) or "like the median account in every column"
