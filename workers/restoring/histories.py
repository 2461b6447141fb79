"""What Temporal's histories tell of a stretch of time that a ledger has forgotten.

A history holds each contact that was ordered, the plan that it was ordered by, and each fact that
was told: ids, times, codes and amounts, and nothing personal. So it says what may have been sent,
and what has to be told again.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.orders import ContactOrder, Recorded
from domain.names import COLLECT_ACCOUNT, attempt_id
from domain.planning.step import Step, StepKind
from domain.planning.words import label, spoken
from workflows.state import Carried

AT_ONCE: Final = 50
"""Histories read at a time."""
PAGE: Final = 100
"""Events asked for at a time, the latest first."""
_PLANNED: Final = (
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
)
"""Events that bring a plan."""


@dataclass
class Ordered:
    """A contact that a workflow ordered."""

    creditor: str
    account_id: str
    step: Step
    at: datetime
    ended: datetime | None = None
    """When its activity was over; None: it was not, as far as is known."""
    made: bool | None = None
    """Whether it was a contact, by what followed; None: nobody can tell."""

    @property
    def attempt(self) -> str:
        """The attempt that it made, if it made one."""
        return attempt_id(self.creditor, self.account_id, self.step.number)


class Said(NamedTuple):
    """A fact that a workflow was told, or a request that it took."""

    name: str
    """Of the signal or the update."""
    payload: Mapping[str, Any]
    at: datetime
    is_request: bool

    @property
    def id(self) -> str:
        """The sender's own."""
        return str(self.payload.get("id") or "")


@dataclass
class Told:
    """All that one account's histories tell of the stretch of time."""

    creditor: str
    account_id: str
    plans: int = 0
    """How many plans of the account PostgreSQL had written by then."""
    ordered: list[Ordered] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    unreadable: int = 0
    """Events that could not be decoded."""

    @property
    def key(self) -> tuple[str, str]:
        """Creditor and account id."""
        return self.creditor, self.account_id


async def told_since(client: Client, since: datetime) -> list[Told]:
    """What all accounts' histories tell from ``since`` on; those that tell nothing are left out.

    Every account that runs, or has ended since, is asked for its latest events. Raises RPCError
    where Temporal does not answer.
    """
    gate, found = asyncio.Semaphore(AT_ONCE), dict[tuple[str, str], Told]()

    async def look(workflow: str, run: str) -> None:
        async with gate:
            events = [event async for event in _latest(client, workflow, run, since)]
        kept = await _read(client, workflow, reversed(events), since)
        if kept is not None:
            runs.append((events[-1].event_id if events else 0, run, kept))

    runs: list[tuple[int, str, Told]] = []
    stamp = since.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    running = f"WorkflowType = '{COLLECT_ACCOUNT}'"
    query = f"{running} AND (ExecutionStatus = 'Running' OR CloseTime >= '{stamp}')"
    pending: set[asyncio.Task[None]] = set()
    async for one in client.list_workflows(query):
        pending.add(asyncio.create_task(look(one.id, one.run_id)))
        if len(pending) >= 2 * AT_ONCE:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    await asyncio.gather(*pending)
    for _, _, kept in runs:
        whole = found.setdefault(kept.key, Told(*kept.key))
        whole.plans = max(whole.plans, kept.plans)
        whole.ordered += kept.ordered
        whole.said += kept.said
        whole.unreadable += kept.unreadable
    for whole in found.values():
        whole.ordered.sort(key=lambda one: (one.at, one.step.number))
        whole.said.sort(key=lambda one: one.at)
        _judge(whole.ordered)
    return [whole for _, whole in sorted(found.items())]


