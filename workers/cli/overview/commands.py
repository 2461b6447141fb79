"""``contrapunto status``: how everything stands, on one screen."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.shell import output, run, wall_clock
from workers.cli.status import ExitStatus

if TYPE_CHECKING:
    from workers.overview.looking import Overview


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(status)


def status(
    watch: Annotated[
        float | None, typer.Option(min=1, max=3600, help="look again every so many seconds")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0.1, max=120, help="seconds for what does not answer")
    ] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="as one JSON object")] = False,
) -> None:
    """Show how everything stands on one screen, also while a part is down.

    Exit status 1 where something could not be asked; what asks for somebody is listed, and no
    failure.
    """
    found = run(_show(watch, patience, as_json=as_json))
    raise SystemExit(ExitStatus.FAILED if found.missing else ExitStatus.DONE)


async def _show(watch: float | None, patience: float, *, as_json: bool) -> "Overview":
    import asyncio

    from config.settings import load
    from workers.overview.looking import overview

    settings, console = load(), output()
    while True:
        found = await overview(settings, wall_clock(), patience)
        if watch is not None and console.is_terminal and not as_json:
            console.clear()
        _tell(found, console, as_json=as_json, one_line=watch is not None)
        if watch is None:
            return found
        await asyncio.sleep(watch)


def _tell(found: "Overview", console: Any, *, as_json: bool, one_line: bool) -> None:
    from workers.cli.output import jsonable
    from workers.overview.attention import matters
    from workers.overview.screen import screen

    if not as_json:
        console.print(screen(found), highlight=False, soft_wrap=not console.is_terminal)
        return
    told = found.json() | {"attention": [one._asdict() for one in matters(found)]}
    indent = None if one_line else 2
    console.file.write(json.dumps(told, ensure_ascii=False, default=jsonable, indent=indent) + "\n")
    console.file.flush()
