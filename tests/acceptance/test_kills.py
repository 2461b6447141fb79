"""Worker, Temporal and PostgreSQL are killed in mid-contact: nothing lost, nothing twice.

Real processes and real servers. The verdict is read from the sandbox's own record and a table of
hours typed here, never from the code that sends.
"""

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import holidays
import httpx
import pytest
from rich.console import Console
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter

from domain.failures import Unavailable
from domain.names import workflow_id
from lab.builders.intake_files import row, write_csv
from lab.local.fast_time import Conductor
from lab.local.stack import Stack
from store.database import Pool, connect
from workers.accounts import Accounts
from workers.connection import fast_client
from workers.intake.command import intake
from workers.intake.starter import TemporalStarter
from workers.process.background import in_background

BEGAN = datetime.now(UTC)
LEG = timedelta(days=11)
"""Virtual days that each of the three tests plays, one after the other, in one world."""

HOURS: dict[str, tuple[tuple[time, time] | None, ...]] = {
    "CO": (*[(time(7), time(19))] * 5, (time(8), time(15)), None),
    "MX": (*[(time(7), time(22))] * 5, None, None),
    "US": ((time(8), time(21)),) * 7,
}
"""Monday to Sunday, half open; on a public holiday Colombia and Mexico are silent."""

ZONES = {"CO": "America/Bogota", "MX": "America/Mexico_City", "US": "America/New_York"}
MADE = ("accepted", "delivered", "undelivered", "unknown")

ACCOUNTS = (
    # account, customer, country, mobile, days past due at the beginning
    ("K1", "P1", "CO", "+573990000001", 3),
    ("K2", "P1", "CO", "+573990000001", 20),
    ("K3", "P2", "CO", "+573990000002", 40),
    ("K4", "P3", "MX", "+525550000003", 2),
    ("K5", "P4", "MX", "+525550000004", 63),
    ("K6", "P5", "US", "+12125550105", 5),
    ("K7", "P6", "US", "+12125550106", 33),
    ("K8", "P6", "US", "+12125550106", 10),
)


