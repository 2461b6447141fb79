"""``contrapunto intake FILE``, ``parties FILE``, ``events FILE`` and ``documents FILE``."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from domain.failures import BadInput
from workers.cli.shell import console, database, run, wall_clock
from workers.cli.typed import instant, plain_file

if TYPE_CHECKING:
    from telemetry.exporters import Watch
    from workers.clock import Clock


AcceptNames = Annotated[
    list[str] | None,
    typer.Option(
        help="a customer id that is one person's, though neither the name nor an account or "
        "address on record is given"
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("intake")(intake_file)
    app.command("parties")(parties_file)
    app.command("events")(events_file)
    app.command("documents")(documents_file)


def intake_file(
    file: Path,
    snapshot: Annotated[
        bool, typer.Option(help="the file lists every open account: others are recalled")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=instant, help="when the figures are from (UTC); else the file's own time"
        ),
    ] = None,
    accept_recalls: Annotated[
        int | None,
        typer.Option(min=0, help="recall up to so many accounts, whatever their share"),
    ] = None,
    accept_names: AcceptNames = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=1000, help="workflow starts at a time")
    ] = 50,
    rejects: Annotated[Path | None, typer.Option(help="where refused rows are written")] = None,
    events: Annotated[
        Path | None,
        typer.Option(help="events to record first, before any row is taken and anybody contacted"),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(help="how the file is written: a name in CONTRAPUNTO_MAPPINGS, or a file"),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="say what would be refused, and keep nothing")
    ] = False,
    map_to: Annotated[
        Path | None,
        typer.Option("--map", help="guess a mapping, write it there, show ten rows; do no more"),
    ] = None,
    json: Annotated[bool, typer.Option(help="the report as one JSON object")] = False,
) -> None:
    """Load or update customers and accounts from a portfolio's file, and start their workflows."""
    from telemetry.exporters import telemetry

    if map_to is not None:
        _map(plain_file(file), map_to)
        return
    if check and events is not None:
        raise BadInput("--check keeps nothing, and --events would record: give one of them")
    if accept_recalls is not None and not snapshot:
        raise BadInput("--accept-recalls goes with --snapshot: without it nothing is recalled")
    for given in (file, events):
        if given is not None:
            plain_file(given)
    # A payment that arrived after the file was written is not in its balances.
    moment = as_of or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    with telemetry("contrapunto-intake", client_spans=True, short=True) as watch:
        work = _intake(
            file,
            watch,
            snapshot=snapshot,
            as_of=moment,
            accept_recalls=accept_recalls,
            accept_names=accept_names or (),
            at_once=concurrency,
            rejects=rejects,
            events=events,
            mapping=mapping,
            check=check,
            as_json=json,
        )
        status = run(work)
    raise SystemExit(status)


async def _intake(
    file: Path,
    watch: "Watch",
    *,
    snapshot: bool,
    as_of: datetime,
    accept_recalls: int | None,
    accept_names: Sequence[str],
    at_once: int,
    rejects: Path | None,
    events: Path | None,
    mapping: str | None,
    check: bool,
    as_json: bool,
) -> int:
    from config.choosing.segment_files import load_attributes
    from config.intake.mapping_files import find_mapping, load_mapping
    from config.settings import load
    from config.strategy_files import load_strategies
    from domain.segments.rows import Portfolio
    from workers.accounts import Accounts
    from workers.cli.rules import rules_factory
    from workers.clock import FastClock, SystemClock
    from workers.connection import fast_client, temporal_client
    from workers.intake.command import intake_command
    from workers.intake.events import record_events
    from workers.intake.limits import Limits
    from workers.intake.mapping.mapped import MappedFile
    from workers.intake.starter import TemporalStarter

    settings = load()
    strategies = load_strategies(settings.strategies)
    portfolio = Portfolio(frozenset(strategies), load_attributes(settings).declared)
    reading = None
    if mapping is not None:
        found = load_mapping(find_mapping(mapping, settings.mappings))
        reading = MappedFile(file, found, portfolio.declared)
        if reading.unread and not as_json:
            console.print(f"columns that are not read: {', '.join(reading.unread)}", markup=False)
    client, clock = None, cast("Clock", SystemClock())
    if not check:
        client = await temporal_client(**watch.client_options)
        if settings.fast_time:
            fast = fast_client(client)
            client, clock = fast.client, FastClock(fast)
    async with database(settings) as pool:
        facts = None
        if events is not None and client is not None:
            rules = rules_factory(settings)
            told = (events, pool, Accounts(client), console, None, clock, rules)
            facts = partial(record_events, *told)
        return await intake_command(
            file,
            snapshot=snapshot,
            as_of=as_of,
            now=None if settings.fast_time else wall_clock(),
            limits=Limits.of(
                settings, strategies["default"], accept_recalls, accept_names, portfolio
            ),
            as_json=as_json,
            pool=pool,
            starter=None if client is None else TemporalStarter(Accounts(client)),
            console=console,
            concurrency=at_once,
            rejects_path=rejects,
            reading=reading,
            facts=facts,
        )


