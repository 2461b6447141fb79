"""How the people of an arm are collected.

A hold-out shows what automation is worth: what people do whom it leaves alone. It is a strategy
like any other, made of the champion's: whatever automation does of its own accord is taken out, and
all that answers, or that people decide, is left. So no rule of planning knows of hold-outs, and the
law, stops and wishes hold for them as for anybody.
"""

from typing import Final

from domain.agreements.settlement.terms import SettlementTerms
from domain.strategy import Cadence, Strategy

_HELD_OUT: Final = "held-out-of-"
"""Before the id of the champion's strategy; none of an operator's begins so."""


def holdout_of(strategy: str | None) -> str:
    """The id of what is left of a strategy for a hold-out."""
    return f"{_HELD_OUT}{strategy or 'default'}"


def is_holdout(strategy: str) -> bool:
    """Whether an id is that of such a strategy."""
    return strategy.startswith(_HELD_OUT)


def held_out(strategy: Strategy) -> Strategy:
    """What is left of it: no touch, no person's turn, nobody who stands for the account, no
    reminder of a promise, a plan or a settlement, no word of an offer, no thanks, no question how
    they want to be reached."""
    nothing = Cadence(min_days=1, max_touches=0)
    phases = tuple(
        phase.model_copy(update={"cadence": nothing, "person": None, "parties": ()})
        for phase in strategy.phases
    )
    settlement: SettlementTerms = strategy.settlement.model_copy(
        update={"tell": False, "remind_days": None}
    )
    return strategy.model_copy(
        update={
            "id": holdout_of(strategy.id),
            "phases": phases,
            "promise": strategy.promise.model_copy(update={"remind_days": None}),
            "plan": strategy.plan.model_copy(update={"remind_days": None, "tell_missed": False}),
            "settlement": settlement,
            "thanks_within_days": 0,
            "ask_preference": False,
        }
    )
