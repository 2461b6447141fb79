"""How one version follows another: what stands against it, and the doing of it.

Accounts go on to the version that is meant for them at their next task (AUTO_UPGRADE). What keeps
one from going on is a patch in its history that the other version does not know: it would be stuck
there, not lost. Such accounts may be pinned to the version that they have.
"""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.batch.v1 import BatchOperationUpdateWorkflowExecutionOptions
from temporalio.api.deployment.v1 import WorkerDeploymentVersion as WireVersion
from temporalio.api.enums.v1 import BatchOperationState
from temporalio.api.workflow.v1 import VersioningOverride, WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    DescribeBatchOperationRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
    StartBatchOperationRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.failures import BadInput, Unavailable
from workers.rollout.deployments import Deployment, Deployments, Version

UNVERSIONED: Final = "unversioned"
"""In place of a build id: workers without a version."""
_PINNED: Final = VersioningOverride.PinnedOverrideBehavior.PINNED_OVERRIDE_BEHAVIOR_PINNED
_MASK: Final = FieldMask(paths=["versioning_override"])
_PATIENCE: Final = 600
"""Looks at a batch, half a second apart, until it counts as hanging."""
_PASSES: Final = 3
"""How often accounts are pinned after a move: some take the patch while it is made."""


@dataclass(frozen=True)
class Stuck:
    """Accounts of a version that another cannot go on with."""

    build_id: str
    patches: tuple[str, ...]
    accounts: int
    told: bool
    """Whether the other version has told which patches it knows."""


