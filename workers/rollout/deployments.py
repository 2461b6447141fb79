"""A worker deployment as Temporal has it: its versions, who polls for them, and what is open."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.deployment.v1 import WorkerDeploymentVersion as WireVersion
from temporalio.api.enums.v1 import TaskQueueType, WorkerDeploymentVersionStatus
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersionRequest,
    ListWorkerDeploymentsRequest,
)
from temporalio.client import Client
from temporalio.converter import DefaultPayloadConverter
from temporalio.service import RPCError, RPCStatusCode

from domain.failures import NotFound

Told = TypeVar("Told")
_STATUS: Final = "WORKER_DEPLOYMENT_VERSION_STATUS_"
_LIVE: Final = 60.0
"""Seconds since a poll, after which its worker counts as gone: a poll lasts up to a minute."""
_ODD: Final = 50
"""Patches are also asked by number (``CollectAccount._may``); up to so many are looked for."""


@dataclass(frozen=True)
class Queue:
    """One task queue of a version."""

    name: str
    kind: str
    """``workflow`` or ``activity``."""
    backlog: int
    pollers: int


@dataclass(frozen=True)
class Version:
    """One version, and what depends on it."""

    build_id: str
    status: str
    """``current``, ``ramping``, ``draining``, ``drained``, ``inactive`` or ``created``."""
    ramp: float
    labels: Mapping[str, str]
    queues: tuple[Queue, ...] = ()
    open: int = 0
    """Workflows whose last task was done by this version."""
    pinned: int = 0
    """Of these, those that no other version can take up."""

    @property
    def patches(self) -> frozenset[str] | None:
        """The patches that it knows; None: nobody has told."""
        told = self.labels.get("patches")
        return None if told is None else frozenset(told.split())

    @property
    def silent(self) -> tuple[Queue, ...]:
        """Queues for which no worker of this version polls."""
        return tuple(queue for queue in self.queues if not queue.pollers)

    @property
    def backlog(self) -> int:
        """Tasks that wait for a worker of this version."""
        return sum(queue.backlog for queue in self.queues)

    @property
    def polls(self) -> bool:
        """Whether any worker of it runs."""
        return any(queue.pollers for queue in self.queues)

    @property
    def needed(self) -> bool:
        """Whether its workers must go on: something can be done by them alone."""
        return bool(self.status in ("current", "ramping") or self.pinned or self.backlog)


@dataclass(frozen=True)
class Deployment:
    """All versions, the newest first, and where new tasks go."""

    name: str
    versions: tuple[Version, ...] = ()
    current: str | None = None
    ramping: str | None = None
    percent: float = 0.0
    token: bytes = field(default=b"", repr=False)
    """Names this very state: a change that was made on another is refused."""
    unversioned: int = 0
    """Open accounts that no version has had yet."""

    def of(self, build_id: str) -> Version | None:
        """A version by its build id."""
        return next((one for one in self.versions if one.build_id == build_id), None)


class Deployments:
    """Reads, and changes nothing."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def names(self) -> list[str]:
        """Of all deployments of the namespace."""
        found = await self.client.workflow_service.list_worker_deployments(
            ListWorkerDeploymentsRequest(namespace=self.client.namespace)
        )
        return [one.name for one in found.worker_deployments]

    async def read(self, name: str, now: datetime) -> Deployment:
        """The deployment. Raises NotFound where no worker of it has ever polled."""
        request = DescribeWorkerDeploymentRequest(
            namespace=self.client.namespace, deployment_name=name
        )
        told = await _unless_absent(
            self.client.workflow_service.describe_worker_deployment(request)
        )
        if told is None:
            others = ", ".join(await self.names())
            known = f"; there are: {others}" if others else ""
            raise NotFound(
                f"Temporal knows no deployment {name!r}: it does from the first poll of a worker "
                f"with TEMPORAL_DEPLOYMENT_NAME={name} on{known}"
            )
        info, routing = told.worker_deployment_info, told.worker_deployment_info.routing_config
        summaries = sorted(
            info.version_summaries, key=lambda one: one.create_time.ToDatetime(), reverse=True
        )
        found = await asyncio.gather(
            *(self._version(name, one.deployment_version.build_id, now) for one in summaries)
        )
        query = f"TemporalWorkerDeployment IS NULL AND {_OPEN}"
        return Deployment(
            name=name,
            versions=tuple(one for one in found if one),
            current=routing.current_deployment_version.build_id or None,
            ramping=routing.ramping_deployment_version.build_id or None,
            percent=routing.ramping_version_percentage,
            token=told.conflict_token,
            unversioned=await self.count(query),
        )

    async def _version(self, name: str, build_id: str, now: datetime) -> Version | None:
        """What is known of a version; None for one that the list names before, or after, it is."""
        asked = DescribeWorkerDeploymentVersionRequest(
            namespace=self.client.namespace,
            deployment_version=WireVersion(deployment_name=name, build_id=build_id),
            report_task_queue_stats=True,
        )
        describe = self.client.workflow_service.describe_worker_deployment_version
        # While a worker registers, the server may know a queue and not yet what waits in it, or
        # list a version that it cannot describe yet; a drained one may be deleted in between.
        told = await _unless_absent(describe(asked))
        if told is None:
            asked.report_task_queue_stats = False
            told = await _unless_absent(describe(asked))
        if told is None:
            return None
        info = told.worker_deployment_version_info
        status = WorkerDeploymentVersionStatus.Name(info.status).removeprefix(_STATUS).lower()
        here = f"{self.on(name, build_id)} AND {_OPEN}"
        queues = await asyncio.gather(
            *(self._queue(one, name, build_id, now) for one in told.version_task_queues)
        )
        return Version(
            build_id=build_id,
            status=status,
            ramp=info.ramp_percentage,
            labels=_labels(info.metadata.entries),
            queues=tuple(sorted(queues, key=lambda one: (one.name, one.kind))),
            open=await self.count(here),
            pinned=await self.count(f"{here} AND TemporalWorkflowVersioningBehavior = 'Pinned'"),
        )

    async def _queue(self, told: Any, name: str, build_id: str, now: datetime) -> Queue:
        seen = await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self.client.namespace,
                task_queue=TaskQueue(name=told.name),
                task_queue_type=told.type,
            )
        )
        pollers = [
            one
            for one in seen.pollers
            if one.deployment_options.deployment_name == name
            and one.deployment_options.build_id == build_id
            and (now - _instant(one.last_access_time)).total_seconds() < _LIVE
        ]
        kind = TaskQueueType.Name(told.type).removeprefix("TASK_QUEUE_TYPE_").lower()
        return Queue(told.name, kind, told.stats.approximate_backlog_count, len(pollers))

    async def count(self, query: str) -> int:
        """How many workflows a query finds."""
        return (await self.client.count_workflows(query)).count

    def on(self, name: str, build_id: str) -> str:
        """The part of a query that finds the workflows of a version."""
        return f"TemporalWorkerDeploymentVersion = '{name}:{build_id}'"

    def changed(self, name: str, build_id: str, patches: Sequence[str]) -> str:
        """A query for open workflows of a version that have taken one of these patches."""
        ids = [f"'{one}{n}'" for one in patches for n in ("", *(f":{n}" for n in range(1, _ODD)))]
        taken = f"TemporalChangeVersion IN ({', '.join(ids)})"
        return f"{self.on(name, build_id)} AND {_OPEN} AND {taken}"


_OPEN: Final = "ExecutionStatus = 'Running' AND WorkflowType = 'CollectAccount'"


async def _unless_absent(asked: Awaitable[Told]) -> Told | None:
    """What the server answers; None where it knows no such thing."""
    try:
        return await asked
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


def _labels(entries: Mapping[str, Any]) -> dict[str, str]:
    """What was told of a version, as text; what others have put there in another form is none."""
    converter, told = DefaultPayloadConverter(), {}
    for key, payload in entries.items():
        if payload.metadata.get("encoding") == b"json/plain":
            told[key] = str(converter.from_payload(payload))
    return told


def _instant(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
