"""The gateway: signed webhooks in, facts into PostgreSQL, signals to the workflows."""

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from temporalio.testing import TimeSkipper

from activities.channels import preference_link, unsubscribe
from config.geo.timezone_data import versions
from config.reader import load_reader, warm
from config.settings import Settings
from config.wording.catalogue import Wording
from domain.conversation.keywords import Keywords
from domain.failures import Misconfigured, Unavailable
from store.call_scripts import CallScripts
from store.conversation.page import PreferencePages
from store.database import GATEWAY, MESSAGES, Pool, Role, connect
from telemetry import observing
from telemetry.exporters import UNWATCHED, Watch, Webhooks
from workers.accounts import Accounts
from workers.audit import loaded
from workers.clock import Clock, FastClock, SystemClock
from workers.configuration import of_gateway
from workers.connection import temporal_client
from workers.gateway.calls.dialogue import CallDialogue
from workers.gateway.calls.webhooks import CallAnswered, CallingIn
from workers.gateway.flow import Flow, Workflows
from workers.gateway.health import Health
from workers.gateway.links.files import Files
from workers.gateway.links.preferences import Preferences
from workers.gateway.links.unsubscribe import Unsubscribe
from workers.gateway.providers import infobip, resend, sendgrid, twilio
from workers.gateway.providers.refusals import HANDLERS, OneLine
from workers.gateway.providers.sendgrid_inbound import SendGridInbound
from workers.gateway.server import serve
from workers.gateway.webhook import Webhook
from workers.process.background import in_background
from workers.process.patience import until_it_answers

NOTIFY_PENDING_EVERY: Final = 15.0
"""Seconds between looks for events of which the workflows could not be notified."""
NOTIFY_KEPT_AFTER: Final = 1.0
"""Seconds after which what was kept for want of a lock is tried again."""
MESSAGE_CONNECTIONS: Final = 4

log = logging.getLogger(__name__)


def build(
    settings: Settings,
    pool: Pool,
    workflows: Workflows,
    clock: Clock,
    keywords: Keywords,
    wording: Wording,
    messages: "Pool | None" = None,
) -> Starlette:
    """The ASGI application; its ``state.flow`` can notify again of what is pending.

    ``messages``: connections for what customers say and press, so that it waits for nothing else.
    Raises Misconfigured for an unusable verification key.
    """
    events, said = CallScripts(pool), messages or pool
    reader = warm(load_reader(keywords, classifier=settings.classifier))
    backlog, calls = PreferencePages(said, reader), CallScripts(said)
    public = settings.public_url.rstrip("/")
    flow = Flow(public, events, backlog, workflows, clock)
    dialogue = CallDialogue(settings, wording, calls, backlog, workflows, clock, flow)
    links = (f"{public}{unsubscribe.PATH}", f"{public}{preference_link.PATH}")
    ours = (*wording.lines_by_mail, *links)
    webhooks: list[Webhook] = [
        twilio.MessageStatus(settings),
        twilio.CallStatus(settings),
        twilio.InboundMessage(settings, keywords),
        CallAnswered(settings, dialogue),
        CallingIn(settings, dialogue),
        sendgrid.SendGridEvents(settings),
        resend.ResendEvents(settings, keywords, ours),
        infobip.DeliveryReports(settings),
        infobip.InboundMessages(settings, keywords),
    ]
    mails = SendGridInbound(settings, keywords, ours)
    if mails.is_served:
        webhooks.append(mails)
    app = Starlette(
        routes=[
            *map(flow.route, webhooks),
            *Unsubscribe(settings, backlog, flow, clock).routes(),
            *Preferences(settings, keywords, backlog, flow, clock).routes(),
            *Files(settings, pool, clock).routes(),
            *Health({"postgres": backlog.ping, "temporal": workflows.ping}).routes(),
        ],
        exception_handlers=HANDLERS,
        middleware=[Middleware(OneLine)],
    )
    app.router.redirect_slashes = False
    app.state.flow = flow
    return app


async def run(settings: Settings, watch: Watch = UNWATCHED) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished first."""
    read = of_gateway(settings)
    keywords, wording = read.keywords, read.wording
    if read.faults or keywords is None or wording is None:
        raise Misconfigured.of(read.faults)
    url = settings.database()
    client = await until_it_answers(lambda: temporal_client(**watch.client_options))
    clock: Clock = FastClock(TimeSkipper(client)) if settings.fast_time else SystemClock()
    async with AsyncExitStack() as stack:

        async def connected(size: int, role: Role) -> Pool:
            return await stack.enter_async_context(connect(url, size, role=role, same_plans=True))

        pool = await until_it_answers(lambda: connected(settings.database_pool, GATEWAY))
        await loaded(pool, "gateway", settings, [wording.decider.digest])
        messages = await until_it_answers(lambda: connected(MESSAGE_CONNECTIONS, MESSAGES))
        app = build(settings, pool, Accounts(client), clock, keywords, wording, messages)
        if observing.tracing():
            app.add_middleware(Webhooks)
        log.info("gateway ready: %s", versions())
        async with in_background(_notify_pending_for_ever(app.state.flow)):
            await serve(app, settings.gateway_host, settings.gateway_port)


async def _notify_pending_for_ever(flow: Flow) -> None:
    while True:
        try:
            again = await flow.notify_pending()
        except (Unavailable, Misconfigured) as error:
            log.warning("workflows could not be notified again: %s", error)
        except Exception as error:  # noqa: BLE001 - it must go on, whatever one event does to it
            log.error("notifying failed: %s", type(error).__name__)  # noqa: TRY400
        else:
            if again:
                log.info("notified the workflows of %d pending events", again)
        with suppress(TimeoutError):
            await asyncio.wait_for(flow.kept.wait(), NOTIFY_PENDING_EVERY)
            flow.kept.clear()
            await asyncio.sleep(NOTIFY_KEPT_AFTER)
