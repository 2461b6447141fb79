"""OpenTelemetry, off unless the standard ``OTEL_*`` variables ask for it (docs/telemetry.md)."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    ConsoleMetricExporter,
    MetricReader,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
)
from opentelemetry.util.re import parse_env_headers
from prometheus_client import start_http_server
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, create_tracer_provider
from temporalio.runtime import OpenTelemetryConfig, PrometheusConfig, Runtime, TelemetryConfig

from domain.failures import Misconfigured
from telemetry import observing

OTLP: Final = "otlp"
PROMETHEUS: Final = "prometheus"
CONSOLE: Final = "console"
PROTOCOL: Final = "http/protobuf"
DEFAULT_ENDPOINT: Final = "http://localhost:4318"

Environ = Mapping[str, str]


@dataclass(frozen=True)
class Wanted:
    """What ``OTEL_*`` asks for."""

    traces: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    metrics_endpoint: str = f"{DEFAULT_ENDPOINT}/v1/metrics"
    metrics_headers: Mapping[str, str] = field(default_factory=dict)
    prometheus: tuple[str, int] = ("localhost", 9464)
    interval: float = 60.0
    """Seconds between two exports of metrics."""


def wanted(environ: Environ) -> Wanted:
    """What the environment asks for; raises Misconfigured naming the variable that is wrong."""
    if _get(environ, "OTEL_SDK_DISABLED").lower() == "true":
        return Wanted()
    traces = _exporters(environ, "TRACES", {OTLP, CONSOLE})
    counts = _exporters(environ, "METRICS", {OTLP, CONSOLE, PROMETHEUS})
    for signal, chosen in (("TRACES", traces), ("METRICS", counts)):
        if OTLP in chosen:
            _check_otlp(environ, signal)
    headers = _get(environ, "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
    return Wanted(
        traces=traces,
        metrics=counts,
        metrics_endpoint=_get(environ, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
        or (_get(environ, "OTEL_EXPORTER_OTLP_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")
        + "/v1/metrics",
        metrics_headers=parse_env_headers(headers, liberal=True),
        prometheus=(
            _get(environ, "OTEL_EXPORTER_PROMETHEUS_HOST") or "localhost",
            _number(environ, "OTEL_EXPORTER_PROMETHEUS_PORT", 9464, 1, 65534),
        ),
        interval=_number(environ, "OTEL_METRIC_EXPORT_INTERVAL", 60_000, 100, 2**31) / 1000,
    )


def _get(environ: Environ, *names: str) -> str:
    """The first of these that is set; the standard has an empty variable mean an unset one."""
    return next((value for name in names if (value := environ.get(name, "").strip())), "")


def _exporters(environ: Environ, signal: str, known: set[str]) -> frozenset[str]:
    """Exporters of a signal: those named, else OTLP where an endpoint is set, else none."""
    name = f"OTEL_{signal}_EXPORTER"
    told = _get(environ, name).lower()
    if not told:
        endpoint = _get(
            environ, f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
        )
        return frozenset({OTLP} if endpoint else ())
    chosen = {part.strip() for part in told.split(",")} - {""}
    if unknown := chosen - known - {"none"}:
        choice = ", ".join(sorted(known))
        raise Misconfigured(f"{name}: {', '.join(sorted(unknown))} is none of {choice}, none")
    if "none" in chosen and len(chosen) > 1:
        raise Misconfigured(f"{name}: none stands alone, not in {told!r}")
    return frozenset(chosen - {"none"})


def _check_otlp(environ: Environ, signal: str) -> None:
    for name in (f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        protocol = _get(environ, name)
        if protocol and protocol != PROTOCOL:
            raise Misconfigured(f"{name}: only {PROTOCOL} is spoken here, not {protocol!r}")
    for name in (f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        if (told := _get(environ, name)) and not _is_address(told):
            raise Misconfigured(f"{name}: must be an address like {DEFAULT_ENDPOINT}")
    for name in (f"OTEL_EXPORTER_OTLP_{signal}_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"):
        _number(environ, name, 10, 0, 2**31)


def _is_address(told: str) -> bool:
    try:
        parts = urlsplit(told)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _number(environ: Environ, name: str, default: int, least: int, most: int) -> int:
    told = _get(environ, name)
    if not told:
        return default
    if not told.isdecimal() or not least <= int(told) <= most:
        raise Misconfigured(f"{name}: must be a whole number from {least} to {most}, not {told!r}")
    return int(told)


# --- a process that is watched ------------------------------------------------------------------


@dataclass(frozen=True)
class Watch:
    """What a process needs to be seen."""

    client_options: dict[str, Any] = field(default_factory=dict)
    interval: float = 60.0
    """Seconds between two looks at what is counted."""


UNWATCHED: Final = Watch()


@contextmanager
def telemetry(
    service: str,
    *,
    client_spans: bool = False,
    short: bool = False,
    spans: SpanProcessor | None = None,
    reader: MetricReader | None = None,
) -> Iterator[Watch]:
    """Set up traces and metrics of one process, and send what is left when it ends.

    ``client_spans``: calls of Temporal get spans (never in the worker: a span of a workflow that
    lasts a quarter would be seen after it). ``short``: too short-lived to be scraped. ``spans``
    and ``reader``, for tests, take what would be exported. Raises Misconfigured.
    """
    asked = wanted(os.environ)  # noqa: TID251 - the one place where OTEL_* is read
    processors, readers = _processors(asked), [] if reader is None else [reader]
    processors += [] if spans is None else [spans]
    with ExitStack() as stack:
        readers += _readers(asked, stack, short=short)
        if not processors and not readers:
            yield UNWATCHED
            return
        resource = _resource(service)
        tracers = _tracers(processors, resource, stack) if processors else None
        meters = _meters(readers, resource, stack) if readers else None
        observing.watch(tracers, meters)
        stack.callback(observing.watch, None, None)
        options: dict[str, Any] = {}
        if tracers is not None:
            options["plugins"] = [OpenTelemetryPlugin(add_temporal_spans=client_spans)]
        if (own := _temporal_metrics(asked, short=short)) is not None:
            options["runtime"] = _runtime(own, resource)
        yield Watch(options, asked.interval)


def _processors(asked: Wanted) -> list[SpanProcessor]:
    made: list[SpanProcessor] = []
    if OTLP in asked.traces:
        made.append(BatchSpanProcessor(OTLPSpanExporter()))
    if CONSOLE in asked.traces:
        made.append(SimpleSpanProcessor(ConsoleSpanExporter()))
    return made


def _readers(asked: Wanted, stack: ExitStack, *, short: bool) -> list[MetricReader]:
    made: list[MetricReader] = []
    every = asked.interval * 1000
    if OTLP in asked.metrics:
        made.append(PeriodicExportingMetricReader(OTLPMetricExporter(), every))
    if CONSOLE in asked.metrics:
        made.append(PeriodicExportingMetricReader(ConsoleMetricExporter(), every))
    if PROMETHEUS in asked.metrics and not short:
        _serve_prometheus(*asked.prometheus, stack)
        made.append(PrometheusMetricReader())
    return made


def _serve_prometheus(host: str, port: int, stack: ExitStack) -> None:
    try:
        server, thread = start_http_server(port, host)
    except OSError as error:
        raise _taken(host, port, error.strerror or str(error)) from error
    stack.callback(thread.join, 5)
    stack.callback(server.server_close)
    stack.callback(server.shutdown)


def _taken(host: str, port: int, why: str) -> Misconfigured:
    return Misconfigured(
        f"metrics cannot be served on {host}:{port} ({why}): set OTEL_EXPORTER_PROMETHEUS_HOST "
        "and OTEL_EXPORTER_PROMETHEUS_PORT; every process needs this port and the next one"
    )


def _resource(service: str) -> Resource:
    """The environment's words for who we are come before ours."""
    told = Resource.create()
    unnamed = str(told.attributes.get("service.name", "")).startswith("unknown_service")
    return told.merge(Resource({"service.name": service})) if unnamed else told


