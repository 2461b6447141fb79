"""What the activities show of themselves: spans and counts, by OpenTelemetry's API alone.

Off until ``watch`` is called (``telemetry/exporters.py`` does, when ``OTEL_*`` asks for it); every
call here then costs next to nothing. Nothing personal may go into an attribute: ids, codes and
names of our own only, never an exception's message, and no customer or account in a metric.
"""

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias, TypeVar

from asyncpg.connection import LoggedQuery
from opentelemetry import trace
from opentelemetry.metrics import CallbackOptions, Counter, Meter, MeterProvider, Observation
from opentelemetry.trace import (
    INVALID_SPAN,
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    TracerProvider,
)
from temporalio import workflow

from domain.channels import Channel
from telemetry import figures

SCOPE: Final = "contrapunto"
CLIENT: Final = SpanKind.CLIENT
SERVER: Final = SpanKind.SERVER

Value: TypeAlias = str | int
Attributes: TypeAlias = Mapping[str, Value | None]
Cause: TypeAlias = Span | None
"""Who caused something, where anybody wants to know."""
T = TypeVar("T")


class _Outgoing(NamedTuple):
    """How far behind what goes out is; None, and nothing: nobody knows."""

    waiting: int | None = None
    oldest: float | None = None
    behind: Sequence[tuple[str, float]] = ()
    dead: Sequence[tuple[str, int]] = ()


_NOTHING_OUTGOING: Final = _Outgoing()


@dataclass
class _Eyes:
    """The instruments of this process."""

    tracer: Tracer
    tracing: bool = False
    contacts: Counter | None = None
    verdicts: Counter | None = None
    requests: Counter | None = None
    webhooks: Counter | None = None
    relayed: Counter | None = None
    outgoing: _Outgoing = _NOTHING_OUTGOING
    accounts: Sequence[tuple[str, str, int]] = ()
    providers: Sequence[tuple[str, str, float]] = ()
    failing: Sequence[tuple[str, str, int]] | None = None
    work: Sequence[tuple[str, bool, int]] = ()
    strays: Sequence[tuple[str, int]] = ()


_eyes: Final = _Eyes(NoOpTracer())


def watch(tracers: TracerProvider | None, meters: MeterProvider | None) -> None:
    """Show spans and counts to these providers from here on; None: not (again)."""
    _eyes.tracing = tracers is not None
    _eyes.tracer = tracers.get_tracer(SCOPE) if tracers is not None else NoOpTracer()
    _eyes.contacts = _eyes.verdicts = _eyes.requests = _eyes.relayed = _eyes.webhooks = None
    _eyes.outgoing = _NOTHING_OUTGOING
    _eyes.accounts = _eyes.providers = _eyes.work = _eyes.strays = ()
    _eyes.failing = None
    figures.forget()
    if meters is not None:
        _measure(meters.get_meter(SCOPE))


def _measure(meter: Meter) -> None:
    _eyes.contacts = meter.create_counter(
        "contrapunto.contacts", "{contact}", "Contacts by channel, provider and outcome"
    )
    _eyes.verdicts = meter.create_counter(
        "contrapunto.verdicts", "{verdict}", "What the law said when a contact was planned or made"
    )
    _eyes.requests = meter.create_counter(
        "contrapunto.api.requests", "{request}", "Requests to the API by operation and status"
    )
    _eyes.webhooks = meter.create_counter(
        "contrapunto.gateway.requests",
        "{request}",
        "Requests to the gateway by webhook or page and status",
    )
    _eyes.relayed = meter.create_counter(
        "contrapunto.webhooks", "{delivery}", "Webhooks sent out, by endpoint and what came of it"
    )
    meter.create_observable_gauge(
        "contrapunto.events.waiting",
        [_waiting_events],
        "{event}",
        "Events that wait for a relay to number them",
    )
    meter.create_observable_gauge(
        "contrapunto.webhooks.behind",
        [_behind],
        "s",
        "Age of the oldest event that an endpoint has still to be told; empty: numbering",
    )
    meter.create_observable_gauge(
        "contrapunto.webhooks.dead",
        [_dead],
        "{event}",
        "Events that an endpoint did not take in time and that wait for `webhooks redrive`",
    )
    meter.create_observable_gauge(
        "contrapunto.accounts", [_standing], "{account}", "Open accounts by phase and wait"
    )
    meter.create_observable_gauge(
        "contrapunto.accounts.failing",
        [_failures],
        "{account}",
        "Open accounts that stand still since an activity fails again and again; 0 where none do",
    )
    meter.create_observable_gauge(
        "contrapunto.work",
        [_waiting],
        "{item}",
        "What waits for a person, by reason and whether one should have looked already",
    )
    meter.create_observable_gauge(
        "contrapunto.history.stray",
        [_strays],
        "{row}",
        "Rows of a history that no month was made for, by table, up to 10,000; else 0",
    )
    meter.create_observable_gauge(
        "contrapunto.provider.health",
        [_healths],
        "1",
        "1: used like any other; 0.5: one send probes it; 0: down, left out",
    )
    figures.measure(meter)


