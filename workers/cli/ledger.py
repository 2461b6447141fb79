"""``contrapunto ledger ...``."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.failures import BadInput
from workers.cli.shell import AsJson, console, output, run, user, with_database
from workers.cli.typed import Text, instant, text

if TYPE_CHECKING:
    from domain.ledger.attempt import AttemptState

ledger = typer.Typer(no_args_is_help=True, help="The contact ledger.")


@ledger.command("export")
def ledger_export(
    since: Annotated[
        datetime | None, typer.Option(parser=instant, help="reserved from here on (UTC)")
    ] = None,
    creditor: Annotated[str | None, typer.Option(parser=text, help="of one creditor only")] = None,
) -> None:
    """Write every attempt as a line of JSON."""
    from workers.cli.output import export_ledger

    run(with_database(lambda pool: export_ledger(pool, sys.stdout, since, creditor)))


@ledger.command("decider")
def ledger_decider(digest: Text) -> None:
    """What decided, by its digest in the ledger: a strategy or a rule pack as it stood, as JSON."""
    from workers.cli.output import show_decider

    run(with_database(lambda pool: show_decider(pool, digest, sys.stdout)))


@ledger.command("unknown")
def ledger_unknown(
    as_json: AsJson = False,
) -> None:
    """List the attempts of which nobody could say whether the provider took them."""
    from workers.cli.output import show_unknown
    from workers.clock import SystemClock

    async def show() -> None:
        now = await SystemClock().now(None)
        await with_database(lambda pool: show_unknown(pool, now, output(), as_json=as_json))

    run(show())


@ledger.command("settle")
def ledger_settle(
    attempt: Text,
    note: Annotated[
        str, typer.Option(parser=text, help="where it was looked up, and what was found")
    ],
    accepted: Annotated[
        bool | None,
        typer.Option("--accepted/--refused", help="the provider took it, or certainly did not"),
    ] = None,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who says so (default: the user)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what became of an unknown attempt; the account then plans anew."""
    from domain.ledger.attempt import AttemptState

    if accepted is None:
        raise BadInput("say --accepted or --refused: what did the provider's own record show?")
    outcome = AttemptState.ACCEPTED if accepted else AttemptState.REFUSED
    run(_settle(attempt, outcome, note, by or user(), as_json=as_json))


async def _settle(
    attempt: str, outcome: "AttemptState", note: str, by: str, *, as_json: bool
) -> None:
    from store.settlements import Settling
    from workers.accounts import Accounts
    from workers.cli.output import line, tell_settled
    from workers.clock import SystemClock
    from workers.connection import temporal_client

    # Temporal first: what is settled must be told.
    accounts = Accounts(await temporal_client())
    now = await SystemClock().now(None)
    done = await with_database(lambda pool: Settling(pool).settle(attempt, outcome, note, by, now))
    told = await tell_settled(accounts, attempt, done, outcome)
    if as_json:
        typer.echo(line(told._asdict()))
    else:
        console.print(str(told), markup=False, highlight=False, soft_wrap=True)


@ledger.command("resume")
def ledger_resume(
    note: Annotated[
        str, typer.Option(parser=text, help="what was compared or replayed, and what was found")
    ],
    by: Annotated[
        str | None, typer.Option(parser=text, help="who says so (default: the user)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let contacts go on after a database was restored from an older backup."""
    from workers.cli.output import line

    why = run(_resume(note, by or user()))
    if as_json:
        typer.echo(line({"resumed": True, "halted_because": why}))
        return
    told = f"contacts go on; they were halted: {why}"
    console.print(told, markup=False, highlight=False, soft_wrap=True)


async def _resume(note: str, by: str) -> str:
    from store.ledger_mark import LedgerMark
    from workers.connection import temporal_client
    from workers.process.ledger_mark import RememberedMark, adopt

    remembered = RememberedMark(await temporal_client())
    return await with_database(lambda pool: adopt(LedgerMark(pool), remembered, by, note))
