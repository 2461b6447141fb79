"""Reading the strategies that operators edit."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from config.yaml_files import line_of, read_yaml
from domain.entry.broken_rule import broken_rule
from domain.failures import Fault, Misconfigured
from domain.strategy import Strategy


def load_strategies(directory: Path) -> Mapping[str, Strategy]:
    """Every ``*.yaml`` of ``directory`` by its id.

    Raises Misconfigured, which names file and field of everything that is wrong.
    """
    strategies: dict[str, Strategy] = {}
    faults: list[Fault] = []
    for file in sorted(directory.glob("*.yaml")):
        try:
            strategy = load_strategy(file)
        except Misconfigured as error:
            faults += error.faults
            continue
        if strategy.id in strategies:
            rule = f"{strategy.id!r} is used by another file"
            faults.append(Fault(f"strategy {file}", "id", rule, "give each an id of its own"))
        strategies[strategy.id] = strategy
    if "default" not in strategies and not faults:
        rule = "has no strategy with the id 'default'"
        faults.append(Fault(str(directory), "", rule, "copy config/strategies/default.yaml there"))
    if faults:
        raise Misconfigured.of(faults)
    return strategies


def load_strategy(file: Path) -> Strategy:
    """One strategy. Raises Misconfigured, which names file and field of all that is wrong."""
    try:
        return Strategy.model_validate(read_yaml(file))
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError, OSError) as error:
        raise Misconfigured.of(list(_told(file, error))) from None


def _told(file: Path, error: Exception) -> Iterator[Fault]:
    if not isinstance(error, ValidationError):
        yield Fault(f"strategy {file}", "", str(error))
        return
    for problem in error.errors(include_input=False, include_url=False):
        line = line_of(file, problem["loc"])
        where = f"strategy {file}" if line is None else f"strategy {file}, line {line}"
        yield Fault(where, ".".join(map(str, problem["loc"])), broken_rule(problem))