def tracing() -> bool:
    """Whether anybody wants spans."""
    return _eyes.tracing


def metering() -> bool:
    """Whether anybody wants counts."""
    return _eyes.verdicts is not None


# --- spans --------------------------------------------------------------------------------------


@contextmanager
def span(
    name: str, attributes: Attributes | None = None, kind: SpanKind = SpanKind.INTERNAL
) -> Iterator[Span]:
    """A span around what is done inside; an error is told by its class alone."""
    if not _eyes.tracing:
        yield INVALID_SPAN
        return
    with _eyes.tracer.start_as_current_span(
        name,
        kind=kind,
        attributes=_prefixed(attributes),
        record_exception=False,  # its message may quote a row, and a row is a person
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except BaseException as error:
            _failed(made, error)
            raise


def describe(seen: Span, **attributes: Value | None) -> None:
    """Say more of a span once it is known."""
    if _eyes.tracing:
        seen.set_attributes(_prefixed(attributes))


def trace_id() -> str | None:
    """The current trace in 32 hexadecimal digits; None when it is not recorded."""
    current = trace.get_current_span()
    if not current.is_recording():
        return None
    return trace.format_trace_id(current.get_span_context().trace_id)


def _prefixed(attributes: Attributes | None) -> dict[str, Value]:
    """Our own names under ``contrapunto.``; those with a dot are OpenTelemetry's."""
    return {
        name if "." in name else f"contrapunto.{name}": _plain(value)
        for name, value in (attributes or {}).items()
        if value is not None
    }


def _plain(value: Value) -> Value:
    """An enumeration's member as the text it is."""
    return str(value) if isinstance(value, str) else value


def _failed(seen: Span, error: BaseException) -> None:
    kind = type(error).__name__
    seen.set_attribute("error.type", kind)
    seen.set_status(StatusCode.ERROR, kind)


# --- spans of a workflow ------------------------------------------------------------------------


def touch(attributes: Attributes) -> Span:
    """The one span of a touch, opened by the workflow; see ``current`` and ``lasting``.

    Replay-safe by the tracer provider: its ids come from the workflow's own randomness, and it
    ends once, whatever is replayed. Its times are the workflow's, also where time is skipped.
    """
    if not _eyes.tracing:
        return INVALID_SPAN
    return _eyes.tracer.start_span(
        "touch", attributes=_prefixed(attributes), start_time=workflow.time_ns()
    )


@contextmanager
def current(seen: Cause) -> Iterator[None]:
    """Let what is scheduled inside belong to this span. Never await inside.

    A workflow that is evicted while it awaits would leave the context attached for ever.
    """
    if seen is None or not _eyes.tracing:
        yield
        return
    with trace.use_span(
        seen, end_on_exit=False, record_exception=False, set_status_on_exception=False
    ):
        yield


async def lasting(seen: Span, work: Awaitable[T]) -> T:
    """Await the work; the span ends with it, but not when the workflow is merely evicted."""
    try:
        done = await work
    except Exception as error:
        _failed(seen, error)
        _end(seen)
        raise
    _end(seen)
    return done


def _end(seen: Span) -> None:
    if seen is not INVALID_SPAN:
        seen.end(workflow.time_ns())


def origin() -> Cause:
    """Who caused what runs now, so that what follows later can belong to the same trace."""
    if not _eyes.tracing:
        return None
    context = trace.get_current_span().get_span_context()
    return NonRecordingSpan(context) if context.is_valid else None


# --- SQL ----------------------------------------------------------------------------------------


def queries() -> Callable[[LoggedQuery], None] | None:
    """What a new connection tells of each statement; None when nobody wants to know."""
    return _query if _eyes.tracing else None


def _query(done: LoggedQuery) -> None:
    """One statement as a span. Its parameters are in ``done`` too, and stay there.

    asyncpg calls this right after the statement, when the span around it may just have ended.
    """
    if not trace.get_current_span().get_span_context().trace_flags.sampled:
        return
    end = time.time_ns()
    operation, table = statement(done.query)
    name = f"{operation} {table}" if table else operation
    seen = _eyes.tracer.start_span(
        name,
        kind=CLIENT,
        start_time=end - int(done.elapsed * 1e9),
        attributes=_prefixed(
            {
                "db.system.name": "postgresql",
                "db.system": "postgresql",  # the older name, which many backends still go by
                "db.operation.name": operation,
                "db.collection.name": table,
                "db.query.summary": name,
            }
        ),
    )
    if done.exception is not None:
        _failed(seen, done.exception)
    seen.end(end)


_COMMENT: Final = re.compile(r"--[^\n]*")
_NESTED: Final = re.compile(r"\([^()]*\)")
_VERB: Final = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s+(\w*)", re.IGNORECASE)
_FROM: Final = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_WRITES: Final = re.compile(
    r"\b(INSERT INTO|DELETE FROM|UPDATE(?=\s+\w+\s+(?:\w+\s+)?SET\b))\s+(\w+)", re.IGNORECASE
)
_NAMED: Final = re.compile(r"\b(\w+)\s+AS\s+\(", re.IGNORECASE)
"""A query that the statement gives a name of its own (WITH)."""


@lru_cache(maxsize=512)
def statement(query: str) -> tuple[str, str | None]:
    """Operation and table of a statement: ``("SELECT", "accounts")``, ``("COMMIT", None)``."""
    query = _COMMENT.sub("", query)
    if ";" in query.strip().rstrip(";"):
        return "RESET", None  # only the pool speaks in several statements at once
    outer, before = query, ""
    while outer != before:
        outer, before = _NESTED.sub(" ", outer), outer
    found = _VERB.search(outer)
    if found is None:
        return (outer.split() or ["SQL"])[0].rstrip(";").upper(), None
    verb, word = found[1].upper(), found[2]
    if verb == "SELECT":
        if (written := _WRITES.search(query)) is not None:  # in a query of the statement's own
            return written[1].split()[0].upper(), written[2]
        own = set(_NAMED.findall(query))
        tables = (name for text in (outer, query) for name in _FROM.findall(text))
        return verb, next((name for name in tables if name not in own), None)
    return verb.split()[0], word or None


# --- counts -------------------------------------------------------------------------------------


def contacted(channel: str, provider: str, outcome: str) -> None:
    """A contact has come to an outcome."""
    if _eyes.contacts is not None:
        labels = {"channel": channel, "provider": provider, "outcome": outcome}
        _eyes.contacts.add(1, {name: str(value) for name, value in labels.items()})


def judged(rule: str, verdict: str) -> None:
    """The law has answered."""
    if _eyes.verdicts is not None:
        _eyes.verdicts.add(1, {"rule": rule, "verdict": verdict})


def served(operation: str, status: int) -> None:
    """The API has answered; 0: nobody was there any more to be answered."""
    if _eyes.requests is not None:
        _eyes.requests.add(1, {"operation": operation, "status": status})


def received(webhook: str, status: int) -> None:
    """The gateway has answered."""
    if _eyes.webhooks is not None:
        _eyes.webhooks.add(1, {"webhook": webhook, "status": status})


def expect(served: Mapping[Channel, Sequence[str]]) -> None:
    """Begin the counts of contacts at nought.

    A series that begins with its first event at 1 shows no increase there, so that nobody would be
    told of a first unknown outcome.
    """
    if _eyes.contacts is not None:
        for channel, providers in served.items():
            for provider in providers:
                for outcome in ("accepted", "refused", "unknown", "released", "found"):
                    labels = {"channel": channel, "provider": provider, "outcome": outcome}
                    _eyes.contacts.add(0, {name: str(value) for name, value in labels.items()})


def expect_webhooks(endpoints: Iterable[str]) -> None:
    """Begin the counts of webhooks that go out at nought, for the same reason."""
    if _eyes.relayed is not None:
        for endpoint in endpoints:
            for outcome in ("delivered", "failed"):
                _eyes.relayed.add(0, {"endpoint": endpoint, "outcome": outcome})


def relayed(endpoint: str, outcome: str) -> None:
    """One webhook was sent out."""
    if _eyes.relayed is not None:
        _eyes.relayed.add(1, {"endpoint": endpoint, "outcome": outcome})


def outgoing(
    waiting: int | None,
    oldest: float | None,
    behind: Sequence[tuple[str, float]],
    dead: Sequence[tuple[str, int]],
) -> None:
    """How far behind what goes out is, as it was just looked at."""
    _eyes.outgoing = _Outgoing(waiting, oldest, behind, dead)


def _waiting_events(_: CallbackOptions) -> Iterable[Observation]:
    if _eyes.outgoing.waiting is not None:
        yield Observation(_eyes.outgoing.waiting)


def _behind(_: CallbackOptions) -> Iterable[Observation]:
    if _eyes.outgoing.oldest is not None:
        yield Observation(_eyes.outgoing.oldest, {"endpoint": ""})
    for endpoint, seconds in _eyes.outgoing.behind:
        yield Observation(seconds, {"endpoint": endpoint})


def _dead(_: CallbackOptions) -> Iterable[Observation]:
    for endpoint, count in _eyes.outgoing.dead:
        yield Observation(count, {"endpoint": endpoint})


def accounts(counts: Sequence[tuple[str, str, int]]) -> None:
    """How many accounts are in which phase and wait for what, until told anew."""
    _eyes.accounts = counts


def failing(counts: Sequence[tuple[str, str, int]] | None) -> None:
    """How many accounts stand still for which activity and error, until told anew.

    None: nobody knows.
    """
    _eyes.failing = counts


def work(counts: Sequence[tuple[str, bool, int]]) -> None:
    """How much waits for a person for which reason, and whether it is late, until told anew."""
    _eyes.work = counts


def strays(counts: Sequence[tuple[str, int]]) -> None:
    """How many rows of a history lack a month, by table, until told anew."""
    _eyes.strays = counts


def providers(healths: Sequence[tuple[str, str, float]]) -> None:
    """How each provider of each channel stands, until told anew."""
    _eyes.providers = healths


def _waiting(_: CallbackOptions) -> Iterable[Observation]:
    return [
        Observation(count, {"reason": reason, "late": str(late).lower()})
        for reason, late, count in _eyes.work
    ]


def _strays(_: CallbackOptions) -> Iterable[Observation]:
    return [Observation(count, {"table": table}) for table, count in _eyes.strays]


def _healths(_: CallbackOptions) -> Iterable[Observation]:
    return [
        Observation(value, {"channel": channel, "provider": provider})
        for channel, provider, value in _eyes.providers
    ]


def _failures(_: CallbackOptions) -> Iterable[Observation]:
    if _eyes.failing is None:
        return []
    return [
        Observation(count, {"activity": activity, "error": error})
        for activity, error, count in _eyes.failing or [("none", "none", 0)]
    ]


def _standing(_: CallbackOptions) -> Iterable[Observation]:
    return [
        Observation(count, {"phase": phase, "wait": wait}) for phase, wait, count in _eyes.accounts
    ]
