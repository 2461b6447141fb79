"""The codes of what people do: each says what it is to the law, and none what nobody knows."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.results.catalogue import load_results
from config.settings import ROOT, Settings
from domain.contacts.results import OUTCOMES, SPOKEN
from domain.failures import Misconfigured
from domain.law.terms import Direction
from workers.configuration import of_worker

FILE = ROOT / "config" / "results" / "results.yaml"
SHIPPED = yaml.safe_load(FILE.read_text(encoding="utf-8"))

WRONG: list[tuple[tuple[str, ...], Any, str]] = [
    (("actions", "call", "channel"), "push", "actions.call: channel must be one of voice, "),
    (("actions", "inbound_call", "channel"), "sms", "messages come in by the gateway"),
    (("actions", "call", "direction"), "sideways", "actions.call.direction"),
    (("actions",), {}, "actions must have at least 1 item"),
    (("results",), {}, "results must have at least 1 item"),
    (("results", "busy", "outcome"), "engaged", "results.busy.outcome"),
    (("results", "busy", "right_party"), True, "right_party is true for conversation and replied"),
    (("results", "refused", "right_party"), False, "right_party is true for conversation"),
    (("results", "busy", "fact"), "opt_in", "fact must be one of attorney, "),
    (("results", "refused", "fact"), "wrong_number", "right_party must be false"),
    (("results", "refused", "asks"), "dispute", "asks must be one of "),
    (("results", "promise", "asks"), "hardship", "needs stands by itself"),
    (("results", "promise", "needs"), "money", "results.promise.needs"),
    (
        ("results", "busy", "name"),
        {"es": "Ocupado", "en": "Busy"},
        "busy.name.pt is missing",
    ),
    (("results", "busy", "colour"), "red", "results.busy.colour is not known here"),
    (("results", "BUSY!"), {}, "must be small letters, digits and _"),
]


@pytest.mark.parametrize(("path", "value", "rule"), WRONG)
def test_a_code_that_says_what_cannot_be_is_refused_by_field(
    tmp_path: Path, path: tuple[str, ...], value: Any, rule: str
) -> None:
    file = _changed(tmp_path, path, value)
    with pytest.raises(Misconfigured) as refused:
        load_results(file)
    assert rule in str(refused.value), refused.value


def test_what_is_wrong_with_a_code_is_told_before_a_worker_starts(tmp_path: Path) -> None:
    path, value, rule = WRONG[0]
    told = [str(one) for one in of_worker(Settings(results=_changed(tmp_path, path, value))).faults]
    assert any(rule in one for one in told), told


def _changed(folder: Path, path: tuple[str, ...], value: Any) -> Path:
    """The shipped codes but for one thing."""
    changed = deepcopy(SHIPPED)
    *parents, last = path
    place = changed
    for parent in parents:
        place = place[parent]
    place[last] = value
    file = folder / "results.yaml"
    file.write_text(yaml.safe_dump(changed, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.parametrize("text", ["", "{", "- a", "actions: [", "\0"])
def test_a_file_that_is_none_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "results.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"results\.yaml"):
        load_results(file)
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_results(tmp_path / "nowhere.yaml")


def test_every_result_can_come_of_some_action_and_of_what_came_in_only_what_was_spoken() -> None:
    results = load_results(FILE)
    ends = {code: results.ends_of(action) for code, action in results.actions.items()}
    assert set(results.results) == {code for found in ends.values() for code in found}
    for code, action in results.actions.items():
        outcomes = {results.results[end].outcome for end in ends[code]}
        assert outcomes <= OUTCOMES[action.channel]
        if action.direction is Direction.INBOUND:
            assert outcomes <= SPOKEN | {"dropped"}
        else:
            assert "replied" not in outcomes


def test_every_code_has_a_name_of_its_own_in_each_language() -> None:
    results = load_results(FILE)
    for language in ("es", "pt", "en"):
        for kind in (results.actions, results.results):
            names = [getattr(one.name, language) for one in kind.values()]
            assert len(set(names)) == len(names)
