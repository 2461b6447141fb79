"""A score: what it says is what was fitted, what it may look at, and whether it is any good."""

import csv
import json
from collections.abc import Sequence
from datetime import date
from math import exp, nan
from pathlib import Path
from random import Random

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from domain.failures import BadInput, Misconfigured
from domain.learning.judging import age_band, auc, brier, calibration_error, fairness, reliability
from domain.learning.score import ScoreModel, Scorer, in_words, number, scored
from workers.learning.score_apply import apply
from workers.learning.score_files import Columns, load_model, rows_of
from workers.learning.score_fit import _FORM, _tree, fit

ASKED = {
    "id": "cards",
    "account": ["creditor", "account_id"],
    "target": {"column": "cured", "cured": ["yes"]},
    "protected": ["club"],
    "fairness": {"age": "age", "sex": "sex", "region": "place"},
}
HEAD = ["creditor", "account_id", "late", "paid", "noise", "age", "sex", "place", "club", "cured"]


def accounts(count: int = 4000, seed: int = 1) -> list[list[object]]:
    """Who is late cures less, who has paid more; age, sex and place make no difference."""
    rng, found = Random(seed), list[list[object]]()
    for n in range(count):
        late, paid = rng.randrange(6), rng.random()
        chance = 1 / (1 + exp(-(1.5 - 0.9 * late + 2.5 * paid)))
        cured = rng.random() < chance
        told = "" if rng.random() < 0.1 else round(paid, 3)
        person = (rng.randrange(18, 80), rng.choice("12"), rng.choice(["north", "south"]))
        row = ["bank", f"A{n}", late, told, round(rng.random(), 3), *person, n % 3]
        found.append([*row, "yes" if cured else "no"])
    return found


def written(path: Path, rows: Sequence[Sequence[object]], head: Sequence[str] = HEAD) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([head, *rows])
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("score") / "accounts.csv", accounts())


@pytest.fixture(scope="module")
def model(file: Path) -> ScoreModel:
    features = {**ASKED, "features": ["late", "paid", "noise"]}
    return fit(file, Columns.model_validate(features)).model


def test_it_is_judged_on_a_fifth_that_it_was_not_made_of(model: ScoreModel) -> None:
    made = model.made
    assert made.accounts + made.judged == 4000
    assert 700 < made.judged < 900
    assert made.auc > 0.8, "the best possible is about 0.84"
    assert made.calibration_error < 0.06
    weights = {one.column: one.weight for one in model.features}
    assert weights["late"] > weights["paid"] > weights["noise"]


def test_protected_columns_are_no_features_unless_they_are_asked_for(file: Path) -> None:
    asked = Columns.model_validate({**ASKED, "features": []})
    assert asked.chosen(HEAD) == ("late", "paid", "noise", "place")
    for name in ("age", "sex", "club", "Edad", "MARRIAGE"):
        told = {**ASKED, "features": ["late", name]}
        with pytest.raises(ValueError, match=f"{name} is protected"):
            Columns.model_validate(told)
        allowed = Columns.model_validate({**told, "use_protected": True})
        assert allowed.features == ("late", name)


def test_who_it_may_do_wrong_is_told_by_age_sex_and_region(file: Path) -> None:
    features = {**ASKED, "features": ["late", "paid"]}
    groups = fit(file, Columns.model_validate(features)).groups
    assert {one.name for one in groups["sex"]} == {"1", "2"}
    assert {one.name for one in groups["region"]} == {"north", "south"}
    assert "26-35" in {one.name for one in groups["age"]}
    assert all(abs(one.gap) < 0.12 for kind in groups.values() for one in kind)


def test_the_trees_say_what_the_librarys_say() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3000, 4))
    x[rng.random(x.shape) < 0.1] = np.nan
    y = rng.random(3000) < 1 / (1 + np.exp(-np.nan_to_num(x[:, 0] - 2 * x[:, 1])))
    with threadpool_limits(limits=1):
        library = HistGradientBoostingClassifier(**_FORM).fit(x, y)
        said = library.predict_proba(x[:500])[:, 1]
    told = {
        "id": "a",
        "version": 1,
        "account": ("n",),
        "features": [{"column": str(n), "median": 0} for n in range(4)],
        "base": float(np.ravel(library._baseline_prediction)[0]),
        "trees": [_tree(stage[0].nodes) for stage in library._predictors],
        "slope": 1,
        "shift": 0,
        "made": dict.fromkeys(
            ("accounts", "judged", "auc", "brier", "calibration_error", "cured"), 0
        ),
    }
    ours = Scorer(ScoreModel.model_validate(told))
    assert [ours.probability(row) for row in x[:500].tolist()] == pytest.approx(said, abs=1e-9)


def test_the_same_file_makes_the_same_score(file: Path, model: ScoreModel) -> None:
    features = {**ASKED, "features": ["late", "paid", "noise"]}
    assert fit(file, Columns.model_validate(features)).model == model


