"""Many open accounts on real servers, and the moment at which many of them are due at once.

The accounts that sleep are only workflows: what they take of PostgreSQL is measured apart
(``lab/capacity/books.py``). Those that are due have a customer, consents and earlier contacts.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final

from activities.dependencies import Dependencies
from activities.orders import AccountRef
from activities.planning import next_step
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id
from lab.bench import contacts
from lab.bench.rig import Rig
from workers.worker import running

CACHED: Final = 1000
"""Workflows that a worker keeps in memory, where it is not told otherwise (temporalio's own)."""
AT_ONCE: Final = 50
PATIENCE: Final = 3600.0
HISTORIES: Final = 100
"""Of so many contacts the history is measured."""
_KIB: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Live:
    """What was measured of workflows."""

    accounts: int
    starts_per_second: float
    start_cpu: dict[str, float]
    """Milliseconds of processor for one start and its first task, by process."""
    open_bytes: float
    """What one open account takes in Temporal's database."""
    server_kib: float
    """Memory of the Temporal server for one open account."""
    cached_kib: float
    """Memory of the worker for one account in its cache."""
    due: int
    contacts_per_second: float
    contact_cpu: dict[str, float]
    contact_bytes: float
    """Events of one contact."""
    contact_stored: float
    """What one contact adds to Temporal's database."""
    actions: float
    """Billable, for one contact."""
    drained: tuple[float, ...]
    """Seconds until a tenth, a half, nine tenths and all of those due were contacted."""


async def measure(rig: Rig, accounts: int, due: int) -> Live:
    """``accounts`` open ones, ``due`` of them at one instant."""
    dependencies = rig.lean
    async with running(rig.client, dependencies):
        template = await _template(rig, dependencies)
        began, busy, stored, memory = _clock(), rig.cpu(), _stored(rig), _memory(rig)
        timers = await contacts.timers(rig)
        await _all(accounts, lambda n: _sleeper(rig, template, n))
        await _until(lambda: contacts.timers(rig), timers + accounts)
        took = _clock() - began
        start_cpu = _each(busy, rig.cpu(), accounts)
        open_bytes = (_stored(rig) - stored) / accounts
        after = _memory(rig)
        burst = await _burst(rig, dependencies, due)
    return Live(
        accounts=accounts,
        starts_per_second=accounts / took,
        start_cpu=start_cpu,
        open_bytes=open_bytes,
        server_kib=(after[0] - memory[0]) / accounts,
        cached_kib=(after[1] - memory[1]) / min(accounts, CACHED),
        **burst,
    )


async def _burst(rig: Rig, dependencies: Dependencies, due: int) -> dict[str, Any]:
    """Start those that are due, wait for the instant, and for the last of them."""
    timers = await contacts.timers(rig)
    numbers, handles = count(1), []
    # Seeding takes a few milliseconds each, on whatever machine this is: the instant is set by it.
    first = _clock()
    far = datetime.now(UTC) + timedelta(days=1)
    for _ in range(min(due, 10)):
        handles.append(await contacts.start_account(rig, dependencies, next(numbers), far))
    for handle in handles:
        await handle.terminate("only to see how long it takes")
    ahead = (_clock() - first) / len(handles) * due * 1.5 + 10
    at = datetime.now(UTC) + timedelta(seconds=ahead)
    handles = []

    async def start(_: int) -> None:
        handles.append(await contacts.start_account(rig, dependencies, next(numbers), at))

    timers += len(range(min(due, 10)))
    await _all(due, start)
    await _until(lambda: contacts.timers(rig), timers + due)
    if datetime.now(UTC) > at:
        raise RuntimeError("this machine took longer to start them than they wait: fewer, or again")
    before = await rig.pool.fetchval(contacts.ACCEPTED, len(contacts.PAST) + 1)
    stored, actions = _stored(rig), await rig.actions()
    await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
    busy, began, marks = rig.cpu(), _clock(), []
    for share in (0.1, 0.5, 0.9, 1.0):
        await _until(
            lambda: rig.pool.fetchval(contacts.ACCEPTED, len(contacts.PAST) + 1),
            before + due * share,
        )
        marks.append(_clock() - began)
    await _until(lambda: contacts.timers(rig), timers + 2 * due)
    took = _clock() - began
    cpu, done = _each(busy, rig.cpu(), due), await rig.actions()
    some = [await contacts.contact_of(handle) for handle in handles[:HISTORIES]]
    return {
        "due": due,
        "contacts_per_second": due / took,
        "contact_cpu": cpu,
        "contact_bytes": median(sum(event.ByteSize() for event in one) for one in some),
        "contact_stored": (_stored(rig) - stored) / due,
        "actions": (sum(done.values()) - sum(actions.values())) / due,
        "drained": tuple(marks),
    }


async def _template(rig: Rig, dependencies: Dependencies) -> dict[str, Any]:
    """The step that the sleepers wait for: one of an account in mid-life, a year ahead."""
    account = contacts.account_id(0)
    await contacts.seed(rig, 0, account)
    ref = AccountRef(creditor=contacts.CREDITOR, account_id=account)
    async with rig.pool.acquire() as connection:
        step = await next_step(dependencies, connection, ref, datetime.now(UTC))
    ahead = step.model_copy(update={"not_before": datetime.now(UTC) + timedelta(days=365)})
    return ahead.model_dump(mode="json")


async def _sleeper(rig: Rig, step: dict[str, Any], number: int) -> None:
    account = f"sleeper-{number}"
    await rig.client.start_workflow(
        COLLECT_ACCOUNT,
        {"creditor": contacts.CREDITOR, "account_id": account, "carried": {"step": step}},
        id=workflow_id(contacts.CREDITOR, account),
        task_queue=TASK_QUEUE,
    )


async def _all(many: int, do: Callable[[int], Any]) -> None:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with free:
            await do(number)

    await asyncio.gather(*(one(number) for number in range(many)))


async def _until(look: Callable[[], Any], wanted: float) -> None:
    deadline = _clock() + PATIENCE
    while await look() < wanted:
        if _clock() > deadline:
            raise RuntimeError("this machine is too slow: fewer accounts, or at another time")
        await asyncio.sleep(0.25)


def _clock() -> float:
    return asyncio.get_running_loop().time()


def _each(before: dict[str, float], after: dict[str, float], many: int) -> dict[str, float]:
    return {name: 1000 * (after[name] - before[name]) / many for name in after}


def _stored(rig: Rig) -> int:
    """Bytes of Temporal's database, its journal among them."""
    file = rig.folder / "temporal.db"
    return sum(one.stat().st_size for one in (file, Path(f"{file}-wal")) if one.exists())


def _memory(rig: Rig) -> tuple[float, float]:
    """Resident KiB of the Temporal server and of this process."""
    assert rig.temporal.process is not None
    return _resident(rig.temporal.process.pid), _resident(os.getpid())


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _KIB
