"""The processes of a deployment: worker, gateway, API, codec; the migration before a rollout."""

import json
import logging
import os
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.shell import AsJson, console, log_to_console, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from config.settings import Settings
    from domain.failures import Fault
    from telemetry.exporters import Watch

log = logging.getLogger("contrapunto")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (worker, gateway, api, relay, codec, migrate):
        app.command()(command)


def tell_notes(found: "Iterable[Fault]") -> None:
    """Say what is hardly meant so, and go on."""
    for note in found:
        log.warning("%s", note)


def worker() -> None:
    """Run workflows and contacts until SIGTERM."""
    from config.settings import load

    log_to_console()
    run(_worker(load()))


async def _worker(settings: "Settings") -> None:
    from config.checks import notes, unnamed
    from config.geo.timezone_data import versions
    from store.views.creditors import creditors
    from telemetry.exporters import telemetry
    from workers.accounts import Accounts
    from workers.clock import SystemClock
    from workers.connection import temporal_client
    from workers.experiments.evaluating import evaluating
    from workers.process.gauges import Counted, counting
    from workers.process.ledger_mark import marking
    from workers.process.patience import until_it_answers
    from workers.process.probe import probed
    from workers.rollout.deployment import labelled, labels, version_here
    from workers.search_attributes import check_attributes
    from workers.worker import dependencies, running, until_told_to_stop

    tell_notes(notes(settings, os.environ))  # noqa: TID251 - for names that are no settings
    version = version_here()
    with telemetry("contrapunto-worker") as watch:
        async with AsyncExitStack() as stack:
            rooms = await until_it_answers(
                lambda: stack.enter_async_context(dependencies(settings))
            )
            client = await until_it_answers(lambda: temporal_client(**watch.client_options))
            await check_attributes(client)
            tell_notes(unnamed(settings, await creditors(rooms.pool)))
            marked = marking(rooms.mark, client, settings.ledger_mark_every)
            build = "" if version is None else version.build_id
            reports = settings.report_folder is not None
            counted = counting(
                Counted(rooms.pool, rooms.served, client, reports, build), watch.interval
            )
            pings = {"postgres": rooms.mark.ping, "temporal": Accounts(client).ping}
            experiments = [one.experiment for one in rooms.trials]
            looked = evaluating(
                rooms.pool, experiments, Accounts(client), SystemClock(), settings.experiments_every
            )
            probe = probed(settings.worker_probe_host, settings.worker_probe_port, pings)
            told = labelled(client, version, labels(settings))
            async with marked, probe, running(client, rooms, version), told, counted, looked:
                channels = ", ".join(sorted(rooms.providers)) or "no channels"
                log.info("worker ready: %s; %s", channels, versions())
                if version is not None:
                    log.info("version %s of %s", version.build_id, version.deployment_name)
                await until_told_to_stop()
                log.info("draining")


def gateway() -> None:
    """Receive the providers' signed webhooks until SIGTERM."""
    from workers.gateway.app import run as serve

    _serve("contrapunto-gateway", serve)


def api() -> None:
    """Serve people's work and the view of a customer over HTTP until SIGTERM."""
    from workers.api.app import run as serve

    _serve("contrapunto-api", serve)


def relay() -> None:
    """Tell upstream systems what happened until SIGTERM: number events, deliver webhooks."""
    from workers.relay.app import run as serve

    _serve("contrapunto-relay", serve)


def _serve(name: str, serve: "Callable[[Settings, Watch], Awaitable[None]]") -> None:
    """Run a process that speaks HTTP; its logs, traces and metrics bear the name."""
    from config.settings import load

    log_to_console()
    run(_served(load(), name, serve))


async def _served(
    settings: "Settings", name: str, serve: "Callable[[Settings, Watch], Awaitable[None]]"
) -> None:
    from config.checks import notes
    from telemetry.exporters import telemetry

    tell_notes(notes(settings, os.environ))  # noqa: TID251 - for names that are no settings
    with telemetry(name, client_spans=True) as watch:
        await serve(settings, watch)


def codec() -> None:
    """Decrypt payloads for the Temporal UI and CLI, for the operators' network only."""
    from config.settings import load

    log_to_console()
    run(_codec(load()))


async def _codec(settings: "Settings") -> None:
    import uvicorn

    from workers.codec import codec_app
    from workers.process.listening import listening
    from workers.process.serving import serve_until_told

    app = codec_app(settings.payload_keys, settings.codec_origins)
    todo = "set CONTRAPUNTO_CODEC_PORT to a free port"
    sock = listening(settings.codec_host, settings.codec_port, "the codec", todo)
    config = uvicorn.Config(app, access_log=False, log_config=None, timeout_graceful_shutdown=5)
    await serve_until_told(config, sock)


def migrate(
    database_only: Annotated[bool, typer.Option(help="leave Temporal alone")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring PostgreSQL to the newest schema, and Temporal to our search attributes.

    Where there are roles for the processes, each is granted what the schema has it need.
    """
    from config.settings import load
    from store.access.roles import apply
    from store.database import SCHEMA
    from workers.migrate import migrate as migrate_database

    url = load().database()
    migrate_database(url)
    granted = run(apply(url, roles=False, only_where_there_are=True))
    run(_on_record(SCHEMA))
    if not as_json:
        console.print("PostgreSQL is at the newest schema")
    if granted and not as_json:
        console.print("every role has what it needs and no more")
    added = None if database_only else run(_register_attributes())
    if as_json:
        typer.echo(json.dumps({"schema": SCHEMA, "search_attributes_added": added}))
    elif added is not None:
        console.print(f"Temporal knows our search attributes ({added} added)")


async def _on_record(schema: str) -> None:
    """Who has migrated, told afterwards: before, there may be nothing to write it in."""
    from store.audit.act import Act, opened
    from workers.audit import begin_here
    from workers.cli.audit.door import here

    with opened(Act(here(), "migrate", told={"schema": schema})):
        await begin_here()


async def _register_attributes() -> int:
    from workers.connection import temporal_client
    from workers.search_attributes import register_attributes

    return await register_attributes(await temporal_client())
