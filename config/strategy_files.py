"""Reading the strategies that operators edit."""

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from domain.failures import Misconfigured
from domain.strategy import Strategy


def load_strategies(directory: Path) -> Mapping[str, Strategy]:
    """Every ``*.yaml`` of ``directory`` by its id; raises Misconfigured naming file and field."""
    strategies: dict[str, Strategy] = {}
    for file in sorted(directory.glob("*.yaml")):
        try:
            strategy = Strategy.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            raise Misconfigured(f"strategy {file}: {_told(error)}") from None
        if strategy.id in strategies:
            raise Misconfigured(f"strategy {file}: id {strategy.id!r} is used by another file")
        strategies[strategy.id] = strategy
    if "default" not in strategies:
        raise Misconfigured(f"no strategy with id 'default' in {directory}")
    return strategies


def _told(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    problems = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems)
