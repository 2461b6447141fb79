"""The API for people's work: who asks is known by a bearer token, and sees what they may."""

import asyncio
import json
import logging
from contextlib import AsyncExitStack
from typing import Final

from asyncpg import InterfaceError, PostgresError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.testing import TimeSkipper

from config.choosing.segment_files import load_attributes
from config.rules import RulesFactory
from config.settings import Settings
from config.strategy_files import load_strategies
from domain.failures import Misconfigured, Unavailable
from domain.segments.rows import Portfolio
from store.access.scope import seeing
from store.conversation.page import PreferencePages
from store.conversation.untold import left, told
from store.database import API, Pool, connect
from store.upstream.keys import RequestKeys
from telemetry import observing
from telemetry.exporters import UNWATCHED, Watch, Webhooks
from workers.accounts import Accounts
from workers.api.asking.operations import Asking
from workers.api.bulk.operations import Orders
from workers.api.customers import Customers
from workers.api.doors import Door, door
from workers.api.events.operations import Feed
from workers.api.findings.operations import Findings
from workers.api.openapi import document, operations
from workers.api.operations import route
from workers.api.problems import HANDLERS, Outermost
from workers.api.upstream.facts import Facts
from workers.api.upstream.following import Following
from workers.api.upstream.keys import OnceOnly
from workers.api.upstream.putting import Puts
from workers.api.work import Rooms, Work
from workers.api.writing.operations import Messages
from workers.audit import loaded
from workers.bulk.planning import Bulk
from workers.bulk.telling import tell_for_ever
from workers.cli.rules import rules_factory
from workers.clock import Clock, FastClock, SystemClock
from workers.configuration import of_api
from workers.connection import temporal_client
from workers.gateway.health import Health
from workers.gateway.server import configured, most_connections
from workers.intake.events import wake_all
from workers.intake.limits import Limits
from workers.intake.online import Online
from workers.intake.starter import TemporalStarter
from workers.process.background import in_background
from workers.process.listening import listening
from workers.process.patience import until_it_answers
from workers.process.serving import serve_until_told

TELL_LEFT_EVERY: Final = 15.0
"""Seconds between looks for accounts that have still to hear of what a person did."""
LEFT_AFTER: Final = 30.0
"""Seconds after which whoever did it is no more telling them."""

TELL_PUTS_EVERY: Final = 1.0
"""Seconds between looks for accounts that have still to hear of what was put."""
PURGE_EVERY: Final = 3600.0

log = logging.getLogger(__name__)


def build(
    settings: Settings,
    pool: Pool,
    accounts: Accounts,
    clock: Clock,
    rules: RulesFactory,
    way_in: Door | None = None,
    online: Online | None = None,
) -> Starlette:
    """The ASGI application. Raises Misconfigured where nobody could be let in."""
    doors = way_in or door(settings, clock)
    rooms = Rooms(pool, accounts, clock, rules, settings.pay_url)
    said = Messages(rooms), Asking(rooms), Findings(rooms)
    online = online or door_of_puts(settings, pool, accounts, clock)
    upstream = Puts(rooms, online), Facts(rooms), Following(rooms)
    orders = Orders(rooms, Bulk(pool, settings))
    served = operations(Work(rooms), Customers(rooms), *said, Feed(rooms), *upstream, orders)
    keys = OnceOnly(pool)
    text = json.dumps(document(served), ensure_ascii=False)

    async def openapi(_: Request) -> Response:
        return Response(text, media_type="application/json")

    pings = {"postgres": PreferencePages(pool).ping, "temporal": accounts.ping}
    app = Starlette(
        routes=[
            *(route(one, doors, keys, pool) for one in served),
            Route("/openapi.json", openapi),
            *Health(pings).routes(),
        ],
        exception_handlers=HANDLERS,
        middleware=[Middleware(Outermost)],
    )
    app.router.redirect_slashes = False
    return app