class Moving:
    """Moves a deployment from version to version; looks at everything first."""

    def __init__(self, client: Client, identity: str) -> None:
        self.client, self.identity = client, identity
        self.deployments = Deployments(client)

    def version(self, deployment: Deployment, build_id: str) -> Version:
        """A version that is there. Raises BadInput, saying which there are."""
        found = deployment.of(build_id)
        if found is not None:
            return found
        known = ", ".join(one.build_id for one in deployment.versions) or "none"
        raise BadInput(
            f"deployment {deployment.name} has no version {build_id!r}: it has {known}. A version "
            "is known from the first poll of a worker of it on: are its workers running?"
        )

    def against(self, deployment: Deployment, target: Version) -> Iterator[str]:
        """What stands against giving tasks to a version at all."""
        if not target.polls:
            yield (
                f"no worker of version {target.build_id} polls: its tasks would wait. Start its "
                "workers first"
            )
            return
        for queue in target.silent:
            yield (
                f"no worker of version {target.build_id} polls {queue.name} ({queue.kind}): its "
                "tasks there would wait"
            )
        served = {(queue.name, queue.kind) for queue in target.queues}
        for other in deployment.versions:
            if other.build_id not in (deployment.current, deployment.ramping):
                continue
            for queue in other.queues:
                if (queue.name, queue.kind) not in served and queue.pollers:
                    served.add((queue.name, queue.kind))
                    yield (
                        f"version {other.build_id} works on {queue.name} ({queue.kind}) and "
                        f"version {target.build_id} does not: is a channel or the report's folder "
                        "missing in its settings?"
                    )

    async def stuck(self, deployment: Deployment, target: Version | None) -> list[Stuck]:
        """Accounts that could not go on with a version (None: with workers without one)."""
        found = []
        knows = None if target is None else target.patches
        for other in deployment.versions:
            if other.patches is None or (target and other.build_id == target.build_id):
                continue
            unknown = tuple(sorted(other.patches - (knows or frozenset())))
            if not unknown or not other.open:
                continue
            query = self.deployments.changed(deployment.name, other.build_id, unknown)
            free = f"{query} AND TemporalWorkflowVersioningBehavior != 'Pinned'"
            if number := await self.deployments.count(free):
                found.append(Stuck(other.build_id, unknown, number, knows is not None))
        return found

    async def staying(
        self, deployment: Deployment, target: Version, stuck: Sequence[Stuck]
    ) -> frozenset[str]:
        """Workflow ids that do not go over: pinned to another version, or to be pinned."""
        queries = [
            self.deployments.changed(deployment.name, one.build_id, one.patches) for one in stuck
        ]
        queries += [
            f"{self.deployments.on(deployment.name, one.build_id)} AND ExecutionStatus = 'Running' "
            "AND TemporalWorkflowVersioningBehavior = 'Pinned'"
            for one in deployment.versions
            if one.pinned and one.build_id != target.build_id
        ]
        return frozenset(
            [one.id for query in queries async for one in self.client.list_workflows(query)]
        )

    async def set_current(self, deployment: Deployment, build_id: str, *, anyway: bool) -> None:
        """Give all tasks to a version. Raises BadInput where Temporal has moved on meanwhile."""
        await self._asked(
            self.client.workflow_service.set_worker_deployment_current_version(
                SetWorkerDeploymentCurrentVersionRequest(
                    namespace=self.client.namespace,
                    deployment_name=deployment.name,
                    build_id="" if build_id == UNVERSIONED else build_id,
                    conflict_token=deployment.token,
                    identity=self.identity,
                    ignore_missing_task_queues=anyway,
                    allow_no_pollers=anyway,
                )
            )
        )

    async def ramp(
        self, deployment: Deployment, build_id: str | None, percent: float, *, anyway: bool
    ) -> None:
        """Give a share of the accounts to a version; None: all to the current one."""
        await self._asked(
            self.client.workflow_service.set_worker_deployment_ramping_version(
                SetWorkerDeploymentRampingVersionRequest(
                    namespace=self.client.namespace,
                    deployment_name=deployment.name,
                    build_id=build_id or "",
                    percentage=percent if build_id else 0,
                    conflict_token=deployment.token,
                    identity=self.identity,
                    ignore_missing_task_queues=anyway,
                    allow_no_pollers=anyway,
                )
            )
        )

    async def _asked(self, request: "asyncio.Future[object] | object") -> None:
        try:
            await request  # type: ignore[misc]
        except RPCError as error:
            if error.status is RPCStatusCode.FAILED_PRECONDITION:
                raise BadInput(
                    f"Temporal refuses: {error.message}. If somebody else has changed the "
                    "deployment meanwhile, look again: contrapunto rollout plan"
                ) from error
            raise

    async def pin(self, deployment: Deployment, stuck: list[Stuck], *, again: bool) -> int:
        """Leave accounts with the version that they have; how many were.

        ``again``: after a move, a few times over, for those that took the patch meanwhile.
        """
        done = 0
        for turn in range(_PASSES if again else 1):
            if turn:
                await asyncio.sleep(1)
            for one in stuck:
                query = self.deployments.changed(deployment.name, one.build_id, one.patches)
                override = VersioningOverride(
                    pinned=VersioningOverride.PinnedOverride(
                        behavior=_PINNED,
                        version=WireVersion(deployment_name=deployment.name, build_id=one.build_id),
                    )
                )
                free = f"{query} AND TemporalWorkflowVersioningBehavior != 'Pinned'"
                done += await self._override(free, override, f"pinned to {one.build_id}")
        return done

    async def release(self, deployment: Deployment, version: Version) -> int:
        """Let the accounts that are pinned to a version go on to whatever is meant for them."""
        on = self.deployments.on(deployment.name, version.build_id)
        query = f"{on} AND ExecutionStatus = 'Running'"
        pinned = f"{query} AND TemporalWorkflowVersioningBehavior = 'Pinned'"
        return await self._override(pinned, None, f"released from {version.build_id}")

    async def _override(self, query: str, override: VersioningOverride | None, reason: str) -> int:
        number = await self.deployments.count(query)
        if not number:
            return 0
        options = WorkflowExecutionOptions()
        if override is not None:
            options.versioning_override.CopyFrom(override)
        job = str(uuid.uuid4())  # noqa: TID251 - names a batch, and decides nothing
        await self.client.workflow_service.start_batch_operation(
            StartBatchOperationRequest(
                namespace=self.client.namespace,
                visibility_query=query,
                job_id=job,
                reason=f"contrapunto rollout: {reason}",
                update_workflow_options_operation=BatchOperationUpdateWorkflowExecutionOptions(
                    identity=self.identity, workflow_execution_options=options, update_mask=_MASK
                ),
            )
        )
        return await self._until_done(job)

    async def _until_done(self, job: str) -> int:
        asked = DescribeBatchOperationRequest(namespace=self.client.namespace, job_id=job)
        for _ in range(_PATIENCE):
            await asyncio.sleep(0.5)
            told = await self.client.workflow_service.describe_batch_operation(asked)
            if told.state == BatchOperationState.BATCH_OPERATION_STATE_COMPLETED:
                return int(told.complete_operation_count)
            if told.state == BatchOperationState.BATCH_OPERATION_STATE_FAILED:
                raise Unavailable(f"Temporal's batch {job} failed: temporal batch describe {job}")
        raise Unavailable(
            f"Temporal's batch {job} goes on; look at it by `temporal batch describe --job-id "
            f"{job}`, then ask again"
        )