async def _latest(
    client: Client, workflow: str, run: str, since: datetime
) -> AsyncIterator[HistoryEvent]:
    """A run's events from ``since`` on, and from the plan on that stood then, the latest first."""
    page = b""
    while True:
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=workflow, run_id=run),
            maximum_page_size=PAGE,
            next_page_token=page,
        )
        try:
            answer = await client.workflow_service.get_workflow_execution_history_reverse(
                request, retry=True
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:  # retention was faster
                return
            raise
        for event in answer.history.events:
            if _at(event) >= since:
                yield event
            elif event.event_type in _PLANNED:
                yield event
                return
        page = answer.next_page_token
        if not page:
            return


async def _read(
    client: Client, workflow: str, events: Iterable[HistoryEvent], since: datetime
) -> Told | None:
    """What the events of one run tell, oldest first; None: nothing."""
    parts = workflow.split("/", 2)
    if len(parts) != 3 or parts[0] != "account":
        return None
    told, seen = Told(parts[1], parts[2]), _Seen()
    for event in events:
        try:
            await _take(client, event, told, seen, old=_at(event) < since)
        except (ValidationError, ValueError, RuntimeError, TypeError, KeyError):
            told.unreadable += 1
    nothing = not (told.ordered or told.said or told.plans or told.unreadable)
    return None if nothing else told


@dataclass
class _Seen:
    """What the events of one run have told so far."""

    plans: dict[tuple[int, str], Step] = field(default_factory=dict)
    """Plans of contacts, by what an order tells of one."""
    orders: dict[int, Ordered] = field(default_factory=dict)
    """By the event."""

    def planned(self, step: Step) -> None:
        """A plan has come."""
        if step.kind is StepKind.CONTACT:
            self.plans[step.number, step.meant] = step

    def begun(self, start: Any) -> None:
        """A run has begun, perhaps with the plan of the one before."""
        carried = start.get("carried") if isinstance(start, dict) else None
        if carried is not None:
            self.planned(Carried.model_validate(carried).step)

    def of(self, order: ContactOrder) -> Step:
        """The plan by which a contact was ordered; raises KeyError."""
        return order.step or self.plans[order.number, order.meant]


async def _take(client: Client, event: HistoryEvent, told: Told, seen: _Seen, *, old: bool) -> None:
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            seen.begun(await _one(client, event.workflow_execution_started_event_attributes.input))
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            asked = event.activity_task_scheduled_event_attributes
            if asked.activity_type.name == "contact":
                order = ContactOrder.model_validate(await _one(client, asked.input))
                made = Ordered(order.creditor, order.account_id, seen.of(order), _at(event))
                seen.orders[event.event_id] = made
                told.ordered.append(made)
                told.plans = max(told.plans, order.plans)
        case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            done = event.activity_task_completed_event_attributes
            answer = await _one(client, done.result)
            if not isinstance(answer, dict):
                return
            step = (
                Recorded.model_validate(answer).step
                if "step" in answer
                else Step.model_validate(answer)
            )
            seen.planned(step)
            if old:
                return
            told.plans = max(told.plans, step.plans)
            order_of = seen.orders.get(done.scheduled_event_id)
            if order_of is not None:
                order_of.ended = _at(event)
                order_of.made = _made(order_of.step, step)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            signal = event.workflow_execution_signaled_event_attributes
            payload = await _one(client, signal.input)
            if not isinstance(payload, dict):
                raise ValueError("no object")
            told.said.append(Said(signal.signal_name, payload, _at(event), is_request=False))
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            asking = event.workflow_execution_update_accepted_event_attributes.accepted_request
            payload = await _one(client, asking.input.args)
            if not isinstance(payload, dict):
                raise ValueError("no object")
            told.said.append(Said(asking.input.name, payload, _at(event), is_request=True))
        case _:
            pass


def _made(order: Step, then: Step) -> bool | None:
    """Whether a contact was made, by the plan that came back from it; what was certainly refused
    was none.

    The number of a contact makes its attempt's id: once it is taken, the next one has another.
    Every plan says which was the customer's last contact.
    """
    if then.kind is StepKind.CONTACT and then.number <= order.number:
        return False
    if then.kind is StepKind.RECONCILE:
        return True
    if order.channel is None or order.purpose is None:
        return None
    before, after = order.view.last_contact or "", then.view.last_contact or ""
    is_like = after.startswith(f"{label(order.channel)} {spoken(order.purpose)}, ")
    return is_like and after.rpartition(", ")[2] != before.rpartition(", ")[2]


def _judge(ordered: list[Ordered]) -> None:
    """What was ordered again under its number was not made."""
    later: int | None = None
    for one in reversed(ordered):
        if later is not None and later <= one.step.number:
            one.made = False
        later = one.step.number


async def _one(client: Client, payloads: Payloads) -> Any:
    """The first of an event's arguments; None: there is none."""
    if not payloads.payloads:
        return None
    return (await client.data_converter.decode(list(payloads.payloads)))[0]


def _at(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime().replace(tzinfo=UTC)
