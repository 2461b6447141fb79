"""``contrapunto inbound ...``: what customers write, and how it is understood."""

import sys
from datetime import datetime, timedelta
from typing import Annotated

import typer

from workers.cli.shell import AsJson, log_to_console, output, run, user, with_database
from workers.cli.standard_streams import json_output, standard_input
from workers.cli.typed import instant, text

inbound = typer.Typer(no_args_is_help=True, help="What customers write.")


@inbound.callback()
def _group() -> None:
    pass


@inbound.command("check")
def inbound_check(
    classifier: Annotated[
        bool, typer.Option(help="tell of what the classifier suspects, too")
    ] = True,
) -> None:
    """Read one message as JSON a line, write what it says as JSON a line."""
    from config.reader import load_reader
    from workers.cli.inbound.check import check

    raise SystemExit(check(standard_input(), json_output(), load_reader(classifier=classifier)))


@inbound.command("list")
def inbound_list(
    customer: Annotated[
        str | None, typer.Option(parser=text, help="of one customer only, by id")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=instant, help="written from here on (UTC; default: seven days ago)"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="at most so many")] = 50,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who looks (default: the user)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what customers wrote, the newest first, and how it is read. The look is logged."""
    from config.reader import load_reader
    from workers.cli.inbound.written import show_written
    from workers.clock import SystemClock

    log_to_console()
    reader, looks = load_reader(), by or user()

    async def show() -> None:
        begins = since or await SystemClock().now(None) - timedelta(days=7)
        await with_database(
            lambda pool: show_written(
                pool, reader, customer, begins, limit, looks, output(), as_json=as_json
            )
        )

    run(show())


@inbound.command("correct")
def inbound_correct(
    message: Annotated[str, typer.Argument(parser=text, help="<provider>/<id>, as in the list")],
    intents: Annotated[
        str, typer.Option(parser=text, help="all that it says, with commas: stop,promise")
    ],
    amount: Annotated[
        str | None, typer.Option(parser=text, help="what is offered or said to be paid")
    ] = None,
    date: Annotated[
        str | None, typer.Option(parser=text, help="the day that is meant, ISO 8601")
    ] = None,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who says so (default: the user)")
    ] = None,
) -> None:
    """Say what a message says, where it was read otherwise: it is kept beside the reading."""
    from workers.cli.inbound.corrections import correct

    who = by or user()
    run(with_database(lambda pool: correct(pool, message, intents, amount, date, who, output())))


@inbound.command("export")
def inbound_export() -> None:
    """Write all messages that people have corrected, as labelled data: a line of JSON each."""
    from workers.cli.inbound.corrections import export

    run(with_database(lambda pool: export(pool, sys.stdout)))
