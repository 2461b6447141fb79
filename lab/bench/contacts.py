"""What one contact costs, and how many of them there can be in a second.

The moment measured is the hardest of a day: the window opens and many accounts are due at
the same instant. Every workflow of a round, ours or bare, has been started beforehand and sleeps on
a real timer until that instant; a round lasts from the first timer fired to the last *next* timer
started, by the event times of the server itself. So neither side gets its starts counted, there is
no time skipping (whose own cost, the same on both sides, would flatter the ratio), and nothing of
the measuring runs in the path.

Ours are accounts in mid-life, each of a customer with earlier contacts, taken up where
continue-as-new would take them up: with a step to wait for. They live wherever it is late
afternoon now, so the real law lets them be contacted at once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from activities.dependencies import Dependencies
from activities.orders import AccountRef
from activities.planning import next_step
from domain.calendar import stable_fraction
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, attempt_id, contact_point_id, workflow_id
from domain.planning.step import StepKind
from lab.bench.bare import ERRANDS, NOOP, QUEUE, BareLoop, errands, noop, noops
from lab.bench.figures import Row, ratios, spread
from lab.bench.rig import Rig
from workers.worker import running

CREDITOR = "bench"
PAST = ((40, "early"), (30, "early"), (20, "early"), (12, "mid"), (6, "mid"))
"""Earlier contacts of each customer: days ago, phase."""
DAYS_PAST_DUE = 45
HOUR = 17
LEAD = timedelta(seconds=2.5)
"""Between the last start and the common instant: all first tasks are over by then."""
PAUSE = 0.4
"""Between two looks at how far a burst is: each takes milliseconds from it."""
STARTED, FIRED = EventType.EVENT_TYPE_TIMER_STARTED, EventType.EVENT_TYPE_TIMER_FIRED

Handle = WorkflowHandle[Any, Any]


@dataclass(frozen=True)
class Round:
    """One burst."""

    per_second: float
    events: float
    bytes: float
    actions: float
    cpu: dict[str, float]
    """Milliseconds of processor time per contact, by process."""


@dataclass(frozen=True)
class Side:
    """One of the things compared: its worker, and how its workflows are started."""

    worker: Callable[[], AbstractAsyncContextManager[None]]
    start: Callable[[int, datetime], Any]
    done: Callable[[], Awaitable[int]]
    """How many contacts have been made so far, by whoever made them."""


async def measure(rig: Rig, rounds: int, in_flight: int) -> list[Row]:
    """Bursts in turn: bare, bare with errands, these with NextContactAt; ours, ours without it."""
    numbers = count(1)
    sides = {
        "bare": _bare(rig, noop, NOOP),
        "errands": _bare(rig, (await errands(rig.lean)).run, ERRANDS),
        "shown": _bare(rig, (await errands(rig.lean)).run, ERRANDS, shown=True),
        "exact": _ours(rig, rig.exact),
        "lean": _ours(rig, rig.lean),
    }
    for side in sides.values():
        await _burst(rig, side, numbers, in_flight // 2)
    done: dict[str, list[Round]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            done[name].append(await _burst(rig, side, numbers, in_flight))
    return _rows(done)


def _rows(done: Mapping[str, list[Round]]) -> list[Row]:
    bare, rows = done["bare"], []
    for name, side in (("", "exact"), (", CONTRAPUNTO_EXACT_NEXT_CONTACT=false", "lean")):
        ours = done[side]
        target = "11 / 2" if side == "lean" else "11 / 2, and the upsert"
        rows.append(
            Row(f"one contact{name}: events / actions", _cost(ours), _cost(bare), "", target)
        )
        rows.append(Row(f"milliseconds of processor per contact{name}", _cpu(ours), _cpu(bare)))
        rows.append(_rates(f"contacts per second{name}", ours, bare, ">= 0.8"))
        floor = done["errands"]
        rows.append(
            _rates("  beside the bare loop with three commits and a send", ours, floor, ">= 0.85")
        )
        if side == "exact":
            rows.append(_rates("  beside the same with the upsert", ours, done["shown"], ">= 0.85"))
    floor = done["errands"]
    rows.append(_rates("the bare loop with three commits and a send", floor, bare, ""))
    rows.append(Row("  milliseconds of processor per contact", _cpu(floor), _cpu(bare)))
    shown = done["shown"]
    rows.append(_rates("the same with NextContactAt", shown, bare, ""))
    rows.append(Row("  events / actions", _cost(shown), _cost(bare)))
    rows.append(Row("  milliseconds of processor per contact", _cpu(shown), _cpu(bare)))
    return rows


def _rates(what: str, ours: list[Round], bare: list[Round], target: str) -> Row:
    rates, floor = [r.per_second for r in ours], [r.per_second for r in bare]
    return Row(what, spread(rates), spread(floor), spread(ratios(rates, floor), 2), target)


def _cost(rounds: Sequence[Round]) -> str:
    events, actions = (median(getattr(r, x) for r in rounds) for x in ("events", "actions"))
    size = median(r.bytes for r in rounds)
    return f"{events:.4g} / {actions:.4g}, {size:,.0f} bytes"


def _cpu(rounds: Sequence[Round]) -> str:
    parts = {name: median(r.cpu[name] for r in rounds) for name in rounds[0].cpu}
    each = ", ".join(f"{name} {spent:.0f}" for name, spent in parts.items())
    return f"{sum(parts.values()):.0f} ({each})"


# --- one burst ----------------------------------------------------------------------------------


async def _burst(rig: Rig, side: Side, numbers: "count[int]", size: int) -> Round:
    """One burst; begun anew, with more time, where the machine was too busy to be ready for it."""
    for patience in (1, 2, 4):
        handles: list[Handle] = []
        async with side.worker():
            due = datetime.now(UTC) + patience * (timedelta(seconds=size / 25) + LEAD)
            wanted = await timers(rig) + size
            names = [next(numbers) for _ in range(size)]
            handles += await asyncio.gather(*(side.start(n, due) for n in names))
            found = None
            if await _until(lambda: timers(rig), wanted, due - timedelta(seconds=0.5)):
                found = await _measured(rig, side, handles, due)
        await asyncio.gather(*(handle.terminate("measured") for handle in handles))
        if found is not None:
            return found
    raise RuntimeError("this machine is too busy to measure on")


async def _measured(rig: Rig, side: Side, handles: Sequence[Handle], due: datetime) -> Round:
    size = len(handles)
    await asyncio.sleep(max(0, (due - datetime.now(UTC)).total_seconds() - 0.3))
    before, done, so_far = await rig.actions(), await side.done(), await timers(rig)
    busy = rig.cpu()
    deadline = due + timedelta(seconds=90)
    made = await _until(side.done, done + size, deadline)
    if not made or not await _until(lambda: timers(rig), so_far + size, deadline):
        raise RuntimeError("contacts were not made within 90 s")
    cpu = {name: (now - busy[name]) / size * 1000 for name, now in rig.cpu().items()}
    after = await rig.actions()
    histories = await asyncio.gather(*(contact_of(handle) for handle in handles))
    fired = min(_seconds(events[0]) for events in histories)
    last = max(_seconds(events[-1]) for events in histories)
    return Round(
        per_second=size / (last - fired),
        events=median(len(events) for events in histories),
        bytes=median(sum(e.ByteSize() for e in events) for events in histories),
        actions=(sum(after.values()) - sum(before.values())) / size,
        cpu=cpu,
    )


async def timers(rig: Rig) -> float:
    """Timers started so far on this server."""
    found = await rig.actions()
    return sum(value for name, value in found.items() if "StartTimer" in name)


async def _until(look: Callable[[], Awaitable[float]], wanted: float, deadline: datetime) -> bool:
    """Whether, before the deadline, there are that many."""
    while await look() < wanted:
        if datetime.now(UTC) > deadline:
            return False
        await asyncio.sleep(PAUSE)
    return True


async def contact_of(handle: Handle) -> list[HistoryEvent]:
    """The events after the first timer's start up to and with the second's."""
    history = await handle.fetch_history()
    starts = [i for i, event in enumerate(history.events) if event.event_type == STARTED]
    if len(starts) != 2:
        raise RuntimeError(f"{handle.id} was not contacted once but {len(starts) - 1} times")
    return list(history.events[starts[0] + 1 : starts[1] + 1])


def _seconds(event: HistoryEvent) -> float:
    return event.event_time.ToNanoseconds() / 1e9


# --- the two kinds of workflow ------------------------------------------------------------------


def _bare(rig: Rig, act: Callable[[], Awaitable[None]], name: str, *, shown: bool = False) -> Side:
    @asynccontextmanager
    async def worker() -> AsyncIterator[None]:
        async with Worker(rig.client, task_queue=QUEUE, workflows=[BareLoop], activities=[act]):
            yield

    async def done() -> int:
        return noops()

    return Side(worker, lambda number, due: _start_bare(rig, number, due, name, shown), done)


def _ours(rig: Rig, dependencies: Dependencies) -> Side:
    async def done() -> int:
        return int(await rig.pool.fetchval(ACCEPTED, len(PAST) + 1))

    return Side(
        lambda: running(rig.client, dependencies),
        lambda number, due: start_account(rig, dependencies, number, due),
        done,
    )


async def _start_bare(rig: Rig, number: int, due: datetime, act: str, shown: bool) -> Handle:
    return await rig.client.start_workflow(
        BareLoop.run, args=[due, act, shown], id=f"bare/{number}", task_queue=QUEUE
    )


async def start_account(rig: Rig, dependencies: Dependencies, number: int, due: datetime) -> Handle:
    """One account in mid-life, of a customer of its own, that waits for its next contact."""
    account = account_id(number)
    await seed(rig, number, account)
    ref = AccountRef(creditor=CREDITOR, account_id=account)
    async with rig.pool.acquire() as connection:
        step = await next_step(dependencies, connection, ref, datetime.now(UTC))
    if step.kind is not StepKind.CONTACT:
        raise RuntimeError(f"nothing to contact now: {step.summary}")
    carried = {"step": step.model_copy(update={"not_before": due}).model_dump(mode="json")}
    return await rig.client.start_workflow(
        COLLECT_ACCOUNT,
        {"creditor": CREDITOR, "account_id": account, "carried": carried},
        id=workflow_id(CREDITOR, account),
        task_queue=TASK_QUEUE,
    )


def phone(number: int) -> str:
    """The telephone of the customer with this number."""
    return f"+1202555{number:04d}"


def account_id(number: int) -> str:
    """An id whose place in the day's window lies in the morning, so that it is due by now."""
    step = len(PAST) + 1
    for trial in count():
        account = f"B{number}-{trial}"
        if stable_fraction(f"{CREDITOR}/{account}", step) < 0.5:
            return account
    raise AssertionError("unreachable")


