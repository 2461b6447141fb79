"""Whether workers poll each queue that something may be put on."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import Client

from config.settings import Settings
from domain.names import REPORT_QUEUE, TASK_QUEUE, channel_queue
from workers.cli.shell import wall_clock
from workers.configuration import of_worker
from workers.doctor.findings import Finding, fault, in_thread, ok
from workers.doctor.temporal import described_queue, last_poll

RECENT: Final = timedelta(minutes=2)
"""A worker asks for work at least once a minute."""

_WORKFLOWS: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITIES: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


async def examine(client: Client, settings: Settings) -> list[Finding]:
    """A line for each queue."""
    read = await in_thread(lambda: of_worker(settings))
    queues = [(TASK_QUEUE, _WORKFLOWS), (TASK_QUEUE, _ACTIVITIES)]
    queues += [(channel_queue(one.value), _ACTIVITIES) for one in sorted(read.served)]
    if settings.report_folder is not None:
        queues.append((REPORT_QUEUE, _ACTIVITIES))
    return [await _polled(client, name, kind) for name, kind in queues]


async def _polled(client: Client, name: str, kind: "TaskQueueType.ValueType") -> Finding:
    described = await described_queue(client, name, kind)
    since = wall_clock() - RECENT
    there = [one for one in described.pollers if last_poll(one) >= since]
    what = "workflows" if kind == _WORKFLOWS else "activities"
    if not there:
        todo = "start `contrapunto worker`; before the first one, --skip workers"
        return fault(f"nobody works the {what} of the queue {name}", todo)
    return ok(f"{len(there)} worker{'s' * (len(there) > 1)} for the {what} of {name}{_of(there)}")


def _of(pollers: Iterable[Any]) -> str:
    """Their versions, where they say them."""
    names = sorted(set(_builds(pollers)))
    return f", build {', '.join(names)}" if names else ""


def _builds(pollers: Iterable[Any]) -> Iterator[str]:
    for poller in pollers:
        if build := poller.deployment_options.build_id:
            yield build
