"""Objectives of service, and the rules that say how fast their error budgets burn.

Several windows and burn rates, as the Site Reliability Workbook has them (chapter 5): a page where
a fiftieth of a month's budget burns within an hour or a twentieth within six, a ticket where a
tenth burns within one day or three. The short window beside each long one ends the alert soon after
the trouble. So that one late contact in a quiet night wakes nobody, some must have gone wrong.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

WINDOWS: Final = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")
BURNS: Final = {
    "page": ((14.4, "1h", "5m"), (6.0, "6h", "30m")),
    "ticket": ((3.0, "1d", "2h"), (1.0, "3d", "6h")),
}
"""Severity -> how many times as fast as planned, over which long and short window."""
HEAD: Final = """\
# Made by `make observability` of lab/observability/objectives.py: change it there.
# Objectives and how fast their error budgets burn; docs/guide/alerts.md explains them.
# A window of 30 days needs a Prometheus that keeps 30 days (--storage.tsdb.retention.time).
"""


class Objective(NamedTuple):
    """What has to go well how often, over 30 days."""

    name: str
    alert: str
    share: float
    bad: str
    """What went wrong, as an increase over ``{window}``."""
    all: str
    """What there was, as an increase over ``{window}``."""
    words: str
    todo: str
    least: int = 3
    """So many must have gone wrong in the long window before anybody is told."""


def _slower(histogram: str, limit: int) -> tuple[str, str]:
    """Of a histogram: those slower than the limit, and all."""
    every = f"sum(increase({histogram}_count[{{window}}]))"
    # Python's exporter says 900.0, others 900.
    fast = f'sum(increase({histogram}_bucket{{{{le=~"{limit}([.]0)?"}}}}[{{window}}]))'
    return f"{every} - {fast}", every


def _contacts(outcomes: str) -> str:
    return f'sum(increase(contrapunto_contacts_total{{{{outcome=~"{outcomes}"}}}}[{{window}}]))'


OBJECTIVES: Final = (
    Objective(
        "contact_on_time",
        "ContrapuntoContactOnTimeBudget",
        0.99,
        *_slower("contrapunto_contact_delay_seconds", 900),
        "contacts leave more than 15 minutes after they were due",
        "Too few workers, a channel's rate limit, or a provider that is slow?",
    ),
    Objective(
        "webhook_to_workflow",
        "ContrapuntoWebhookToWorkflowBudget",
        0.999,
        *_slower("contrapunto_webhook_heard_seconds", 10),
        "workflows hear of what comes in more than 10 seconds later",
        "Are PostgreSQL and Temporal slow or away? `contrapunto status`.",
    ),
    Objective(
        "stop_to_silence",
        "ContrapuntoStopToSilenceBudget",
        0.999,
        *_slower("contrapunto_stop_effect_seconds", 5),
        "stops take effect more than 5 seconds after they came in",
        "The gateway waits for PostgreSQL: locks, connections, disk?",
        least=1,
    ),
    Objective(
        "outcome_known",
        "ContrapuntoOutcomeKnownBudget",
        0.999,
        _contacts("unknown"),
        _contacts("accepted|refused|unknown"),
        "contacts leave without anybody knowing whether they arrived at the provider",
        "Timeouts of a provider, or workers that are killed? `contrapunto ledger unknown`.",
    ),
)


def rules() -> str:
    """The rule file."""
    return HEAD + "\n".join(["groups:", *_recorded(), *_alerts(), *_budgets(), ""])


def _recorded() -> Iterator[str]:
    yield "  - name: contrapunto.objectives"
    yield "    rules:"
    for one in OBJECTIVES:
        for window in WINDOWS[:-1]:
            yield from _ratio(one, window)
        for window in ("1h", "6h", "1d", "3d"):
            yield f"      - record: contrapunto:slo_bad:increase{window}"
            yield f"        labels: {{slo: {one.name}}}"
            yield f"        expr: {one.bad.format(window=window)}"


def _budgets() -> Iterator[str]:
    yield "  - name: contrapunto.budgets"
    yield "    interval: 10m"
    yield "    rules:"
    for one in OBJECTIVES:
        yield from _ratio(one, WINDOWS[-1])
        yield "      - record: contrapunto:slo_budget:remaining30d"
        yield f"        labels: {{slo: {one.name}}}"
        ratio = f'contrapunto:slo_error:ratio30d{{slo="{one.name}"}}'
        yield f"        expr: 1 - {ratio} / {_budget(one)}"


def _ratio(one: Objective, window: str) -> Iterator[str]:
    yield f"      - record: contrapunto:slo_error:ratio{window}"
    yield f"        labels: {{slo: {one.name}}}"
    yield "        expr: |-"
    yield f"          ({one.bad.format(window=window)})"
    yield f"          / {one.all.format(window=window)}"


def _alerts() -> Iterator[str]:
    """In the group of what they read: rules of one group are evaluated one after the other."""
    for one in OBJECTIVES:
        for severity, burns in BURNS.items():
            yield f"      - alert: {one.alert}"
            yield "        expr: |-"
            yield "          " + "\n          or ".join(_burns(one, *burn) for burn in burns)
            yield f"        for: {'2m' if severity == 'page' else '15m'}"
            yield f"        labels: {{severity: {severity}, slo: {one.name}}}"
            yield "        annotations:"
            value = "{{ $value | humanizePercentage }}"
            yield f'          summary: "Too many {one.words}: {value} of them"'
            yield f'          todo: "{one.todo}"'
            docs = "{{ $externalLabels.contrapunto_docs }}guide/runbook.md"
            yield f'          runbook_url: "{docs}#{one.alert.lower()}"'


def _burns(one: Objective, rate: float, long: str, short: str) -> str:
    most = f"{rate:g} * {_budget(one)}"
    slo = f'{{slo="{one.name}"}}'
    return (
        f"(contrapunto:slo_error:ratio{long}{slo} > {most}"
        f" and contrapunto:slo_error:ratio{short}{slo} > {most}"
        f" and contrapunto:slo_bad:increase{long}{slo} > {one.least - 0.5:g})"
    )


def _budget(one: Objective) -> str:
    """The share that may go wrong."""
    return f"{1 - one.share:.6g}"
