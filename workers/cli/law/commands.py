"""``contrapunto law ...``: what asks the rule packs alone, and no server."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from domain.failures import BadInput
from domain.law.media import Actor, Medium
from workers.cli.shell import database, output, run
from workers.cli.standard_streams import json_output, standard_input
from workers.cli.typed import Text, day, instant, named, text

if TYPE_CHECKING:
    from config.rule_packs import RulePacks

law = typer.Typer(no_args_is_help=True, help="Ask the law.")


@law.command("check")
def law_check() -> None:
    """Read one JSON request a line, write one JSON verdict a line."""
    from workers.cli.law.check import check

    raise SystemExit(check(standard_input(), json_output(), _book()))


@law.command("week")
def law_week(
    jurisdiction: Annotated[
        list[str], typer.Option(parser=text, help="such as US, then US-MA: most general first")
    ],
    first: Annotated[date, typer.Option("--from", parser=day, help="its first day")],
    zone: Annotated[
        list[str] | None, typer.Option(parser=text, help="IANA names; without, the last pack's own")
    ] = None,
    channel: Annotated[Medium, typer.Option(help="of the contact")] = Medium.VOICE,
    actor: Annotated[
        Actor | None, typer.Option(help="who contacts; without, CONTRAPUNTO_ACTOR")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--svg", help="also draw it into this file")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as one JSON object")] = False,
) -> None:
    """Draw the hours that a week leaves open for a contact."""
    from config.settings import load
    from domain.law.plan import UnknownJurisdictionError
    from workers.cli.law.week import drawn, week_of
    from workers.cli.law.week_svg import svg

    try:
        packs = _book().packs_for(jurisdiction)
    except UnknownJurisdictionError as error:
        raise BadInput(f"--jurisdiction: {error}") from None
    zones = _zones(zone or [packs[-1].zone])
    who = actor or Actor(load().actor)
    week = week_of(packs, jurisdiction, zones, first, channel, who)
    if as_json:
        typer.echo(json.dumps(week.json(), ensure_ascii=False))
    else:
        Console().print(drawn(week))
    if picture is not None:
        with named("--svg", picture):
            picture.write_text(svg(week), encoding="utf-8")
        typer.echo(f"drawn into {picture}", err=True)


@law.command("docs")
def law_docs(
    folder: Annotated[Path, typer.Option(help="where the pages go")] = Path("docs"),
) -> None:
    """Write the pages and the schemas of the law, docs/law/ and docs/law-*.schema.json."""
    from config.rule_packs import load_packs
    from workers.cli.law.pages import write_pages

    with named("--folder", folder):
        written = write_pages(load_packs(), folder)
    typer.echo(f"{len(written)} files written below {folder}", err=True)


@law.command("explain")
def law_explain(
    account: Text,
    at: Annotated[
        datetime | None, typer.Option(parser=instant, help="ISO 8601, UTC; without, now")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """May a live account be contacted now, on each channel, why, and when next?"""
    run(_explain(account, at, as_json=as_json))


async def _explain(account: str, at: datetime | None, *, as_json: bool) -> None:
    from config.settings import load
    from workers.cli.law.explain import explain
    from workers.connection import clock_of

    settings = load()
    when = at or await clock_of(settings)
    async with database(settings) as pool:
        await explain(pool, settings, account, when, output(), as_json=as_json)


def _book() -> "RulePacks":
    from config.rule_packs import load_packs
    from config.settings import load

    settings = load()
    return load_packs(settings.law, settings.readings)


def _zones(names: Sequence[str]) -> Sequence[str]:
    from domain.calendar import is_zone

    for name in names:
        if not is_zone(name):
            raise BadInput(f"--zone: unknown time zone {name!r}; IANA names such as Europe/Madrid")
    return names
