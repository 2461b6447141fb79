"""What the rule files and the dashboards hold, and promtool where it is at hand."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from config.settings import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
RULE_FILES = (PROMETHEUS / "alerts.yaml", PROMETHEUS / "objectives.yaml")
BOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
RUNBOOK = ROOT / "docs" / "guide" / "runbook.md"


def promtool() -> str | None:
    """Where it is: named, installed, or fetched by `make promtool`."""
    fetched = ROOT / "var" / "prometheus" / "usr" / "bin" / "promtool"
    named = os.environ.get("PROMTOOL")
    return named or shutil.which("promtool") or (str(fetched) if fetched.exists() else None)


def rules(file: Path) -> list[dict[str, Any]]:
    """All rules of a file."""
    groups = yaml.safe_load(file.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    """Every alert, of all files."""
    return [rule for file in RULE_FILES for rule in rules(file) if "alert" in rule]


def panels() -> list[tuple[str, dict[str, Any]]]:
    """Every panel that shows something, with the dashboard's name."""
    return [
        (file.stem, panel)
        for file in BOARDS
        for panel in json.loads(file.read_text("utf-8"))["panels"]
        if panel["type"] != "row"
    ]


def expressions() -> list[str]:
    """Every expression, of rules and panels."""
    told = [str(rule["expr"]) for file in RULE_FILES for rule in rules(file)]
    return told + [target["expr"] for _, panel in panels() for target in panel["targets"]]


def metrics(expression: str) -> set[str]:
    """The names in an expression that a process has to tell; `up` is Prometheus's own."""
    return set(re.findall(r"(?<![\w:])(?:contrapunto|temporal)_\w+", expression))


def recorded(expression: str) -> set[str]:
    """The names in an expression that a rule has to record."""
    return set(re.findall(r"contrapunto:[\w:]+", expression))
