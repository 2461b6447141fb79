"""Fitting a score: boosted trees of scikit-learn, calibrated on accounts they were not made of."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from domain.failures import BadInput
from domain.learning.judging import (
    Group,
    age_band,
    auc,
    brier,
    calibration_error,
    fairness,
    reliability,
)
from domain.learning.score import Feature, Made, ScoreModel, Scorer, Tree, number
from workers.learning.score_files import Columns, rows_of

FOLDS: Final = 5
KEPT_APART: Final = 5
"""One account in so many is kept apart, and judges."""
FEWEST: Final = 1_000
SAMPLE: Final = 500
"""Accounts by which the weight of a column is measured."""
_FORM: Final = {
    "max_iter": 150,
    "learning_rate": 0.05,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "early_stopping": False,
    "random_state": 0,
}
"""Small trees, much smoothing: a portfolio of some thousands does not carry more."""


class Fitted(NamedTuple):
    """A score, and how it did on the accounts that were kept apart."""

    model: ScoreModel
    bins: list[tuple[int, float, float]]
    """Of the reliability table: how many, said, seen."""
    groups: dict[str, list[Group]]
    """Of the fairness table, by what they have in common."""


class _Read(NamedTuple):
    names: tuple[str, ...]
    values: list[list[float]]
    cured: list[bool]
    apart: list[bool]
    groups: dict[str, list[str]]


def fit(file: Path, asked: Columns) -> Fitted:
    """Fit a score to a file. Raises BadInput for what is wrong with it."""
    read = _read(file, asked)
    kept = [n for n, one in enumerate(read.apart) if not one]
    judges = [n for n, one in enumerate(read.apart) if one]
    fitted = {read.cured[n] for n in kept}
    if len(read.cured) < FEWEST or len(fitted) < 2:
        raise BadInput(f"{file}: at least {FEWEST} accounts are needed, some cured and some not")
    values, cured = [read.values[n] for n in kept], [read.cured[n] for n in kept]
    base, trees, slope, shift = _boosted(values, cured)
    features = tuple(
        Feature(column=name, median=_median([row[at] for row in values]))
        for at, name in enumerate(read.names)
    )
    unjudged = Made(accounts=len(kept), judged=0, auc=0, brier=0, calibration_error=0, cured=0)
    model = ScoreModel(
        id=asked.id,
        version=asked.version,
        account=asked.account,
        features=features,
        base=base,
        trees=trees,
        slope=slope,
        shift=shift,
        made=unjudged,
    )
    return _judged(model, read, judges)


def _read(file: Path, asked: Columns) -> _Read:
    columns, rows = rows_of(file)
    names = asked.chosen(columns)
    by = asked.fairness.model_dump(exclude_none=True)
    if lacking := [one for one in by.values() if one not in columns]:
        raise BadInput(f"{file}: fairness names {', '.join(lacking)}, which is no column of it")
    found = _Read(names, [], [], [], {name: [] for name in by})
    for line, row in rows:
        try:
            found.values.append([number(name, row[name]) for name in names])
        except ValueError as error:
            raise BadInput(f"{file}: line {line}: {error}; leave it out of the features") from None
        found.cured.append(str(row[asked.target.column]).strip() in asked.target.cured)
        account = "\x1f".join(str(row[one]) for one in asked.account)
        drawn = hashlib.sha256(f"kept apart\x1f{account}".encode()).digest()
        found.apart.append(drawn[0] * 256 + drawn[1] < 65_536 // KEPT_APART)
        for name, column in by.items():
            cell = str(row[column]).strip()
            found.groups[name].append(age_band(cell) if name == "age" else cell or "unknown")
    return found


def _boosted(
    values: Sequence[Sequence[float]], cured: Sequence[bool]
) -> tuple[float, tuple[Tree, ...], float, float]:
    """Trees of all these accounts; how their sum becomes log-odds, of folds they did not see."""
    x, y = np.array(values, dtype=float), np.array(cured)
    # One thread: several wait for each other where the machine has other work, and the sums of
    # their parts differ in the last digits.
    with threadpool_limits(limits=1):
        outside = np.zeros(len(y))
        for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y):
            part = HistGradientBoostingClassifier(**_FORM).fit(x[seen], y[seen])
            outside[unseen] = part.decision_function(x[unseen])
        platt = LogisticRegression(C=1e6).fit(outside[:, None], y)
        whole = HistGradientBoostingClassifier(**_FORM).fit(x, y)
    trees = tuple(_tree(stage[0].nodes) for stage in whole._predictors)
    base = float(np.ravel(whole._baseline_prediction)[0])
    return base, trees, float(platt.coef_[0][0]), float(platt.intercept_[0])


def _tree(nodes: Any) -> Tree:
    """A tree of the library in our words; a test holds both to the same answers."""
    inner = [n for n, node in enumerate(nodes) if not node["is_leaf"]]
    place = {n: at for at, n in enumerate(inner)}
    leaves: list[float] = []
    for n, node in enumerate(nodes):
        if node["is_leaf"]:
            leaves.append(float(node["value"]))
            place[n] = -len(leaves)
    told = []
    for n in inner:
        one = nodes[n]
        children = (place[int(one["left"])], place[int(one["right"])])
        missing = bool(one["missing_go_to_left"])
        # Infinite where only missing values are told apart; JSON has no such number.
        threshold = min(float(one["num_threshold"]), sys.float_info.max)
        told.append((int(one["feature_idx"]), threshold, missing, *children))
    return Tree(nodes=tuple(told), leaves=tuple(leaves))


def _judged(model: ScoreModel, read: _Read, judges: Sequence[int]) -> Fitted:
    scorer = Scorer(model)
    said = [scorer.probability(read.values[n]) for n in judges]
    cured = [read.cured[n] for n in judges]
    area = auc(said, cured)
    if area is None:
        raise BadInput("of the accounts that were kept apart all cured, or none did")
    made = model.made.model_copy(
        update={
            "judged": len(judges),
            "auc": round(area, 4),
            "brier": round(brier(said, cured), 4),
            "calibration_error": round(calibration_error(said, cured), 4),
            "cured": round(sum(cured) / len(cured), 4),
        }
    )
    moved = [0.0] * len(model.features)
    sample = judges[:SAMPLE]
    at = {one.column: n for n, one in enumerate(model.features)}
    for n in sample:
        for reason in scorer.reasons(read.values[n])[1]:
            moved[at[reason.column]] += abs(reason.effect) / len(sample)
    features = tuple(
        one.model_copy(update={"weight": round(moved[n], 5)})
        for n, one in enumerate(model.features)
    )
    groups = {
        name: fairness(said, cured, [cells[n] for n in judges])
        for name, cells in read.groups.items()
    }
    final = model.model_copy(update={"made": made, "features": features})
    return Fitted(final, reliability(said, cured), groups)


def _median(values: Sequence[float]) -> float:
    known = sorted(one for one in values if one == one)
    if not known:
        return 0.0
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2
