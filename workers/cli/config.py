"""``contrapunto config check``: all that is wrong with a configuration, in one run."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from domain.failures import Fault, Misconfigured, Unavailable
from workers.cli.shell import console, database, run
from workers.cli.status import ExitStatus
from workers.cli.typed import text

if TYPE_CHECKING:
    from config.settings import Settings

config = typer.Typer(no_args_is_help=True, help="What operators configure.")


@dataclass
class Checked:
    """What was found."""

    faults: list[Fault] = field(default_factory=list)
    """What a process would not start with, or not work with."""
    notes: list[Fault] = field(default_factory=list)
    """What is hardly meant so, and stops nothing."""
    channels: dict[str, list[str]] = field(default_factory=dict)
    """Channel -> the providers that would be tried, in order."""

    def json(self) -> dict[str, Any]:
        """As one object."""
        return {
            "faults": [one._asdict() for one in self.faults],
            "notes": [one._asdict() for one in self.notes],
            "channels": self.channels,
        }


@config.callback()
def _group() -> None:
    pass


@config.command("check")
def config_check(
    as_json: Annotated[bool, typer.Option("--json", help="as one JSON object")] = False,
) -> None:
    """Read all that worker, gateway, API and codec read at start; start and send nothing.

    Exit status 2 where something is wrong. PostgreSQL is asked, if it answers, which creditors
    have no name.
    """
    report = checked(os.environ)  # noqa: TID251 - names that are no settings are looked for
    if as_json:
        import json

        typer.echo(json.dumps(report.json(), ensure_ascii=False, indent=2))
    else:
        _show(report)
    raise SystemExit(ExitStatus.WRONG if report.faults else ExitStatus.DONE)


@config.command("ui")
def config_ui(
    namespace: Annotated[
        str, typer.Option(parser=text, help="Temporal's namespace", envvar="TEMPORAL_NAMESPACE")
    ] = "default",
) -> None:
    """Print the columns and saved views for the account list of the Temporal UI, as a script.

    The UI keeps both in each browser alone: open it, paste the line into the browser's console.
    """
    from workers.cli.temporal_ui import script

    typer.echo(script(namespace))


def checked(environ: Mapping[str, str]) -> Checked:
    """Everything that is wrong with the configuration of this process."""
    from config.checks import notes
    from workers.configuration import of_everything

    report = Checked()
    settings = _settings(report)
    report.notes += notes(settings, environ)
    read = of_everything(settings, environ)
    report.faults += [one for one in read.faults if one not in report.faults]
    report.channels = {channel.value: list(names) for channel, names in read.served.items()}
    if settings.database_url is not None and not any(
        "DATABASE" in one.where for one in read.faults
    ):
        run(_ask_postgresql(settings, report))
    return report


def _settings(report: Checked) -> "Settings":
    settings, wrong = readable_settings()
    report.faults += wrong
    return settings


def readable_settings() -> "tuple[Settings, list[Fault]]":
    """The settings, those that are wrong left out, so that what else is wrong is found, too."""
    from config.settings import load

    faults: list[Fault] = []
    dropped: list[str] = []
    while True:
        with _without(dropped):
            try:
                return load(), faults
            except Misconfigured as error:
                wrong = {one.where.partition(".")[0] for one in error.faults}
                if not wrong - set(dropped):
                    raise
                faults += error.faults
                dropped += wrong


@contextmanager
def _without(names: list[str]) -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}  # noqa: TID251
    try:
        yield
    finally:
        os.environ.update(kept)  # noqa: TID251


async def _ask_postgresql(settings: "Settings", report: Checked) -> None:
    """Which creditors have no name; and whether the address is one that a process starts with."""
    from config.checks import unnamed
    from config.database_url import VARIABLE
    from store.views.creditors import creditors
    from workers.configuration import told

    try:
        async with database(settings) as pool:
            report.notes += unnamed(settings, await creditors(pool))
    except Unavailable as error:
        rule = f"was not asked which creditors have no name: {error}"
        report.notes.append(Fault("PostgreSQL", "", rule))
    except Misconfigured as error:
        report.faults += error.faults or told(VARIABLE, error)


def _show(report: Checked) -> None:
    for kind, style, found in (("error", "red", report.faults), ("note", "yellow", report.notes)):
        for one in found:
            told = f"[bold {style}]{kind}:[/] {escape(str(one))}"
            console.print(told, highlight=False, soft_wrap=True)
    ways = "; ".join(f"{name}: {', '.join(by)}" for name, by in report.channels.items())
    if not report.faults:
        told = f"nothing is wrong; channels: {ways or 'none'}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
