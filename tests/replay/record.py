"""Record a history from a real run, once: ``python -m tests.replay.record NAME``. Read README.md.

Everything is real: a Temporal dev server, PostgreSQL, the worker, the providers' SDKs against the
sandbox.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter

from domain.channels import Channel
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id
from lab.builders.parts import STRICT, dependencies_for, settings_for
from lab.builders.settlement import settling
from lab.local.postgres import LocalPostgres
from lab.local.temporal import LocalTemporal
from lab.sandbox.app import create_app
from lab.sandbox.server import in_thread
from store.database import Pool, connect
from tests.support.activities import fault
from tests.support.life import Life, days_ago, soon
from tests.support.rows import add_account, add_customer
from tests.support.sandbox import ignoring
from tests.support.time import before_hours
from workers.accounts import Accounts
from workers.clock import FastClock
from workers.contacts.writing import Draft, Writing
from workers.migrate import migrate
from workers.worker import running

HISTORIES = Path(__file__).parent / "histories"
AMERICAN = (("sms", "mobile", "+12125550177"), ("email", "email", "someone@example.com"))


async def handed_off(life: Life, pool: Pool, sandbox_url: str) -> None:
    """Some contacts in the last phase, then the end."""
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(100))
    await life.start()
    await life.forward(timedelta(days=25))
    await life.result()


async def cured(life: Life, pool: Pool, sandbox_url: str) -> None:
    """A promise, a hold, a malformed signal, and the money."""
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(20))
    await life.start()
    await life.until(lambda _: True)
    await life.to_next()
    await life.update("record_promise", id="p1", amount="100000.00", date=str(days_ago(-20)))
    await life.signal("payment_received", amount="1.00")
    await life.signal("payment_received", id="q1", amount="100000.00")
    await life.until(lambda state: state["balance"] == "50000.00")
    held = "2999-01-01T00:00:00Z"
    await life.update("hold", id="h1", until=held, reason="dispute")
    await life.update("resume", id="r1")
    await life.to_next()
    await life.signal("payment_received", id="q2", amount="50000.00")
    await life.result()


async def on_plan(life: Life, pool: Pool, sandbox_url: str) -> None:
    """A payment plan that is refused, one that is cancelled, one that is remembered and paid."""
    zones = ("America/New_York",)
    await add_customer(pool, country="US", zones=zones, points=AMERICAN, preferred="sms")
    await add_account(pool, life.account_id, currency="USD", due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    every = {"number": 2, "amount": "75000.00", "every": "month"}
    await life.refused("agree_plan", {"id": "plan-0", **every, "first_date": str(days_ago(3))})
    await life.update("agree_plan", id="plan-1", **every, first_date=str(days_ago(-10)))
    await life.update("cancel_plan", id="c1", plan="plan-1", reason="lost the job")
    parts = [{"date": str(days_ago(-days)), "amount": "75000.00"} for days in (10, 20)]
    await life.update("agree_plan", id="plan-2", instalments=parts)
    while (await life.next_step())["kind"] != "contact":
        await life.to_next()
    await life.to_next()
    for number in (1, 2):
        await life.signal("payment_received", id=f"q{number}", amount="75000.00")
    await life.result()


async def disputed(life: Life, pool: Pool, sandbox_url: str) -> None:
    """A dispute until its day is over, one refused, resolved; a hardship begun and ended; paid."""
    zones = ("America/New_York",)
    await add_customer(pool, country="US", zones=zones, points=AMERICAN, preferred="sms")
    await add_account(pool, life.account_id, currency="USD", due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    await life.update("open_dispute", id="d-1", reason="amount", answer_due=str(days_ago(-2)))
    await life.refused("open_dispute", {"id": "d-2"})
    await life.to_next()
    await life.update("resolve_dispute", id="r-1", outcome="against", reason="proof sent")
    await life.update("begin_hardship", id="h-1", reason="job_loss", review_date=str(days_ago(-6)))
    await life.update("extend_hardship", id="x-1", review_date=str(days_ago(-9)))
    await life.to_next()
    await life.update("end_hardship", id="e-1", reason="new job")
    await life.signal("payment_received", id="q1", amount="150000.00")
    await life.result()


async def settled(life: Life, pool: Pool, sandbox_url: str) -> None:
    """Part of what fell due is paid; half of a promise of two dates; an offer that its maker may
    not approve, approved by another, accepted twice and withdrawn; one that is declined; a dispute
    resolved for the customer and corrected; a hardship; an offer that is accepted and paid."""
    zones = ("America/New_York",)
    await add_customer(pool, country="US", zones=zones, points=AMERICAN, preferred="sms")
    await add_account(pool, life.account_id, currency="USD", due=days_ago(40))
    await life.start()
    await life.until(lambda _: True)
    due = [{"date": str(days_ago(days)), "amount": "75000.00"} for days in (40, 10)]
    await life.signal("account_updated", id="u-1", balance="150000.00", due=due)
    await life.signal("payment_received", id="q-1", amount="75000.00")
    await life.until(lambda state: state["days_past_due"] < 40)
    parts = [{"date": str(days_ago(-days)), "amount": "30000.00"} for days in (5, 9)]
    await life.refused("record_promise", {"id": "p-0", "parts": parts[:1]})
    await life.update("record_promise", id="p-1", parts=parts)
    await life.to_next()
    await life.signal("payment_received", id="q-2", amount="30000.00")
    await life.until(lambda state: state["balance"] == "45000.00")
    ana, eva = {"by": "ana", "role": "agent"}, {"by": "eva", "role": "supervisor"}
    await life.update("offer_settlement", id="s-1", discount="40", **ana)
    own = {"id": "a-0", "offer": "s-1", "by": "ana", "role": "supervisor"}
    await life.refused("approve_settlement", own)
    await life.update("approve_settlement", id="a-1", offer="s-1", **eva)
    for number in (1, 2):
        await life.update("accept_settlement", id=f"x-{number}", offer="s-1", how="call")
    await life.to_next()
    await life.update("withdraw_settlement", id="w-1", offer="s-1", reason="a mistake")
    await life.update("offer_settlement", id="s-2", discount="30", **ana)
    await life.update("decline_settlement", id="n-1", offer="s-2", **eva)
    await life.update("open_dispute", id="d-1", reason="amount", documents=["archive:1"])
    await life.update("resolve_dispute", id="r-1", outcome="for")
    await life.update("resolve_dispute", id="r-2", outcome="corrected")
    await life.update("begin_hardship", id="h-1", reason="income")
    await life.update("end_hardship", id="h-2")
    await life.update("offer_settlement", id="s-3", amount="40000.00", **ana)
    await life.update("accept_settlement", id="x-3", offer="s-3", how="message")
    for number in (3, 4):
        await life.signal("payment_received", id=f"q-{number}", amount="20000.00")
    await life.result()


async def failover(life: Life, pool: Pool, sandbox_url: str) -> None:
    """A refused SMS is taken up by e-mail; then so many messages that the run continues as new."""
    zones = ("America/New_York",)
    await add_customer(pool, country="US", zones=zones, points=AMERICAN, preferred="sms")
    await add_account(pool, life.account_id, currency="USD", due=days_ago(10))
    await fault(sandbox_url, "refuse:21211", channel="sms")
    await life.start()
    await life.until(lambda _: True)
    await life.to_next()
    if (await life.next_step())["why"] == "failover":
        await life.to_next()
    for wave in range(9):
        facts = (
            life.signal("payment_received", id=f"p{wave * 50 + n}", amount="1.00")
            for n in range(50)
        )
        await asyncio.gather(*facts)
        await life.update("resume", id=f"r{wave}")
    await life.until(lambda state: state["continued"] == 1)
    await life.to_next()
    await life.update("close", id="c1", reason="recalled")
    await life.result()


async def paid_meanwhile(life: Life, pool: Pool, sandbox_url: str) -> None:
    """Money that arrives while a contact is under way: once in part, then in full."""
    await fault(sandbox_url, "slow:2", times=None, op="send")
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    for contact, amount in enumerate(("50000.00", "100000.00"), 1):
        moving = asyncio.create_task(life.to_next())
        query = "SELECT count(*) FROM attempts WHERE state = 'dispatching'"
        for _ in range(1_000):
            if await pool.fetchval(query):
                break
            await asyncio.sleep(0.02)
        await life.signal("payment_received", id=f"p{contact}", amount=amount)
        await moving
    await life.result()


async def odd_messages(life: Life, pool: Pool, sandbox_url: str) -> None:
    """What is no message, what cannot be true, what is known already; and then the money."""
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(20))
    await life.start()
    await life.until(lambda _: True)
    await life.signal("payment_received", amount="1.00")
    await life.signal("paymentReceived", id="q0", amount="1.00")
    await life.handle.signal("account_updated")
    await life.signal("account_updated", id="u1", oldest_due_date="9999-12-31")
    await life.until_told("Account updated: refused")
    for amount in ("50000.00", "60000.00"):
        await life.signal("payment_received", id="q1", amount=amount)
    await life.until(lambda state: state["balance"] == "100000.00")
    await life.update("hold", id="h1", until="9999-12-31T23:59:59.999999+00:00", reason="never")
    await life.update("resume", id="r1")
    await life.signal("payment_received", id="q2", amount="100000.00")
    await life.result()


async def refused_start(life: Life, pool: Pool, sandbox_url: str) -> None:
    """A start that cannot be read, with a stop; and a payment while it is refused."""
    await add_customer(pool)
    await add_account(pool, life.account_id, due=days_ago(20))
    start = {"creditor": "bank", "account_id": life.account_id, "currency": "cop"}
    cease = {"id": "s1", "event": {"kind": "cease", "at": f"{days_ago(1)}T10:00:00Z"}}
    await life.client.start_workflow(
        COLLECT_ACCOUNT,
        start,
        id=life.id,
        task_queue=TASK_QUEUE,
        start_signal="law_event",
        start_signal_args=[cease],
    )
    await life.signal("payment_received", id="p1", amount="1000.00")
    with suppress(WorkflowFailureError):
        await life.result()


async def written_by_a_person(life: Life, pool: Pool, sandbox_url: str) -> None:
    """A person writes on a working morning; then the money."""
    await add_customer(pool, preferred="sms")
    await add_account(pool, life.account_id, due=days_ago(10))
    await life.start()
    await life.until(lambda _: True)
    await life.to(before_hours() + timedelta(hours=5))
    clock = FastClock(life.skipper)
    writing = Writing(pool, Accounts(life.client), clock)
    draft = Draft("m1", "bank", life.account_id, Channel.SMS, "ana", "Recibimos su carta.")
    await writing.write(draft)
    await soon(life.next_step, lambda step: bool(step["why"] == "person"), "a rest")
    await life.signal("payment_received", id="q1", amount="150000.00")
    await life.result()


LIVES: dict[str, Callable[[Life, Pool, str], Awaitable[None]]] = {
    "handed_off": handed_off,
    "cured": cured,
    "on_plan": on_plan,
    "disputed": disputed,
    "settled": settled,
    "failover": failover,
    "paid_meanwhile": paid_meanwhile,
    "paid_beside": paid_meanwhile,
    "odd_messages": odd_messages,
    "refused_start": refused_start,
    "written_by_a_person": written_by_a_person,
}


def without_traces(part: dict[str, Any]) -> dict[str, Any]:
    """A part of a history without the lines of code of a failure: they name this machine's paths,
    and no replay reads them."""
    return {key: value for key, value in part.items() if key != "stackTrace"}


async def record(name: str, database_url: str, temporal: LocalTemporal) -> None:
    """Live the life, and write every run of it."""
    client = await Client.connect(
        temporal.address, data_converter=pydantic_data_converter, identity="recorder"
    )
    life = Life(client, "A1")  # as it is replayed
    with in_thread(create_app(ignoring())) as sandbox_url:
        async with connect(database_url) as pool:
            with dependencies_for(pool, settings_for(sandbox_url)) as dependencies:
                async with running(client, settling(dependencies), **STRICT):
                    await LIVES[name](life, pool, sandbox_url)
    runs = [
        execution.run_id
        async for execution in client.list_workflows(
            f"WorkflowId = '{workflow_id('bank', life.account_id)}'"
        )
    ]
    for nth, run in enumerate(reversed(runs), 1):
        history = await client.get_workflow_handle(life.id, run_id=run).fetch_history()
        suffix = f"_{nth}" if len(runs) > 1 else ""
        file = HISTORIES / f"{name}{suffix}.json"
        told = json.loads(history.to_json(), object_hook=without_traces)
        text = json.dumps(told, separators=(",", ":"))
        with file.open("x", encoding="utf-8") as out:
            out.write(text + "\n")
        print(f"{file.name}: {len(history.events)} events")


def main() -> None:
    """Start the servers, record, stop them."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in LIVES:
        sys.exit(f"say which: {', '.join(LIVES)}")
    if any(HISTORIES.glob(f"{name}*.json")):
        sys.exit(f"{name} is recorded already, and a history is never recorded anew: README.md")
    HISTORIES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="contrapunto-record-") as folder:
        Path(folder).chmod(0o755)
        postgres = LocalPostgres(Path(folder) / "postgres", durable=False).start()
        temporal = LocalTemporal(None, fast_time=True)
        try:
            url = postgres.database_url("postgres")
            migrate(url)
            asyncio.run(temporal.start())
            asyncio.run(record(name, url, temporal))
        finally:
            temporal.stop()
            postgres.stop()


if __name__ == "__main__":
    main()
