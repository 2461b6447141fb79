"""The relay: numbers what has happened, delivers it, and forgets what is old."""

import asyncio
import logging
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final

from config.settings import Settings
from config.webhooks.endpoints import Secrets, Webhooks, load_secrets, load_webhooks
from store.database import WORKER, Pool, connect
from store.outgoing.lanes import Lanes, Standing
from store.outgoing.stream import BATCH, Stream, Wish
from telemetry import figures, observing
from telemetry.exporters import UNWATCHED, Watch
from telemetry.figures import Seen
from workers.audit import loaded
from workers.clock import SystemClock
from workers.process.patience import until_it_answers
from workers.process.probe import probed
from workers.relay.delivering import OUTAGES, Delivery, Pace
from workers.worker import until_told_to_stop

NUMBER_EVERY: Final = 0.1
"""Seconds between looks for what has been noted."""
LOOK_EVERY: Final = 15.0
"""Seconds between looks at how far behind endpoints are."""
FORGET_EVERY: Final = 60.0
MOST_CONNECTIONS: Final = 10

log = logging.getLogger(__name__)


def wishes_of(webhooks: Webhooks) -> list[Wish]:
    """What each endpoint wants to be told of."""
    return [Wish(one.name, one.creditors, one.wants) for one in webhooks.endpoints]


def configured(settings: Settings) -> tuple[Webhooks, Secrets]:
    """The endpoints and their keys. Raises Misconfigured with all that is wrong."""
    webhooks = load_webhooks(settings.webhooks)
    return webhooks, load_secrets(settings.webhooks, webhooks)


class Relay:
    """All that a relay does with one database."""

    def __init__(
        self, pool: Pool, webhooks: Webhooks, secrets: Secrets, pace: Pace | None = None
    ) -> None:
        self._stream, self._lanes = Stream(pool), Lanes(pool)
        self._webhooks, self._secrets = webhooks, secrets
        days = webhooks.give_up_after_days
        self._pace = pace or Pace(give_up_after=days * 86_400)

    async def begin(self) -> None:
        """Have the events noted that anybody wants."""
        await self._stream.note_for(self._webhooks.creditors)
        names = [one.name for one in self._webhooks.endpoints]
        await self._lanes.seen(names)
        observing.expect_webhooks(names)

    async def ping(self) -> None:
        """Whether the events can be read. Raises what PostgreSQL raises."""
        await self._stream.delay()

    async def run(self) -> None:
        """Number, deliver, look and forget, until cancelled."""
        deliveries = [
            Delivery(
                self._lanes,
                one,
                self._secrets.of(one.name),
                SystemClock(),
                self._pace,
                self._disable,
            ).run()
            for one in self._webhooks.endpoints
        ]
        async with asyncio.TaskGroup() as group:
            for work in (self._number(), self._look(), self._forget(), *deliveries):
                group.create_task(work)

    async def _disable(self, endpoint: str) -> None:
        if await self._lanes.disable(endpoint, "answers 410: it is no more"):
            todo = f"find out why, then `contrapunto webhooks enable {endpoint}`"
            log.error("%s answers 410 and is told nothing any more: %s", endpoint, todo)

    async def _number(self) -> None:
        wishes = wishes_of(self._webhooks)
        while True:
            try:
                count = await self._stream.number(wishes)
            except OUTAGES as error:
                log.warning("events are not numbered: %s", type(error).__name__)
                count = 0
                await asyncio.sleep(1)
            if count < BATCH:
                await asyncio.sleep(NUMBER_EVERY)

    async def _look(self) -> None:
        while True:
            if observing.metering():
                try:
                    waiting, oldest = await self._stream.delay()
                    names = {one.name for one in self._webhooks.endpoints}
                    # Of those that were taken out of the file nobody is to be told for ever.
                    found = [one for one in await self._lanes.standing() if one.endpoint in names]
                    behind = [(one.endpoint, one.behind or 0.0) for one in found]
                    dead = [(one.endpoint, one.dead) for one in found]
                    observing.outgoing(waiting, oldest, behind, dead)
                    gone = [Seen(one.disabled_at is not None, _of(one)) for one in found]
                    figures.show(figures.DISABLED, *gone)
                except OUTAGES as error:
                    observing.outgoing(None, None, (), ())
                    figures.hide(figures.DISABLED)
                    log.warning("endpoints are not looked at: %s", type(error).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def _forget(self) -> None:
        keep = timedelta(days=self._webhooks.keep_days)
        while True:
            try:
                while await self._stream.forget(keep):
                    pass
            except OUTAGES as error:
                log.warning("old events are kept for now: %s", type(error).__name__)
            await asyncio.sleep(FORGET_EVERY)


def _of(one: Standing) -> dict[str, str]:
    return {"endpoint": one.endpoint}


async def run(settings: Settings, watch: Watch = UNWATCHED) -> None:
    """Relay until SIGTERM or SIGINT."""
    del watch  # Temporal is not asked for anything
    webhooks, secrets = configured(settings)
    url = settings.database()
    if not webhooks.creditors:
        log.warning(
            "%s names no endpoint and no feed: no event will be noted", settings.webhooks.name
        )
    async with AsyncExitStack() as stack:

        async def connected() -> Pool:
            opened = connect(url, MOST_CONNECTIONS, role=WORKER, same_plans=True)
            return await stack.enter_async_context(opened)

        pool = await until_it_answers(connected)
        await loaded(pool, "relay", settings)
        relay = Relay(pool, webhooks, secrets)
        await relay.begin()
        pings = {"postgres": relay.ping}
        probe = probed(settings.worker_probe_host, settings.worker_probe_port, pings)
        await stack.enter_async_context(probe)
        running = asyncio.create_task(relay.run())
        told = asyncio.create_task(until_told_to_stop())
        log.info("relay ready: %d endpoints", len(webhooks.endpoints))
        await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
        log.info("draining")
        for task in (running, told):
            task.cancel()
        for came in await asyncio.gather(running, told, return_exceptions=True):
            if isinstance(came, Exception):
                raise came
