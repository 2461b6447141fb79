"""Which version this worker is, as Temporal's own variables say; without them it is none.

``TEMPORAL_DEPLOYMENT_NAME`` switches versions on. ``TEMPORAL_WORKER_BUILD_ID`` is set by whoever
names versions by themselves, such as the worker controller on Kubernetes; without it the build id
is that of the code (``workers/rollout/build_id.py``).
"""

import asyncio
import logging
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from temporalio.api.deployment.v1 import WorkerDeploymentVersion as WireVersion
from temporalio.api.workflowservice.v1 import UpdateWorkerDeploymentVersionMetadataRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.converter import DefaultPayloadConverter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from config.settings import Settings
from domain.failures import Fault, Misconfigured
from store.database import SCHEMA
from workers.process.background import in_background
from workers.rollout.build_id import build_id, patches
from workers.version import VERSION

NAME: Final = "TEMPORAL_DEPLOYMENT_NAME"
BUILD: Final = "TEMPORAL_WORKER_BUILD_ID"
_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_BUILD_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_AGAIN: Final = 2.0
"""Seconds until a label is tried again: Temporal knows a version from its first poll on."""

log = logging.getLogger(__name__)


def deployment_name(environ: Mapping[str, str] = os.environ) -> str | None:  # noqa: TID251 - Temporal's
    """The deployment that the environment names, if any. Raises Misconfigured for what is none."""
    name = environ.get(NAME, "")
    if name and not _FORM.fullmatch(name):
        rule = "must be letters, digits, - and _, at most 63, beginning with a letter or digit"
        raise Misconfigured.of([Fault(NAME, "", rule)])
    return name or None


def version_here(environ: Mapping[str, str] = os.environ) -> WorkerDeploymentVersion | None:  # noqa: TID251
    """The version of the code at hand, if versions are on.

    Raises Misconfigured for a build id without a deployment, and for what is none.
    """
    name, build = deployment_name(environ), environ.get(BUILD, "")
    if build and not _BUILD_FORM.fullmatch(build):
        rule = "must be letters, digits, . - and _, at most 63, beginning with a letter or digit"
        raise Misconfigured.of([Fault(BUILD, "", rule)])
    if name is None:
        if build:
            raise Misconfigured.of([Fault(NAME, "", f"must be set where {BUILD} is")])
        return None
    return WorkerDeploymentVersion(name, build or build_id())


def config_of(version: WorkerDeploymentVersion) -> WorkerDeploymentConfig:
    """How a worker of this version takes part: its workflows go on to whatever version is next."""
    return WorkerDeploymentConfig(
        version=version,
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def labels(settings: Settings) -> dict[str, str]:
    """What is told of a version beside its id."""
    told = {"contrapunto": VERSION, "schema": SCHEMA, "patches": " ".join(sorted(patches()))}
    return told if settings.commit is None else {**told, "commit": settings.commit}


@asynccontextmanager
async def labelled(
    client: Client, version: WorkerDeploymentVersion | None, told: Mapping[str, str]
) -> AsyncIterator[None]:
    """Tell Temporal what this version is, once it knows the version; meanwhile, go on."""
    if version is None:
        yield
        return
    async with in_background(_label(client, version, told)):
        yield


async def _label(client: Client, version: WorkerDeploymentVersion, told: Mapping[str, str]) -> None:
    to_payload = DefaultPayloadConverter().to_payload
    request = UpdateWorkerDeploymentVersionMetadataRequest(
        namespace=client.namespace,
        deployment_version=WireVersion(
            deployment_name=version.deployment_name, build_id=version.build_id
        ),
        upsert_entries={key: to_payload(value) for key, value in told.items()},
    )
    while True:
        try:
            await client.workflow_service.update_worker_deployment_version_metadata(request)
        except RPCError as error:
            if error.status in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED):
                log.warning("Temporal takes no labels of this version: %s", error.status.name)
                return
            await asyncio.sleep(_AGAIN)
        else:
            return
