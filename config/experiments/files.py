"""Reading the experiments that operators edit, and the strategies that their hold-outs need."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from config.yaml_files import read_yaml
from domain.entry.broken_rule import broken_rule
from domain.experiments.experiment import Experiment
from domain.experiments.treatment import held_out, holdout_of
from domain.failures import Fault, Misconfigured
from domain.strategy import Strategy


def load_experiments(
    directory: Path, strategies: Collection[str], policies: Collection[str] = ()
) -> tuple[Experiment, ...]:
    """Every ``*.yaml`` of ``directory``, in the order in which they take people in: by the day on
    which they start, then by id. None, where there is no such folder.

    Raises Misconfigured, which names file and field of everything that is wrong.
    """
    made: dict[str, Experiment] = {}
    faults: list[Fault] = []
    for file in sorted(directory.glob("*.yaml")):
        where = f"experiment {file}"
        try:
            one = load_experiment(file)
        except Misconfigured as error:
            faults += error.faults
            continue
        faults += _unknown(where, one, strategies, policies)
        if one.id in made:
            rule = f"{one.id!r} is used by another file"
            faults.append(Fault(where, "id", rule, "give each an id of its own"))
        made[one.id] = one
    if faults:
        raise Misconfigured.of(faults)
    return tuple(sorted(made.values(), key=lambda one: (one.starts, one.id)))


def load_experiment(file: Path) -> Experiment:
    """One of them. Raises Misconfigured, which names file and field of all that is wrong."""
    try:
        return Experiment.model_validate(read_yaml(file))
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError, OSError) as error:
        raise Misconfigured.of(list(_told(file, error))) from None


def with_holdouts(
    strategies: Mapping[str, Strategy], experiments: Sequence[Experiment]
) -> dict[str, Strategy]:
    """The strategies, and those by which the people of hold-outs are collected."""
    bases = {one.arm(one.champion).strategy for one in experiments if _holds_out(one)}
    made = {
        holdout_of(base): held_out(strategies[base or "default"])
        for base in bases
        if (base or "default") in strategies
    }
    return {**strategies, **made}


def _holds_out(experiment: Experiment) -> bool:
    return any(arm.holdout for arm in experiment.arms)


def _unknown(
    where: str, one: Experiment, strategies: Collection[str], policies: Collection[str]
) -> Iterator[Fault]:
    for number, arm in enumerate(one.arms):
        for field, name, known in (
            ("strategy", arm.strategy, strategies),
            ("policy", arm.policy, policies),
        ):
            if name is not None and name not in known:
                there = ", ".join(sorted(known)) or "none"
                rule = f"no {field} {name!r} is configured; there is: {there}"
                yield Fault(where, f"arms.{number}.{field}", rule)


def _told(file: Path, error: Any) -> Iterator[Fault]:
    where = f"experiment {file}"
    if not isinstance(error, ValidationError):
        yield Fault(where, "", " ".join(str(error).split()))
        return
    for problem in error.errors(include_input=False, include_url=False):
        yield Fault(where, ".".join(map(str, problem["loc"])), broken_rule(problem))
