"""Reading the strategies that operators edit."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from config.yaml_files import line_of, read_yaml, unreadable
from domain.channels import Channel
from domain.entry.broken_rule import broken_rule
from domain.failures import Fault, Misconfigured
from domain.strategy import Strategy
from domain.strategy.contradictions import contradictions


def load_strategies(directory: Path) -> Mapping[str, Strategy]:
    """Every ``*.yaml`` of ``directory`` by its id.

    Raises Misconfigured, which names file, line and field of everything that is wrong.
    """
    strategies: dict[str, Strategy] = {}
    files: dict[str, Path] = {}
    faults: list[Fault] = []
    for file in sorted(directory.glob("*.yaml")):
        try:
            strategy = load_strategy(file)
        except Misconfigured as error:
            faults += error.faults
            continue
        if strategy.id in strategies:
            rule = f"{strategy.id!r} is used by another file"
            faults.append(fault_in(file, ("id",), rule, "give each an id of its own"))
        strategies[strategy.id] = strategy
        files[strategy.id] = file
    faults += _at_odds(strategies, files)
    if "default" not in strategies and not faults:
        rule = "has no strategy with the id 'default'"
        faults.append(Fault(str(directory), "", rule, "copy config/strategies/default.yaml there"))
    if faults:
        raise Misconfigured.of(faults)
    return strategies


def load_strategy(file: Path) -> Strategy:
    """One strategy. Raises Misconfigured, which names file, line and field of all that is wrong:
    also what it asks for and cannot have by its own limits."""
    try:
        made = Strategy.model_validate(read_yaml(file))
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError, OSError) as error:
        raise Misconfigured.of(list(_told(file, error))) from None
    if found := [fault_in(file, *one) for one in contradictions(made)]:
        raise Misconfigured.of(found)
    return made


def fault_in(file: Path, at: Sequence[str | int], rule: str, todo: str = "") -> Fault:
    """What is wrong at a place of a strategy's file, with its line."""
    where = f"strategy {file}, line {line_of(file, at)}"
    return Fault(where, ".".join(map(str, at)), rule, todo)


def file_of(directory: Path, strategy: Strategy) -> Path:
    """The file that a strategy of a folder was read from; the folder, where it is gone."""
    for file in sorted(directory.glob("*.yaml")):
        try:
            if read_yaml(file).get("id") == strategy.id:
                return file
        except (yaml.YAMLError, UnicodeDecodeError, OSError, AttributeError):
            continue
    return directory


def _at_odds(strategies: Mapping[str, Strategy], files: Mapping[str, Path]) -> Iterator[Fault]:
    """The operation's capacity is one number for a channel, whichever strategy names it."""
    first: dict[Channel, tuple[str, str, int]] = {}
    for name, strategy in strategies.items():
        capacity = strategy.capacity
        for channel, most in capacity.channels.items() if capacity else ():
            assert capacity is not None  # noqa: S101 - it has channels
            known = first.setdefault(channel, (name, capacity.zone, most))
            if known[1:] != (capacity.zone, most):
                rule = (
                    f"{most} a day in {capacity.zone}, where {known[0]} has {known[2]} in "
                    f"{known[1]}: it is the whole operation's"
                )
                at = ("capacity", "channels", channel.value)
                yield fault_in(files[name], at, rule, "name the same number and zone in both")


def _told(file: Path, error: Exception) -> Iterator[Fault]:
    if not isinstance(error, ValidationError):
        yield Fault(f"strategy {file}", "", f"cannot be read: {unreadable(error)}")
        return
    for problem in error.errors(include_input=False, include_url=False):
        yield fault_in(file, problem["loc"], broken_rule(problem))