def test_a_reason_is_what_the_score_would_be_at_the_median(model: ScoreModel) -> None:
    scorer = Scorer(model)
    values = [5.0, nan, 0.5]
    now, found = scorer.reasons(values)
    assert now == pytest.approx(scorer.probability(values))
    for one in found:
        at = [f.column for f in model.features].index(one.column)
        other = [*values]
        other[at] = model.features[at].median
        assert one.effect == pytest.approx(now - scorer.probability(other), abs=1e-12)
    assert [abs(one.effect) for one in found] == sorted(abs(o.effect) for o in found)[::-1]
    assert in_words(found).startswith("late 5 lowers it by ")
    medians = [one.median for one in model.features]
    assert in_words(scorer.reasons(medians)[1]) == "like the median account in every column"


def test_scores_are_written_beside_each_row_and_why(
    file: Path, model: ScoreModel, tmp_path: Path
) -> None:
    kept = tmp_path / "model.json"
    kept.write_text(model.model_dump_json(), "utf-8")
    out, why = tmp_path / "out.csv", tmp_path / "why.csv"
    assert apply(file, load_model(kept), out, why, date(2026, 11, 30)) == 4000
    rows, reasons = (list(csv.DictReader(one.open(encoding="utf-8"))) for one in (out, why))
    assert list(rows[0]) == [*HEAD, "score"]
    scorer = Scorer(model)
    for row, reason in zip(rows[:50], reasons, strict=False):
        values = [number(one, row[one]) for one in ("late", "paid", "noise")]
        assert int(row["score"]) == int(reason["score"]) == scored(scorer.probability(values))
        assert (reason["account_id"], reason["score_version"]) == (row["account_id"], "cards 1")
        assert reason["score_date"] == "2026-11-30"
    said = [int(one["score"]) for one in rows]
    assert roc_auc_score([one["cured"] == "yes" for one in rows], said) > 0.8


@pytest.mark.parametrize(
    ("head", "rows", "said"),
    [
        (["creditor", "account_id"], [], "has no column late, paid, noise"),
        (["creditor", "account_id", "late", "paid", "noise"], [["b", "1", "x", 1, 1]], "late: mus"),
        (["creditor", "account_id", "late", "paid", "noise"], [["b", "1", "inf", 1, 1]], "line 2"),
        (["creditor", "account_id", "late", "paid", "noise"], [["b", "1"]], "not one cell a col"),
        (["a", "a"], [], "each once"),
        (["creditor", "account_id", "late", "paid", "noise", "score"], [], "already"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused_with_the_place(
    model: ScoreModel, tmp_path: Path, head: list[str], rows: list[list[object]], said: str
) -> None:
    bad = written(tmp_path / "bad.csv", rows, head)
    with pytest.raises(BadInput, match=said):
        apply(bad, model, tmp_path / "out.csv", None, date(2026, 11, 30))


def test_what_cannot_be_fitted_is_refused(tmp_path: Path) -> None:
    asked = Columns.model_validate({**ASKED, "features": ["late"]})
    few = written(tmp_path / "few.csv", accounts(100))
    with pytest.raises(BadInput, match="at least 1000"):
        fit(few, asked)
    alike = written(tmp_path / "alike.csv", [[*row[:-1], "yes"] for row in accounts(2000)])
    with pytest.raises(BadInput, match="some cured and some not"):
        fit(alike, asked)
    lacking = Columns.model_validate({**ASKED, "features": ["salary"]})
    with pytest.raises(BadInput, match="no column salary"):
        fit(few, lacking)
    text = Columns.model_validate({**ASKED, "features": ["place"]})
    with pytest.raises(BadInput, match="line 2: place: must be a number"):
        fit(few, text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"trees": [{"nodes": [[9, 0.5, True, -1, -2]], "leaves": [0, 1]}]}, "there is not"),
        ({"trees": [{"nodes": [[0, 0.5, True, 0, -1]], "leaves": [0]}]}, "leads nowhere"),
        ({"trees": [{"nodes": [[0, 0.5, True, -1, -3]], "leaves": [0, 1]}]}, "leads nowhere"),
        ({"trees": [{"nodes": [], "leaves": []}]}, "trees"),
        ({"features": []}, "features"),
        ({"more": 1}, "more"),
    ],
)
def test_a_score_that_was_damaged_is_refused(
    model: ScoreModel, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({**model.model_dump(mode="json"), **change}), "utf-8")
    with pytest.raises(Misconfigured, match=said):
        load_model(bad)


def test_measures_are_those_of_the_library() -> None:
    rng = Random(5)
    said = [round(rng.random(), 2) for _ in range(500)]
    cured = [rng.random() < p for p in said]
    assert auc(said, cured) == pytest.approx(roc_auc_score(cured, said))
    assert auc(said, [True] * 500) is None
    assert brier([0.5, 1.0], [True, True]) == 0.125
    assert sum(count for count, _, _ in reliability(said, cured)) == 500
    assert calibration_error(said, cured) < 0.1 < calibration_error([1 - p for p in said], cured)


def test_groups_of_few_are_left_out() -> None:
    told = fairness([0.5] * 100, [True] * 100, ["a"] * 60 + ["b"] * 40)
    assert [one.name for one in told] == ["a"]


@pytest.mark.parametrize(
    ("cell", "band"),
    [("18", "up to 25"), ("26", "26-35"), ("65", "51-65"), ("66", "66 and older"), ("", "unknown")],
)
def test_ages_are_told_in_bands(cell: str, band: str) -> None:
    assert age_band(cell) == band


def test_columns_of_a_file_are_its_first_line(file: Path) -> None:
    assert rows_of(file)[0] == HEAD