def _zone() -> str:
    """Where it is late afternoon now: inside the window, after the morning's places."""
    ahead = (HOUR - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"  # POSIX counts westwards


async def seed(rig: Rig, number: int, account: str) -> None:
    """A customer with two addresses, earlier contacts and consent, and the account."""
    now = datetime.now(UTC)
    customer, zone = f"C{number}", _zone()
    channel = "sms" if number % 2 else "email"
    points = {"sms": phone(number), "email": f"c{number}@example.com"}
    ids = {name: contact_point_id(customer, name, to) for name, to in points.items()}
    opened = now - timedelta(days=DAYS_PAST_DUE)
    async with rig.pool.acquire() as connection, connection.transaction():
        # No triggers: an attempt may then be written in the state in which it ended.
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(_CUSTOMER, customer, [zone], channel)
        for name, to in points.items():
            kind = "mobile" if name == "sms" else "email"
            await connection.execute(_POINT, ids[name], customer, name, kind, to)
            await connection.execute(_CONSENT, f"{customer}/{name}", customer, opened, name)
        await connection.execute(_ACCOUNT, CREDITOR, account, customer, opened.date(), opened)
        for step, (days, phase) in enumerate(PAST, start=1):
            at = now - timedelta(days=days)
            touch = sum(other == phase for _, other in PAST[:step])
            where = (ids[channel], [f"{CREDITOR}/{account}"], step, touch, phase, channel)
            attempt = attempt_id(CREDITOR, account, step)
            await connection.execute(
                _PAST, attempt, CREDITOR, account, customer, *where, [zone], at
            )


ACCEPTED = "SELECT count(*) FROM attempts WHERE step = $1 AND state = 'accepted'"
_CUSTOMER = """
INSERT INTO customers (customer_id, name, locale, country, zones, preferred_channel)
VALUES ($1, 'Ana Rojas', 'en-US', 'US', $2, $3)
"""
_POINT = """
INSERT INTO contact_points (contact_point_id, customer_id, channel, kind, address, consented)
VALUES ($1, $2, $3, $4, $5, true)
"""
_CONSENT = """
INSERT INTO law_events (event_id, customer_id, kind, at, channel) VALUES ($1, $2, 'opt_in', $3, $4)
"""
_ACCOUNT = """
INSERT INTO accounts (creditor, account_id, customer_id, currency, balance, balance_as_of,
    oldest_due_date, since)
VALUES ($1, $2, $3, 'USD', 1500, $5, $4, $5)
"""
_PAST = """
INSERT INTO attempts (attempt_id, creditor, account_id, customer_id, contact_point_id, covers, step,
    touch, phase, channel, zones, reserved_at, dispatched_at, settled_at, not_before, not_after,
    purpose, provider, state, execution, jurisdictions, facts_seen)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $12, $12, $12, 'reminder', 'bench',
    'delivered', 'bench', '{US}', 0)
"""
