"""An experiment with its conditions read, and how the people of its arms are collected."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from domain.experiments.experiment import Experiment
from domain.experiments.treatment import holdout_of
from domain.segments.attributes import ALWAYS, Attribute
from domain.segments.choosing import Arm
from domain.segments.conditions import When


class Trial(NamedTuple):
    """One experiment."""

    experiment: Experiment
    when: When = When()
    declared: Mapping[str, Attribute] = ALWAYS
    """The attributes that the conditions' facts are made of."""

    def goes_by(self, arm: str, closed: Collection[str]) -> Arm | None:
        """What an account of this arm is collected by; None: as segments choose.

        Where the arm is closed, or is in the file no more, by what the champion's are.
        """
        experiment, name = self.experiment, f"{self.experiment.id}:{arm}"
        champion = experiment.arm(experiment.champion)
        if arm in closed or not experiment.has(arm):
            why = "is closed" if arm in closed else "is no arm any more"
            note = f", which {why}: as the champion {champion.name}"
            return _way(name, champion.strategy, champion.policy, note)
        mine = experiment.arm(arm)
        strategy = holdout_of(champion.strategy) if mine.holdout else mine.strategy
        return _way(name, strategy, mine.policy)


def _way(name: str, strategy: str | None, policy: str | None, note: str = "") -> Arm | None:
    """None: neither is the arm's own."""
    return None if strategy is None and policy is None else Arm(name, strategy, note, policy)
