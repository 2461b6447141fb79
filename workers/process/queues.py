"""Temporal's task queues as they stand: who works on each, what waits in it; and what is stuck."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Final, NamedTuple

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client

from domain.channels import Channel
from domain.names import REPORT_QUEUE, TASK_QUEUE, channel_queue
from workers.clock import SystemClock

RECENT: Final = timedelta(minutes=2)
"""A worker asks for work at least once a minute."""
STUCK: Final = (
    "ExecutionStatus = 'Running' AND TemporalReportedProblems IN "
    "('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')"
)
"""Workflows whose tasks fail again and again, as the Temporal UI lists them."""
_WORKFLOW: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITY: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


class Wanted(NamedTuple):
    """A queue that something may be put on."""

    name: str
    kind: "TaskQueueType.ValueType"


class Queue(NamedTuple):
    """How a queue stands."""

    name: str
    kind: str
    """``workflow`` or ``activity``."""
    backlog: int
    """Tasks that wait, about."""
    age: float
    """Of the oldest of these, in seconds, about."""
    pollers: int
    """Workers that have asked for work lately."""
    builds: tuple[str, ...]
    """Of these workers, where they say them."""


def wanted(channels: Iterable[Channel | str], *, reports: bool = False) -> list[Wanted]:
    """The queues of a deployment that serves these channels."""
    names = sorted(channel_queue(str(one)) for one in channels)
    more = [REPORT_QUEUE] if reports else []
    workflows = [Wanted(TASK_QUEUE, _WORKFLOW)]
    return workflows + [Wanted(name, _ACTIVITY) for name in (TASK_QUEUE, *names, *more)]


async def look(client: Client, queues: Iterable[Wanted]) -> list[Queue]:
    """How they stand. Raises RPCError."""
    return list(await asyncio.gather(*(_look(client, one) for one in queues)))


async def _look(client: Client, one: Wanted) -> Queue:
    described: DescribeTaskQueueResponse
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=one.name),
            task_queue_type=one.kind,
            report_stats=True,
        ),
        timeout=timedelta(seconds=10),
    )
    since = await SystemClock().now(None) - RECENT
    there = [
        poller
        for poller in described.pollers
        if poller.last_access_time.ToDatetime(tzinfo=UTC) >= since
    ]
    builds = {poller.deployment_options.build_id for poller in there} - {""}
    return Queue(
        one.name,
        "workflow" if one.kind == _WORKFLOW else "activity",
        described.stats.approximate_backlog_count,
        described.stats.approximate_backlog_age.ToTimedelta().total_seconds(),
        len({poller.identity for poller in there}),
        tuple(sorted(builds)),
    )


async def stuck(client: Client) -> int:
    """How many workflows' tasks fail again and again. Raises RPCError."""
    found = await client.count_workflows(STUCK, rpc_timeout=timedelta(seconds=10))
    return found.count
