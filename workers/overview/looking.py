"""Everything there is to see, looked up at the same time; what does not answer in time is said.

No part waits for another, and none for ever: a database that hangs costs what it would have told,
not the rest.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from asyncpg import InterfaceError, PostgresError
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.channels.registry import in_use, providers
from config.geo.timezone_data import versions
from config.settings import Settings
from config.webhooks.endpoints import load_webhooks
from domain.channels import Channel
from domain.failures import Failure
from store.database import SCHEMA, Pool, connect
from store.outgoing.lanes import Lanes
from store.outgoing.stream import Stream
from store.views import waiting
from store.views.gauges import accounts_failing, provider_figures, standing, work_waiting
from store.views.sending import sent_since
from store.views.server import look as look_at_server
from telemetry.errors import place
from workers.connection import temporal_client
from workers.process.gauges import OVERDUE
from workers.process.queues import look as look_at_queues
from workers.process.queues import stuck, wanted
from workers.version import VERSION

POSTGRESQL: Final = (
    *("accounts", "failing", "work", "unknown", "unheard", "intake"),
    *("providers", "sent", "webhooks"),
)
"""Parts that PostgreSQL's tables tell."""
TEMPORAL: Final = ("queues", "stuck", "temporal")
PARTS: Final = ("database", *POSTGRESQL, *TEMPORAL)
LATELY: Final = timedelta(hours=1)
_OUTAGES: Final = (OSError, PostgresError, InterfaceError, RPCError)
_FRACTION: Final = 0.5
"""Seconds in which what is left to do must end once the time is over."""

Part = Callable[[], Awaitable[Any]]
Served = Mapping[Channel, Sequence[str]]


@dataclass
class Overview:
    """What was seen, by part."""

    at: datetime
    seen: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    """Part -> why nothing can be said of it."""
    notes: list[str] = field(default_factory=list)
    """What of the configuration could not be read, so that parts say less."""

    def json(self) -> dict[str, Any]:
        """As one object."""
        program = {"version": VERSION, "schema": SCHEMA, "data": versions()}
        told = {name: self.seen.get(name) for name in PARTS}
        return {"at": self.at, "program": program, **told, "missing": self.missing}


async def overview(settings: Settings, now: datetime, patience: float) -> Overview:
    """Look at all of it, for so many seconds at most."""
    found = Overview(now)
    served = _served(settings, found)
    tasks = [
        asyncio.create_task(_database(settings, found)),
        asyncio.create_task(_tables(settings, found, served)),
        asyncio.create_task(_temporal(settings, found, served)),
    ]
    await asyncio.wait(tasks, timeout=patience)
    # Twice: leaving a connection may wait, too, for a server that does not answer.
    for _ in range(2):
        if left := [task for task in tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=_FRACTION)
    for name in PARTS:
        if name not in found.seen:
            found.missing.setdefault(name, f"no answer within {patience:g} seconds")
    return found


def _served(settings: Settings, found: Overview) -> Served:
    """Channel -> providers; of what is wrong there `config check` tells more."""
    try:
        return in_use(settings, providers(settings))
    except Failure as error:
        found.notes.append(f"providers: {_line(error)}")
        return {}


async def _each(found: Overview, parts: Mapping[str, Part]) -> None:
    async def one(name: str, ask: Part) -> None:
        try:
            found.seen[name] = await ask()
        except Exception as error:  # noqa: BLE001 - one that breaks must not cost the others
            found.missing[name] = _line(error)

    await asyncio.gather(*(one(name, ask) for name, ask in parts.items()))


def _line(error: Exception) -> str:
    """Our own words, else the kind: others' may quote a row."""
    if isinstance(error, Failure):
        return " ".join(str(error).split())
    if isinstance(error, _OUTAGES):
        return type(error).__name__
    return f"the look broke: {type(error).__name__} at {place(error)}; please report it"


async def _all_or_none(
    found: Overview, names: Sequence[str], work: Coroutine[Any, Any, None]
) -> None:
    """What keeps us from a server keeps us from all that it would tell."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - as above
        for name in names:
            found.missing.setdefault(name, _line(error))


async def _database(settings: Settings, found: Overview) -> None:
    async def ask() -> dict[str, Any]:
        server = await look_at_server(settings.database())
        return {
            "schema": server.revision,
            "is_current": server.is_current,
            "version": server.version,
            "standby": server.standby,
            "halted": server.halted_why,
        }

    await _all_or_none(found, ["database"], _each(found, {"database": ask}))


async def _tables(settings: Settings, found: Overview, served: Served) -> None:
    async def work() -> None:
        async with connect(settings.database(), 4) as pool:
            await _each(found, _of_tables(settings, pool, found, served))

    await _all_or_none(found, POSTGRESQL, work())


def _of_tables(settings: Settings, pool: Pool, found: Overview, served: Served) -> dict[str, Part]:
    now = found.at

    async def accounts() -> list[dict[str, Any]]:
        return [one._asdict() for one in await standing(pool, now - OVERDUE)]

    async def failing() -> list[dict[str, Any]]:
        return _named(await accounts_failing(pool), "activity", "error", "accounts")

    async def work() -> list[dict[str, Any]]:
        return _named(await work_waiting(pool, now), "reason", "late", "items")

    async def unknown() -> list[dict[str, Any]]:
        return _named(await waiting.unsettled(pool, now), "channel", "provider", "contacts")

    async def unheard() -> list[dict[str, Any]]:
        return [one._asdict() for one in await waiting.unheard(pool, now)]

    async def intake() -> dict[str, Any]:
        last = await waiting.last_intake(pool)
        return {} if last is None else last._asdict()

    async def health() -> list[dict[str, Any]]:
        return _named(await provider_figures(pool, served, now), "channel", "provider", "health")

    async def sent() -> list[dict[str, Any]]:
        return [one._asdict() for one in await sent_since(pool, now - LATELY)]

    return {
        "accounts": accounts,
        "failing": failing,
        "work": work,
        "unknown": unknown,
        "unheard": unheard,
        "intake": intake,
        "providers": health,
        "sent": sent,
        "webhooks": lambda: _webhooks(settings, pool, found),
    }


def _named(rows: Sequence[Sequence[Any]], *names: str) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]


async def _webhooks(settings: Settings, pool: Pool, found: Overview) -> dict[str, Any]:
    configured: list[str] = []
    try:
        configured = [one.name for one in load_webhooks(settings.webhooks).endpoints]
    except Failure as error:
        found.notes.append(f"webhooks out: {_line(error)}")
    unnumbered, oldest = await Stream(pool).delay()
    ends = await Lanes(pool).standing(configured)
    listed = [{**one._asdict(), "configured": one.endpoint in configured} for one in ends]
    return {"endpoints": listed, "unnumbered": unnumbered, "oldest": oldest}


async def _temporal(settings: Settings, found: Overview, served: Served) -> None:
    async def work() -> None:
        client = await temporal_client()
        await _each(found, _of_temporal(settings, client, served))

    await _all_or_none(found, TEMPORAL, work())


def _of_temporal(settings: Settings, client: Client, served: Served) -> dict[str, Part]:
    async def queues() -> list[dict[str, Any]]:
        names = wanted(served, reports=settings.report_folder is not None)
        return [one._asdict() for one in await look_at_queues(client, names)]

    async def server() -> dict[str, Any]:
        info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
        return {"version": info.server_version, "namespace": client.namespace}

    return {"queues": queues, "stuck": lambda: stuck(client), "temporal": server}
