"""The disasters, one by one: what strikes, what the system says of itself, what a person types."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from domain.names import COLLECT_ACCOUNT
from lab.drill.stage import MARK_EVERY, Stage
from lab.local.stack import DATABASE, Child
from store.views.runs import DRILL_STRATEGIES

LIVED: Final = 4.0
"""Virtual days before a disaster."""
LOST: Final = 4.0
"""Virtual days that are lost: more than an hour, so that small drills lose contacts and stops."""
AFTERWARDS: Final = 8.0
"""Virtual days after it, in which what was forgotten would be sent again."""
_HALTED: Final = "nobody is contacted until `contrapunto restore lift`"
_RUNNING: Final = f"WorkflowType = '{COLLECT_ACCOUNT}' AND ExecutionStatus = 'Running'"


@dataclass
class Told:
    """How a drill went."""

    name: str
    messages: int = 0
    """Received in the time that was lost."""
    stops: int = 0
    """Asked in the time that was lost."""
    noticed: str = ""
    """What the system said of itself."""
    status: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    """What was read back."""
    faults: list[str] = field(default_factory=list)
    """What should have been so and was not."""

    def expect(self, *, so: bool, what: str) -> None:
        """A fault unless it is so."""
        if not so:
            self.faults.append(f"{self.name}: {what}")


class _Lost:
    """A stretch of time about to be lost: what people received and asked in it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.received, self.stops = self._counts()

    def _counts(self) -> tuple[int, int]:
        stops = self.stage.folder / "stops.jsonl"
        return len(self.stage.received()), len(stops.read_text(encoding="utf-8").splitlines())

    def tell(self, told: Told) -> None:
        """How much it was."""
        received, stops = self._counts()
        told.messages, told.stops = received - self.received, stops - self.stops
        self.stage.tell(f"  lost: {told.messages} messages received, {told.stops} stops")


async def ledger_older(stage: Stage) -> Told:
    """PostgreSQL comes back from a backup that is older than Temporal."""
    told = Told("ledger_older")
    await stage.live(LIVED)
    with stage.timed("backup"):
        backup = await stage.backup()
    lost = _Lost(stage)
    await asyncio.sleep(3 * MARK_EVERY)
    await stage.live(LOST)
    lost.tell(told)
    stage.kill("worker", "gateway")
    with stage.timed("restored"):
        await stage.restore(backup)
    await _notice(stage, told, "restored from an older backup")
    await stage.start_workflows()  # of accounts that were paid in the time that is forgotten
    await _read_back(stage, told)
    told.expect(
        so=told.found["contacts"] + len(told.found["placed"]) > 0 or not told.messages,
        what="nothing was read back",
    )
    await _go_on(stage, told)
    return told


async def temporal_lost(stage: Stage) -> Told:
    """Temporal loses everything, and comes back empty."""
    told = Told("temporal_lost")
    await stage.live(LIVED)
    stage.kill("worker")
    stage.lose_temporal()
    await _rebuild(stage)
    await _notice(stage, told, "vouched for by nobody")
    await _read_back(stage, told)
    told.expect(so=told.status["without"] == 0, what="accounts were left without a workflow")
    await _go_on(stage, told)
    return told


async def both_lost(stage: Stage) -> Told:
    """PostgreSQL comes back from an archive, to a point that is past, and Temporal empty."""
    told = Told("both_lost")
    await stage.live(LIVED)
    with stage.timed("backup"):
        backup = await stage.backup()
    lost = _Lost(stage)
    await asyncio.sleep(2 * MARK_EVERY)
    await stage.live(LOST)
    lost.tell(told)
    stage.kill("worker", "gateway")
    stage.lose_temporal()
    with stage.timed("restored"):
        await stage.restore(backup, to_a_point=True)
    await _rebuild(stage)
    await _notice(stage, told, "not written on this server")
    await _read_back(stage, told)
    await _go_on(stage, told)
    return told


