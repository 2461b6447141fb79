"""docs/reference/signs.md: what tells how things stand."""

from collections.abc import Iterator
from typing import Final

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import REGISTRY

from domain.planning.step import Status as AccountStatus
from lab.reference.text import GENERATED, described, table
from telemetry import figures, observing
from telemetry.figures import Seen
from workers.cli.status import ExitStatus
from workers.search_attributes import ATTRIBUTES

MEANINGS: Final = {
    "Phase": "A phase of the strategy; or `not-due`, `after`, `unknown`.",
    "Standing": "[What the account is doing](#statuses-of-an-account).",
    "Jurisdiction": "`CO`, `US`, `US-MA`, ...: the law that binds most nearly.",
    "Creditor": "The creditor's code.",
    "DaysPastDue": "`current`, `1-30`, `31-60`, `61-90`, `91-120`, `120+`.",
    "Segment": "That the account's strategy was chosen by; unset where no segments are configured.",
    "NextContactAt": "While a contact is planned, with `CONTRAPUNTO_EXACT_NEXT_CONTACT`.",
}
"""What each search attribute holds."""


def page() -> str:
    """Exit statuses, statuses, search attributes, metrics."""
    exits, states = described(ExitStatus), described(AccountStatus)
    return "\n".join(
        [
            GENERATED,
            "# Signs",
            "",
            "## Exit statuses",
            "",
            *table(
                ("Status", "Meaning"),
                ((f"{one.value}", exits.get(one.name, "")) for one in ExitStatus),
            ),
            "",
            "## Statuses of an account",
            "",
            "In the search attribute, in the queries and in `account show`; what to do is in"
            " [Operations](../operations.md#search-attributes).",
            "",
            *table(
                ("Status", "Meaning"),
                ((f"`{one}`", states.get(one.name, "")) for one in AccountStatus),
            ),
            "",
            "## Search attributes",
            "",
            *table(
                ("Attribute", "Type", "Values"),
                ((f"`{name}`", kind, MEANINGS[name]) for name, kind in ATTRIBUTES.items()),
            ),
            "",
            "## Metrics",
            "",
            "What the attributes say is in [Telemetry](../telemetry.md#metrics). Temporal's own are"
            " called `temporal_*`.",
            "",
            *table(("Metric", "In Prometheus", "Attributes", "Counts"), _metrics()),
            "",
        ]
    )


def _metrics() -> Iterator[tuple[str, str, str, str]]:
    """Every instrument, found by having each counted once with a real exporter beside."""
    memory, prometheus = InMemoryMetricReader(), PrometheusMetricReader()
    provider = MeterProvider([memory, prometheus])
    observing.watch(None, provider)
    try:
        observing.contacted("sms", "twilio", "accepted")
        observing.judged("none", "allowed")
        observing.accounts([("early", "contact", 1)])
        observing.served("list_work", 200)
        observing.failing([("contact", "TimeoutError", 1)])
        observing.work([("dispute", True, 1)])
        observing.strays([("attempts", 0)])
        observing.providers([("sms", "twilio", 1.0)])
        observing.received("twilio_status", 204)
        observing.relayed("core", "delivered")
        observing.outgoing(1, 1.0, [("core", 1.0)], [("core", 1)])
        for figure in figures.FIGURES:
            figures.show(figure, Seen(1, dict.fromkeys(figure.labels, "x")))
        for duration in figures.DURATIONS:
            figures.took(duration, 1, **dict.fromkeys(duration.labels, "x"))
        data = memory.get_metrics_data()
        exported = {one.documentation: one for one in REGISTRY.collect()}
    finally:
        observing.watch(None, None)
        provider.shutdown()
    for scope in data.resource_metrics[0].scope_metrics if data else ():
        for metric in scope.metrics:
            [point, *_] = metric.data.data_points
            words = metric.description or ""
            sample = exported[words].samples[0].name
            names = ", ".join(f"`{name}`" for name in point.attributes or {})
            yield f"`{metric.name}`", f"`{sample}`", names, words
