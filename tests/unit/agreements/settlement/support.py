"""An account whose settlement may be offered, and the ledger in memory that is asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.agreements.settlement.offer import SettlementOffer
from domain.agreements.settlement.terms import SettlementTerms
from domain.entry.money import LEAST
from domain.facts import MESSAGE
from domain.ledger.memory import MemoryLedger
from domain.situation import Situation
from domain.strategy import Strategy
from lab.builders.situations import rules, situation

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""A Monday, in Bogota."""
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
KEY = "bank/A1"
TERMS: dict[str, Any] = {
    "expires_days": 15,
    "pay_within_days": 10,
    "grace_days": 2,
    "authority": [
        {
            "role": "agent",
            "phases": ["late", "pre-legal"],
            "min_days_past_due": 65,
            "max_days_past_due": 110,
            "balance": {"COP": {"least": 50_000, "most": 200_000}},
            "max_discount": 20,
        },
        {"role": "supervisor", "phases": ["late", "pre-legal"], "max_discount": 40},
        {"role": "manager", "max_discount": "55.5"},
    ],
}


def strategy(**changes: Any) -> Strategy:
    """The default one, with these terms."""
    terms = SettlementTerms.model_validate({**TERMS, **changes})
    return rules().strategy.model_copy(update={"settlement": terms})


def owing(balance: str = "100000.00", days: int = 70, **rest: Any) -> Situation:
    """An account in the phase `late`."""
    return situation(days_past_due=days, now=NOON, balance=balance, **rest)


class Desk:
    """One account, and what is asked of it."""

    def __init__(self, found: Situation | None = None, at: datetime = NOON, **terms: Any) -> None:
        self.strategy, self.at, self.number = strategy(**terms), at, 0
        self.ledger = MemoryLedger([found or owing()], self.strategy, LEAST)

    def ask(self, kind: str, **told: Any) -> str | None:
        """Why it was refused; None: it was not."""
        self.number += 1
        message = {"id": f"m{self.number}", **told, "kind": kind}
        return self.ledger.record(KEY, MESSAGE.validate_python(message), self.at)

    def offer(self, discount: str | None = "20", role: str = "agent", **told: Any) -> str | None:
        """Ana offers."""
        given = {"discount": discount} if discount is not None else {}
        return self.ask("offer_settlement", **{"by": "ana", "role": role, **given, **told})

    @property
    def situation(self) -> Situation:
        """As it stands now."""
        return self.ledger.situation(KEY, self.at)

    @property
    def last(self) -> SettlementOffer:
        """The latest offer."""
        return self.situation.offers[-1]

    @property
    def states(self) -> dict[str, str]:
        """Of all offers."""
        return {one.offer_id: one.state.value for one in self.situation.offers}