async def failover(stage: Stage) -> Told:
    """The primary dies, and a replica that lagged behind takes over, below a running worker."""
    told = Told("failover")
    replica = await stage.replica()
    await stage.live(LIVED)
    stopped = await stage.lag(replica)
    lost = _Lost(stage)
    await stage.live(LOST)
    lost.tell(told)
    stage.heed("worker")
    with stage.timed("failed over"):
        dead = await stage.fail_over(replica, stopped)
    with stage.timed("noticed"):
        await stage.logged("worker", _HALTED)
    await _status(stage, told, "not written on this server")
    await stage.start_workflows()
    await _read_back(stage, told)
    await _go_on(stage, told)
    await _yesterday(stage, told, dead.database_url(DATABASE), dead)
    return told


async def _yesterday(stage: Stage, told: Told, url: str, dead: Any) -> None:
    """The server that died comes up again, and a worker with yesterday's address finds it."""
    await asyncio.to_thread(dead.start)
    child = _second_worker(stage, {"CONTRAPUNTO_DATABASE_URL": url})
    try:
        with stage.timed("yesterday's worker refused"):
            for _ in range(240):
                if child.died() is not None:
                    break
                await asyncio.sleep(0.25)
        said = child.log.read_text(encoding="utf-8")
        told.expect(so=child.died() == 2, what="a worker on yesterday's database went on")
        told.expect(so="others work with another database" in said, what=f"it said: {said[-400:]}")
        told.expect(so="worker ready" not in said, what="it took up work")
    finally:
        child.stop()
        dead.stop()


async def operators(stage: Stage) -> Told:
    """Somebody terminates workflows in the UI, and resets others."""
    told = Told("operators")
    await stage.live(LIVED)
    client = await stage.client()
    running = [one async for one in client.list_workflows(_RUNNING)]
    running.sort(key=lambda one: one.id)
    ended, reset = running[::3], running[1::3]
    for one in ended:
        await client.get_workflow_handle(one.id).terminate("a hand that slipped")
    made = sum([await _reset(client, one.id, one.run_id) for one in reset])
    stage.tell(f"  {len(ended)} terminated, {made} reset")
    told.expect(so=made > 0, what="nothing was reset")
    status = 1
    for _ in range(60):  # the list of workflows follows a moment later
        status, told.status = await stage.asked("restore", "status")
        if told.status["workflows"] == told.status["open_accounts"] - len(ended):
            break
        await asyncio.sleep(0.5)
    told.expect(so=status == 0, what="the ledger was halted for what Temporal's users did")
    told.noticed = f"{told.status['open_accounts'] - told.status['workflows']} accounts without one"
    told.expect(
        so="`contrapunto account start --missing`" in told.status["todo"],
        what=f"nobody was told what to do: {told.status}",
    )
    stage.kill("worker")
    with stage.timed("workflows started"):
        await stage.start_workflows()
    await stage.start("worker")
    await stage.live(AFTERWARDS)
    return told


async def yesterdays_strategy(stage: Stage) -> Told:
    """Beside the others a worker runs with yesterday's strategies."""
    told = Told("yesterdays_strategy")
    old = stage.folder / "strategies-of-yesterday"
    old.mkdir()
    text = (stage.strategies / "default.yaml").read_text(encoding="utf-8")
    (old / "default.yaml").write_text(
        f"{text}\nreply_rest_days: 9\n"
        if ("reply_rest_days" not in text)
        else text.replace("reply_rest_days: ", "reply_rest_days: 1"),
        encoding="utf-8",
    )
    await stage.live(LIVED)
    child = _second_worker(stage, {"CONTRAPUNTO_STRATEGIES": str(old)})
    try:
        for _ in range(480):
            if "worker ready" in child.log.read_text(encoding="utf-8"):
                break
            await asyncio.sleep(0.25)
        await stage.live(AFTERWARDS)
        told.expect(so=child.died() is None, what="the second worker died")
    finally:
        child.stop()
    async with stage.pool() as pool:
        decided = await pool.fetchval(DRILL_STRATEGIES)
    told.noticed = f"{decided} strategies decided plans"
    told.expect(so=decided == 2, what=f"not both workers decided: {told.noticed}")
    return told