def _tracers(
    processors: list[SpanProcessor], resource: Resource, stack: ExitStack
) -> trace.TracerProvider:
    made = create_tracer_provider(resource=resource, shutdown_on_exit=False)
    for processor in processors:
        made.add_span_processor(processor)
    stack.callback(made.shutdown)
    trace.set_tracer_provider(made)
    return made


def _meters(
    readers: list[MetricReader], resource: Resource, stack: ExitStack
) -> metrics.MeterProvider:
    made = MeterProvider(readers, resource, shutdown_on_exit=False)
    stack.callback(made.shutdown)
    metrics.set_meter_provider(made)
    return made


def _temporal_metrics(
    asked: Wanted, *, short: bool
) -> OpenTelemetryConfig | PrometheusConfig | None:
    """Where Temporal's own metrics go: its core exports them itself, beside ours."""
    if PROMETHEUS in asked.metrics and not short:
        host, port = asked.prometheus
        address = "127.0.0.1" if host == "localhost" else f"[{host}]" if ":" in host else host
        return PrometheusConfig(
            f"{address}:{port + 1}",
            counters_total_suffix=True,
            unit_suffix=True,
            durations_as_seconds=True,
        )
    if OTLP in asked.metrics:
        return OpenTelemetryConfig(
            asked.metrics_endpoint,
            asked.metrics_headers,
            timedelta(seconds=asked.interval),
            durations_as_seconds=True,
            http=True,
        )
    return None


def _runtime(own: OpenTelemetryConfig | PrometheusConfig, resource: Resource) -> Runtime:
    told = resource.attributes.items()
    tags = {name: str(value) for name, value in told if not name.startswith("telemetry.")}
    if isinstance(own, PrometheusConfig):  # where they would be labels of every single series
        tags = {"service_name": tags["service.name"]}
    seen = TelemetryConfig(metrics=own, global_tags=tags, attach_service_name=False)
    try:
        return Runtime(telemetry=seen)
    except (RuntimeError, ValueError) as error:
        if isinstance(own, PrometheusConfig):
            host, _, port = own.bind_address.rpartition(":")
            raise _taken(host, int(port), str(error).splitlines()[0]) from error
        raise Misconfigured(f"OTEL_EXPORTER_OTLP_ENDPOINT: {error}") from error


# --- the gateway and the API --------------------------------------------------------------------


class Webhooks:
    """A span around each webhook, or each request of the API, named by its handler: paths may hold
    tokens and ids.

    What callers say of their own traces is not believed: these are public addresses.
    """

    def __init__(self, app: ASGIApp, kind: str = "webhook") -> None:
        self.app, self.kind = app, kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; looks at our health are none of them."""
        if scope["type"] != "http" or scope["path"] in ("/healthz", "/readyz"):
            await self.app(scope, receive, send)
            return
        about = {"http.request.method": scope["method"]}
        with observing.span(self.kind, about, observing.SERVER) as seen:

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status: int = message["status"]
                    seen.set_attribute("http.response.status_code", status)
                await send(message)

            await self.app(scope, receive, answer)
            handler = getattr(scope.get("endpoint"), "__name__", "not_found")
            seen.update_name(f"{self.kind} {handler}")
