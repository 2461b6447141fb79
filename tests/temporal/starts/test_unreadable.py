"""What comes with a start that cannot be read, or after it, is recorded as if it had come alone."""

import asyncio
import contextlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Replayer

import workers.worker
from activities.dependencies import Dependencies
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id
from lab.builders.parts import STRICT
from store.database import Pool
from store.facts import refused as listed
from tests.support.hostile_messages import AT, LONG
from tests.support.life import Life, days_ago
from tests.support.rows import add_account, add_customer
from tests.support.time import CLOCKS
from tests.temporal.starts.older import Older
from workers.connection import fast_client
from workers.worker import running
from workflows.collect_account import CollectAccount

CEASE: dict[str, Any] = {"id": "cease-1", "event": {"kind": "cease", "at": AT}}
PAYMENT: dict[str, Any] = {"id": "pay-1", "amount": "1000.00"}
GOOD: dict[str, Any] = {
    "customer_id": "C1",
    "currency": "COP",
    "balance": "150000.00",
    "oldest_due_date": str(days_ago(10)),
    "as_of": AT,
}
UNREADABLE: list[tuple[Any, str]] = [
    ({"currency": "cop"}, "Start: currency: "),
    ({"currency": "US$"}, "Start: currency: "),
    ({"currency": ""}, "Start: currency: "),
    ({"customer_id": "C1 "}, "AccountFacts: customer_id: "),
    ({"customer_id": "C/1"}, "AccountFacts: customer_id: "),
    ({"customer_id": LONG}, "AccountFacts: customer_id: "),
    ({"oldest_due_date": None}, "AccountFacts: oldest_due_date: is missing"),
    ({"balance": []}, "Start: balance: "),
    ({"creditor": None}, "Start: creditor: "),
    ({"account_id": 7}, "Start: account_id: "),
    ({"carried": {"step": {}}}, "Carried: "),
    (["bank"], "Start: payload: "),
    ("bank", "Start: payload: "),
    (None, "Start: payload: "),
]


def spoilt(life: Life, spoil: Any) -> Any:
    """A good start of the account, spoilt; or what is none at all."""
    if not isinstance(spoil, dict):
        return spoil
    return {"creditor": "bank", "account_id": life.account_id, **GOOD, **spoil}


async def start_and_tell(
    client: Client, start: list[Any], name: str, signal: str, told: dict[str, Any]
) -> str:
    """Signal with start, as upstream systems do, at the time that the clocks of the tests tell; how
    it failed."""
    skipper = fast_client(client)
    handle = await skipper.client.start_workflow(
        COLLECT_ACCOUNT,
        args=start,
        id=name,
        task_queue=TASK_QUEUE,
        start_signal=signal,
        start_signal_args=[told],
        start_delay=CLOCKS.ahead,
    )
    if CLOCKS.ahead:
        with contextlib.suppress(RPCError):  # it has ended before it is there
            await asyncio.wait_for(skipper.fast_forward(handle, CLOCKS.ahead), 60)
    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(handle.result(), 30)
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "BadInput"
    return failed.value.cause.message


async def stops(pool: Pool) -> list[tuple[str, ...]]:
    rows = await pool.fetch(
        "SELECT event_id, kind FROM law_events WHERE kind <> 'opt_in' ORDER BY event_id"
    )
    return [tuple(row) for row in rows]


async def payments(pool: Pool) -> list[tuple[str, ...]]:
    return [tuple(row) for row in await pool.fetch("SELECT account_id, payment_id FROM payments")]


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize(("spoil", "words"), UNREADABLE)
async def test_a_stop_that_comes_with_it_is_on_record_and_the_start_is_listed(
    life: Life, pool: Pool, client: Client, spoil: Any, words: str
) -> None:
    start = [spoilt(life, spoil)]
    failed = await start_and_tell(client, start, life.id, "law_event", CEASE)
    assert failed.startswith(words)
    assert await stops(pool) == [(f"bank/{life.account_id}:cease-1", "cease")]
    [kept] = await listed(pool, None, "bank", life.account_id, 10)
    assert (kept.kind, kept.refused) == ("account_opened", failed)


@pytest.mark.usefixtures("working")
async def test_so_is_a_payment_that_comes_with_no_start_at_all(
    life: Life, pool: Pool, client: Client
) -> None:
    await start_and_tell(client, [], life.id, "payment_received", PAYMENT)
    assert await payments(pool) == [(life.account_id, "pay-1")]
    assert [one.kind for one in await listed(pool, None, "bank", life.account_id, 9)] == [
        "account_opened"
    ]


@pytest.mark.usefixtures("working")
async def test_a_stop_kept_so_holds_for_the_customer_whom_a_good_start_brings(
    life: Life, pool: Pool, client: Client
) -> None:
    await add_customer(pool, preferred="sms")
    start, now = [spoilt(life, {"currency": "cop"})], datetime.now(UTC).isoformat()
    cease = {"id": "cease-1", "event": {"kind": "cease", "at": now}}  # later than any consent
    await start_and_tell(client, start, life.id, "law_event", cease)
    await life.start(**GOOD)
    await life.until(lambda _: True)
    assert (await life.next_step())["kind"] == "wait"
    owner = "SELECT customer_id FROM law_events WHERE kind = 'cease'"
    assert await pool.fetchval(owner) == "C1"


