"""The default strategy with limits of an operator's own."""

from dataclasses import replace
from typing import Any

import yaml

from config.settings import ROOT
from domain.planning.rules import Rules
from domain.strategy import Strategy
from lab.builders.situations import rules

SHIPPED = ROOT / "config" / "strategies" / "default.yaml"


def raw(**over: Any) -> dict[str, Any]:
    """The shipped file with some of its first fields otherwise."""
    found: dict[str, Any] = yaml.safe_load(SHIPPED.read_text("utf-8"))
    return {**found, **over}


def phases(**by_name: dict[str, Any]) -> list[dict[str, Any]]:
    """The shipped phases, some with fields of their own (``pre_legal`` for ``pre-legal``)."""
    named = {name.replace("_", "-"): more for name, more in by_name.items()}
    return [{**one, **named.get(one["name"], {})} for one in raw()["phases"]]


def strategy(**over: Any) -> Strategy:
    """The shipped strategy with some fields otherwise."""
    return Strategy.model_validate(raw(**over))


def limited(country: str = "US", **over: Any) -> Rules:
    """The rules of a country with such a strategy; the United States count no messages."""
    return replace(rules(country), strategy=strategy(**over))


def dense(**over: Any) -> dict[str, Any]:
    """One phase of a hundred days with a touch a day, by SMS or e-mail."""
    phase = {
        "name": "early",
        "days_past_due": [1, 100],
        "tone": "friendly",
        "purposes": ["reminder"],
        "cadence": {"min_days": 1, "max_touches": 100},
        "channels": {"email": 1, "sms": 2},
        **over,
    }
    return {"phases": [phase], "costs_in": {}}
