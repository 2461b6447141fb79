"""Telemetry inside a test: real providers, what they would export kept in memory.

OpenTelemetry lets a process set its global providers once, so a test sets them back by hand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.util._once import Once

from telemetry.exporters import UNWATCHED, Watch, telemetry


@dataclass
class Seen:
    """What was emitted."""

    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    reader: InMemoryMetricReader = field(default_factory=InMemoryMetricReader)
    watch: Watch = UNWATCHED

    def spans(self, name: str | None = None) -> list[ReadableSpan]:
        """All ended spans, or those of a name, in the order of their start."""
        made = self.exporter.get_finished_spans()
        named = [span for span in made if name is None or span.name == name]
        return sorted(named, key=lambda span: span.start_time or 0)

    def below(self, root: ReadableSpan) -> list[ReadableSpan]:
        """The span and all its descendants."""
        found = [root]
        for span in found:
            found += [s for s in self.spans() if s.parent and s.parent.span_id == id_of(span)]
        return found

    def counts(self, name: str) -> dict[tuple[Any, ...], int]:
        """Points of a metric by the values of their attributes, in the order of their names."""
        data = self.reader.get_metrics_data()
        return {
            tuple(v for _, v in sorted((point.attributes or {}).items())): int(
                getattr(point, "value", 0)
            )
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        }

    def durations(self, name: str) -> dict[tuple[Any, ...], tuple[int, float]]:
        """How often, and how long in all, something took, by the values of its attributes."""
        data = self.reader.get_metrics_data()
        return {
            tuple(v for _, v in sorted((point.attributes or {}).items())): (
                int(getattr(point, "count", 0)),
                float(getattr(point, "sum", 0)),
            )
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        }

    def tree(self, root: ReadableSpan, depth: int = 0) -> str:
        """The spans below one, indented."""
        took = ((root.end_time or 0) - (root.start_time or 0)) / 1e6
        said = {key.removeprefix("contrapunto."): v for key, v in (root.attributes or {}).items()}
        lines = [f"{'  ' * depth}{root.name}  [{root.kind.name.lower()} {took:.1f} ms] {said}"]
        children = [s for s in self.spans() if s.parent and s.parent.span_id == id_of(root)]
        return "\n".join([*lines, *(self.tree(child, depth + 1) for child in children)])


def id_of(span: ReadableSpan) -> int:
    """A span's id."""
    return int(span.context.span_id)


@contextmanager
def watching(monkeypatch: pytest.MonkeyPatch, **options: Any) -> Iterator[Seen]:
    """Telemetry on, whatever this machine's environment says, and off again."""
    seen = Seen()
    with forgotten(monkeypatch):
        spans = SimpleSpanProcessor(seen.exporter)
        with telemetry("contrapunto-test", spans=spans, reader=seen.reader, **options) as watch:
            seen.watch = watch
            yield seen


@contextmanager
def forgotten(monkeypatch: pytest.MonkeyPatch, **environ: str) -> Iterator[None]:
    """No global provider before or after; of OTEL_* only what is given."""
    import os

    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    try:
        yield
    finally:
        trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE = None, Once()
        internal = metrics._internal
        internal._METER_PROVIDER, internal._METER_PROVIDER_SET_ONCE = None, Once()
