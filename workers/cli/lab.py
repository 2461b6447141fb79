"""What plays on this machine: the demo, the local stack, the sandbox. Never in production.

The one place outside ``lab/`` that imports it, and only when one of these commands is called.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from domain.failures import BadInput, Misconfigured
from workers.cli.shell import console, default_folder, log_to_console, run
from workers.cli.typed import named, text

_People = Annotated[
    str | None,
    typer.Option(parser=text, help="a world whose models play the customers, as in a dry run"),
]


def _known(people: str | None) -> str | None:
    from people.worlds import WORLDS

    if people is not None and people not in WORLDS:
        raise BadInput(f"--people: {people!r} is no world: there are {', '.join(sorted(WORLDS))}")
    return people


INSTALL: Final = "python -m pip install --require-hashes -r requirements/local.lock"


@contextmanager
def _of_this_machine(command: str) -> Iterator[None]:
    """Production has neither the lab nor what it needs: say so, and which lock brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("lab."):
            raise  # the lab is here, and broken
        raise Misconfigured(
            f"`contrapunto {command}` plays on one machine and needs {error.name}, which production"
            f" does without: in a whole checkout, {INSTALL}"
        ) from None


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (demo, dev, sandbox):
        app.command()(command)


def sandbox(
    seed: Annotated[int, typer.Option(help="people and faults are drawn from it")] = 1,
    received: Annotated[Path | None, typer.Option(help="what it delivered, as JSON lines")] = None,
    config: Annotated[Path | None, typer.Option(help="more settings, as JSON")] = None,
    alone: Annotated[bool, typer.Option(help="without Temporal: nobody pays or promises")] = False,
    people: _People = None,
) -> None:
    """Stand in for Twilio, Infobip, SendGrid and Resend, with people behind the addresses."""
    from config.settings import load
    from workers.connection import temporal_client

    with _of_this_machine("sandbox"):
        from lab.local.dev import sandbox_settings
        from lab.sandbox.server import SandboxError
        from lab.sandbox.server import run as run_sandbox

    log_to_console("WARNING")
    told = sandbox_settings(load(), seed, received, config, _known(people))
    if received is not None:
        with named("--received", received):  # found out before anything is delivered
            received.parent.mkdir(parents=True, exist_ok=True)
            received.open("ab").close()
    try:
        run_sandbox(told, connect=None if alone else temporal_client)
    except SandboxError as error:
        raise Misconfigured(f"the sandbox {error}") from error


def dev(
    only: Annotated[
        str | None, typer.Option(parser=text, help="`servers`: no sandbox, gateway, worker")
    ] = None,
    fast_time: Annotated[bool, typer.Option(help="skip time: months pass in minutes")] = False,
    ready_file: Annotated[Path | None, typer.Option(help="write the addresses here")] = None,
    data: Annotated[Path | None, typer.Option(help="where everything is kept")] = None,
    fresh: Annotated[bool, typer.Option(help="forget what an earlier run left")] = False,
    seed: Annotated[int, typer.Option(help="of the sandbox's people")] = 1,
) -> None:
    """Run everything on this machine until Ctrl-C."""
    with _of_this_machine("dev"):
        from lab.local.dev import run_dev

    if only not in (None, "servers"):
        raise BadInput(f"--only takes 'servers', not {only!r}")
    log_to_console()
    folder = data or default_folder("dev")
    run(
        run_dev(
            folder, console, only=only, fast=fast_time, ready=ready_file, fresh=fresh, seed=seed
        )
    )


def demo(
    accounts: Annotated[int, typer.Option(min=1, max=100_000, help="size of the portfolio")] = 100,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="virtual days")] = 120,
    seed: Annotated[int, typer.Option(help="of portfolio and people")] = 1,
    folder: Annotated[Path | None, typer.Option(help="where the record is left")] = None,
    people: _People = None,
    stay: Annotated[
        bool | None, typer.Option(help="stay up afterwards (default: on a terminal)")
    ] = None,
) -> None:
    """Work a portfolio through its phases in a few minutes, on real parts."""
    with _of_this_machine("demo"):
        from lab.demo.run import Asked, run_demo

    log_to_console("WARNING")
    where = folder or default_folder("demo")
    asked = Asked(accounts=accounts, days=days, seed=seed, people=_known(people))
    run(run_demo(where, console, asked, stay=stay))
