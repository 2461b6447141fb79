"""``contrapunto strategy check`` and start-up tell what is wrong with experiments, too."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import Settings
from domain.experiments.treatment import holdout_of
from tests.unit.experiments.support import said
from workers.configuration import of_worker
from workers.strategies.checking import check

HELD = [
    {"name": "usual", "share": "0.9", "strategy": "default"},
    {"name": "silent", "share": "0.1", "holdout": True},
]


def settings(folder: Path, **more: Any) -> Settings:
    (folder / "one.yaml").write_text(yaml.safe_dump(said(**more)), encoding="utf-8")
    return Settings(experiments=folder)


def test_none_are_shipped() -> None:
    _, read = check(Settings())
    assert read.trials == ()


@pytest.mark.parametrize("ask", [lambda s: check(s)[0], of_worker])
def test_a_strategy_that_is_not_there_is_told_with_its_line(tmp_path: Path, ask: Any) -> None:
    told = [str(one) for one in ask(settings(tmp_path)).faults]
    text = (tmp_path / "one.yaml").read_text(encoding="utf-8")
    line = text.splitlines().index("  strategy: gentle") + 1
    where = f"{tmp_path / 'one.yaml'}, line {line}: arms.2.strategy: "
    assert any(one.startswith(f"{where}no strategy 'gentle' is configured") for one in told)


def test_a_hold_out_contacts_nobody_and_is_right(tmp_path: Path) -> None:
    report, read = check(settings(tmp_path, arms=HELD))
    assert report.faults == []
    assert report.notes == []
    assert holdout_of("default") in read.strategies
