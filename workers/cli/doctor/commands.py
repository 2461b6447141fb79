"""``contrapunto doctor``: what a deployment must have, looked at from where it runs."""

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from domain.failures import BadInput
from workers.cli.shell import output, run, wall_clock
from workers.cli.status import ExitStatus

if TYPE_CHECKING:
    from workers.doctor.findings import Check, Finding

STYLES = {"ok": "green", "warning": "yellow", "fault": "bold red", "cannot tell": "cyan"}
_Names = Annotated[str, typer.Option(help="only these checks, separated by commas")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    only: _Names = "",
    skip: Annotated[str, typer.Option(help="all but these checks")] = "",
    patience: Annotated[float, typer.Option(min=1, max=300, help="seconds for one check")] = 20,
    strict: Annotated[bool, typer.Option("--strict", help="not only a fault ends with 2")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="as one JSON object")] = False,
) -> None:
    """Look at all that a deployment needs, from where it runs; change and send nothing.

    Exit status 2 where something is wrong; with --strict also for what is hardly meant so. What
    cannot be told is listed, and no fault.
    """
    from workers.doctor.findings import examined

    found = run(examined(_chosen(only, skip), patience))
    if as_json:
        listed = [one._asdict() for one in found]
        typer.echo(json.dumps({"findings": listed}, ensure_ascii=False, indent=2))
    else:
        _show(found)
    verdicts = {str(one.verdict) for one in found}
    wrong = {"fault", "warning"} if strict else {"fault"}
    raise SystemExit(ExitStatus.WRONG if verdicts & wrong else ExitStatus.DONE)


def _chosen(only: str, skip: str) -> "list[Check]":
    from workers.cli.config import readable_settings
    from workers.doctor.checklist import NAMES, checklist

    wanted, unwanted = _names("--only", only, NAMES), _names("--skip", skip, NAMES)
    settings, wrong = readable_settings()
    environ = os.environ  # noqa: TID251 - names that are no settings are looked for
    checks = checklist(settings, wrong, environ, wall_clock().date())
    kept = [one for one in checks if one.name in (wanted or NAMES)]
    return [one for one in kept if one.name not in unwanted]


def _names(option: str, text: str, known: "tuple[str, ...]") -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise BadInput(f"{option}: {name!r} is no check: there are {', '.join(known)}")
    return names


def _show(found: "list[Finding]") -> None:
    console = output()
    for one in found:
        style = STYLES[one.verdict]
        told = f"[{style}]{one.verdict:<11}[/] {one.check:<9} {escape(one.what)}"
        console.print(told, highlight=False, soft_wrap=True)
        if one.todo:
            console.print(f"{'':22}-> {escape(one.todo)}", highlight=False, soft_wrap=True)
    counts = {name: sum(one.verdict == name for one in found) for name in STYLES}
    console.print(", ".join(f"{count} {name}" for name, count in counts.items()), highlight=False)
