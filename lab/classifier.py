"""Makes the classifier of messages: ``python -m lab.classifier FILE ... > config/classifier.json``.

Of labelled messages, as ``lab.reading`` judges by; they are written by people who have not seen the
rules. What is kept unseen for a judgement is not given to it. The same messages make the same
classifier, but for the last digits.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from domain.conversation.classifier import SUSPECTS, features_of, words_of
from lab.reading import labelled

PRECISION: Final = 0.95
"""Of what it suspects by itself, in messages it was not made of (ten folds)."""
MOST_FEATURES: Final = 9_000
FOLDS: Final = 10


def names(text: str) -> list[str]:
    """The features of a message."""
    return [*dict.fromkeys(features_of(words_of(text)))]


def made(rows: Sequence[dict[str, Any]], least: Sequence[float] = ()) -> dict[str, Any]:
    """The classifier as it is kept; ``least`` where the sums are known that suspect an intent."""
    texts = [row["text"] for row in rows]
    meant = {
        label: np.array([label in row["expected"]["intents"] for row in rows]) for label in SUSPECTS
    }
    first = TfidfVectorizer(analyzer=names, binary=True, min_df=2)
    weights = [_fitted(first.fit_transform(texts), meant[label]).coef_[0] for label in SUSPECTS]
    telling = np.abs(np.array(weights) * first.idf_).max(axis=0)
    kept = np.sort(np.argsort(-telling, kind="stable")[:MOST_FEATURES])
    vocabulary = first.get_feature_names_out()[kept]
    vectors = TfidfVectorizer(analyzer=names, binary=True, vocabulary=list(vocabulary))
    matrix = vectors.fit_transform(texts)
    models = {label: _fitted(matrix, meant[label]) for label in SUSPECTS}
    idf = vectors.idf_
    digest = hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()
    return {
        "version": f"classifier-{digest[:8]}",
        "biases": [round(float(models[label].intercept_[0]), 3) for label in SUSPECTS],
        "least": [*least] or [round(_least(matrix, meant[label]), 3) for label in SUSPECTS],
        "features": {
            name: [
                round(float(idf[at]), 2),
                *(round(float(models[label].coef_[0][at] * idf[at]), 2) for label in SUSPECTS),
            ]
            for at, name in enumerate(vocabulary)
        },
    }


def _model() -> LogisticRegression:
    return LogisticRegression(C=30, class_weight="balanced", max_iter=3000)


def _fitted(matrix: Any, meant: Any) -> Any:
    return _model().fit(matrix, meant)


def _least(matrix: Any, meant: Any) -> float:
    """The lowest sum from which on the precision wanted is reached, in messages held out."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
    sums = cross_val_predict(_model(), matrix, meant, cv=folds, method="decision_function")
    order = np.argsort(-sums, kind="stable")
    right = np.cumsum(meant[order]) / np.arange(1, len(order) + 1)
    good = np.nonzero(right >= PRECISION)[0]
    return float(sums[order[good[-1]]]) if len(good) else float(sums.max()) + 1


def told(classifier: dict[str, Any]) -> Iterator[str]:
    """As JSON, a feature a line, so that a difference can be read."""
    head = {key: value for key, value in classifier.items() if key != "features"}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "features": {'
    features = [
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(weights, separators=(',', ':'))}"
        for name, weights in classifier["features"].items()
    ]
    yield ",\n".join(features)
    yield "}}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the classifier of the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    for line in told(made(labelled(parser.parse_args(arguments).files))):
        sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
