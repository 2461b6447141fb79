"""The command ``contrapunto``: everything an operator or engineer runs."""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from getpass import getuser
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvicorn
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

from activities.store.database import Pool
from activities.store.settling import Settling
from config.geo.timezone_data import refuse_old, versions
from config.lawbooks import LawBookError
from config.settings import Settings, load
from config.wording import WordingError
from domain.contact import AttemptState
from domain.failures import BadInput, Failure, Misconfigured
from workers import commands, overdue
from workers.clock import SystemClock
from workers.codec import codec_app
from workers.connection import fast_client, temporal_client
from workers.demo import run_demo
from workers.gateway import run as run_gateway
from workers.intake import intake_command
from workers.law_commands import law
from workers.law_events import record_events
from workers.law_explain import explain
from workers.local.dev import check_attributes, register_attributes, run_dev, sandbox_settings
from workers.migrate import migrate as migrate_database
from workers.sandbox.server import run as run_sandbox
from workers.starter import TemporalStarter
from workers.telemetry import Watch, telemetry
from workers.worker import house, running, until_told_to_stop

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False
)
accounts = typer.Typer(no_args_is_help=True, help="One account: look at it, hold, resume, close.")
customers = typer.Typer(no_args_is_help=True, help="One customer over all accounts.")
ledger = typer.Typer(no_args_is_help=True, help="The contact ledger.")
app.add_typer(accounts, name="account")
app.add_typer(customers, name="customer")
app.add_typer(ledger, name="ledger")
app.add_typer(law, name="law")

console = Console(stderr=True)
log = logging.getLogger("contrapunto")
T = TypeVar("T")


def _say_versions(wanted: bool) -> None:
    if wanted:
        typer.echo(f"contrapunto {metadata.version('contrapunto')}; {versions()}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_versions, is_eager=True, help="say versions, end"),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run; a failure is one clear message and an exit status, never a traceback."""
    try:
        refuse_old()
        app()
    except (Misconfigured, BadInput, LawBookError, WordingError) as error:
        _tell(error)
        raise SystemExit(2) from None
    except Failure as error:
        _tell(error)
        raise SystemExit(1) from None


def _tell(error: Exception) -> None:
    """Say what is wrong, to the letter: brackets in it are no markup, and its lines are its own."""
    console.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; Ctrl-C and SIGTERM end it tidily, with 130 and 143."""
    try:
        return asyncio.run(_until_terminated(work))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except asyncio.CancelledError:
        raise SystemExit(143) from None
    finally:
        # The interpreter may crash in shutdown right after Temporal's native worker has ended.
        time.sleep(0.2)


async def _until_terminated(work: Coroutine[Any, Any, T]) -> T:
    """What a command started (servers above all) must be stopped, also when it is told to end."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def _log(level: str = "INFO") -> None:
    handler = RichHandler(console=console, show_path=False, markup=False)
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "twilio", "temporalio.worker"):
        logging.getLogger(noisy).setLevel("WARNING")


@app.command()
def worker() -> None:
    """Run workflows and contacts until SIGTERM."""
    _log()
    _run(_worker(load()))


async def _worker(settings: Settings) -> None:
    with telemetry("contrapunto-worker") as watch:
        async with house(settings) as rooms:
            client = await temporal_client(**watch.client_options)
            await check_attributes(client)
            async with running(client, rooms), watch.counting(rooms.pool, rooms.served):
                channels = ", ".join(sorted(rooms.providers)) or "no channels"
                log.info("worker ready: %s; %s", channels, versions())
                await until_told_to_stop()
                log.info("draining")


@app.command()
def gateway() -> None:
    """Receive the providers' signed webhooks until SIGTERM."""
    _log()
    _run(_gateway(load()))


@app.command()
def codec() -> None:
    """Decrypt payloads for the Temporal UI and CLI, for the operators' network only."""
    _log()
    settings = load()
    app = codec_app(settings.payload_keys, settings.codec_origins)
    uvicorn.run(app, host="127.0.0.1", port=settings.codec_port, log_level="warning")


async def _gateway(settings: Settings) -> None:
    with telemetry("contrapunto-gateway", client_spans=True) as watch:
        await run_gateway(settings, watch)


@app.command()
def sandbox(
    seed: Annotated[int, typer.Option(help="people and faults are drawn from it")] = 1,
    received: Annotated[Path | None, typer.Option(help="what it delivered, as JSON lines")] = None,
    config: Annotated[Path | None, typer.Option(help="more settings, as JSON")] = None,
    alone: Annotated[bool, typer.Option(help="without Temporal: nobody pays or promises")] = False,
) -> None:
    """Stand in for Twilio and SendGrid, with people behind the addresses."""
    _log("WARNING")
    told = sandbox_settings(load(), seed, received, config)
    run_sandbox(told, connect=None if alone else temporal_client)


