"""The command ``contrapunto``: everything an operator or engineer runs."""

import asyncio
import logging
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.logging import RichHandler

from config.lawbooks import LawBookError
from config.settings import ROOT, Settings, load
from config.wording import WordingError
from domain.failures import BadInput, Failure, Misconfigured
from workers import commands
from workers.gateway import run as run_gateway
from workers.law_check import check
from workers.local.stack import Stack
from workers.migrate import migrate as migrate_database
from workers.telemetry import telemetry

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False
)
accounts = typer.Typer(no_args_is_help=True, help="One account: look at it, hold, resume, close.")
customers = typer.Typer(no_args_is_help=True, help="One customer over all accounts.")
ledger = typer.Typer(no_args_is_help=True, help="The contact ledger.")
law = typer.Typer(no_args_is_help=True, help="Ask the law.")
app.add_typer(accounts, name="account")
app.add_typer(customers, name="customer")
app.add_typer(ledger, name="ledger")
app.add_typer(law, name="law")

console = Console(stderr=True)
T = TypeVar("T")


def main() -> None:
    """Run; a failure is one clear message and an exit status, never a traceback."""
    try:
        app()
    except (Misconfigured, BadInput, LawBookError, WordingError) as error:
        console.print(f"[bold red]error:[/] {error}", highlight=False)
        raise SystemExit(2) from None
    except Failure as error:
        console.print(f"[bold red]error:[/] {error}", highlight=False)
        raise SystemExit(1) from None
