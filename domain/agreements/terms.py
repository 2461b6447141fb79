"""What a strategy allows to be agreed; data, edited as YAML."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.model import Strict


class Reageing(StrEnum):
    """Since when the days past due of an account with a payment plan count."""

    NONE = "none"
    """As without the plan: from the oldest due date on."""
    ON_AGREEMENT = "on_agreement"
    """From the next unpaid instalment on, as soon as the plan is agreed."""
    AFTER_PAYMENTS = "after_payments"
    """The same, once `reage_after` instalments are paid."""


class PartPayments(StrEnum):
    """Which of the instalments that fell due a payment pays, where it does not pay them all."""

    OLDEST_FIRST = "oldest_first"
    """The oldest: days past due count from the oldest that is not paid in full."""
    NEWEST_FIRST = "newest_first"
    """The newest: days past due count from the oldest until all is paid."""
    NONE = "none"
    """None: days past due count as they are told, whatever is paid."""


class PlanTerms(Strict):
    """What payment plans may be agreed, and what they do. A plan keeps the terms of the day on
    which it was agreed: `grace_days`, `broken_after` and re-ageing."""

    fewest_instalments: Annotated[int, Field(ge=1)] = 2
    """Instalments at least, the down payment included."""
    most_instalments: Annotated[int, Field(ge=1, le=250)] = 12
    """Instalments at most, the down payment included."""
    longest_days: Annotated[int, Field(ge=1, le=3_653)] = 365
    """How many days ahead, on the customer's calendar, the last instalment may lie at most."""
    first_within_days: Annotated[int, Field(ge=0)] = 45
    """How many days ahead the first instalment, or the down payment, may lie at most."""
    smallest_payment: dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], Decimal] = Field({})
    """By currency (ISO 4217), the smallest instalment. Where a currency is not named: the smallest
    balance that anybody is written to about."""
    grace_days: Annotated[int, Field(ge=0)] = 3
    """Days beyond an instalment's date, on the customer's calendar, after the last of which it is
    missed."""
    remind_days: Annotated[int, Field(ge=0)] | None = 2
    """From how many days before an instalment's date one reminder of it may go out, until that date
    ends; 0: on the date alone. One that is so near when the plan is agreed is not remembered.
    `null`: none is."""
    tell_missed: bool = True
    """Whether one message says, within the grace, that an instalment has not come."""
    broken_after: Annotated[int, Field(ge=1)] = 2
    """How many instalments have to be missed and unpaid at a time for the plan to be broken. It is
    broken, too, when its last one is missed."""
    reageing: Reageing = Reageing.NONE
    """Since when days past due count. What a plan has re-aged stays so when it is kept or broken:
    counted from its next unpaid instalment, or else its last. Cancelled, it is as if it had not
    been."""
    reage_after: Annotated[int, Field(ge=1)] = 3
    """Of `after_payments`: how many instalments."""

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.fewest_instalments > self.most_instalments:
            raise ValueError(
                f"fewest_instalments ({self.fewest_instalments}) must not be more than "
                f"most_instalments ({self.most_instalments})"
            )
        return self

    @property
    def reaged_after(self) -> int | None:
        """After how many payments a plan re-ages its account; None: never."""
        return {
            Reageing.NONE: None,
            Reageing.ON_AGREEMENT: 0,
            Reageing.AFTER_PAYMENTS: self.reage_after,
        }[self.reageing]
