"""Scoring a file: each row with its score, and why."""

import csv
from datetime import date
from pathlib import Path

from domain.failures import BadInput
from domain.learning.score import ScoreModel, Scorer, in_words, scored, values_of
from workers.learning.score_files import rows_of

SCORE = "score"
"""The column that intake reads."""


def apply(file: Path, model: ScoreModel, out: Path, why: Path | None, day: date) -> int:
    """Write every row with its ``score``; to ``why`` the reasons. How many rows there were.

    Raises BadInput for a column that is not there, or a cell that is no number.
    """
    columns, rows = rows_of(file)
    wanted = [one.column for one in model.features]
    if lacking := [one for one in (*model.account, *wanted) if one not in columns]:
        raise BadInput(f"{file}: has no column {', '.join(lacking)}, which the score looks at")
    if SCORE in columns:
        raise BadInput(f"{file}: has a column {SCORE!r} already: take it away")
    scorer, count = Scorer(model), 0
    reasons = why.open("w", encoding="utf-8", newline="") if why else None
    try:
        with out.open("w", encoding="utf-8", newline="") as told:
            written = csv.writer(told, lineterminator="\n")
            written.writerow([*columns, SCORE])
            because = csv.writer(reasons, lineterminator="\n") if reasons else None
            if because:
                named = (SCORE, "score_version", "score_date", "because")
                because.writerow([*model.account, *named])
            for line, row in rows:
                try:
                    values = values_of(model, row)
                except ValueError as error:
                    raise BadInput(f"{file}: line {line}: {error}") from None
                if because is None:
                    points = scored(scorer.probability(values))
                else:
                    probability, found = scorer.reasons(values)
                    points = scored(probability)
                    version = f"{model.id} {model.version}"
                    own = [row[one] for one in model.account]
                    because.writerow([*own, points, version, day.isoformat(), in_words(found)])
                written.writerow([*(row[one] for one in columns), points])
                count += 1
    finally:
        if reasons:
            reasons.close()
    return count
