"""What every command shares: the console, logs, an event loop that ends tidily, the database."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from domain.failures import BadInput
from workers.cli.status import ExitStatus

if TYPE_CHECKING:
    from config.settings import Settings
    from store.database import Pool

PIPED = 1000
"""Characters in a line that goes into a file or another program."""

# By number: where standard error was closed, there is no ``sys.stderr`` yet.
console = Console(stderr=True, width=None if os.isatty(2) else PIPED)
T = TypeVar("T")


AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


def output() -> Console:
    """Standard output; what is piped on is not cut to the width of a terminal nobody looks at."""
    return Console(width=None if sys.stdout.isatty() else PIPED)


def tell(error: Exception) -> None:
    """Say what is wrong, to the letter: brackets in it are no markup, and its lines are its own."""
    _say(str(error))
    from telemetry import links

    if not _logged_as_lines():  # which have the link beside
        for account, link in links.named_in(str(error)):
            console.print(f"{account}: {link}", markup=False, highlight=False, soft_wrap=True)


def tell_unexpected(error: Exception) -> None:
    """Say of a mistake of ours its kind and place, never its words: they may quote a secret."""
    from telemetry.errors import place

    _say(
        f"unexpected {type(error).__name__} at {place(error)}; this is a mistake of Contrapunto's: "
        "please report it. CONTRAPUNTO_TRACEBACK=1 shows the whole of it, which may quote personal "
        "data"
    )


def _say(wrong: str) -> None:
    """For people; where a process logs lines of JSON, one of those, its last."""
    if _logged_as_lines():
        logging.getLogger("contrapunto").error("%s", wrong)
        return
    console.print(f"[bold red]error:[/] {escape(wrong)}", highlight=False, soft_wrap=True)


def _logged_as_lines() -> bool:
    from telemetry.logs import JsonLines

    return any(isinstance(one.formatter, JsonLines) for one in logging.getLogger().handlers)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; Ctrl-C and SIGTERM end it tidily, with 130 and 143."""
    try:
        return asyncio.run(_until_terminated(work))
    except KeyboardInterrupt:
        raise SystemExit(ExitStatus.INTERRUPTED) from None
    except asyncio.CancelledError:
        raise SystemExit(ExitStatus.TERMINATED) from None
    finally:
        # The interpreter may crash in shutdown right after Temporal's native worker has ended.
        if "temporalio.bridge.temporal_sdk_bridge" in sys.modules:
            time.sleep(0.2)


async def _until_terminated(work: Coroutine[Any, Any, T]) -> T:
    """What a command started (servers above all) must be stopped, also when it is told to end."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def log_to_console(level: str = "INFO") -> None:
    """Log to standard error: for people on a terminal, JSON lines everywhere else.

    Without what libraries say of each request.
    """
    from rich.logging import RichHandler

    from telemetry.logs import JsonLines, WithoutWords

    handler: logging.Handler = RichHandler(console=console, show_path=False, markup=False)
    handler.setFormatter(WithoutWords("%(message)s"))
    if not sys.stderr.isatty():
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)  # or libraries write lines of their own between ours
    for noisy in ("httpx", "httpcore", "twilio", "temporalio.worker"):
        logging.getLogger(noisy).setLevel("WARNING")


@asynccontextmanager
async def database(settings: "Settings") -> "AsyncIterator[Pool]":
    """The database of the settings; raises Misconfigured when none is named."""
    from store.database import connect

    async with connect(settings.database(), 4) as pool:
        yield pool


async def with_database(work: "Callable[[Pool], Awaitable[T]]") -> T:
    """Do a piece of work with the database of the settings."""
    from config.settings import load

    async with database(load()) as pool:
        return await work(pool)


def wall_clock() -> datetime:
    """Now (UTC), for a question that a person asks at this machine."""
    return datetime.now(UTC)  # noqa: TID251 - an operator's question is asked at the wall clock


def default_folder(name: str) -> Path:
    """Where a local stack keeps its files."""
    return Path("var") / name


def user() -> str:
    """Who has typed the command."""
    try:
        return getuser()
    except (KeyError, OSError, ImportError):  # which of them, depends on Python's version
        raise BadInput("--by: this user has no name here, so say who it is") from None
