"""One request of a call, with all that is known of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.message_content import DebtLine, MessageContext
from store.call_scripts import HeldCall
from workers.gateway.calls.state import CallState


@dataclass(frozen=True)
class Turn:
    """One request of a call that is ours: who, where, when, and what was pressed."""

    held: HeldCall
    sid: str
    place: CallState
    digits: str
    answered_by: str
    now: datetime

    @property
    def context(self) -> MessageContext:
        """What the whole call is about."""
        return self.held.script.context

    @property
    def to_party(self) -> bool:
        """Whether it is to one who stands for the debt, and not to its debtor."""
        return self.lead is None

    @property
    def lead(self) -> DebtLine | None:
        """The one debt that a promise is about."""
        return self.held.script.lead

    @property
    def about_lead(self) -> MessageContext:
        """The same, of the one debt that a promise is about."""
        return self.context.model_copy(update={"debts": (self.lead,)})

    def promised(self, amount: Decimal, day: date) -> MessageContext:
        """The same, with what is being promised."""
        said = {"promised_amount": amount, "promised_date": day}
        return self.about_lead.model_copy(update=said)
