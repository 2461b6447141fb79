"""What ``OTEL_*`` asks for, statement names, and what a wrong value says."""

import contextlib
import socket

import httpx
import pytest
from opentelemetry import trace

from domain.failures import Misconfigured
from lab.local.postgres import free_port
from store import attempt_moves as moves
from store import law_events, ledger, situations
from store import provider_events as callbacks
from store.views import gauges
from telemetry import observing
from telemetry.exporters import UNWATCHED, telemetry, wanted
from tests.support.watching import forgotten

OTLP, NONE = frozenset({"otlp"}), frozenset[str]()
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.mark.parametrize(
    ("environ", "traces", "metrics"),
    [
        ({}, NONE, NONE),
        ({"OTEL_SERVICE_NAME": "me", "OTEL_RESOURCE_ATTRIBUTES": "a=b"}, NONE, NONE),
        ({ENDPOINT: "http://collector:4318"}, OTLP, OTLP),
        ({ENDPOINT: ""}, NONE, NONE),
        ({ENDPOINT: "http://c:4318", "OTEL_METRICS_EXPORTER": "none"}, OTLP, NONE),
        ({ENDPOINT: "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, NONE, OTLP),
        ({ENDPOINT: "http://c:4318", "OTEL_SDK_DISABLED": "true"}, NONE, NONE),
        ({ENDPOINT: "http://c:4318", "OTEL_SDK_DISABLED": "false"}, OTLP, OTLP),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, OTLP, NONE),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://c:4318/v1/metrics"}, NONE, OTLP),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, OTLP, NONE),
        ({"OTEL_TRACES_EXPORTER": "OTLP, console"}, frozenset({"otlp", "console"}), NONE),
        ({"OTEL_METRICS_EXPORTER": "prometheus"}, NONE, frozenset({"prometheus"})),
        (
            {ENDPOINT: "http://c:4318", "OTEL_METRICS_EXPORTER": "prometheus"},
            OTLP,
            frozenset({"prometheus"}),
        ),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}, NONE, NONE),
        ({ENDPOINT: "http://c:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, OTLP, OTLP),
    ],
)
def test_what_the_environment_asks_for(
    environ: dict[str, str], traces: frozenset[str], metrics: frozenset[str]
) -> None:
    asked = wanted(environ)
    assert (asked.traces, asked.metrics) == (traces, metrics)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_TRACES_EXPORTER", "prometheus"),
        ("OTEL_TRACES_EXPORTER", "none,otlp"),
        ("OTEL_METRICS_EXPORTER", "statsd"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "http"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "65535"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1s"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    on = {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_METRICS_EXPORTER": "otlp"}
    with pytest.raises(Misconfigured, match=name):
        wanted({**on, name: value})


def test_addresses_and_figures() -> None:
    asked = wanted(
        {
            ENDPOINT: "http://c:4318/",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x",
            "OTEL_EXPORTER_PROMETHEUS_HOST": "0.0.0.0",  # noqa: S104
            "OTEL_EXPORTER_PROMETHEUS_PORT": "9000",
            "OTEL_METRIC_EXPORT_INTERVAL": "5000",
        }
    )
    assert asked.metrics_endpoint == "http://c:4318/v1/metrics"
    assert asked.metrics_headers == {"authorization": "Bearer x"}
    assert asked.prometheus == ("0.0.0.0", 9000)  # noqa: S104
    assert asked.interval == 5
    own = "http://m:1/own"
    assert wanted({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": own}).metrics_endpoint == own


def test_off_sets_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    with forgotten(monkeypatch), telemetry("contrapunto-test") as watch:
        assert watch is UNWATCHED
        assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
        assert not observing.tracing()
        assert not observing.metering()
        with observing.span("anything") as span:
            assert not span.is_recording()
            assert observing.trace_id() is None


def test_a_port_that_is_taken_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        on = {
            "OTEL_METRICS_EXPORTER": "prometheus",
            "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1",
            "OTEL_EXPORTER_PROMETHEUS_PORT": str(taken.getsockname()[1]),
        }
        with (
            forgotten(monkeypatch, **on),
            pytest.raises(Misconfigured, match="OTEL_EXPORTER_PROMETHEUS_PORT"),
            telemetry("contrapunto-test"),
        ):
            pass


def test_a_short_process_is_not_scraped(monkeypatch: pytest.MonkeyPatch) -> None:
    on = {"OTEL_METRICS_EXPORTER": "prometheus"}
    with forgotten(monkeypatch, **on), telemetry("contrapunto-test", short=True) as watch:
        assert watch is UNWATCHED


@pytest.mark.parametrize(
    ("query", "named"),
    [
        (situations.SELECT_SITUATION, ("SELECT", "accounts")),
        (situations.LOCK_PERSON, ("SELECT", "lock_person")),
        (ledger.INSERT_RESERVED, ("INSERT", "attempts")),
        (moves.DISPATCH, ("UPDATE", "attempts")),
        (ledger.SELECT_ATTEMPT, ("SELECT", "attempts")),
        (law_events.INSERT, ("INSERT", "law_events")),
        (callbacks.INSERT_EVENT, ("INSERT", "provider_events")),
        (gauges.STANDING, ("SELECT", "accounts")),
        ("DELETE FROM messages WHERE message_id = $1", ("DELETE", "messages")),
        ("SELECT 1 -- as before; a sign of life", ("SELECT", None)),
        ("BEGIN;", ("BEGIN", None)),
        ("COMMIT;", ("COMMIT", None)),
        ("SELECT pg_advisory_unlock_all();\nCLOSE ALL;", ("RESET", None)),
        ("", ("SQL", None)),
    ],
)
def test_a_statement_is_named_by_what_it_does(query: str, named: tuple[str, str | None]) -> None:
    assert observing.statement(query) == named


def test_prometheus_serves_our_metrics_and_temporals(monkeypatch: pytest.MonkeyPatch) -> None:
    port = two_free_ports()
    on = {
        "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1",
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
    }
    with forgotten(monkeypatch, **on), telemetry("contrapunto-test") as watch:
        assert set(watch.client_options) == {"runtime"}, "metrics alone bring no spans"
        observing.contacted("sms", "twilio", "accepted")
        observing.accounts([("early", "contact", 7)])
        ours = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        theirs = httpx.get(f"http://127.0.0.1:{port + 1}/metrics", trust_env=False)
    lines = [line for line in ours.splitlines() if line.startswith("contrapunto_")]
    assert any('contacts_total{channel="sms"' in line and line.endswith(" 1.0") for line in lines)
    assert any('phase="early",wait="contact"' in line and line.endswith(" 7.0") for line in lines)
    assert theirs.status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)


def two_free_ports() -> int:
    """The first of two neighbours."""
    for _ in range(50):
        port = free_port()
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
            return port
    raise AssertionError("no two free ports side by side")
