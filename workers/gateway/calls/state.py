"""Where a call stands, as the query of its next request carries it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class CallStep(StrEnum):
    """Where a call stands: which question the key answers."""

    ANSWERED = "answered"
    CHECK = "check"
    MENU = "menu"
    MORE = "more"
    WISH = "wish"
    HOURS = "hours"
    AMOUNT = "amount"
    OTHER = "other"
    DAYS = "days"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class CallState:
    """One moment of a call, as the query of its request carries it."""

    step: CallStep = CallStep.ANSWERED
    asked: int = 1
    """Which time the question is put."""
    amount: str = ""
    day: str = ""
    channel: str = ""
    """By which they want to be reached."""
    pressed: str = ""
    """The key of an earlier request that could not be dealt with then, and who answered it."""
    answered_by: str = ""
    again: int = 0

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "CallState":
        """Read from a query; what makes no sense is taken as absent."""

        def number(name: str, default: int) -> int:
            text = query.get(name, "")
            return int(text) if text.isdecimal() and len(text) < 3 else default

        step = query.get("step", "")
        return cls(
            step=CallStep(step) if step in set(CallStep) else CallStep.ANSWERED,
            asked=number("asked", 1),
            amount=query.get("amount", ""),
            day=query.get("day", ""),
            channel=query.get("channel", ""),
            pressed=query.get("pressed", ""),
            answered_by=query.get("answered_by", ""),
            again=number("again", 0),
        )

    def query(self) -> dict[str, str]:
        """What ``of`` reads, defaults left out."""
        given = {"step": self.step.value, "amount": self.amount, "day": self.day}
        given |= {"channel": self.channel}
        given |= {"pressed": self.pressed, "answered_by": self.answered_by}
        given |= {"asked": str(self.asked) if self.asked > 1 else ""}
        given |= {"again": str(self.again) if self.again else ""}
        return {name: value for name, value in given.items() if value}


def amount_of(text: str) -> Decimal | None:
    """An amount as our own query carries it."""
    whole, _, cents = text.partition(".")
    plain = whole.isdecimal() and len(whole) <= 16 and (not cents or cents.isdecimal())
    return Decimal(text) if plain and len(cents) <= 2 else None


def day_of(text: str) -> date | None:
    """A day as our own query carries it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
