"""The gauges of a worker: accounts, providers, queues and what waits, looked at now and then."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import tzdata
from asyncpg import InterfaceError, PostgresError
from temporalio.client import Client
from temporalio.service import RPCError

from config.rule_packs import READ
from domain.channels import Channel
from store.database import SCHEMA, Pool
from store.history.partitions import stray
from store.ledger_mark import LedgerMark
from store.outgoing.stream import Stream
from store.views import waiting
from store.views.gauges import (
    accounts_failing,
    provider_figures,
    standing,
    work_waiting,
)
from telemetry import figures, observing
from telemetry.figures import Seen
from workers.clock import SystemClock
from workers.process.background import in_background
from workers.process.queues import look, stuck, wanted
from workers.version import VERSION

log = logging.getLogger(__name__)

Served = Mapping[Channel, Sequence[str]]
OVERDUE: Final = timedelta(hours=1)
"""So long after its time an account that has not moved on is forgotten by somebody."""


class Counted(NamedTuple):
    """What a worker looks at."""

    pool: Pool
    served: Served
    client: Client | None = None
    """Whose queues; None: nobody's."""
    reports: bool = False
    """Whether reports are written."""
    build: str = ""
    """The version's id, where versions are on."""


@asynccontextmanager
async def counting(counted: Counted, interval: float) -> AsyncIterator[None]:
    """Look every ``interval`` seconds, for as long as anybody wants metrics and until left."""
    if not observing.metering():
        yield
        return
    observing.expect(counted.served)
    about = {"version": VERSION, "schema": SCHEMA, "build": counted.build}
    figures.show(figures.BUILD, Seen(1, about))
    async with in_background(_count(counted, interval)):
        yield


async def _count(counted: Counted, interval: float) -> None:
    clock = SystemClock()
    looks: list[tuple[Callable[[Counted, datetime], Awaitable[None]], Callable[[], None]]]
    looks = [(_accounts, _hide_accounts), (_waiting, _hide_waiting), (_queues, _hide_queues)]
    while True:
        now = await clock.now(None)
        _data(now)
        for see, hide in looks:
            try:
                await see(counted, now)
            except (OSError, PostgresError, InterfaceError, RPCError) as error:
                hide()  # rather nothing than figures of long ago
                what = see.__name__.removeprefix("_")
                log.warning("%s are not counted: %s", what, type(error).__name__)
        await asyncio.sleep(interval)


async def _accounts(counted: Counted, now: datetime) -> None:
    pool = counted.pool
    found = await standing(pool, now - OVERDUE)
    observing.accounts([(one.phase, one.wait, one.accounts) for one in found])
    figures.show(figures.OVERDUE, Seen(sum(one.overdue for one in found)))
    observing.failing(await accounts_failing(pool))
    observing.work(await work_waiting(pool, now))
    observing.strays([*(await stray(pool)).items()])
    observing.providers(await provider_figures(pool, counted.served, now))


def _hide_accounts() -> None:
    observing.accounts(())
    observing.failing(None)
    observing.work(())
    observing.strays(())
    observing.providers(())
    figures.hide(figures.OVERDUE)


async def _waiting(counted: Counted, now: datetime) -> None:
    pool = counted.pool
    mark = await LedgerMark(pool).read()
    figures.show(figures.HALTED, Seen(float(mark.halted_at is not None)))
    served = {
        (channel.value, name): 0 for channel, names in counted.served.items() for name in names
    }
    lost = served | {(channel, name): n for channel, name, n in await waiting.unsettled(pool, now)}
    seen = [Seen(n, {"channel": of[0], "provider": of[1]}) for of, n in lost.items()]
    figures.show(figures.UNSETTLED, *seen)
    there = await waiting.unheard(pool, now)
    figures.show(figures.UNHEARD, *(Seen(one.waiting, {"kind": one.kind}) for one in there))
    figures.show(figures.UNHEARD_OLDEST, *(Seen(one.oldest, {"kind": one.kind}) for one in there))
    # Also where no relay runs, or nobody would know that one is missing.
    observing.outgoing(*await Stream(pool).delay(), (), ())
    last = await waiting.last_intake(pool)
    figures.show(figures.INTAKE_WAITING, Seen(0 if last is None else last.waiting))
    if last is not None:
        figures.show(figures.INTAKE_AGE, Seen(max((now - last.at).total_seconds(), 0)))


def _hide_waiting() -> None:
    figures.hide(figures.HALTED, figures.UNSETTLED, figures.UNHEARD, figures.UNHEARD_OLDEST)
    figures.hide(figures.INTAKE_AGE, figures.INTAKE_WAITING)
    observing.outgoing(None, None, (), ())


async def _queues(counted: Counted, _: datetime) -> None:
    if counted.client is None:
        return
    found = await look(counted.client, wanted(counted.served, reports=counted.reports))
    for figure, name in (
        (figures.BACKLOG, "backlog"),
        (figures.BACKLOG_AGE, "age"),
        (figures.POLLERS, "pollers"),
    ):
        seen = (Seen(getattr(one, name), {"queue": one.name, "kind": one.kind}) for one in found)
        figures.show(figure, *seen)
    figures.show(figures.STUCK, Seen(await stuck(counted.client)))


def _hide_queues() -> None:
    figures.hide(figures.BACKLOG, figures.BACKLOG_AGE, figures.POLLERS, figures.STUCK)


def _data(now: datetime) -> None:
    """How old what decides is; the time-zone data are of the beginning of their release's year."""
    read = datetime(READ.year, READ.month, READ.day, tzinfo=UTC)
    zones = datetime(int(tzdata.IANA_VERSION[:4]), 1, 1, tzinfo=UTC)
    ages = {"law": now - read, "zones": now - zones}
    seen = (Seen(age.total_seconds(), {"data": name}) for name, age in ages.items())
    figures.show(figures.DATA_AGE, *seen)
