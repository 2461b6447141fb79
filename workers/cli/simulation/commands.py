"""``contrapunto simulate FILE``: what a strategy would do with a portfolio, without doing it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.failures import BadInput
from workers.cli.shell import console, output
from workers.cli.typed import instant, named, text

if TYPE_CHECKING:
    from domain.segments.rows import Portfolio as MayTell
    from store.database import Pool
    from workers.simulation.portfolio import Portfolio

_MOST_SEEDS = 1_000


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    file: Annotated[Path | None, typer.Argument(help="an intake file")] = None,
    live: Annotated[
        bool, typer.Option("--live", help="the open accounts of the database, as they stand")
    ] = False,
    strategy: Annotated[
        str | None,
        typer.Option(
            parser=text, help="one for all, by its id or file; or the folder of a configuration"
        ),
    ] = None,
    segments: Annotated[
        Path | None, typer.Option(help="in the place of the segments that are configured")
    ] = None,
    against: Annotated[
        str | None, typer.Option(parser=text, help="the same as --strategy, for the same people")
    ] = None,
    against_segments: Annotated[
        Path | None, typer.Option(help="the same as --segments, for the same people")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=730)] = 120,
    people: Annotated[
        str, typer.Option(parser=text, help="the world whose people they are")
    ] = "published",
    seed: Annotated[int, typer.Option(min=0, help="of their luck")] = 1,
    seeds: Annotated[
        int, typer.Option(min=1, max=_MOST_SEEDS, help="so many, from --seed on, for intervals")
    ] = 1,
    begins: Annotated[
        datetime | None,
        typer.Option("--from", parser=instant, help="when it begins (default: today)"),
    ] = None,
    cores: Annotated[int | None, typer.Option(min=1, help="processes (default: all)")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="write the result here")] = None,
    as_html: Annotated[Path | None, typer.Option("--html", help="write the page here")] = None,
) -> None:
    """Try strategies on a portfolio and a model of its people, without sending anything.

    Without `--strategy` each account goes by what the running system would choose for it: a pin,
    an experiment's arm, its segment. A folder has `strategies/`, `segments.yaml`,
    `attributes.yaml`, `experiments/` and `policies/`, or some of them; the rest is as configured.

    The same planner and the same law as on real servers, and a clock that jumps. No server is
    asked, but for `--live` the database, which is only read. The same seed gives the same result,
    however many cores there are.
    """
    from config.prices.catalogue import load_prices
    from config.settings import load
    from people.worlds import WORLDS
    from workers.cli.simulation.sides import side
    from workers.simulation import command
    from workers.simulation.processes import cores as all_cores

    if people not in WORLDS:
        raise BadInput(f"--people: {people!r} is no world: there are {', '.join(sorted(WORLDS))}")
    for option, where in (("--json", as_json), ("--html", as_html)):
        if where is not None:
            with named(option, where):
                where.touch()
    settings = load()
    now = begins or datetime.now(UTC).replace(  # noqa: TID251 - where the dry run begins
        hour=0, minute=0, second=0, microsecond=0
    )
    sides = [side(settings, strategy, segments, "--segments")]
    if against is not None or against_segments is not None:
        sides.append(side(settings, against, against_segments, "--against-segments"))
    asked = command.Asked(
        sides=tuple(sides),
        world=WORLDS[people],
        seeds=tuple(range(seed, seed + seeds)),
        began=now,
        days=days,
        processes=cores or all_cores(),
    )
    portfolio = _portfolio(file, now, command.may_tell(sides), live=live)
    if portfolio.refused:
        console.print(f"{portfolio.refused} rows refused: see `contrapunto intake`", style="yellow")
    found = command.simulate(portfolio, asked, load_prices(settings.prices), console)
    command.write(found, as_json, as_html)
    for line in command.lines(found):
        output().print(line, markup=False, highlight=False, soft_wrap=True)


def _portfolio(file: Path | None, now: datetime, may_tell: "MayTell", *, live: bool) -> "Portfolio":
    from workers.cli.shell import run, with_database
    from workers.simulation.book.file import read_file
    from workers.simulation.live import read_live

    if live is (file is not None):
        raise BadInput("name either an intake file or --live, the accounts of the database")
    if file is not None:
        return read_file(file, now.date(), may_tell)

    async def read(pool: "Pool") -> "Portfolio":
        return await read_live(pool, now)

    return run(with_database(read))
