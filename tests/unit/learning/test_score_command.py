"""``contrapunto learn score``, as somebody types it."""

import csv
import json
from pathlib import Path

from tests.unit.learning.test_commands import typed
from tests.unit.learning.test_score import accounts, written

MAPPING = """
id: cards
account: [creditor, account_id]
target: {column: cured, cured: ["yes"]}
features: [late, paid]
fairness: {age: age, sex: sex, region: place}
"""


def test_a_score_is_fitted_told_and_applied(tmp_path: Path) -> None:
    file = written(tmp_path / "accounts.csv", accounts(1500))
    mapping, model = tmp_path / "m.yaml", tmp_path / "score.json"
    mapping.write_text(MAPPING, "utf-8")
    said = typed("score", "fit", file, "--mapping", mapping, "--out", model).output
    assert "area under the curve 0." in said
    assert "by sex, which it does not look at:" in said
    told = json.loads(
        typed("score", "fit", file, "--mapping", mapping, "--out", model, "--json").output
    )
    assert set(told["fairness"]) == {"age", "sex", "region"}
    out = tmp_path / "scored.csv"
    done = typed("score", "apply", file, "--model", model, "--out", out)
    assert done.output == "1500 accounts scored by cards 1\n"
    scores = [int(one["score"]) for one in csv.DictReader(out.open(encoding="utf-8"))]
    assert len(scores) == 1500
    assert min(scores) >= 0
    assert max(scores) <= 1000