def portfolio(folder: Path) -> Path:
    """Eight accounts of six people in three countries."""
    lines = [
        row(
            account_id=account,
            customer_id=customer,
            currency={"CO": "COP", "MX": "MXN", "US": "USD"}[country],
            balance="1000.00",
            oldest_due_date=str(BEGAN.date() - timedelta(days=past_due)),
            locale="en-US" if country == "US" else f"es-{country}",
            country=country,
            region="",
            postal_code="",
            timezone=ZONES[country],
            mobile=mobile,
            email=f"{customer.lower()}@example.com",
            preferred_channel="",
        )
        for account, customer, country, mobile, past_due in ACCOUNTS
    ]
    return write_csv(folder / "portfolio.csv", lines)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The whole local stack, with the portfolio taken in."""
    folder = Path(tempfile.mkdtemp(prefix="contrapunto-kills-"))
    made = Stack(folder, fast_time=True, seed=7)
    try:
        asyncio.run(_begin(made))
        yield made
    finally:
        asyncio.run(made.stop())
        shutil.rmtree(folder, ignore_errors=True)


async def _begin(stack: Stack) -> None:
    await stack.start()
    async with httpx.AsyncClient(base_url=stack.sandbox_url, trust_env=False) as sandbox:
        people = {mobile: "ignorer" for _, _, _, mobile, _ in ACCOUNTS}
        people |= {f"p{number}@example.com": "ignorer" for number in range(1, 7)}
        people |= {"p4@example.com": "unreachable", "+525550000004": "ignorer"}
        (await sandbox.post("/_sandbox/people", json=people)).raise_for_status()
        # Every request takes a while, so that a kill can come in its middle.
        slow = [{"do": "slow:0.3", "times": None}]
        (await sandbox.post("/_sandbox/faults", json=slow)).raise_for_status()
    client = await Client.connect(stack.temporal.address, data_converter=pydantic_data_converter)
    async with connect(stack.environment()["CONTRAPUNTO_DATABASE_URL"], 4) as pool:
        report = await intake(
            portfolio(stack.folder),
            snapshot=False,
            as_of=BEGAN,
            pool=pool,
            starter=TemporalStarter(Accounts(fast_client(client).client)),
            console=Console(quiet=True),
        )
    assert report.exit_code == 0, report.lines()


# --- the three legs -------------------------------------------------------------------------------


@pytest.mark.timeout(150)
async def test_a_worker_killed_in_mid_contact_loses_nothing_and_repeats_nothing(
    stack: Stack,
) -> None:
    async def kill() -> None:
        worker = next(child for child in stack.children if child.name == "worker")
        assert worker.process is not None
        worker.process.kill()

    await _leg(stack, BEGAN + LEG, kill, times=3)


@pytest.mark.timeout(150)
async def test_temporal_killed_in_mid_contact_loses_nothing_and_repeats_nothing(
    stack: Stack,
) -> None:
    async def kill() -> None:
        await asyncio.to_thread(stack.temporal.kill)

    await _leg(stack, BEGAN + 2 * LEG, kill, times=2)


@pytest.mark.timeout(150)
async def test_postgresql_killed_in_mid_contact_loses_nothing_and_repeats_nothing(
    stack: Stack,
) -> None:
    async def kill() -> None:
        await asyncio.to_thread(stack.postgres.kill)

    await _leg(stack, BEGAN + 3 * LEG, kill, times=2)


@pytest.mark.timeout(150)
async def test_a_server_killed_again_while_it_starts_is_started_again(stack: Stack) -> None:
    async with in_background(stack.supervise()):
        for _ in range(2):
            struck = stack.postgres.process
            await asyncio.to_thread(stack.postgres.kill)
            for _ in range(2000):
                if stack.postgres.process is not struck:
                    break
                await asyncio.sleep(0.005)
        for _ in range(100):
            if await _answers(stack):
                return
            await asyncio.sleep(0.2)
    raise AssertionError("PostgreSQL stayed down")


async def _answers(stack: Stack) -> bool:
    try:
        async with _pool(stack) as pool:
            return bool(await pool.fetchval("SELECT true"))
    except (Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


async def _leg(
    stack: Stack, until: datetime, kill: Callable[[], Awaitable[None]], times: int
) -> None:
    client = await Client.connect(stack.temporal.address, data_converter=pydantic_data_converter)
    async with _pool(stack) as pool:
        before = await pool.fetchval("SELECT count(*) FROM attempts")
        conductor = Conductor(client, pool, stack.sandbox_url)
        async with in_background(stack.supervise()):
            killer = asyncio.create_task(_kill_in_mid_contact(pool, kill, times))
            await conductor.play(until)
            assert await asyncio.wait_for(killer, 5) == times, "every kill met a contact"
        await _reconciled(pool)
        after = await pool.fetchval("SELECT count(*) FROM attempts")
        assert after - before >= times, "people were contacted meanwhile"
        await _nothing_lost(pool, client, until)
        await _nothing_twice(pool, stack)
        await _nothing_unlawful(pool, stack)


async def _kill_in_mid_contact(pool: Pool, kill: Callable[[], Awaitable[None]], times: int) -> int:
    """Kill whenever a request is under way, but no attempt twice."""
    met: set[str] = set()
    query = "SELECT attempt_id FROM attempts WHERE state = 'dispatching' ORDER BY dispatched_at"
    while len(met) < times:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            under_way = {record["attempt_id"] for record in await pool.fetch(query)} - met
            if under_way:
                met.add(under_way.pop())
                await kill()
                await asyncio.sleep(1)
        await asyncio.sleep(0.02)
    return len(met)


async def _reconciled(pool: Pool) -> None:
    """No attempt stands in ``dispatching`` once its activity has been taken up again."""
    query = "SELECT count(*) FROM attempts WHERE state IN ('reserved', 'dispatching')"
    for _ in range(200):
        if not await pool.fetchval(query):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("an attempt was forgotten in the middle")


# --- the verdicts ---------------------------------------------------------------------------------


async def _nothing_lost(pool: Pool, client: Client, until: datetime) -> None:
    """Every account has ended or waits for something, in its workflow and in the projection."""
    accounts = await pool.fetch("SELECT * FROM accounts ORDER BY account_id")
    assert [account["account_id"] for account in accounts] == [a[0] for a in ACCOUNTS]
    for account in accounts:
        name = f"{account['creditor']}/{account['account_id']}"
        handle = client.get_workflow_handle(workflow_id(account["creditor"], account["account_id"]))
        described = await handle.describe()
        if account["status"] == "closed":
            assert described.status is WorkflowExecutionStatus.COMPLETED, name
            continue
        assert described.status is WorkflowExecutionStatus.RUNNING, name
        assert account["next_at"] > until - timedelta(hours=1), f"{name} was left behind"
        step = await handle.query("next_step")
        assert datetime.fromisoformat(step["not_before"]) == account["next_at"], name


async def _nothing_twice(pool: Pool, stack: Stack) -> None:
    """One acceptance an attempt at most, by the sandbox's record; each is in the ledger."""
    accepted = await _accepted(stack)
    counts = Counter(message["attempt"] for message in accepted)
    assert [attempt for attempt, count in counts.items() if count > 1] == []
    heard = Counter(line["attempt"] for line in _received(stack))
    assert [attempt for attempt, count in heard.items() if count > 1] == []
    assert set(heard) <= set(counts)
    ledger = {r["attempt_id"]: r["state"] for r in await pool.fetch("SELECT * FROM attempts")}
    assert {ledger.get(str(attempt)) for attempt in counts} <= set(MADE)
    claimed = {name for name, state in ledger.items() if state in ("accepted", "delivered")}
    assert claimed <= set(counts), "the ledger claims what no provider took"