@app.command()
def migrate(
    database_only: Annotated[bool, typer.Option(help="leave Temporal alone")] = False,
) -> None:
    """Bring PostgreSQL to the newest schema, and Temporal to our search attributes."""
    migrate_database(load().database())
    console.print("PostgreSQL is at the newest schema")
    if not database_only:
        added = _run(register_attributes())
        console.print(f"Temporal knows our search attributes ({added} added)")


@app.command()
def dev(
    only: Annotated[str | None, typer.Option(help="`servers`: no sandbox, gateway, worker")] = None,
    fast_time: Annotated[bool, typer.Option(help="skip time: months pass in minutes")] = False,
    ready_file: Annotated[Path | None, typer.Option(help="write the addresses here")] = None,
    data: Annotated[Path | None, typer.Option(help="where everything is kept")] = None,
    fresh: Annotated[bool, typer.Option(help="forget what an earlier run left")] = False,
    seed: Annotated[int, typer.Option(help="of the sandbox's people")] = 1,
) -> None:
    """Run everything on this machine until Ctrl-C."""
    if only not in (None, "servers"):
        raise BadInput(f"--only takes 'servers', not {only!r}")
    _log()
    folder = data or commands.default_folder("dev")
    _run(
        run_dev(
            folder, console, only=only, fast=fast_time, ready=ready_file, fresh=fresh, seed=seed
        )
    )


@app.command()
def demo(
    accounts: Annotated[int, typer.Option(help="size of the portfolio")] = 100,
    days: Annotated[int, typer.Option(help="virtual days")] = 125,
    seed: Annotated[int, typer.Option(help="of portfolio and people")] = 1,
    folder: Annotated[Path | None, typer.Option(help="where the record is left")] = None,
    stay: Annotated[
        bool | None, typer.Option(help="stay up afterwards (default: on a terminal)")
    ] = None,
) -> None:
    """Work a portfolio through 120 days in a few minutes, on real parts."""
    _log("WARNING")
    where = folder or commands.default_folder("demo")
    _run(run_demo(where, console, accounts=accounts, days=days, seed=seed, stay=stay))


@accounts.command("show")
def account_show(account: str) -> None:
    """Facts, next step, contact points and timeline."""
    _run(_with_database(lambda pool: commands.show_account(pool, account, Console())))


@accounts.command("hold")
def account_hold(
    account: str,
    until: Annotated[datetime, typer.Option(help="ISO 8601; without an offset it is UTC")],
    reason: Annotated[str, typer.Option(help="in a few plain words")] = "operator",
) -> None:
    """Be silent until an instant."""
    instant = until if until.tzinfo else until.replace(tzinfo=UTC)
    _run(_ask(account, "hold", {"until": instant.isoformat(), "reason": reason}))


@accounts.command("resume")
def account_resume(account: str) -> None:
    """Lift a hold."""
    _run(_ask(account, "resume", {}))


@accounts.command("close")
def account_close(
    account: str, reason: Annotated[str, typer.Option(help="closed, recalled, or words")] = "closed"
) -> None:
    """Stop collecting."""
    _run(_ask(account, "close", {"reason": reason}))


async def _ask(account: str, update: str, payload: dict[str, Any]) -> None:
    async with commands.database(load()) as pool:
        row = await commands.the_account(pool, account)
    client = await temporal_client()
    answer = await commands.ask_account(client, row, update, payload)
    console.print(f"{update}: done. Next: {answer['next_step']['summary']}")


async def _with_database(work: Callable[[Pool], Awaitable[T]]) -> T:
    async with commands.database(load()) as pool:
        return await work(pool)


@accounts.command("overdue")
def account_overdue(
    by: Annotated[float, typer.Option(min=0, help="hours past its time")] = 1,
    everyone: Annotated[bool, typer.Option("--all", help="every open account")] = False,
    start: Annotated[bool, typer.Option(help="start a workflow for those that have none")] = False,
) -> None:
    """Open accounts that stand still although their time has come; with --start, set them going."""
    now = datetime.now(UTC)  # noqa: TID251 - an operator's question, asked at the wall clock
    _run(_overdue(None if everyone else now - timedelta(hours=by), start=start))


async def _overdue(before: datetime | None, *, start: bool) -> None:
    found = await _with_database(lambda pool: overdue.overdue(pool, before))
    overdue.show(Console(), found)
    if start and found:
        done = await overdue.start_missing(await temporal_client(), found)
        told = ", ".join(f"{count} {what}" for what, count in sorted(done.items()))
        Console().print(f"workflows: {told}")


