"""``contrapunto simulate``: a portfolio is lived under each strategy, and the result written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config.choosing.segment_files import load_attributes
from config.settings import Settings
from config.strategy_files import load_strategies
from domain.report.prices import Prices
from domain.segments.attributes import Attribute
from domain.segments.rows import Portfolio as MayTell
from domain.strategy import Strategy
from people.worlds import World
from workers.simulation.capacity import lawful_hours
from workers.simulation.page.page import page
from workers.simulation.portfolio import Portfolio
from workers.simulation.processes import lived
from workers.simulation.result import result
from workers.simulation.settings import PROVIDERS, Run, digest_of, factory_of, told


@dataclass(frozen=True)
class Side:
    """What accounts are collected by: one strategy, or what a configuration chooses for each."""

    name: str
    settings: Settings
    strategy: Strategy | None = None
    """The one that all go by."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be tried."""

    sides: tuple[Side, ...]
    """One, or two to be compared."""
    world: World
    seeds: tuple[int, ...]
    began: datetime
    days: int
    processes: int
    channels: tuple[str, ...] = tuple(channel.value for channel in PROVIDERS)


def simulate(
    portfolio: Portfolio, asked: Asked, prices: Prices, console: Console
) -> dict[str, Any]:
    """The result; the same for the same portfolio, seeds, world and instant, on any machine."""
    runs = [
        Run(
            strategy=None if side.strategy is None else side.strategy.model_dump_json(),
            world=asked.world,
            seed=seed,
            began=asked.began,
            days=asked.days,
            settings=told(side.settings),
            channels=asked.channels,
            found=portfolio.found,
        )
        for side in asked.sides
        for seed in asked.seeds
    ]
    # What is wrong with a configuration is told here, once.
    factories = [factory_of(run) for run in runs[:: len(asked.seeds)]]
    versions = list(zip(_names(asked.sides), map(digest_of, factories), strict=True))
    with _progress(console) as progress:
        task = progress.add_task("accounts", total=portfolio.accounts * len(runs))
        records = lived(
            portfolio, runs, asked.processes, lambda number: progress.advance(task, number)
        )
        found = result(runs, records, prices, versions)
    found["lawful_hours"] = lawful_hours(portfolio, factories[0], asked.began)
    found["refused_rows"] = portfolio.refused
    return found


def may_tell(sides: Sequence[Side]) -> MayTell:
    """The strategies that a file may pin and the attributes that it may have, on any side. Raises
    Misconfigured."""
    strategies: set[str] = set()
    declared: dict[str, Attribute] = {}
    for side in sides:
        strategies.update(load_strategies(side.settings.strategies))
        declared = {**load_attributes(side.settings).declared, **declared}
    return MayTell(strategies, declared)


def _names(sides: Sequence[Side]) -> list[str]:
    """Each by its own; two of one name by their place, too."""
    names = [one.name for one in sides]
    if len(set(names)) == len(names):
        return names
    return [f"{name} ({place})" for place, name in enumerate(names, start=1)]


def write(found: dict[str, Any], as_json: Path | None, as_html: Path | None) -> None:
    """Write the result where it was asked for."""
    if as_json is not None:
        text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
        as_json.write_text(text + "\n", encoding="utf-8")
    if as_html is not None:
        as_html.write_text(page(found), encoding="utf-8")


def lines(found: dict[str, Any]) -> list[str]:
    """In a few words, for the terminal."""
    said = []
    for one in found["strategies"]:
        of = one["figures"]
        share = of["cured"] / max(1, of["accounts"])
        said.append(
            f"{one['strategy']}: {of['contacts']} contacts of {of['accounts']} accounts, "
            f"{of['cured']} cured ({share:.1%}), {of['opt_outs']} stops, "
            f"{of['cost']['total']} {of['cost']['currency']}"
        )
    if "touched_differently" in found:
        other = found["touched_differently"]
        said.append(f"contacted otherwise: {other['accounts']} accounts")
    said.append("a model of people, and nothing of real debtors: see docs/simulation.md")
    return said


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = (*columns, TimeRemainingColumn())
    return Progress(*shown, console=console, disable=not console.is_terminal, transient=True)
