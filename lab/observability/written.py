"""What is made by code, by the file where it is kept."""

from pathlib import Path
from typing import Final

from config.settings import ROOT
from lab.observability.dashboards import DASHBOARDS, encoded
from lab.observability.objectives import rules

RULES: Final = ROOT / "deploy" / "prometheus" / "objectives.yaml"
GRAFANA: Final = ROOT / "deploy" / "grafana" / "dashboards"


def files() -> dict[Path, str]:
    """Every file, whole."""
    boards = {GRAFANA / f"{one.name}.json": encoded(one) for one in DASHBOARDS}
    return {RULES: rules(), **boards}
