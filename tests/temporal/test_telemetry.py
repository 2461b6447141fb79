"""What a touch shows of itself: on a real server, real PostgreSQL, real SDKs, the cache off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.dependencies import Dependencies
from domain.names import workflow_id
from lab.builders.parts import STRICT, dependencies_for, settings_for
from lab.local.temporal import LocalTemporal
from store.database import Pool, connect
from store.views.gauges import accounts_by_wait
from telemetry import observing
from telemetry.exporters import UNWATCHED, telemetry
from tests.support.life import soon, start_now
from tests.support.rows import add_account, add_customer, attempts
from tests.support.watching import Seen, forgotten, id_of, watching
from workers.connection import fast_client
from workers.process.gauges import Counted, counting
from workers.worker import running

NAME, NUMBER, MAIL = "Ana Rojas", "3001234567", "ana@example"
"""Of the customer whom tests/support/rows.py makes."""


@pytest.fixture
async def seen(
    monkeypatch: pytest.MonkeyPatch, temporal: LocalTemporal, database_url: str
) -> AsyncIterator[Seen]:
    """Telemetry as the worker has it."""
    with watching(monkeypatch) as made:
        yield made


@pytest.fixture
async def seen_pool(seen: Seen, database_url: str) -> AsyncIterator[Pool]:
    """Connections made while telemetry is on."""
    async with connect(database_url) as made:
        yield made


@pytest.fixture
async def seen_rooms(seen_pool: Pool, sandbox_url: str) -> AsyncIterator[Dependencies]:
    with dependencies_for(seen_pool, settings_for(sandbox_url)) as made:
        yield made


async def connected(temporal: LocalTemporal, seen: Seen) -> Client:
    return await Client.connect(
        temporal.address, data_converter=pydantic_data_converter, **seen.watch.client_options
    )


async def start(client: Client, account: str = "A1") -> WorkflowHandle[Any, Any]:
    named = {"creditor": "bank", "account_id": account}
    return await start_now(fast_client(client), named, workflow_id("bank", account))


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    await soon(check, bool)


async def counted(seen: Seen, name: str) -> bool:
    return bool(seen.counts(name))


async def touches_are_over(pool: Pool, seen: Seen | None) -> bool:
    """At least two attempts, all with an outcome, and where spans are made, theirs have ended."""
    made = await attempts(pool)
    settled = all(row["state"] not in ("reserved", "dispatching") for row in made)
    ended = seen is None or len(seen.spans("touch")) == len(made)
    return len(made) > 1 and settled and ended


async def collect(
    client: Client, rooms: Dependencies, pool: Pool, seen: Seen | None = None
) -> None:
    """A few touches of one account, everything replayed at every task."""
    await add_customer(pool)
    await add_account(pool, due=datetime.now(UTC).date() - timedelta(days=100))
    async with running(client, rooms, **STRICT):
        with trace.get_tracer("upstream").start_as_current_span("upstream"):
            handle = await start(client)
        await fast_client(client).fast_forward(handle, timedelta(days=9))
        await eventually(lambda: touches_are_over(pool, seen))
        await handle.terminate()


def texts(span: ReadableSpan) -> str:
    """Everything a span says."""
    said: str = span.to_json()
    return said


async def test_a_touch_is_one_span_and_all_that_it_did_is_below(
    temporal: LocalTemporal, seen: Seen, seen_rooms: Dependencies, pool: Pool
) -> None:
    await collect(await connected(temporal, seen), seen_rooms, pool, seen)
    made, touches = await attempts(pool), seen.spans("touch")
    assert made
    ids = [span.attributes["contrapunto.attempt"] for span in touches if span.attributes]
    assert ids == [row["attempt_id"] for row in made], "one span a touch, however often replayed"
    (upstream,) = seen.spans("upstream")
    trace_id = trace.format_trace_id(upstream.context.trace_id)
    assert {row["trace_id"] for row in made} == {trace_id}, "one trace from whoever started it"
    for touch, row in zip(touches, made, strict=True):
        assert touch.parent and touch.parent.span_id == id_of(upstream)
        names = [span.name for span in seen.below(touch)]
        for once in ("contact", "reserve", "dispatch", f"send {row['provider']}", "settle", "plan"):
            assert names.count(once) == 1, once
        assert {"INSERT attempts", "UPDATE attempts", "UPDATE accounts", "COMMIT"} <= set(names)
        assert (touch.end_time or 0) >= (touch.start_time or 0)
    print(seen.tree(upstream))


async def test_nothing_personal_is_told(
    temporal: LocalTemporal, seen: Seen, seen_rooms: Dependencies, pool: Pool
) -> None:
    await collect(await connected(temporal, seen), seen_rooms, pool, seen)
    told = [texts(span) for span in seen.spans()] + [str(seen.reader.get_metrics_data())]
    for personal in (NAME, NAME.split()[0], NUMBER, MAIL, "150000"):
        assert not any(personal in text for text in told), personal
    said = str(seen.reader.get_metrics_data())
    assert "A1" not in said and "C1" not in said, "no account or customer in a metric"


async def test_an_error_is_told_by_its_class_alone(seen: Seen, seen_pool: Pool) -> None:
    query = (
        "INSERT INTO customers (customer_id, name, locale, country, zones) VALUES ($1,$2,$3,$4,$5)"
    )
    person = ("C1", NAME, "es-CO", "not a country", ["UTC"])
    with pytest.raises(asyncpg.CheckViolationError), observing.span("reserve"):
        await seen_pool.execute(query, *person)
    await asyncio.sleep(0)
    for name in ("reserve", "INSERT customers"):
        (span,) = seen.spans(name)
        assert (span.attributes or {})["error.type"] == "CheckViolationError"
        assert not span.events
        assert NAME not in texts(span)


async def test_contacts_verdicts_and_accounts_are_counted(
    temporal: LocalTemporal, seen: Seen, seen_rooms: Dependencies, pool: Pool
) -> None:
    await collect(await connected(temporal, seen), seen_rooms, pool, seen)
    by_outcome: dict[tuple[str, str, str], int] = {}
    for row in await attempts(pool):
        key = (row["channel"], row["state"], row["provider"])
        by_outcome[key] = by_outcome.get(key, 0) + 1
    assert seen.counts("contrapunto.contacts") == by_outcome
    delays = seen.durations("contrapunto.contact.delay")
    for channel in {row["channel"] for row in await attempts(pool)}:
        made = sum(n for (way, *_), n in by_outcome.items() if way == channel)
        count, sum_ = delays[(channel,)]
        assert count >= made, "each contact says how late it was"
        assert sum_ >= 0
    verdicts = seen.counts("contrapunto.verdicts")
    assert verdicts[("none", "allowed")] >= sum(by_outcome.values())
    assert any(verdict == "denied" for _, verdict in verdicts), verdicts
    await add_account(pool, "A2", due=datetime.now(UTC).date())
    await pool.execute(
        "INSERT INTO work_items (customer_id, reason, priority, opened_at, due_at, messages) "
        "VALUES ('C1', 'crisis', 1, $1, $1, '{twilio/S1}')",
        datetime.now(UTC) - timedelta(hours=2),
    )
    async with counting(Counted(seen_rooms.pool, seen_rooms.served), seen.watch.interval):
        await eventually(lambda: counted(seen, "contrapunto.accounts"))
        found = seen.counts("contrapunto.accounts")
        await eventually(lambda: counted(seen, "contrapunto.provider.health"))
        healthy = seen.counts("contrapunto.provider.health")
        waiting = seen.counts("contrapunto.work")
    assert waiting == {("true", "crisis"): 1}
    assert found == {("pre-legal", "contact"): 1, ("unknown", "unplanned"): 1}
    assert healthy == {("sms", "twilio"): 1, ("email", "sendgrid"): 1}


async def test_what_a_signal_caused_belongs_to_the_trace_of_its_sender(
    temporal: LocalTemporal, seen: Seen, seen_rooms: Dependencies, pool: Pool
) -> None:
    client = await connected(temporal, seen)
    await add_customer(pool)
    await add_account(pool, due=datetime.now(UTC).date() - timedelta(days=100))
    paid = {"id": "p1", "amount": "150000.00", "currency": "COP"}
    async with running(client, seen_rooms, **STRICT):
        handle = await start(client)
        with trace.get_tracer("upstream").start_as_current_span("webhook"):
            at = datetime.now(UTC).isoformat()
            await handle.signal("payment_received", {**paid, "paid_at": at})
        await handle.result()
    (sender,) = seen.spans("webhook")
    names = {span.name for span in seen.below(sender)}
    assert {"record", "plan", "INSERT messages"} <= names


async def test_off_there_is_nothing(
    temporal: LocalTemporal,
    monkeypatch: pytest.MonkeyPatch,
    client: Client,
    rooms: Dependencies,
    pool: Pool,
) -> None:
    with forgotten(monkeypatch), telemetry("contrapunto-worker") as watch:
        assert watch is UNWATCHED
        assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
        assert observing.queries() is None
        await collect(client, rooms, pool)
    made = await attempts(pool)
    assert made and {row["trace_id"] for row in made} == {None}


async def test_standing_tells_phase_and_wait(pool: Pool) -> None:
    await add_customer(pool)
    for account, phase, state, kind in (
        ("A1", "early", "collecting", "contact"),
        ("A2", "early", "collecting", "contact"),
        ("A3", "late", "promised", "wait"),
    ):
        await add_account(pool, account, due=datetime.now(UTC).date())
        await pool.execute(
            "UPDATE accounts SET phase = $2, state = $3, next_kind = $4 WHERE account_id = $1",
            account,
            phase,
            state,
            kind,
        )
    assert sorted(await accounts_by_wait(pool)) == [
        ("early", "contact", 2),
        ("late", "promised", 1),
    ]
