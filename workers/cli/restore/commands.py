"""``contrapunto restore ...``: after a restore, a failover, or the loss of Temporal."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.shell import AsJson, console, output, run, user, wall_clock, with_database
from workers.cli.status import ExitStatus
from workers.cli.typed import instant, text

if TYPE_CHECKING:
    from workers.restoring.found import Found
    from workers.restoring.standing import Standing

restore = typer.Typer(
    no_args_is_help=True,
    help="After a restore, a failover or the loss of Temporal: see, read back, let go on.",
)

Reason = Annotated[str, typer.Option(parser=text, help="why; it is kept")]
By = Annotated[str | None, typer.Option(parser=text, help="who says so (default: the user)")]


@restore.command("status")
def status(as_json: AsJson = False) -> None:
    """Say how the ledger stands beside what Temporal remembers, and what comes next.

    Exit status 1 while it is halted, or would be.
    """
    from workers.cli.restore.telling import show

    found = run(_status())
    show(found, output(), as_json=as_json)
    if found.halted or found.suspected:
        raise typer.Exit(ExitStatus.FAILED)


async def _status() -> "Standing":
    from workers.connection import temporal_client
    from workers.restoring.standing import standing

    client = await temporal_client()
    return await with_database(lambda pool: standing(pool, client))


@restore.command("hold")
def hold(reason: Reason, by: By = None) -> None:
    """Contact nobody from now on: before a restore that nothing would notice."""
    from workers.restoring.standing import hold as halt

    run(with_database(lambda pool: halt(pool, reason, by or user())))
    _say("nobody is contacted until `contrapunto restore lift`")


@restore.command("reconcile")
def reconcile(
    since: Annotated[
        datetime | None,
        typer.Option(parser=instant, help="from when on (UTC; default: by the ledger's mark)"),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=instant, help="up to when (UTC; default: now)")
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Read back what a restored ledger has forgotten: from Temporal and the providers' lists.

    Nothing is sent. Exit status 1 where somebody did not answer: then do it again.
    """
    from workers.cli.restore.telling import show_found

    found = run(_reconcile(since, until, by or user()))
    show_found(found, output(), as_json=as_json)
    if not found.complete:
        raise typer.Exit(ExitStatus.FAILED)


async def _reconcile(since: datetime | None, until: datetime | None, by: str) -> "Found":
    from config.settings import load
    from store.ledger_mark import LedgerMark
    from store.restoring.readbacks import keep
    from workers.connection import client_and_clock
    from workers.restoring.parts import reading
    from workers.restoring.standing import since_of

    settings = load()
    client, clock = await client_and_clock(settings)
    # Where time is skipped, accounts live ahead of it.
    now = wall_clock() + (timedelta(days=800) if settings.fast_time else timedelta())
    async with reading(settings, client, clock) as made:
        begin = since or since_of(await LedgerMark(made.pool).read())
        span = (begin, until or now)
        found = await made.read(*span)
        told = found.as_dict()
        await keep(made.pool, span, by, complete=found.complete, found=told)
    return found


@restore.command("lift")
def lift(
    reason: Reason,
    by: By = None,
    without_reading_back: Annotated[
        bool, typer.Option(help="nothing was forgotten, or it cannot be read back: the reason says")
    ] = False,
) -> None:
    """Let contacts go on, with this database as it is now."""
    why = run(_lift(reason, by or user(), unread=without_reading_back))
    _say(f"contacts go on; they were halted: {why}")


async def _lift(reason: str, by: str, *, unread: bool) -> str:
    from workers.connection import temporal_client
    from workers.restoring.standing import lift as let_go

    client = await temporal_client()
    return await with_database(lambda pool: let_go(pool, client, reason, by, unread=unread))


def _say(words: str) -> None:
    console.print(words, markup=False, highlight=False, soft_wrap=True)
