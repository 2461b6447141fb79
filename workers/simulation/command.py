"""``contrapunto simulate``: a portfolio is lived under each strategy, and the result written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config.settings import Settings
from domain.strategy import Strategy
from people.worlds import World
from workers.simulation.capacity import lawful_hours
from workers.simulation.page.page import page
from workers.simulation.portfolio import Portfolio
from workers.simulation.prices import Prices
from workers.simulation.processes import lived
from workers.simulation.result import result
from workers.simulation.settings import PROVIDERS, Run, factory_of

PLANNED_WITH: Final = ("readings", "actor", "least_amounts", "law", "policies", "policy_keys")
"""The settings that planning goes by."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be tried."""

    strategies: tuple[Strategy, ...]
    """One, or two to be compared."""
    world: World
    seeds: tuple[int, ...]
    began: datetime
    days: int
    processes: int
    channels: tuple[str, ...] = tuple(channel.value for channel in PROVIDERS)


def simulate(
    portfolio: Portfolio, asked: Asked, settings: Settings, prices: Prices, console: Console
) -> dict[str, Any]:
    """The result; the same for the same portfolio, seeds, world and instant, on any machine."""
    told = settings.model_dump_json(include=set(PLANNED_WITH))
    runs = [
        Run(
            strategy=strategy.model_dump_json(),
            world=asked.world,
            seed=seed,
            began=asked.began,
            days=asked.days,
            settings=told,
            channels=asked.channels,
        )
        for strategy in asked.strategies
        for seed in asked.seeds
    ]
    names = _names(asked.strategies)
    with _progress(console) as progress:
        task = progress.add_task("accounts", total=portfolio.accounts * len(runs))
        records = lived(
            portfolio, runs, asked.processes, lambda number: progress.advance(task, number)
        )
        found = result(runs, records, prices, names)
    found["lawful_hours"] = lawful_hours(portfolio, factory_of(runs[0]), asked.began)
    found["refused_rows"] = portfolio.refused
    return found


def _names(strategies: Sequence[Strategy]) -> list[str]:
    """Each by its id; two of one id by their place, too."""
    ids = [one.id for one in strategies]
    if len(set(ids)) == len(ids):
        return ids
    return [f"{name} ({place})" for place, name in enumerate(ids, start=1)]


def write(found: dict[str, Any], as_json: Path | None, as_html: Path | None) -> None:
    """Write the result where it was asked for."""
    if as_json is not None:
        text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
        as_json.write_text(text + "\n", encoding="utf-8")
    if as_html is not None:
        as_html.write_text(page(found), encoding="utf-8")


def lines(found: dict[str, Any]) -> list[str]:
    """In a few words, for the terminal."""
    told = []
    for one in found["strategies"]:
        of = one["figures"]
        share = of["cured"] / max(1, of["accounts"])
        told.append(
            f"{one['strategy']}: {of['contacts']} contacts of {of['accounts']} accounts, "
            f"{of['cured']} cured ({share:.1%}), {of['opt_outs']} stops, "
            f"{of['cost']['total']} {of['cost']['currency']}"
        )
    if "touched_differently" in found:
        other = found["touched_differently"]
        told.append(f"contacted otherwise: {other['accounts']} accounts")
    told.append("a model of people, and nothing of real debtors: see docs/simulation.md")
    return told


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = (*columns, TimeRemainingColumn())
    return Progress(*shown, console=console, disable=not console.is_terminal, transient=True)
