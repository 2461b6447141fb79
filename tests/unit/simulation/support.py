"""A small portfolio, and one dry run of it in this process."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from config.settings import ROOT, Settings
from config.strategy_files import load_strategies
from domain.strategy import Strategy
from lab.demo.portfolio import SAMPLE, write_portfolio
from people.worlds import WORLDS, World
from workers.simulation.book.file import read_file
from workers.simulation.portfolio import Portfolio
from workers.simulation.processes import lived
from workers.simulation.record import Record
from workers.simulation.settings import Run

BEGAN = datetime(2026, 11, 30, tzinfo=UTC)
SETTINGS = Settings(law=ROOT / "config" / "law").model_dump_json(
    include={"readings", "actor", "least_amounts", "law"}
)


@cache
def default() -> Strategy:
    return load_strategies(ROOT / "config" / "strategies")["default"]


def with_phases(strategy: Strategy, name: str, **cadence: int) -> Strategy:
    """The same strategy with another cadence in all phases."""
    phases = tuple(
        phase.model_copy(update={"cadence": phase.cadence.model_copy(update=cadence)})
        for phase in strategy.phases
    )
    return strategy.model_copy(update={"id": name, "phases": phases})


def portfolio(folder: Path, accounts: int = 40, seed: int = 7) -> Portfolio:
    file = folder / "portfolio.csv"
    write_portfolio(SAMPLE, file, accounts=accounts, today=BEGAN.date(), seed=seed)
    return read_file(file, date(2026, 11, 30))


def run(
    strategy: Strategy | None, world: World | None = None, seed: int = 1, days: int = 120
) -> Run:
    return Run(
        strategy=None if strategy is None else strategy.model_dump_json(),
        world=world or WORLDS["published"],
        seed=seed,
        began=BEGAN,
        days=days,
        settings=SETTINGS,
        keep=True,
    )


def lives(people: Portfolio, *runs: Run) -> list[Record]:
    return list(lived(people, runs, 1))
