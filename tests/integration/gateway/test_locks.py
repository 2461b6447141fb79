"""A lock that somebody holds keeps nobody else waiting, and loses nothing."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from store import provider_events
from store.database import GATEWAY, MESSAGES, Role, connect
from tests.integration.gateway.conftest import Edge, serving

OTHER, MAILBOX = "+573000000002", "ana@example.test"


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    """As in production: few connections, of their roles."""
    async with (
        connect(database_url, 10, role=GATEWAY) as pool,
        connect(database_url, 4, role=MESSAGES) as messages,
        serving(pool, messages) as made,
    ):
        await made.customer("c-1", sms="+573000000001", email=MAILBOX)
        await made.account("c-1")
        await made.customer("c-2", sms=OTHER)
        await made.account("c-2", "B-1")
        yield made


@contextlib.asynccontextmanager
async def held(database_url: str, query: str, *args: object) -> AsyncIterator[None]:
    """Somebody who does not let go."""
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await connection.fetch(query, *args)
        yield
    await connection.close()


async def test_a_stop_does_not_wait_behind_the_callbacks_of_a_locked_attempt(
    edge: Edge, database_url: str
) -> None:
    sent = await edge.attempt("c-1", "dispatching", "accepted")
    async with held(database_url, "SELECT FROM attempts WHERE attempt_id = $1 FOR UPDATE", sent):
        callbacks = [
            asyncio.create_task(edge.status(sent, "delivered", sid=f"SM{n}")) for n in range(12)
        ]
        await asyncio.sleep(0.2)
        began = time.monotonic()
        assert (await edge.says("STOP", address=OTHER)).status_code == 200
        assert time.monotonic() - began < 15, "Twilio gives up then"
        kept = await edge.rows("SELECT customer_id FROM law_events WHERE kind = 'opt_out'")
        assert kept == [{"customer_id": "c-2"}]
        answers = await asyncio.gather(*callbacks)
        assert {answer.status_code for answer in answers} == {503}
        assert time.monotonic() - began < 12  # Twilio gives up after 15
    # Twilio does not repeat them; we do.
    await edge.flow.notify_pending()
    assert (await edge.row(sent))["state"] == "delivered"
    assert await edge.rows("SELECT FROM webhook_backlog WHERE done_at IS NULL") == []


async def test_a_stop_of_a_customer_who_is_locked_is_kept_and_then_holds(
    edge: Edge, database_url: str
) -> None:
    lock = "SELECT FROM customers WHERE customer_id = 'c-1' FOR UPDATE"
    async with held(database_url, lock):
        began = time.monotonic()
        locked = [asyncio.create_task(edge.says("STOP", sid=f"SM{n}")) for n in range(8)]
        await asyncio.sleep(0.1)
        assert (await edge.says("STOP", sid="SMo", address=OTHER)).status_code == 200
        assert time.monotonic() - began < 15, "Twilio gives up then"
        assert {answer.status_code for answer in await asyncio.gather(*locked)} == {503}
        assert edge.flow.kept.is_set()
        await edge.flow.notify_pending()
        assert await edge.rows("SELECT FROM law_events WHERE customer_id = 'c-1'") == []
    came = await edge.rows("SELECT event_id, at FROM webhook_backlog ORDER BY 1")
    assert len(came) == 8
    assert await edge.flow.notify_pending() == 8
    stops = await edge.rows("SELECT at FROM law_events WHERE customer_id = 'c-1' ORDER BY at")
    assert [stop["at"] for stop in stops] == sorted(row["at"] for row in came)
    assert {s[0] for s in edge.workflows.signals} == {"account/acme/A-1", "account/acme/B-1"}
    assert await edge.flow.notify_pending() == 0


async def test_a_stop_that_was_kept_and_then_needs_a_person_is_not_lost(
    edge: Edge, database_url: str
) -> None:
    async with held(database_url, "LOCK TABLE inbound"):
        assert (await edge.says("STOP", address="whatsapp:CO.1349120865")).status_code == 503
    await edge.flow.notify_pending()
    kept = await edge.rows("SELECT kind, done_at IS NULL AS open FROM webhook_backlog ORDER BY 1")
    assert kept == [{"kind": "message", "open": False}, {"kind": "unread", "open": True}]


async def test_a_stop_is_kept_while_somebody_changes_the_tables(
    edge: Edge, database_url: str
) -> None:
    async with held(database_url, "LOCK TABLE contact_points, inbound, provider_events"):
        assert (await edge.says("STOP")).status_code == 503
    assert await edge.flow.notify_pending() == 1
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1


async def test_an_unsubscription_is_what_a_customer_says(edge: Edge, database_url: str) -> None:
    by_mail = {"channel": "email", "address": MAILBOX}
    sent = await edge.attempt("c-1", "dispatching", "accepted", **by_mail)
    async with held(database_url, "SELECT FROM attempts WHERE attempt_id = $1 FOR UPDATE", sent):
        began = time.monotonic()
        assert (await edge.unsubscribes(sent)).status_code == 503
        assert time.monotonic() - began < 15, "Twilio gives up then"
    await edge.flow.notify_pending()
    assert len(await edge.rows("SELECT FROM law_events WHERE kind = 'opt_out'")) == 1


async def test_what_another_version_kept_waits_for_a_person(edge: Edge) -> None:
    await edge.pool.execute(
        "INSERT INTO webhook_backlog (provider, event_id, kind, body, at, why) "
        "VALUES ('twilio', 'SM1', 'message', '{\"from\": \"the future\"}', now(), 'a lock')"
    )
    assert await edge.flow.notify_pending() == 0
    assert await edge.rows("SELECT kind, done_at FROM webhook_backlog") == [
        {"kind": "unread", "done_at": None}
    ]


async def test_every_connection_knows_how_long_it_may_wait_and_compiles_nothing(
    database_url: str,
) -> None:
    role = Role(lock=0.25, statement=3, idle=61)
    async with connect(database_url, 2, role=role) as pool:
        for name, limit in (
            ("lock_timeout", "250ms"),
            ("statement_timeout", "3s"),
            ("idle_in_transaction_session_timeout", "61s"),
            ("jit", "off"),
        ):
            assert await pool.fetchval(f"SHOW {name}") == limit


async def test_pending_events_are_found_by_their_index(edge: Edge) -> None:
    await edge.pool.execute(
        "INSERT INTO provider_events (provider, event_id, status, at, told) "
        "SELECT 'twilio', 'SM' || n, 'delivered', now(), n % 10000 > 0 "
        "FROM generate_series(1, 50000) n"
    )
    await edge.pool.execute("ANALYZE provider_events")
    plan = await edge.pool.fetch(f"EXPLAIN {provider_events._PENDING}", 100)
    assert any("provider_events_pending" in row[0] for row in plan)
    assert len(await edge.callbacks.pending()) == 5
