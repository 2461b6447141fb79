"""A strategy that is edited under an experiment that has pinned it is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.experiments.files import load_experiments
from config.settings import ROOT
from config.strategy_files import load_strategies
from domain.failures import Misconfigured
from domain.strategy import Strategy
from tests.unit.experiments.support import said
from workers.experiments.words import pins

DEFAULT = load_strategies(ROOT / "config" / "strategies")["default"]


def gentle(**changed: Any) -> Strategy:
    return Strategy.model_validate({**DEFAULT.model_dump(), "id": "gentle", **changed})


def loaded(folder: Path, strategy: Strategy, pinned: str | None, **more: Any) -> None:
    content = said(**more)
    if pinned is not None:
        content["arms"][1]["pinned"] = pinned
    (folder / "one.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    load_experiments(folder, {"default": DEFAULT, "gentle": strategy})


PHASES = [phase.model_dump() for phase in DEFAULT.phases]
EDITS: dict[str, dict[str, Any]] = {
    "its version alone": {"version": DEFAULT.version + 1},
    "another tone, under the same version": {
        "phases": [{**PHASES[0], "tone": "serious"}, *PHASES[1:]]
    },
    "caps": {"caps": {"week": 7}},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_an_edit_is_refused_with_file_line_and_what_to_do(
    edit: dict[str, Any], tmp_path: Path
) -> None:
    loaded(tmp_path, gentle(), gentle().pin)
    with pytest.raises(Misconfigured) as caught:
        loaded(tmp_path, gentle(**edit), gentle().pin)
    [fault] = caught.value.faults
    text = (tmp_path / "one.yaml").read_text(encoding="utf-8").splitlines()
    line = next(n for n, one in enumerate(text, 1) if "pinned" in one)
    assert fault.where == f"{tmp_path / 'one.yaml'}, line {line}"
    assert f"pins gentle as {gentle().pin}, and it is {gentle(**edit).pin} by now" in fault.rule
    assert f"pinned: {gentle(**edit).pin}" in fault.todo


def test_without_a_pin_or_once_it_is_ended_the_file_may_change(tmp_path: Path) -> None:
    loaded(tmp_path, gentle(version=9), None)
    loaded(tmp_path, gentle(version=9), gentle().pin, ended=True)


def test_what_is_left_out_is_no_part_of_it() -> None:
    """A release that adds a field with a default moves nobody's pin."""
    spelt = gentle(caps=None, quiet=None, phases=[{**one, "tones": ()} for one in PHASES])
    assert spelt.pin == gentle().pin


def test_check_says_what_to_pin(tmp_path: Path) -> None:
    content = said()
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    known = {"default": DEFAULT, "gentle": gentle()}
    [one] = load_experiments(tmp_path, known)
    assert [
        f"`pinned: {by.pin}`" in line
        for by, line in zip(known.values(), pins(one.experiment, known), strict=True)
    ] == [True, True]


def test_a_pin_needs_a_strategy(tmp_path: Path) -> None:
    content = said()
    del content["arms"][0]["strategy"]
    content["arms"][0]["pinned"] = "1@aa"
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    with pytest.raises(Misconfigured, match="name `strategy`, too"):
        load_experiments(tmp_path, {"default": DEFAULT, "gentle": gentle()})
