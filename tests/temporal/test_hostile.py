"""Whatever is sent to an account, it takes the next payment and answers the next request."""

import asyncio
import contextlib
import os
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.dependencies import Dependencies
from store.database import Pool
from tests.support.hostile_messages import (
    ANYTHING,
    AT,
    EDGES,
    EVENT,
    LONG,
    SIGNALS,
    UPDATES,
    as_json,
    payloads,
    sent,
    spoilt,
)
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer
from workers.accounts import Accounts
from workers.intake.events import record_events
from workers.worker import running

LIVES = int(os.environ.get("CONTRAPUNTO_HOSTILE_LIVES", "12"))
"""Accounts that are ill-treated; `CONTRAPUNTO_HOSTILE_LIVES=500` for an hour of it."""

LONGER = settings(
    max_examples=LIVES,
    deadline=None,
    derandomize="CONTRAPUNTO_HOSTILE_LIVES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    database=None,
)

END = "9999-12-31T23:59:59.999999+00:00"
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("account_updated", {"oldest_due_date": "9999-12-31"}, "oldest_due_date: must not be more"),
    ("account_updated", {"oldest_due_date": "0001-01-01"}, "oldest_due_date: must not be before"),
    ("account_updated", {"balance": "1.00", "as_of": END}, "as_of: must lie between"),
    ("account_updated", {"balance": "1.00", "as_of": "2150-01-01T00:00:00Z"}, "as_of: must not"),
    ("account_updated", {"balance": "-1.00"}, "balance: must not be negative"),
    ("payment_received", {"id": "a\0b", "amount": "1.00"}, "id: must be printable"),
    ("delivery_failed", {"attempt_id": "\0"}, "attempt_id: must be printable"),
    ("delivery_failed", {"attempt_id": LONG}, "attempt_id: must have at most"),
    (
        "law_event",
        {"event": {"kind": "wrong_number", "at": AT, "contact_point_id": "\0"}},
        "event.contact_point_id: must be printable",
    ),
]


async def collected(life: Life, pool: Pool) -> None:
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)


async def takes_the_next_payment(life: Life, pool: Pool) -> None:
    """And nothing of it is tried again and again."""
    await life.signal("payment_received", id="good", amount="1.00")
    recorded = "SELECT count(*) FROM payments WHERE account_id = $1 AND payment_id = 'good'"
    await soon(lambda: pool.fetchval(recorded, life.account_id), bool, "the payment")
    pending = (await life.handle.describe()).raw_description.pending_activities
    assert [one.activity_type.name for one in pending if one.attempt > 1] == []


@pytest.mark.usefixtures("working")
async def test_what_cannot_be_true_or_kept_is_refused_alone_and_the_rest_of_its_batch_is_recorded(
    life: Life, pool: Pool
) -> None:
    await add_customer(pool)
    await collected(life, pool)
    for number, (name, fields, _) in enumerate(REFUSED):
        payload = sent(as_json({"id": f"bad-{number}", **fields}))
        await life.handle.signal(name, payload)
        await life.signal("payment_received", id=f"good-{number}", amount="1.00")
    left = f"{150_000 - len(REFUSED)}.00"
    await life.until(lambda state: state["balance"] == left)
    told = [line for line in await life.told() if ": refused: " in line]
    rows = await pool.fetch("SELECT kind, refused FROM messages WHERE refused IS NOT NULL")
    kept = {(row["kind"], row["refused"]) for row in rows}
    for name, _, words in REFUSED:
        assert any(line.partition(": refused: ")[2].startswith(words) for line in told), words
        assert any(kind == name and why.startswith(words) for kind, why in kept), words


@pytest.mark.usefixtures("working")
async def test_a_hold_until_the_end_of_the_calendar_holds_until_the_end_of_ours(
    life: Life, pool: Pool
) -> None:
    await add_customer(pool)
    await collected(life, pool)
    held = await life.update("hold", id="h1", until=END, reason="never again")
    assert held["next_step"]["why"] == "hold"
    assert held["note"] == "until 2199-12-31, the end of our calendar"


@pytest.mark.usefixtures("working")
async def test_what_is_no_message_is_told_and_kept_once(life: Life, pool: Pool) -> None:
    await add_customer(pool)
    await collected(life, pool)
    surrogate = sent(b'{"id": "\\ud800", "amount": "1.00"}')
    for _ in range(2):
        await life.handle.signal("payment_received", surrogate)
    await life.handle.signal("paymentReceived", {"id": "x", "amount": "1.00"})
    await life.handle.signal("account_updated")
    await takes_the_next_payment(life, pool)
    rows = await pool.fetch(
        "SELECT kind, refused, body FROM messages WHERE message_id LIKE 'unread:%' ORDER BY kind"
    )
    assert [tuple(row) for row in rows] == [
        (
            "account_updated",
            "payload: must be an object with fields",
            {"sent": ""},
        ),
        ("paymentReceived", "no such signal is known", {"sent": '{"id":"x","amount":"1.00"}'}),
        (
            "payment_received",
            "payload: cannot be decoded as json/plain",
            {"sent": '{"id": "\\ud800", "amount": "1.00"}'},
        ),
    ]
    told = await life.told()
    assert "Ignored signal paymentReceived: no such signal is known" in told


