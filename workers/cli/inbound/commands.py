"""``contrapunto inbound ...``: what customers write, and how it is understood."""

import io
import sys

import typer

from workers.cli.standard_streams import standard_input

inbound = typer.Typer(no_args_is_help=True, help="What customers write.")


@inbound.callback()
def _group() -> None:
    pass


@inbound.command("check")
def inbound_check() -> None:
    """Read one message as JSON a line, write what it says as JSON a line."""
    from config.keywords import load_keywords
    from config.working_days import is_holiday
    from domain.conversation.reader import RuleReader
    from workers.cli.inbound.check import check

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # as JSON is, whatever this terminal is
    reader = RuleReader(load_keywords(), is_holiday)
    raise SystemExit(check(standard_input(), sys.stdout, reader))
