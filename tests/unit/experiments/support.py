"""Experiments for tests."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.experiments.experiment import Experiment

NAMES = ("usual", "gentle", "third", "fourth")
TREATMENTS: tuple[dict[str, Any], ...] = (
    {"strategy": "default"},
    {"strategy": "gentle"},
    {"holdout": True},
    {"strategy": "fourth"},
)


def said(shares: Sequence[str] = ("0.5", "0.5"), **more: Any) -> dict[str, Any]:
    """What a file says: the usual strategy against a gentle one."""
    arms = [
        {"name": name, "share": share, **treatment}
        for name, share, treatment in zip(NAMES, shares, TREATMENTS, strict=False)
    ]
    return {
        "id": "gentle-start",
        "version": 1,
        "starts": date(2026, 12, 1),
        "until": date(2027, 2, 28),
        "arms": arms,
        "champion": "usual",
        "margin": "0.03",
        **more,
    }


def experiment(shares: Sequence[str] = ("0.5", "0.5"), **more: Any) -> Experiment:
    """The same, read."""
    return Experiment.model_validate(said(shares, **more))
