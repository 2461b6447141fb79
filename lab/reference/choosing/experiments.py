"""docs/reference/experiments.md: what a file of an experiment may say."""

from typing import Final

from domain.experiments.experiment import (
    Arm,
    Experiment,
    Goal,
    Guardrail,
    Harm,
    Metric,
    Primary,
)
from domain.experiments.judging import Verdict
from lab.reference.choosing.models import Models

_ABOUT: Final = """# Experiments

What is compared: a YAML file below `config/experiments/`, or the folder that
`CONTRAPUNTO_EXPERIMENTS` names ([how](../guide/experiments.md)). It is read when a process starts;
a field that is not listed here is an error. `contrapunto experiment check` names everything that is
wrong, and says how many people are needed.
"""

MODELS: Final = Models(
    about=_ABOUT,
    sections={
        "The file": Experiment,
        "Arms": Arm,
        "Primary": Primary,
        "Guardrails": Guardrail,
    },
    words={"Metrics": Metric, "Goals": Goal, "Harms": Harm, "Verdicts": Verdict},
    maps={"when": "map of [facts](segments.md) to conditions"},
)


def page() -> str:
    """A table for each part of a file, and the words that may be used in it."""
    return MODELS.page()
