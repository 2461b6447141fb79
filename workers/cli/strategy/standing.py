"""``contrapunto strategy check`` and ``strategy who``: what is wrong, and whom it concerns."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.shell import database, output, run
from workers.cli.status import ExitStatus
from workers.cli.typed import text

if TYPE_CHECKING:
    from config.rules import RulesFactory
    from config.settings import Settings
    from workers.strategies.checking import Report
    from workers.strategies.who import Moves, Place, Would

Live = Annotated[bool, typer.Option("--live", help="also beside the portfolio in the database")]


def add_to(group: typer.Typer) -> None:
    """Add these commands."""
    group.command("check")(strategy_check)
    group.command("who")(strategy_who)


def strategy_check(
    live: Live = False,
    as_json: Annotated[bool, typer.Option("--json", help="as one JSON object")] = False,
) -> None:
    """All that is wrong with strategies, segments and attributes: file, line, field, what to do.

    The texts are those with which a worker refuses to start. Exit status 2 where something is
    wrong.
    """
    from config.settings import load
    from workers.strategies.checking import check

    settings = load()
    report, read = check(settings)
    if live:
        from workers.strategies.checking import check_live

        async def ask() -> None:
            async with database(settings) as pool:
                await check_live(pool, settings, read, report)

        run(ask())
    if as_json:
        import json

        told = {name: [one._asdict() for one in found] for name, found in _parts(report)}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _show(report)
    raise SystemExit(ExitStatus.WRONG if report.faults else ExitStatus.DONE)


def _parts(report: "Report") -> tuple[tuple[str, Any], ...]:
    return (("faults", report.faults), ("notes", report.notes))


def _show(report: "Report") -> None:
    from rich.markup import escape

    for kind, style, found in (("error", "red", report.faults), ("note", "yellow", report.notes)):
        for one in found:
            told = f"[bold {style}]{kind}:[/] {escape(str(one))}"
            output().print(told, highlight=False, soft_wrap=True)
    if not report.faults:
        output().print("nothing is wrong", highlight=False)


def strategy_who(
    segments: Annotated[
        Path | None, typer.Option(help="whom this file would move, in the place of the present one")
    ] = None,
    strategies: Annotated[
        Path | None, typer.Option(help="whom this folder would move, in the place of the present")
    ] = None,
    segment: Annotated[
        str | None, typer.Option(parser=text, help="only accounts that are in this segment now")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="each account that would be moved, by its id")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
) -> None:
    """How many open accounts stand in each strategy, segment, phase and step; and with a file or a
    folder, whom it would move, before it is made.

    Nothing is written. A move is told by where the account stands and where it would.
    """
    run(_who(segments, strategies, segment, listed=listed, as_json=as_json))


async def _who(
    segments: Path | None,
    strategies: Path | None,
    segment: str | None,
    *,
    listed: bool,
    as_json: bool,
) -> None:
    from config.settings import load
    from workers.cli.rules import rules_factory
    from workers.connection import clock_of
    from workers.strategies.who import Moves, looked, standing

    settings = load()
    factory = rules_factory(settings)
    would = _would(settings, factory, segments, strategies)
    async with database(settings) as pool:
        rows = await standing(pool, segment)
        _tell_standing(rows, as_json=as_json)
        if segments is None and strategies is None:
            return
        clock = await clock_of(settings)
        moves = Moves()
        async for one in looked(pool, factory, would, await clock.now(None), segment):
            moves.count(one)
            if one.moves and listed:
                _tell_one(one.account, one.before, one.after, as_json=as_json)
    _tell_moves(moves, as_json=as_json)


def _would(
    settings: "Settings", factory: "RulesFactory", segments: Path | None, folder: Path | None
) -> "Would":
    """What the files say, checked as at start-up: also that the present segments go with other
    strategies."""
    from config.choosing.segment_files import load_attributes, load_segment_file, load_segments
    from config.experiments.files import with_holdouts
    from config.strategy_files import load_strategies
    from workers.strategies.who import Would

    known = factory.strategies
    if folder is not None:
        known = with_holdouts(load_strategies(folder), factory.trials)
    attributes = load_attributes(settings)
    if segments is not None:
        return Would(known, load_segment_file(segments, known, attributes))
    return Would(known, load_segments(settings, known, attributes))


def _tell_standing(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    from workers.cli.output import folding, line, shown

    if as_json:
        for row in rows:
            sys.stdout.write(line({"standing": row}) + "\n")
        return
    table = folding("Strategy", "Segment", "Phase", "Standing", "Next", "Accounts")
    for row in rows:
        *words, count = row.values()
        table.add_row(*(shown(str(one or "").replace("_", " ")) for one in words), str(count))
    output().print(table)


def _tell_one(account: str, before: "Place", after: "Place", *, as_json: bool) -> None:
    from workers.cli.output import line, shown

    if as_json:
        told = {"account": account, "from": before._asdict(), "to": after._asdict()}
        sys.stdout.write(line(told) + "\n")
    else:
        told_plainly = f"{account}: {_in_words(before)} -> {_in_words(after)}"
        output().print(shown(told_plainly), highlight=False, soft_wrap=True)


def _in_words(place: "Place") -> str:
    parts = (place.strategy, place.segment or "no segment", place.phase or "not planned")
    return ", ".join(parts)


def _tell_moves(moves: "Moves", *, as_json: bool) -> None:
    from workers.cli.output import folding, line, shown

    told = sorted(moves.by_way.items(), key=lambda one: (-one[1], str(one[0])))
    if as_json:
        for (before, after), count in told:
            way: Mapping[str, Any] = {"from": before._asdict(), "to": after._asdict()}
            sys.stdout.write(line({**way, "accounts": count}) + "\n")
        totals = {"looked_at": moves.looked_at, "moved": moves.moved, "default": moves.default}
        sys.stdout.write(line(totals) + "\n")
        return
    table = folding("From", "To", "Accounts")
    for (before, after), count in told:
        table.add_row(shown(_in_words(before)), shown(_in_words(after)), str(count))
    if told:
        output().print(table)
    words = f"{moves.moved} of {moves.looked_at} accounts would be moved"
    matched = f"{moves.default} would be matched by no segment, and have the default"
    output().print(f"{words}; {matched}", highlight=False, soft_wrap=True)
