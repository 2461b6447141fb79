"""``contrapunto report ...``: how a period went, and what to look at first."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.failures import BadInput
from workers.cli.shell import AsJson, console, output, run, user, wall_clock, with_database
from workers.cli.typed import day, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.reporting.orders import ReportOrder
    from domain.report.figures import Dimension
    from domain.report.period import Period

report = typer.Typer(help="How a period went, beside the one before, and what to look at first.")

_BY = "segment, strategy, arm, creditor, phase, channel; several with commas"
By = Annotated[str, typer.Option("--by", parser=text, help=_BY)]
Zone = Annotated[str, typer.Option("--zone", parser=text, help="time zone of the days")]
SCHEDULE = "report"


@report.callback(invoke_without_command=True)
def report_of(
    context: typer.Context,
    first: Annotated[date | None, typer.Option("--from", parser=day, help="the first day")] = None,
    last: Annotated[
        date | None, typer.Option("--to", parser=day, help="the last day, which counts, too")
    ] = None,
    zone: Zone = "UTC",
    by: By = "",
    html: Annotated[Path | None, typer.Option(help="write one page")] = None,
    js: Annotated[Path | None, typer.Option("--json", help="write everything as JSON")] = None,
    csv: Annotated[Path | None, typer.Option(help="write one figure a line")] = None,
) -> None:
    """Report on whole days, beside as many days before them.

    It reads PostgreSQL in one snapshot and holds nobody up; a replica will do
    (CONTRAPUNTO_REPORT_DATABASE_URL). Without a file what to look at first is told.
    """
    if context.invoked_subcommand is not None:
        return
    if first is None or last is None:
        raise BadInput("say --from and --to: the first and the last day of the report")
    from domain.report.period import Period

    run(_make(Period.checked(first, last, zone), _dimensions(by), (html, js, csv)))


def _dimensions(typed: str) -> "list[Dimension]":
    from domain.report.figures import Dimension

    known = [one.value for one in Dimension]
    found = []
    for name in dict.fromkeys(one.strip() for one in typed.split(",") if one.strip()):
        if name not in known:
            raise BadInput(f"--by: {name!r} is none of {', '.join(known)}")
        found.append(Dimension(name))
    return found


async def _make(
    period: "Period", by: "Sequence[Dimension]", files: tuple[Path | None, ...]
) -> None:
    from activities.reporting.collecting import collect
    from activities.reporting.writing import write
    from config.prices.catalogue import load_prices
    from config.rule_packs import load_packs
    from config.settings import load
    from domain.report.lawful import openings
    from store.database import REPORT, connect

    settings = load()
    prices = load_prices(settings.prices)
    law = openings(load_packs(settings.law, settings.readings).packs, settings.actor)
    async with connect(settings.report_database(), 1, role=REPORT) as pool:
        made = await collect(pool, period, prices, by, wall_clock(), law)
    for path in write(made, *files):
        console.print(f"written: {path}", markup=False, highlight=False, soft_wrap=True)
    for one in made.findings:
        output().print(f"{one.what} {one.why}", markup=False, highlight=False, soft_wrap=True)
        output().print(f"  {one.todo}", markup=False, highlight=False, soft_wrap=True)
    if not made.findings:
        output().print("nothing stands out", highlight=False)


@report.command("schedule")
def report_schedule(
    at: Annotated[str | None, typer.Option(parser=text, help="time of the day: 06:00")] = None,
    every: Annotated[str, typer.Option(parser=text, help="day, weekday or week (Mondays)")] = "day",
    zone: Zone = "UTC",
    days: Annotated[int, typer.Option(min=1, max=400, help="of so many days that are over")] = 7,
    by: By = "strategy,creditor,phase,channel",
    name: Annotated[str, typer.Option("--id", parser=text, help="of the schedule")] = SCHEDULE,
    delete: Annotated[bool, typer.Option("--delete", help="have none any more")] = False,
) -> None:
    """Have workers make a report by the calendar; without --at, say when the next one is.

    Asked again, it changes the schedule of that id. A worker needs CONTRAPUNTO_REPORT_FOLDER.
    """
    from activities.reporting.orders import ReportOrder

    order = ReportOrder(days=days, zone=zone, by=tuple(_dimensions(by)))
    run(_schedule(name, order, every, at, delete=delete))


async def _schedule(
    name: str, order: "ReportOrder", every: str, at: str | None, *, delete: bool
) -> None:
    from workers.connection import temporal_client
    from workers.reporting.schedule import Every, put, read_time, remove, schedule, standing

    if every not in list(Every):
        raise BadInput(f"--every: {every!r} is none of {', '.join(Every)}")
    wanted = schedule(order, Every(every), read_time(at)) if at is not None else None
    client = await temporal_client()
    if delete:
        there = await remove(client, name)
        told = f"schedule {name} is removed" if there else f"there was no schedule {name}"
        output().print(told, markup=False, highlight=False)
        return
    if wanted is not None:
        new = await put(client, name, wanted)
        told = "made" if new else "changed"
        output().print(f"schedule {name} is {told}", markup=False, highlight=False)
    stands = await standing(client, name)
    when = f"{stands.next:%Y-%m-%d %H:%M} UTC" if stands.next else "never"
    paused = "; it is paused" if stands.paused else ""
    output().print(f"the next report is made at {when}{paused}", markup=False, highlight=False)


@report.command("findings")
def report_findings(
    done: Annotated[bool, typer.Option("--done", help="also what somebody has looked at")] = False,
    as_json: AsJson = False,
) -> None:
    """List what the daily reports found and nobody has looked at yet, the newest first."""
    run(_findings(done=done, as_json=as_json))


async def _findings(*, done: bool, as_json: bool) -> None:
    from store.report.findings import Findings
    from workers.cli.output import folding, shown

    found = await with_database(lambda pool: Findings(pool).listed(done=done))
    if as_json:
        for one in found:
            typer.echo(one.model_dump_json())
        return
    table = folding("Finding", "Of", "Reports", "What", "What to do", lines=True)
    for one in found:
        days = f"{one.first_day} to {one.last_day}"
        todo = f"done by {one.done_by}: {one.note or ''}" if one.done_by else one.todo
        what = f"{one.what} {one.why}"
        table.add_row(str(one.finding_id), days, str(one.seen), shown(what), shown(todo))
    output().print(table if found else "no finding is open")


@report.command("done")
def report_done(
    finding: Annotated[int, typer.Argument(min=1)],
    note: Annotated[str | None, typer.Option(parser=text, help="what came of it")] = None,
    by: Annotated[
        str | None, typer.Option(parser=text, help="who has looked (default: the user)")
    ] = None,
) -> None:
    """Say that somebody has looked at a finding. It comes back only by days after this one."""
    run(_done(finding, by or user(), note))


async def _done(finding: int, by: str, note: str | None) -> None:
    from store.report.findings import Findings

    now = wall_clock()
    await with_database(lambda pool: Findings(pool).done(finding, by, note, now))
    output().print(f"finding {finding} is done", highlight=False)
