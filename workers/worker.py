"""The worker process: workflows and bookkeeping on one queue, each channel on its own."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, Final, NamedTuple

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.contacting import Contacting
from activities.dependencies import Dependencies
from activities.failing import FailsWithoutWords
from activities.gate import Gatekeeping
from activities.recording import Recording
from activities.reporting.daily import Reporting
from config.settings import QUEUES, Settings
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.names import REPORT_QUEUE, TASK_QUEUE, channel_queue
from store.database import WORKER, connect
from store.ledger_mark import halt_elsewhere
from workers.audit import loaded
from workers.configuration import of_worker
from workers.rollout.deployment import config_of
from workers.version import VERSION
from workflows.collect_account import CollectAccount
from workflows.daily_report import DailyReport
from workflows.gate import Gate

WORKFLOWS = [CollectAccount, DailyReport]

log = logging.getLogger(__name__)

DRAIN: Final = timedelta(seconds=20)
"""What a stopping worker gives its activities: cut off in mid-send, a contact would be in doubt."""


@asynccontextmanager
async def dependencies(settings: Settings) -> AsyncIterator[Dependencies]:
    """Everything the activities need, checked before the first account is touched."""
    read = of_worker(settings)
    if read.faults:
        raise Misconfigured.of(read.faults)
    assert read.packs is not None and read.wording is not None  # noqa: S101 - or a fault says why
    if not read.providers:
        log.warning("no provider is configured (TWILIO_*, SENDGRID_*): nobody can be contacted")
    at_once = settings.max_concurrent_contacts * max(1, len(read.providers))
    senders = ThreadPoolExecutor(at_once)
    size = settings.database_pool
    session: Any = {"role": WORKER, "same_plans": True, "each": halt_elsewhere}
    async with connect(settings.database(), size, **session) as pool:
        try:
            made = Dependencies(
                settings,
                pool,
                read.strategies,
                read.packs,
                read.wording,
                read.providers,
                senders,
                read.whatsapp,
                read.helplines,
                read.segments,
                read.attributes,
                read.trials,
                read.policies,
            )
            deciders = [*made.factory.deciders(), made.wording.decider]
            await made.ledger.keep_deciders(deciders)
            await loaded(pool, "worker", settings, [one.digest for one in deciders])
            yield made
        finally:
            senders.shutdown(wait=False)


def workers(
    client: Client,
    dependencies: Dependencies,
    version: WorkerDeploymentVersion | None = None,
    **options: Any,
) -> list[Worker]:
    """One worker for workflows and facts, one for each channel with its rate limit.

    Those of a version ask, on each of their queues, whether it is ready (``workflows/gate.py``).
    """
    # The SDK's sandbox finds mistakes of an author: the tests of workflows run in it. Here it would
    # only cost: a fresh import for every account and some milliseconds for every contact.
    options = {"workflow_runner": UnsandboxedWorkflowRunner(), **options}
    # What a line is about stands in fields of its own (``telemetry.logs``), not in its words.
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    options.update(_named(version))
    beside = _beside(dependencies, version)
    contacting, recording = Contacting(dependencies), Recording(dependencies)
    wanted = dependencies.settings.worker_queues or QUEUES
    made = []
    if "accounts" in wanted:
        made.append(
            Worker(
                client,
                task_queue=TASK_QUEUE,
                workflows=[*WORKFLOWS, Gate],
                activities=[
                    recording.record,
                    contacting.reconcile,
                    Gatekeeping(dependencies).ready,
                ],
                interceptors=[FailsWithoutWords()],
                graceful_shutdown_timeout=DRAIN,
                **options,
            )
        )
    rates = {
        Channel.SMS: dependencies.settings.sms_per_second,
        Channel.EMAIL: dependencies.settings.email_per_second,
        Channel.WHATSAPP: dependencies.settings.whatsapp_per_second,
        Channel.VOICE: dependencies.settings.voice_per_second,
    }
    # Also where a channel has no provider (any more): a contact planned for it is planned anew.
    for channel in sorted({*rates, *dependencies.providers}):
        if channel.value in wanted:
            rate = rates.get(channel)
            made.append(_channel_worker(client, dependencies, contacting, channel, rate, beside))
    if dependencies.settings.report_folder is not None and "reports" in wanted:
        made.append(_report_worker(client, dependencies, beside))
    return made


class Beside(NamedTuple):
    """What a version's worker does on a queue that has no workflows of accounts."""

    activities: list[Callable[..., Any]]
    options: dict[str, Any]


def _named(version: WorkerDeploymentVersion | None) -> dict[str, Any]:
    """By what the worker's tasks are marked. Without a version by that of the code: of itself the
    SDK makes a digest of 32 letters, which stands in four events of each contact."""
    return {"build_id": VERSION} if version is None else {"deployment_config": config_of(version)}


def _beside(dependencies: Dependencies, version: WorkerDeploymentVersion | None) -> Beside:
    if version is None:
        return Beside([], _named(version))
    few = {"max_cached_workflows": 0, "max_concurrent_workflow_task_polls": 1}
    return Beside(
        [Gatekeeping(dependencies).ready],
        {
            "workflows": [Gate],
            "workflow_runner": UnsandboxedWorkflowRunner(),
            **_named(version),
            **few,
        },
    )


def _report_worker(client: Client, dependencies: Dependencies, beside: Beside) -> Worker:
    """Reports, one at a time: only workers that have somewhere to write them."""
    reporting = Reporting(dependencies.settings, dependencies.pool)
    return Worker(
        client,
        task_queue=REPORT_QUEUE,
        activities=[reporting.make_report, *beside.activities],
        max_concurrent_activities=1,
        interceptors=[FailsWithoutWords()],
        graceful_shutdown_timeout=DRAIN,
        **beside.options,
    )


def _channel_worker(
    client: Client,
    dependencies: Dependencies,
    contacting: Contacting,
    channel: Channel,
    rate: float | None,
    beside: Beside,
) -> Worker:
    return Worker(
        client,
        task_queue=channel_queue(channel.value),
        activities=[contacting.contact, *beside.activities],
        max_concurrent_activities=dependencies.settings.max_concurrent_contacts,
        max_task_queue_activities_per_second=rate,
        interceptors=[FailsWithoutWords()],
        graceful_shutdown_timeout=DRAIN,
        **beside.options,
    )


@asynccontextmanager
async def running(
    client: Client,
    dependencies: Dependencies,
    version: WorkerDeploymentVersion | None = None,
    **options: Any,
) -> AsyncIterator[None]:
    """All workers of a process, polling until left; running activities end first."""
    async with AsyncExitStack() as stack:
        for worker in workers(client, dependencies, version, **options):
            await stack.enter_async_context(worker)
        yield


async def until_told_to_stop() -> None:
    """Return at SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    await stop.wait()
