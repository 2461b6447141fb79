"""Dashboards, alerts and the runbook belong together, and to what processes tell."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from config.settings import ROOT
from lab.observability.objectives import OBJECTIVES
from lab.observability.written import files
from telemetry.figures import DURATIONS
from tests.unit.observability.support import (
    BOARDS,
    RULE_FILES,
    RUNBOOK,
    alerts,
    expressions,
    metrics,
    panels,
    recorded,
    rules,
)

ALERTS = {rule["alert"] for rule in alerts()}


@pytest.mark.parametrize(
    ("path", "text"), files().items(), ids=lambda one: one.name if isinstance(one, Path) else ""
)
def test_what_is_made_by_code_is_kept_as_it_is_made(path: Path, text: str) -> None:
    assert path.read_text("utf-8") == text, "run `make observability`"


def test_no_dashboard_is_left_of_which_no_code_knows() -> None:
    assert set(BOARDS) == {path for path in files() if path.suffix == ".json"}


@pytest.mark.parametrize("file", BOARDS, ids=lambda one: one.stem)
def test_a_dashboard_is_found_by_a_fixed_id_and_reads_the_source_that_is_chosen(file: Path) -> None:
    board = json.loads(file.read_text("utf-8"))
    assert board["uid"] == file.stem
    assert [one["name"] for one in board["templating"]["list"]] == ["datasource"]
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("board", "panel"), panels(), ids=lambda one: str(one)[:40])
def test_a_panel_says_what_it_shows_and_in_which_unit(board: str, panel: dict[str, Any]) -> None:
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert len(panel["description"]) > 20
    for one in (panel, *panel["targets"]):
        assert one["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_no_two_panels_lie_on_each_other() -> None:
    for file in BOARDS:
        taken: set[tuple[int, int]] = set()
        for panel in json.loads(file.read_text("utf-8"))["panels"]:
            at = panel["gridPos"]
            place = {
                (x, y)
                for x in range(at["x"], at["x"] + at["w"])
                for y in range(at["y"], at["y"] + at["h"])
            }
            assert at["x"] + at["w"] <= 24
            assert not place & taken, f"{file.stem}: {panel['title']}"
            taken |= place


def test_every_metric_of_ours_that_is_read_is_one_that_is_told() -> None:
    page = (ROOT / "docs" / "reference" / "signs.md").read_text("utf-8")
    told = set(re.findall(r"`(contrapunto_\w+)`", page))
    for one in DURATIONS:
        name = f"{one.name.replace('.', '_')}_seconds"
        assert f"{name}_bucket" in told
        told |= {f"{name}_count", f"{name}_sum"}
    named = {name for text in expressions() for name in metrics(text)}
    assert len(named) > 30
    assert {name for name in named if name.startswith("contrapunto_")} - told == set()


def test_every_recorded_series_that_is_read_is_recorded() -> None:
    made = {rule["record"] for file in RULE_FILES for rule in rules(file) if "record" in rule}
    read = {name for text in expressions() for name in recorded(text)}
    assert read - made == set()


def test_the_limit_of_an_objective_is_a_bound_of_its_histogram() -> None:
    """Between two bounds nobody can tell how many were slower."""
    bounds = {one.name.replace(".", "_") + "_seconds": one.bounds for one in DURATIONS}
    found = 0
    for one in OBJECTIVES:
        for name, limit in re.findall(r'(\w+)_bucket\{\{le=~"(\d+)', one.bad):
            assert float(limit) in bounds[name]
            found += 1
    assert found == 3


# --- alerts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", alerts(), ids=lambda one: f"{one['alert']}-{one['labels']}")
def test_an_alert_says_how_urgent_it_is_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    told = rule["annotations"]
    assert told["summary"]
    assert told["todo"]
    docs = "{{ $externalLabels.contrapunto_docs }}guide/runbook.md"
    assert told["runbook_url"] == f"{docs}#{rule['alert'].lower()}"
    if "temporal_ui" in told:
        ui = "{{ $externalLabels.temporal_ui }}/namespaces/"
        assert told["temporal_ui"].startswith(ui)


def test_alerts_that_share_a_name_differ_in_severity() -> None:
    names = [(rule["alert"], rule["labels"]["severity"]) for rule in alerts()]
    assert len(names) == len(set(names))


def test_every_alert_has_an_entry_in_the_runbook_and_every_entry_an_alert() -> None:
    entries = re.findall(r"^### (Contrapunto\w+)$", RUNBOOK.read_text("utf-8"), re.MULTILINE)
    assert len(entries) == len(set(entries))
    assert set(entries) == ALERTS


def test_an_entry_says_what_it_means_and_what_to_do() -> None:
    parts = re.split(r"^### ", RUNBOOK.read_text("utf-8"), flags=re.MULTILINE)[1:]
    for part in parts:
        name, _, text = part.partition("\n")
        assert "**Means.**" in text, name
        assert "**Do.**" in text, name
