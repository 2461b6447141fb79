"""The dashboards as Grafana 11 reads them, from what stands on them (``panels``)."""

import json
from typing import Any, Final

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
)

from lab.observability.panels import BOARDS, Board, Panel

DASHBOARDS: Final = BOARDS
SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTH: Final = 24
_THIN, _TALL = 4, 8
_MOST: Final = 3
"""Graphs side by side."""


def encoded(board: Board) -> str:
    """The file."""
    built = json.loads(JSONEncoder().encode(_board(board).build()))
    for number, panel in enumerate(built["panels"], start=1):
        panel["id"] = number
    return json.dumps(built, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _board(board: Board) -> dashboard.Dashboard:
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.name)
        .description(board.words)
        .tags(["contrapunto"])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .refresh("1m")
        .time("now-24h", "now")
        .timezone("browser")
        .with_variable(
            dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
        )
        .link(
            dashboard.DashboardLink("Contrapunto")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["contrapunto"])
            .as_dropdown(True)
            .keep_time(True)
        )
    )
    for row in board.rows:
        made = made.with_row(dashboard.Row(row.title))
        beside = len(row.panels) if row.panels[0].kind == "stat" else min(len(row.panels), _MOST)
        for panel in row.panels:
            made = made.with_panel(_panel(panel, WIDTH // beside))
    return made


def _panel(panel: Panel, width: int) -> Any:
    made: Any = stat.Panel() if panel.kind == "stat" else timeseries.Panel()
    made = made.title(panel.title).description(panel.words).unit(panel.unit).datasource(SOURCE)
    if panel.unit != "percentunit":  # a budget may be overdrawn
        made = made.min(0)
    made = made.span(width).height(_THIN if panel.kind == "stat" else _TALL)
    steps = [Threshold(color="green", value=None)]
    if panel.bad is not None:
        steps.append(Threshold(color="red", value=panel.bad))
    made = made.thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
    for place, (expr, legend) in enumerate(panel.lines):
        query = prometheus.Dataquery().expr(expr).ref_id(chr(ord("A") + place)).datasource(SOURCE)
        made = made.with_target(query.legend_format(legend) if legend else query.instant())
    if panel.kind == "stat":
        last = common.ReduceDataOptions().calcs(["lastNotNull"])
        return (
            made.reduce_options(last)
            .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
            .graph_mode(kinds.BigValueGraphMode.NONE)
        )
    if panel.bad is not None:
        style = common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.LINE)
        made = made.thresholds_style(style)
    return made.line_width(1).fill_opacity(10).show_points(kinds.VisibilityMode.NEVER)
