"""Who is compared: strategies of the product's own, and ours without one lever each."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, NamedTuple

from config.settings import ROOT
from config.strategy_files import load_strategy
from config.yaml_files import read_yaml
from domain.strategy import Strategy

HERE: Final = Path(__file__).parent / "strategies"
_EARLY: Final = "early"


class Contender(NamedTuple):
    """A strategy, and how the portfolio that it meets is made."""

    name: str
    strategy: Strategy
    made: str = "told"


class Lever(NamedTuple):
    """One of the things that ours does, and what it is without it."""

    name: str
    what: str
    without: Callable[[dict[str, Any]], None]
    made: str = "told"


def _nothing(_: dict[str, Any]) -> None:
    pass


def _one_try(told: dict[str, Any]) -> None:
    told["max_failovers"] = 0
    told["ask_preference"] = False


def _no_rest(told: dict[str, Any]) -> None:
    told["reply_rest_days"] = told["paid_check_days"] = 0
    told["answers"] = []


def _no_help(told: dict[str, Any]) -> None:
    _early(told)["purposes"] = ["reminder"]


def _a_person(told: dict[str, Any]) -> None:
    low = _early(told)["by_score"]["low"]
    low["person"] = {"after": 2, "within_days": 4}


def _no_score(told: dict[str, Any]) -> None:
    told.pop("score_bands", None)
    _early(told).pop("by_score", None)


def _at_once(told: dict[str, Any]) -> None:
    phase = _early(told)
    phase["days_past_due"] = [1, phase["days_past_due"][1]]
    told["phases"] = [one for one in told["phases"] if one["name"] != "settle"]


LEVERS: Final = (
    Lever(
        "reach",
        "the wished channel, and another address where one is dead",
        _one_try,
        made="no wishes",
    ),
    Lever("known", "rest after a reply, and answers to what is asked", _no_rest),
    Lever("together", "one contact for all accounts of a person", _nothing, made="apart"),
    Lever("plans", "words that invite who cannot pay to a plan", _no_help),
    Lever("no person", "the rule that nobody calls: here a person calls the silent few", _a_person),
    Lever("score", "more for those of whom fewer pay", _no_score),
    Lever("wait", "nobody is contacted in the first days", _at_once),
)
SHUFFLED: Final = "best, scores shuffled"
AGAIN: Final = "best, again"
BEST: Final = "best"
BASELINES: Final = ("heavy", "heavy-agents", "default")
OURS: Final = (BEST, "calls", "lean")
MAIN: Final = (*BASELINES, *OURS)
"""The points of the frontier."""


def main() -> Iterator[Contender]:
    """Those that are compared in every world."""
    for name in MAIN:
        folder = ROOT / "config" / "strategies" if name == "default" else HERE
        yield Contender(name, load_strategy(folder / f"{name}.yaml"))


def without() -> Iterator[Contender]:
    """Ours without one lever each, and with scores that mean nothing."""
    for lever in LEVERS:
        yield Contender(f"without {lever.name}", _best(lever), lever.made)
    yield Contender(SHUFFLED, load_strategy(HERE / "best.yaml"), "shuffled scores")


def again() -> Contender:
    """Ours once more, under another name."""
    return Contender(AGAIN, load_strategy(HERE / "best.yaml"))


def _best(lever: Lever) -> Strategy:
    told: Mapping[str, Any] = read_yaml(HERE / "best.yaml")
    changed = deepcopy(dict(told))
    lever.without(changed)
    return Strategy.model_validate(changed)


def _early(told: dict[str, Any]) -> dict[str, Any]:
    [phase] = [one for one in told["phases"] if one["name"] == _EARLY]
    found: dict[str, Any] = phase
    return found
