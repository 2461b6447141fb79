"""Strategies that let settlements be offered, and have them told."""

from dataclasses import replace
from typing import Final

from activities.dependencies import Dependencies
from domain.agreements.settlement.terms import SettlementTerms

TERMS: Final = SettlementTerms.model_validate(
    {
        "tell": True,
        "authority": [
            {"role": "agent", "max_discount": 20},
            {"role": "supervisor", "max_discount": 40},
        ],
    }
)


def settling(dependencies: Dependencies) -> Dependencies:
    """The same, but that every strategy has these terms."""
    strategies = {
        name: one.model_copy(update={"settlement": TERMS})
        for name, one in dependencies.strategies.items()
    }
    return replace(dependencies, strategies=strategies)
