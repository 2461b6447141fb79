"""Experiments over real PostgreSQL: two strategies and a hold-out, and who has which."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.dependencies import Dependencies
from config.experiments.files import with_holdouts
from domain.experiments.experiment import Experiment
from domain.experiments.trial import Trial
from domain.segments.attributes import ALWAYS
from domain.segments.conditions import read_when
from domain.segments.facts import catalogue
from tests.support.activities import Actor

ARMS = (
    {"name": "usual", "share": "0.5", "strategy": "default"},
    {"name": "gentle", "share": "0.5", "strategy": "gentle"},
)
Trying = Callable[..., Actor]


def trial(name: str = "gentle-start", **more: Any) -> Trial:
    """An experiment that takes people in from yesterday on, for a month."""
    today = datetime.now(UTC).date()
    said = {
        "id": name,
        "version": 1,
        "starts": today - timedelta(days=1),
        "until": today + timedelta(days=30),
        "arms": ARMS,
        "champion": "usual",
        "margin": "0.03",
        **more,
    }
    made = Experiment.model_validate(said)
    when, wrong = read_when(made.when, catalogue(ALWAYS))
    assert wrong == []
    return Trial(made, when)


@pytest.fixture
def trying(actor: Actor, dependencies: Dependencies) -> Trying:
    """The accounts, under these experiments; beside `default` there is `gentle`, whose phases have
    other names."""
    own = dependencies.strategies["default"]
    phases = tuple(one.model_copy(update={"name": f"gentle-{one.name}"}) for one in own.phases)
    both = {"default": own, "gentle": own.model_copy(update={"id": "gentle", "phases": phases})}

    def of(*trials: Trial, account: str = "A1", **more: Any) -> Actor:
        known = with_holdouts(both, trials)
        made = replace(dependencies, strategies=known, trials=trials, **more)
        return Actor(made, account_id=account)

    return of
