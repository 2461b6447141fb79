"""The worker process: workflows and bookkeeping on one queue, each channel on its own."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.channels.registry import in_use
from activities.channels.registry import providers as configured_providers
from activities.contacting import Contacting
from activities.dependencies import Dependencies
from activities.recording import Recording
from config.rule_packs import RulePacks, load_packs
from config.settings import Settings
from config.strategy_files import load_strategies
from config.wording.catalogue import TEMPLATES, Wording
from config.wording.whatsapp import WhatsAppTemplates
from domain.channels import Channel
from domain.failures import Misconfigured
from domain.names import TASK_QUEUE, channel_queue
from store.database import WORKER, connect
from workflows.collect_account import CollectAccount

WORKFLOWS = [CollectAccount]

log = logging.getLogger(__name__)

DRAIN: Final = timedelta(seconds=20)
"""What a stopping worker gives its activities: cut off in mid-send, a contact would be in doubt."""


@asynccontextmanager
async def dependencies(settings: Settings) -> AsyncIterator[Dependencies]:
    """Everything the activities need, checked before the first account is touched."""
    url = settings.database()
    strategies = load_strategies(settings.strategies)
    book = load_packs(settings.law, settings.readings)
    wording = Wording.load(settings.templates, sms_accents=settings.sms_accents)
    _words_for_every_duty(book, wording)
    providers = configured_providers(settings)
    in_use(settings, providers)  # a wrong order is told now
    if not providers:
        log.warning("no provider is configured (TWILIO_*, SENDGRID_*): nobody can be contacted")
    whatsapp = None
    if Channel.WHATSAPP in providers:
        whatsapp = WhatsAppTemplates.load(
            settings.whatsapp_templates, wording, sandbox=bool(settings.twilio_base_url)
        )
    senders = ThreadPoolExecutor(settings.max_concurrent_contacts * max(1, len(providers)))
    async with connect(url, settings.database_pool, role=WORKER, same_plans=True) as pool:
        try:
            yield Dependencies(
                settings, pool, strategies, book, wording, providers, senders, whatsapp
            )
        finally:
            senders.shutdown(wait=False)


def _words_for_every_duty(book: RulePacks, wording: Wording) -> None:
    """A law that asks for words we do not have is found now, not when a message is due."""
    asked = {
        rule.code: pack.jurisdiction
        for pack in book.packs.values()
        for rule in pack.rules
        if rule.kind == "duty" and rule.said
    }
    missing = {code: where for code, where in asked.items() if code not in wording.duties}
    if missing:
        told = ", ".join(f"{code} ({where})" for code, where in sorted(missing.items()))
        raise Misconfigured(
            f"no words for duties of the law: {told}; add them to every _duties.yaml in "
            f"{TEMPLATES}, or mark the rule `said: false`"
        )


def workers(client: Client, dependencies: Dependencies, **options: Any) -> list[Worker]:
    """One worker for workflows and facts, one for each channel with its rate limit."""
    # The SDK's sandbox finds mistakes of an author: the tests of workflows run in it. Here it would
    # only cost: a fresh import for every account and some milliseconds for every contact.
    options = {"workflow_runner": UnsandboxedWorkflowRunner(), **options}
    contacting, recording = Contacting(dependencies), Recording(dependencies)
    made = [
        Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=[recording.record, contacting.reconcile],
            graceful_shutdown_timeout=DRAIN,
            **options,
        )
    ]
    rates = {
        Channel.SMS: dependencies.settings.sms_per_second,
        Channel.EMAIL: dependencies.settings.email_per_second,
        Channel.WHATSAPP: dependencies.settings.whatsapp_per_second,
        Channel.VOICE: dependencies.settings.voice_per_second,
    }
    # Also where a channel has no provider (any more): a contact planned for it is planned anew.
    for channel in sorted({*rates, *dependencies.providers}):
        made.append(_channel_worker(client, dependencies, contacting, channel, rates.get(channel)))
    return made


def _channel_worker(
    client: Client,
    dependencies: Dependencies,
    contacting: Contacting,
    channel: Channel,
    rate: float | None,
) -> Worker:
    return Worker(
        client,
        task_queue=channel_queue(channel.value),
        activities=[contacting.contact],
        max_concurrent_activities=dependencies.settings.max_concurrent_contacts,
        max_task_queue_activities_per_second=rate,
        graceful_shutdown_timeout=DRAIN,
    )


@asynccontextmanager
async def running(
    client: Client, dependencies: Dependencies, **options: Any
) -> AsyncIterator[None]:
    """All workers of a process, polling until left; running activities end first."""
    async with AsyncExitStack() as stack:
        for worker in workers(client, dependencies, **options):
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