async def _nothing_unlawful(pool: Pool, stack: Stack) -> None:
    """At the account's own hour, by the table above; the Colombians once in seven days."""
    country = {f"banco-andino/{account}": where for account, _, where, _, _ in ACCOUNTS}
    person = {f"banco-andino/{account}": who for account, who, _, _, _ in ACCOUNTS}
    days: dict[str, list[date]] = {}
    for message in sorted(await _accepted(stack), key=lambda one: str(one["at"])):
        where = country[message["account"]]
        wall = datetime.fromisoformat(message["at"]).astimezone(ZoneInfo(ZONES[where]))
        window = HOURS[where][wall.weekday()]
        if where != "US" and wall.date() in holidays.country_holidays(where, years=wall.year):
            window = None
        assert window and window[0] <= wall.time() < window[1], f"{where} {wall}"
        if where == "CO":
            days.setdefault(person[message["account"]], []).append(wall.date())
    for contacts in days.values():
        gaps = [(b - a).days for a, b in pairwise(contacts)]
        assert all(gap >= 7 for gap in gaps), contacts


# --- what the sandbox and the servers tell --------------------------------------------------------


async def _accepted(stack: Stack) -> list[dict[str, Any]]:
    """All messages that a provider took, whether or not they reached the person."""
    async with httpx.AsyncClient(base_url=stack.sandbox_url, trust_env=False) as sandbox:
        answer = (await sandbox.get("/_sandbox/messages", params={"limit": "5000"})).json()
    assert answer["more"] is False
    return [message for message in answer["messages"] if message["direction"] == "out"]


def _received(stack: Stack) -> list[dict[str, Any]]:
    text = stack.received.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@contextlib.asynccontextmanager
async def _pool(stack: Stack) -> AsyncIterator[Pool]:
    async with connect(stack.environment()["CONTRAPUNTO_DATABASE_URL"], 16) as pool:
        yield pool