@customers.command("timeline")
def customer_timeline(customer: str) -> None:
    """All that happened between us and a customer, over all accounts."""
    _run(_with_database(lambda pool: commands.show_timeline(pool, customer, Console())))


@ledger.command("export")
def ledger_export(
    since: Annotated[datetime | None, typer.Option(help="reserved from here on (UTC)")] = None,
    creditor: Annotated[str | None, typer.Option(help="of one creditor only")] = None,
) -> None:
    """Write every attempt as a line of JSON."""
    start = since.replace(tzinfo=UTC) if since and since.tzinfo is None else since
    _run(_with_database(lambda pool: commands.export_ledger(pool, sys.stdout, start, creditor)))


@ledger.command("unknown")
def ledger_unknown(
    as_json: Annotated[bool, typer.Option("--json", help="one object a line")] = False,
) -> None:
    """List the attempts of which nobody could say whether the provider took them."""
    _run(_unknown(as_json=as_json))


async def _unknown(*, as_json: bool) -> None:
    async with commands.database(load()) as pool:
        now = await SystemClock().now(None)
        await commands.show_unknown(pool, now, Console(), as_json=as_json)


@ledger.command("settle")
def ledger_settle(
    attempt: str,
    note: Annotated[str, typer.Option(help="where it was looked up, and what was found")],
    accepted: Annotated[
        bool | None,
        typer.Option("--accepted/--refused", help="the provider took it, or certainly did not"),
    ] = None,
    by: Annotated[str | None, typer.Option(help="who says so (default: the user)")] = None,
) -> None:
    """Say what became of an unknown attempt; the account then plans anew."""
    if accepted is None:
        raise BadInput("say --accepted or --refused: what did the provider's own record show?")
    outcome = AttemptState.ACCEPTED if accepted else AttemptState.REFUSED
    _run(_settle(attempt, outcome, note, by or getuser()))


async def _settle(attempt: str, outcome: AttemptState, note: str, by: str) -> None:
    # Temporal first: what is settled must be told.
    client = await temporal_client()
    async with commands.database(load()) as pool:
        now = await SystemClock().now(None)
        done = await Settling(pool).settle(attempt, outcome, note, by, now)
    told = await commands.tell_settled(client, attempt, done, outcome)
    console.print(escape(told), highlight=False)


@law.command("explain")
def law_explain(
    account: str,
    at: Annotated[datetime | None, typer.Option(help="ISO 8601, UTC; without, now")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """May a live account be contacted now, on each channel, why, and when next?"""
    moment = at or datetime.now(UTC)  # noqa: TID251 - a person asks now
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    settings = load()
    _run(
        _with_database(
            lambda pool: explain(pool, settings, account, moment, Console(), as_json=as_json)
        )
    )


@app.command("intake")
def intake_file(
    file: Path,
    snapshot: Annotated[
        bool, typer.Option(help="the file lists every open account: others are recalled")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(help="when the figures are from (UTC); else the file's own time"),
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="workflow starts at a time")] = 50,
    rejects: Annotated[Path | None, typer.Option(help="where refused rows are written")] = None,
) -> None:
    """Load or update customers and accounts from CSV or JSON lines, and start their workflows."""
    if not file.is_file():
        raise BadInput(f"{file}: no such file")
    # A payment that arrived after the file was written is not in its balances.
    moment = as_of or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    with telemetry("contrapunto-intake", client_spans=True, short=True) as watch:
        status = _run(
            _intake(
                file,
                load(),
                watch,
                snapshot=snapshot,
                as_of=moment,
                at_once=concurrency,
                rejects=rejects,
            )
        )
    raise SystemExit(status)


@app.command("events")
def events_file(
    file: Path,
    rejects: Annotated[Path | None, typer.Option(help="where refused lines are written")] = None,
) -> None:
    """Record ceases, attorneys, disputes, bankruptcies, deaths and the like from JSON lines."""
    raise SystemExit(_run(_events(file, rejects)))


async def _events(file: Path, rejects: Path | None) -> int:
    # Temporal first: what is recorded must be told.
    client = await temporal_client()
    async with commands.database(load()) as pool:
        return await record_events(file, pool, client, console, rejects)


async def _intake(
    file: Path,
    settings: Settings,
    watch: Watch,
    *,
    snapshot: bool,
    as_of: datetime,
    at_once: int,
    rejects: Path | None,
) -> int:
    client = await temporal_client(**watch.client_options)
    if settings.fast_time:
        client = fast_client(client).client
    async with commands.database(settings) as pool:
        return await intake_command(
            file,
            snapshot=snapshot,
            as_of=as_of,
            pool=pool,
            starter=TemporalStarter(client),
            console=console,
            concurrency=at_once,
            rejects_path=rejects,
        )