async def rightly_over(life: Life) -> bool:
    """Whether the account has ended meanwhile: where the balance is said to be 0, it is cured."""
    try:
        await life.until(lambda _: True)
    except RPCError:
        return bool((await life.result())["reason"] == "cured")
    described = await life.handle.describe()
    over = described.status is WorkflowExecutionStatus.COMPLETED
    return over and bool((await life.result())["reason"] == "cured")


async def throw(life: Life, kind: str, name: str, arguments: list[Any]) -> None:
    if kind == "signal":
        await life.handle.signal(name, args=arguments)
        return
    with contextlib.suppress(WorkflowUpdateFailedError):
        async with asyncio.timeout(20):
            await life.handle.execute_update(name, args=arguments)


MESSAGES = st.one_of(
    *(
        st.tuples(st.just("signal"), st.just(name), payloads(good))
        for name, good in SIGNALS.items()
    ),
    *(
        st.tuples(st.just("update"), st.just(name), payloads(good))
        for name, good in UPDATES.items()
    ),
    st.tuples(st.just("signal"), st.text("abc_é.", min_size=1, max_size=9), payloads({"id": "m"})),
)


@pytest.mark.timeout(max(120, LIVES * 10))
@LONGER
@given(thrown=st.lists(MESSAGES, min_size=6, max_size=12))
async def test_whatever_is_thrown_at_an_account_it_takes_the_next_payment(
    thrown: list[tuple[str, str, list[Any]]], client: Client, rooms: Dependencies, pool: Pool
) -> None:
    life = Life(client)
    if not await pool.fetchval("SELECT count(*) FROM customers"):
        await add_customer(pool)
    async with running(client, rooms):
        await collected(life, pool)
        await asyncio.gather(*(throw(life, *one) for one in thrown))
        if not await rightly_over(life):
            await takes_the_next_payment(life, pool)
            assert (await life.update("close", id="over"))["next_step"]["kind"] == "close"
            await life.result()


START = {
    "customer_id": "C1",
    "currency": "COP",
    "balance": "80000.00",
    "oldest_due_date": str(days_ago(10)),
    "as_of": AT,
}


@pytest.mark.timeout(max(120, LIVES * 10))
@LONGER
@given(start=spoilt(START) | ANYTHING)
async def test_however_an_account_is_started_it_says_why_not_or_takes_the_next_payment(
    start: Any, client: Client, rooms: Dependencies, pool: Pool
) -> None:
    life = Life(client)
    named = {"creditor": "bank", "account_id": life.account_id}
    payload = {**start, **named} if isinstance(start, dict) else start
    async with running(client, rooms):
        await life.start_with(sent(as_json(payload)))
        taken = []
        with contextlib.suppress(RPCError):  # it may have failed by now: then the sender is told
            await life.signal("payment_received", id="first", amount="1.00")
            taken.append("first")
        opened = "SELECT message_id FROM messages WHERE account_id = $1 AND kind = 'account_opened'"
        name = await soon(lambda: pool.fetchval(opened, life.account_id), bool, "the start")
        if name.startswith("unread:"):
            with pytest.raises(WorkflowFailureError) as failed:
                await life.result()
            assert isinstance(failed.value.cause, ApplicationError)
            assert failed.value.cause.type == "BadInput"
            recorded = "SELECT array_agg(payment_id) FROM payments WHERE account_id = $1"
            assert (await pool.fetchval(recorded, life.account_id) or []) == taken
        elif not await rightly_over(life):
            await takes_the_next_payment(life, pool)
            await life.handle.terminate("end of example")


@pytest.mark.parametrize("bad", [b"", b"{", b"\xff\xfe", b"[" * 5_000])
@pytest.mark.usefixtures("working")
async def test_a_start_that_cannot_be_decoded_fails_and_says_so(life: Life, bad: bytes) -> None:
    await life.start_with(sent(bad))
    with pytest.raises(WorkflowFailureError) as failed:
        await life.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.message == "Start: payload: cannot be decoded as json/plain"


async def test_lines_of_events_are_refused_one_by_one_and_the_good_ones_recorded(
    pool: Pool, client: Client, tmp_path: Path
) -> None:
    await add_customer(pool)
    await add_account(pool, "A1", due=days_ago(10))
    file, said = tmp_path / "events.jsonl", Console(file=StringIO())
    lines = [
        as_json({**EVENT, "id": f"{place}-{field}", field: edge})
        for place, edge in enumerate(EDGES)
        for field in EVENT
    ]
    good = {"id": "good", "customer_id": "C1", "kind": "attorney", "at": AT}
    file.write_bytes(b"\n".join([*lines, b"no JSON", as_json(good)]))
    assert await record_events(file, pool, Accounts(client), said) == 3
    assert await pool.fetchval("SELECT count(*) FROM law_events WHERE kind = 'attorney'") == 1
    assert await pool.fetchval("SELECT balance FROM accounts") == Decimal(150_000)