def _second_worker(stage: Stage, other: dict[str, str]) -> Child:
    environment = {**stage.stack.environment(), **other}
    log = stage.stack.logs / f"worker-of-yesterday-{len(stage.took)}.log"
    child = Child("worker-of-yesterday", ["worker"], environment, log)
    child.start()
    return child


# --- what is done in each -------------------------------------------------------------------------


async def _rebuild(stage: Stage) -> None:
    """An empty Temporal, and a workflow for each open account."""
    await stage.stack.temporal.start()
    with stage.timed("workflows started"):
        await stage.start_workflows()


async def _notice(stage: Stage, told: Told, why: str) -> None:
    """A worker starts, and says what it sees, before it contacts anybody."""
    stage.kill("gateway")
    with stage.timed("noticed"):
        await stage.start("gateway", "worker")
        await stage.logged("worker", _HALTED)
    await _status(stage, told, why)


async def _status(stage: Stage, told: Told, why: str) -> None:
    status, told.status = await stage.asked("restore", "status")
    told.noticed = told.status["halted_why"] or ""
    told.status["without"] = max(0, told.status["open_accounts"] - told.status["workflows"])
    stage.tell(f"  halted: {told.noticed}")
    told.expect(so=status == 1 and why in told.noticed, what=f"not noticed: {told.status}")
    before = len(stage.received())
    refused, said = await stage.command("restore", "lift", "--reason", "in a hurry", "--by", "ana")
    told.expect(so=refused == 2 and "nothing was read back" in said, what=f"it was lifted: {said}")
    told.expect(so=len(stage.received()) == before, what="somebody was contacted while halted")


async def _read_back(stage: Stage, told: Told) -> None:
    # Of the whole life: where time is skipped, an account may be days behind the others, and what
    # it lived through in the lost time is dated so.
    since = (stage.began - timedelta(days=1)).isoformat()
    with stage.timed("read back"):
        status, told.found = await stage.asked("restore", "reconcile", "--since", since)
    told.expect(so=status == 0, what=f"reading back ended with {status}: {told.found}")
    counts = {name: len(n) if isinstance(n, list) else n for name, n in told.found.items()}
    counts["providers"] = {
        name: f"{one['listed']} listed, {one['imported']} taken in"
        for name, one in told.found["providers"].items()
    }
    stage.tell(f"  {counts}")
    again, twice = await stage.asked("restore", "reconcile", "--since", since)
    new = twice["contacts"] + len(twice["placed"]) + twice["heard"] + twice["stops"]
    told.expect(so=again == 0 and new == 0, what=f"read back twice, it found more: {twice}")


async def _go_on(stage: Stage, told: Told) -> None:
    reason = "Temporal and the providers' lists compared"
    status, said = await stage.command("restore", "lift", "--reason", reason, "--by", "ana")
    told.expect(so=status == 0, what=f"not lifted: {said}")
    before = len(stage.received())
    await stage.live(AFTERWARDS)
    told.expect(so=len(stage.received()) > before, what="nobody was contacted afterwards")
    status, standing = await stage.asked("restore", "status")
    told.expect(so=status == 0, what=f"halted again: {standing['halted_why']}")


async def _reset(client: Client, workflow: str, run: str) -> int:
    """Reset to the first third of a history, as the UI does; whether it could be."""
    finished = [
        event.event_id
        async for event in client.get_workflow_handle(workflow, run_id=run).fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]
    if len(finished) < 2:
        return 0
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow, run_id=run),
            reason="a hand that slipped",
            request_id=f"drill-{run}",
            workflow_task_finish_event_id=finished[len(finished) // 3],
        )
    )
    return 1


SCENARIOS: Final[dict[str, Callable[[Stage], Awaitable[Told]]]] = {
    "ledger-older": ledger_older,
    "temporal-lost": temporal_lost,
    "both-lost": both_lost,
    "failover": failover,
    "operators": operators,
    "yesterdays-strategy": yesterdays_strategy,
}
