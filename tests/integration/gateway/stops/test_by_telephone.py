"""A key that stops, whatever else is amiss: the menu, the locks, the record of the call."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from store.database import GATEWAY, MESSAGES, connect
from tests.integration.gateway.calls.held import NUMBER, Call, a_call
from tests.integration.gateway.conftest import serving
from tests.integration.gateway.test_locks import held

STOPS = "SELECT kind, channel, customer_id FROM law_events"


@pytest.fixture
async def call(database_url: str) -> AsyncIterator[Call]:
    """As in production: few connections, of their roles."""
    async with (
        connect(database_url, 10, role=GATEWAY) as pool,
        connect(database_url, 4, role=MESSAGES) as messages,
        serving(pool, messages) as edge,
    ):
        yield await a_call(edge)


@pytest.mark.parametrize("keys", ["12", "1215"])
async def test_nine_stops_wherever_one_key_is_asked_for(call: Call, keys: str) -> None:
    await call.answered()
    for key in keys:
        await call.press(key)
    if keys.endswith("5"):
        assert "To confirm, press 1" in call.heard
    assert "We will not call you again" in await call.press("9")
    assert await call.edge.rows(STOPS) == [
        {"kind": "opt_out", "channel": "voice", "customer_id": "c-1"}
    ]
    assert call.edge.workflows.asked == []


async def test_nine_days_are_no_stop(call: Call) -> None:
    await call.answered()
    for key in "121":
        await call.press(key)
    assert "To confirm, press 1" in await call.press("9")
    assert await call.edge.rows(STOPS) == []


async def test_a_stop_does_not_wait_behind_the_callbacks_of_a_locked_attempt(
    call: Call, database_url: str
) -> None:
    edge = call.edge
    sent = await edge.attempt("c-1", "dispatching", "accepted", address=NUMBER)
    await call.answered()
    async with held(database_url, "SELECT FROM attempts WHERE attempt_id = $1 FOR UPDATE", sent):
        callbacks = [
            asyncio.create_task(edge.status(sent, "delivered", sid=f"SM{n}")) for n in range(12)
        ]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(1.5):
            assert "We will not call you again" in await call.press("9")
        await asyncio.gather(*callbacks)


async def test_a_wrong_number_is_kept_while_somebody_holds_the_customer(
    call: Call, database_url: str
) -> None:
    await call.answered()
    async with held(database_url, "SELECT FROM customers WHERE customer_id = 'c-1' FOR UPDATE"):
        await call.press("2")
        assert call.script.redirect is not None, "but whoever answered hangs up"
    assert await call.edge.flow.notify_pending() == 1
    points = await call.edge.rows("SELECT suppressed FROM contact_points")
    assert points == [{"suppressed": "not the customer's address"}] * 2
    assert call.edge.workflows.signals[-1][0] == "account/acme/A-1"
    assert await call.edge.rows("SELECT FROM webhook_backlog WHERE done_at IS NULL") == []


@pytest.mark.parametrize(("key", "kind"), [("9", "opt_out"), ("2", "wrong_number")])
async def test_a_key_in_a_call_that_a_restored_database_has_forgotten_holds_for_the_number(
    call: Call, key: str, kind: str
) -> None:
    await call.answered()
    await call.edge.pool.execute("DELETE FROM calls")
    await call.edge.pool.execute("DELETE FROM attempts")
    for _ in range(2):
        action = call.script.action
        assert await call.press(key) == ""
        assert call.script.action is None, "nothing more is said"
        call.script.action = action
    assert {row["kind"] for row in await call.edge.rows(STOPS)} == {kind}
    assert {row["customer_id"] for row in await call.edge.rows(STOPS)} == {"c-1"}


@pytest.mark.parametrize("key", ["1", "3", ""])
async def test_any_other_key_in_such_a_call_says_nothing(call: Call, key: str) -> None:
    await call.answered()
    await call.edge.pool.execute("DELETE FROM calls")
    assert await call.press(key) == ""
    assert await call.edge.rows("SELECT FROM law_events UNION ALL SELECT FROM inbound") == []


async def test_a_stop_in_a_call_that_was_settled_as_not_made_holds(call: Call) -> None:
    await call.answered()
    await call.edge.pool.execute("UPDATE attempts SET state = 'undelivered'")
    assert await call.press("9") == ""
    assert [row["kind"] for row in await call.edge.rows(STOPS)] == ["opt_out"]
