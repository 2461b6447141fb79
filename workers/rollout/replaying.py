"""The replay gate: the histories of open accounts, replayed with the code at hand.

All cannot be, of millions; so some of every kind: of each standing, of each age, and in these of
each phase. A history is a kind's as good as another's: what differs is what was lived through.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from domain.planning.step import Status
from workers.codec import UnreadablePayload
from workflows.visibility import PHASE, STANDING

AGES: Final = tuple(timedelta(days=days) for days in (0, 1, 7, 30, 90, 180, 100_000))
"""Between two of these: one age."""
_LOOKED_AT: Final = 100
"""Workflows of a standing and an age that are looked at for their phases."""
_AT_ONCE: Final = 4
_TOLD: Final = re.compile(r'(\[TMPRL\d+\][^"\n]{1,300})')
"""What the SDK says of it: numbers and kinds of events."""


@dataclass(frozen=True)
class Kind:
    """What sort of account a history is of."""

    standing: str
    days: str
    phase: str

    def __str__(self) -> str:
        """In words."""
        return f"{self.standing}, {self.phase}, open for {self.days} days"


@dataclass(frozen=True)
class Failed:
    """A history that the code at hand cannot go on from."""

    workflow_id: str
    run_id: str
    kind: Kind
    why: str
    nondeterminism: bool


@dataclass(frozen=True)
class Replayed:
    """What a gate has found."""

    histories: int
    events: int
    kinds: int
    failed: tuple[Failed, ...]

    @property
    def passed(self) -> bool:
        """Whether all could be replayed."""
        return not self.failed

    def without(self, workflow_ids: frozenset[str]) -> "Replayed":
        """The same, where these need not be replayed: they stay with the version they have."""
        failed = tuple(one for one in self.failed if one.workflow_id not in workflow_ids)
        return replace(self, failed=failed)


async def replay(
    client: Client, workflows: Sequence[type], now: datetime, each: int = 3, query: str = ""
) -> Replayed:
    """Replay up to ``each`` histories of every kind; ``query`` narrows which accounts."""
    replayer = Replayer(
        workflows=workflows,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=client.data_converter,
        namespace=client.namespace,
        runtime=_quiet(),
    )
    taken: dict[str, tuple[Kind, WorkflowExecution]] = {}
    for standing in (*Status, None):
        for younger, older in pairwise(AGES):
            async for kind, one in _some(client, standing, now, younger, older, each, query):
                taken[one.run_id] = kind, one
    busy = asyncio.Semaphore(_AT_ONCE)
    events, failed = 0, []

    async def judge(kind: Kind, one: WorkflowExecution) -> None:
        nonlocal events
        async with busy:
            history = await _history(client, one)
            if history is None:
                return
            events += len(history.events)
            why = await _unread(client, history) or await _why_not(replayer, history)
        if why is not None:
            known = isinstance(why, NondeterminismError)
            failed.append(Failed(one.id, one.run_id, kind, _first_line(why), known))

    await asyncio.gather(*(judge(kind, one) for kind, one in taken.values()))
    kinds = {kind for kind, _ in taken.values()}
    failed.sort(key=lambda one: (str(one.kind), one.workflow_id))
    return Replayed(len(taken), events, len(kinds), tuple(failed))


def _quiet() -> Runtime:
    """Without what the SDK logs of each history: the gate says it once."""
    logging = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(logging=logging))


async def _some(
    client: Client,
    standing: Status | None,
    now: datetime,
    younger: timedelta,
    older: timedelta,
    each: int,
    query: str,
) -> AsyncIterator[tuple[Kind, WorkflowExecution]]:
    """Of one standing and age, up to ``each`` of every phase."""
    is_it = f"Standing = '{standing}'" if standing else "Standing IS NULL"
    parts = ["WorkflowType = 'CollectAccount'", "ExecutionStatus = 'Running'", is_it]
    parts.append(f"StartTime <= '{(now - younger).isoformat()}'" if younger else "")
    if older < AGES[-1]:
        parts.append(f"StartTime > '{(now - older).isoformat()}'")
    parts.append(f"({query})" if query else "")
    wanted = " AND ".join(part for part in parts if part)
    days = f"{younger.days}-{older.days}" if older < AGES[-1] else f"{younger.days}+"
    had: dict[Kind, int] = {}
    async for one in client.list_workflows(wanted, page_size=_LOOKED_AT, limit=_LOOKED_AT):
        shown = one.typed_search_attributes
        kind = Kind(shown.get(STANDING) or "starting", days, shown.get(PHASE) or "no phase")
        had[kind] = had.get(kind, 0) + 1
        if had[kind] <= each:
            yield kind, one


async def _history(client: Client, one: WorkflowExecution) -> WorkflowHistory | None:
    """What was lived through; None where it has ended, and gone, meanwhile."""
    try:
        return await client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history()
    except RPCError:
        return None


async def _unread(client: Client, history: WorkflowHistory) -> UnreadablePayload | None:
    """Why its start cannot be decrypted with the keys at hand, if so: no fault of the code."""
    codec = client.data_converter.payload_codec
    if codec is None:
        return None
    start = history.events[0].workflow_execution_started_event_attributes
    try:
        await codec.decode(start.input.payloads)
    except UnreadablePayload as error:
        return error
    return None


async def _why_not(replayer: Replayer, history: WorkflowHistory) -> BaseException | None:
    try:
        found = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    except Exception as error:  # noqa: BLE001 - whatever the new code does, the gate says so
        return error
    return found.replay_failure


def _first_line(error: BaseException) -> str:
    """Kind and reason; of an error of our own only its kind: its words may quote a payload."""
    if isinstance(error, NondeterminismError):
        found = _TOLD.search(str(error))
        return found[1] if found else "Nondeterminism error"
    return type(error).__name__