def door_of_puts(settings: Settings, pool: Pool, accounts: Accounts, clock: Clock) -> Online:
    """The door of what is put, as intake has it from the same settings."""
    strategies = load_strategies(settings.strategies)
    portfolio = Portfolio(frozenset(strategies), load_attributes(settings).declared)
    limits = Limits.of(settings, strategies["default"], portfolio=portfolio)
    return Online(pool, TemporalStarter(accounts), lambda: limits, clock)


async def run(settings: Settings, watch: Watch = UNWATCHED) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished first."""
    if faults := of_api(settings).faults:
        raise Misconfigured.of(faults)
    rules, url = rules_factory(settings), settings.database()
    client = await until_it_answers(lambda: temporal_client(**watch.client_options))
    clock: Clock = FastClock(TimeSkipper(client)) if settings.fast_time else SystemClock()
    async with AsyncExitStack() as stack:

        async def connected() -> Pool:
            return await stack.enter_async_context(
                connect(url, settings.database_pool, role=API, scoped=True)
            )

        pool, accounts = await until_it_answers(connected), Accounts(client)
        await loaded(pool, "api", settings, [one.digest for one in rules.deciders()])
        online = door_of_puts(settings, pool, accounts, clock)
        app = build(settings, pool, accounts, clock, rules, online=online)
        if observing.tracing():
            app.add_middleware(Webhooks, kind="api")
        todo = "set CONTRAPUNTO_API_HOST and CONTRAPUNTO_API_PORT"
        sock = listening(settings.api_host, settings.api_port, "the API", todo)
        log.info("API ready")
        left = _tell_left_for_ever(pool, accounts), _tell_puts_for_ever(online, pool)
        of_orders = in_background(tell_for_ever(pool, accounts))
        async with in_background(left[0]), in_background(left[1]), of_orders:
            await serve_until_told(configured(app, most_connections()), sock)
            await online.told()


async def tell_left(pool: Pool, accounts: Accounts, after: float = LEFT_AFTER) -> int:
    """Tell accounts what they have still to hear of; how many have heard.

    Raises what kept one from hearing, once the others have heard: of one workflow alone Temporal
    may take no more, and that for ever.
    """
    heard, refused = 0, None
    for news, account in await left(pool, after):
        try:
            await wake_all(accounts, {account: news})
        except Unavailable as error:
            await accounts.ping()  # or is it Temporal itself?
            refused = refused or error
            continue
        await told(pool, news, [account])
        heard += 1
    if refused is not None:
        raise refused
    return heard


async def _tell_left_for_ever(pool: Pool, accounts: Accounts) -> None:
    while True:
        try:
            with seeing(None):
                count = await tell_left(pool, accounts)
            if count:
                log.info("told %d accounts what they had still to hear of", count)
        except (Unavailable, Misconfigured) as error:
            log.warning("accounts could not be told: %s", error)
        except (OSError, PostgresError, InterfaceError, TimeoutError) as error:
            log.warning("accounts could not be told: %s", type(error).__name__)
        await asyncio.sleep(TELL_LEFT_EVERY)


async def _tell_puts_for_ever(online: Online, pool: Pool) -> None:
    """Whatever a process that ended has put is told by another, or by the next."""
    keys, purged = RequestKeys(pool), 0.0
    while True:
        try:
            with seeing(None):
                count = await online.tell_left()
            if count:
                log.info("told %d accounts of what was put", count)
            if (now := asyncio.get_running_loop().time()) > purged + PURGE_EVERY:
                await keys.purge()
                purged = now
        except (Unavailable, Misconfigured) as error:
            log.warning("accounts could not be told of what was put: %s", error)
        except (OSError, PostgresError, InterfaceError, TimeoutError) as error:
            log.warning("accounts could not be told of what was put: %s", type(error).__name__)
        await asyncio.sleep(TELL_PUTS_EVERY)