def _map(file: Path, target: Path) -> None:
    """Write a first mapping, and show what it reads."""
    from config.choosing.segment_files import load_attributes
    from config.settings import load
    from workers.intake.mapping.first import write_first

    write_first(file, target, load_attributes(load()).declared, console)


def parties_file(
    file: Path,
    as_of: Annotated[
        datetime | None,
        typer.Option(parser=instant, help="when the file is from (UTC); else the file's own time"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be refused, and keep nothing")
    ] = False,
    accept_names: AcceptNames = None,
    rejects: Annotated[Path | None, typer.Option(help="where refused rows are written")] = None,
    json: Annotated[bool, typer.Option(help="the report as one JSON object")] = False,
) -> None:
    """Load guarantors, co-debtors and whom debtors authorised, from CSV or JSON lines."""
    moment = as_of or datetime.fromtimestamp(plain_file(file).stat().st_mtime, UTC)
    told = (file, moment, accept_names or (), rejects)
    raise SystemExit(run(_parties(*told, dry=dry_run, as_json=json)))


async def _parties(
    file: Path,
    as_of: datetime,
    accept_names: Sequence[str],
    rejects: Path | None,
    *,
    dry: bool,
    as_json: bool,
) -> int:
    from config.settings import load
    from workers.accounts import Accounts
    from workers.connection import fast_client, temporal_client
    from workers.intake.limits import Limits
    from workers.intake.parties import parties_command
    from workers.intake.starter import TemporalStarter

    settings = load()
    starter = None
    if not dry:
        client = await temporal_client()
        if settings.fast_time:
            client = fast_client(client).client
        starter = TemporalStarter(Accounts(client))
    async with database(settings) as pool:
        return await parties_command(
            file,
            as_of=as_of,
            now=None if settings.fast_time else wall_clock(),
            pool=pool,
            starter=starter,
            console=console,
            limits=Limits.of(settings, None, None, accept_names),
            rejects_path=rejects,
            as_json=as_json,
        )


def events_file(
    file: Path,
    rejects: Annotated[Path | None, typer.Option(help="where refused lines are written")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the answer as one JSON object")] = False,
) -> None:
    """Record ceases, attorneys, disputes, bankruptcies, deaths and the like from JSON lines."""
    raise SystemExit(run(_events(plain_file(file), rejects, as_json=as_json)))


async def _events(file: Path, rejects: Path | None, *, as_json: bool) -> int:
    from config.settings import load
    from workers.accounts import Accounts
    from workers.cli.rules import rules_factory
    from workers.connection import client_and_clock
    from workers.intake.events import record_events

    settings = load()
    client, clock = await client_and_clock(settings)
    async with database(settings) as pool:
        told = (file, pool, Accounts(client), console, rejects, clock, rules_factory(settings))
        return await record_events(*told, as_json=as_json)


def documents_file(
    file: Path,
    rejects: Annotated[Path | None, typer.Option(help="where refused lines are written")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what is wrong, list nothing")] = (
        False
    ),
    as_json: Annotated[bool, typer.Option("--json", help="the answer as one JSON object")] = False,
) -> None:
    """List files that may go with messages, from JSON lines: each by reference."""
    work = _documents(plain_file(file), rejects, dry_run=dry_run, as_json=as_json)
    raise SystemExit(run(work))


async def _documents(file: Path, rejects: Path | None, *, dry_run: bool, as_json: bool) -> int:
    from config.settings import load
    from workers.clock import FastClock, SystemClock
    from workers.connection import fast_client, temporal_client
    from workers.intake.documents import record_documents

    settings, clock = load(), SystemClock()
    fast: Clock | None = None
    if settings.fast_time:
        fast = FastClock(fast_client(await temporal_client()))
    async with database(settings) as pool:
        given = (file, pool, settings, fast or clock, console, rejects)
        return await record_documents(*given, dry_run=dry_run, as_json=as_json)