@pytest.mark.usefixtures("working")
async def test_what_is_told_of_an_account_that_is_paid_and_closed_holds_for_its_customer(
    life: Life, pool: Pool, client: Client
) -> None:
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.signal("payment_received", id="all", amount="150000.00")
    assert (await life.result())["reason"] == "cured"
    start = [spoilt(life, {"customer_id": "C1 "})]
    await start_and_tell(client, start, life.id, "law_event", CEASE)
    assert await stops(pool) == [(f"bank/{life.account_id}:cease-1", "cease")]
    owner = "SELECT customer_id FROM law_events WHERE kind = 'cease'"
    assert await pool.fetchval(owner) == "C1"
    assert await pool.fetchval("SELECT status FROM accounts") == "closed"


@pytest.mark.usefixtures("working")
async def test_a_payment_counts_for_an_account_on_record(
    life: Life, pool: Pool, client: Client
) -> None:
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    start = [spoilt(life, {"oldest_due_date": "soon"})]
    await start_and_tell(client, start, life.id, "payment_received", PAYMENT)
    assert await pool.fetchval("SELECT balance FROM accounts") == Decimal("149000.00")


@pytest.mark.usefixtures("working")
async def test_a_request_that_comes_with_it_is_answered(
    life: Life, pool: Pool, client: Client
) -> None:
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(10))
    for number, words in ((1, None), (2, "the account is not known")):
        one = life if words is None else Life(client)
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            COLLECT_ACCOUNT,
            spoilt(one, {"currency": ""}),
            id=one.id,
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        hold = {"id": f"h{number}", "until": "2199-01-01T00:00:00Z", "reason": "illness"}
        asked = client.execute_update_with_start_workflow(
            "hold", hold, start_workflow_operation=start
        )
        if words is None:
            assert (await asyncio.wait_for(asked, 30))["next_step"]["why"] == "hold"
        else:
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await asyncio.wait_for(asked, 30)
            assert isinstance(refused.value.cause, ApplicationError)
            assert refused.value.cause.message.startswith(words)
        with pytest.raises(WorkflowFailureError):
            await one.result()


async def test_what_comes_until_it_has_failed_is_recorded_too(
    life: Life, pool: Pool, client: Client, rooms: Dependencies
) -> None:
    await client.start_workflow(
        COLLECT_ACCOUNT, spoilt(life, {"currency": "cop"}), id=life.id, task_queue=TASK_QUEUE
    )
    taken = 0
    async with running(client, rooms, **STRICT):
        with contextlib.suppress(RPCError):  # it has failed: from then on its senders are told
            for number in range(20):
                await life.signal("payment_received", id=f"p{number}", amount="1.00")
                taken += 1
        with pytest.raises(WorkflowFailureError):
            await life.result()
        assert taken > 0
        assert len(await payments(pool)) == taken
        assert (await life.state())["account_id"] == life.account_id
        assert any("Start: currency: " in line for line in await life.told())


@pytest.mark.usefixtures("working")
async def test_with_an_id_that_is_not_the_account_s_a_stop_holds_for_both_and_money_for_the_id_s(
    life: Life, pool: Pool, client: Client
) -> None:
    other = Life(client)
    start: list[Any] = [{"creditor": "bank", "account_id": other.account_id}]
    await start_and_tell(client, start, life.id, "law_event", CEASE)
    await start_and_tell(client, start, life.id, "payment_received", PAYMENT)
    both = sorted((life.account_id, other.account_id))
    assert await stops(pool) == [(f"bank/{one}:cease-1", "cease") for one in both]
    assert await payments(pool) == [(life.account_id, "pay-1")]


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize("name", ["loose", "account/bank", "account//A1", "a\nb", "é" * 400])
async def test_with_an_id_that_names_no_account_it_is_kept_under_what_is_known(
    life: Life, pool: Pool, client: Client, name: str
) -> None:
    name = f"{name}{life.account_id}"
    start: list[Any] = [{"creditor": "bank", "account_id": life.account_id}]
    await start_and_tell(client, start, name, "law_event", CEASE)
    assert await stops(pool) == [(f"bank/{life.account_id}:cease-1", "cease")]
    await start_and_tell(client, ["?"], name, "payment_received", PAYMENT)
    [kept] = await listed(pool, None, "unknown", None, 10)
    assert await payments(pool) == [(kept.account_id, "pay-1")]


async def test_a_start_that_failed_before_can_still_be_asked(
    life: Life,
    pool: Pool,
    client: Client,
    rooms: Dependencies,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = [spoilt(life, {"currency": "cop"})]
    monkeypatch.setattr(workers.worker, "WORKFLOWS", [Older])
    async with running(client, rooms, **STRICT):
        await start_and_tell(client, start, life.id, "law_event", CEASE)
    monkeypatch.undo()
    assert await stops(pool) == []
    history = await life.handle.fetch_history()
    replayer = Replayer(workflows=[CollectAccount], data_converter=client.data_converter)
    # What failed then fails now; that it gives other commands would be told otherwise.
    await replayer.replay_workflow(history)
    async with running(client, rooms, **STRICT):
        assert (await life.state())["account_id"] == life.account_id
    assert life.id == workflow_id("bank", life.account_id)
