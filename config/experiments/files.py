"""Reading the experiments that operators edit, and the strategies that their hold-outs need."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from config.choosing.segment_files import fault_at, load_file
from domain.experiments.experiment import Experiment
from domain.experiments.treatment import held_out, holdout_of
from domain.experiments.trial import Trial
from domain.failures import Fault, Misconfigured
from domain.segments.attributes import NONE, Attributes
from domain.segments.conditions import Wrong, read_when
from domain.segments.facts import catalogue
from domain.strategy import Strategy


def load_experiments(
    directory: Path,
    strategies: Mapping[str, Strategy] | Collection[str],
    attributes: Attributes = NONE,
    policies: Collection[str] = (),
) -> tuple[Trial, ...]:
    """Every ``*.yaml`` of ``directory``, in the order in which they take people in: by the day on
    which they start, then by id. None, where there is no such folder. Strategies by name alone
    are held to no pin.

    Raises Misconfigured, which names file, line and field of everything that is wrong.
    """
    made: dict[str, Trial] = {}
    faults: list[Fault] = []
    for file in sorted(directory.glob("*.yaml")):
        try:
            one = load_experiment(file, attributes)
        except Misconfigured as error:
            faults += error.faults
            continue
        wrong = list(_unknown(one.experiment, strategies, policies))
        if isinstance(strategies, Mapping):
            wrong += _edited(one.experiment, strategies)
        name = one.experiment.id
        if name in made:
            wrong.append(
                Wrong(("id",), f"{name!r} is used by another file", "give each an id of its own")
            )
        faults += [fault_at(file, each) for each in wrong]
        made[name] = one
    if faults:
        raise Misconfigured.of(faults)
    return tuple(sorted(made.values(), key=lambda one: (one.experiment.starts, one.experiment.id)))


def load_experiment(file: Path, attributes: Attributes = NONE) -> Trial:
    """One of them. Raises Misconfigured, which names file, line and field of all that is wrong."""
    made = load_file(file, Experiment)
    declared = attributes.declared
    when, wrong = read_when(made.when, catalogue(declared), ("when",))
    if wrong:
        raise Misconfigured.of(fault_at(file, one) for one in wrong)
    return Trial(made, when, declared)


def with_holdouts(
    strategies: Mapping[str, Strategy], trials: Sequence[Trial]
) -> dict[str, Strategy]:
    """The strategies, and those by which the people of hold-outs are collected."""
    experiments = [one.experiment for one in trials]
    bases = {one.arm(one.champion).strategy for one in experiments if _holds_out(one)}
    made = {
        holdout_of(base): held_out(strategies[base or "default"])
        for base in bases
        if (base or "default") in strategies
    }
    return {**strategies, **made}


def _holds_out(experiment: Experiment) -> bool:
    return any(arm.holdout for arm in experiment.arms)


def _edited(one: Experiment, strategies: Mapping[str, Strategy]) -> Iterator[Wrong]:
    """Strategies that are not any more what an arm that runs has pinned."""
    for number, arm in enumerate(one.arms):
        known = strategies.get(arm.strategy or "")
        if one.ended or arm.pinned is None or known is None or known.pin == arm.pinned:
            continue
        rule = f"arm {arm.name} pins {known.id} as {arm.pinned}, and it is {known.pin} by now"
        todo = (
            "put the strategy's file back as it was; to try it as it is now, set `ended: true` and "
            f"begin an experiment with another id and `pinned: {known.pin}`"
        )
        yield Wrong(("arms", number, "pinned"), rule, todo)


def _unknown(
    one: Experiment, strategies: Collection[str], policies: Collection[str]
) -> Iterator[Wrong]:
    for number, arm in enumerate(one.arms):
        for field, name, known in (
            ("strategy", arm.strategy, strategies),
            ("policy", arm.policy, policies),
        ):
            if name is not None and name not in known:
                there = ", ".join(sorted(known)) or "none"
                rule = f"no {field} {name!r} is configured; there is: {there}"
                yield Wrong(("arms", number, field), rule)
