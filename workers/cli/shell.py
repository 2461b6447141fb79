"""What every command shares: the console, logs, an event loop that ends tidily, the database."""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from config.settings import Settings
    from store.database import Pool

console = Console(stderr=True)
WIDE: Final = 1000
"""Columns where nobody's terminal says how many: a table in a pipe or a file is not cut."""
T = TypeVar("T")


def output() -> Console:
    """Standard output, for what a command was asked."""
    return Console(width=None if sys.stdout.isatty() else WIDE)


def tell(error: Exception) -> None:
    """Say what is wrong, to the letter: brackets in it are no markup, and its lines are its own."""
    console.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; Ctrl-C and SIGTERM end it tidily, with 130 and 143."""
    try:
        return asyncio.run(_until_terminated(work))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except asyncio.CancelledError:
        raise SystemExit(143) from None
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
    """Log to standard error, without what libraries say of each request."""
    from rich.logging import RichHandler

    handler = RichHandler(console=console, show_path=False, markup=False)
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler], force=True)
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


def aware(instant: datetime) -> datetime:
    """An instant as typed; without an offset it is UTC."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def default_folder(name: str) -> Path:
    """Where a local stack keeps its files."""
    return Path("var") / name
