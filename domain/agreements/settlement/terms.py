"""Who may offer which discount; data, edited as YAML in a strategy."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from domain.model import Strict

Role = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z][a-z_-]*$")]
"""A role of people at work, in lower-case letters, as `agent` or `supervisor`."""


class Case(NamedTuple):
    """What an authority is judged by: the debt as it stands."""

    currency: str
    balance: Decimal
    phase: str | None
    days_past_due: int


class BalanceRange(Strict):
    """From which balance to which, both inside."""

    least: Annotated[Decimal, Field(ge=0)] | None = None
    """None: from any."""
    most: Annotated[Decimal, Field(ge=0)] | None = None
    """None: to any."""

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least ({self.least}) must not be more than most ({self.most})")
        return self

    def holds(self, balance: Decimal) -> bool:
        """Whether a balance is inside."""
        return (self.least is None or balance >= self.least) and (
            self.most is None or balance <= self.most
        )


class Authority(Strict):
    """What one role may give away, and of which debts. Of several of one role that hold for a
    debt, the one that gives most counts."""

    role: Role
    """Whose it is."""
    max_discount: Annotated[Decimal, Field(gt=0, lt=100)]
    """Percent of the balance that is let go, at most."""
    phases: tuple[str, ...] = ()
    """In which phases of the strategy; left out: in any, and outside of them."""
    min_days_past_due: int | None = None
    """From which day past due on; `null`: from any."""
    max_days_past_due: int | None = None
    """Until which day past due, that day included; `null`: until any."""
    balance: dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], BalanceRange] = Field({})
    """By currency (ISO 4217), of which balances. Left out: of all. Where it names some currencies,
    it is none for the others."""

    def holds(self, case: Case) -> bool:
        """Whether it is an authority over this debt."""
        least, most = self.min_days_past_due, self.max_days_past_due
        if self.phases and case.phase not in self.phases:
            return False
        if (least is not None and case.days_past_due < least) or (
            most is not None and case.days_past_due > most
        ):
            return False
        within = self.balance.get(case.currency)
        return not self.balance if within is None else within.holds(case.balance)


class SettlementTerms(Strict):
    """What settlements may be offered, by whom, and what they do. An offer keeps the terms of the
    day on which it was made: its days, and the authority under which it stands."""

    authority: tuple[Authority, ...] = ()
    """Who may offer and approve which discount. What is above the authority of who offers waits for
    another person whose authority reaches. Left out: nobody may, nothing is offered."""
    expires_days: Annotated[int, Field(ge=0, le=366)] = 15
    """Until how many days ahead, on the customer's calendar, an offer may be accepted: the last day
    included. It may be made for fewer, never for more."""
    pay_within_days: Annotated[int, Field(ge=0, le=366)] = 10
    """Within how many days of its acceptance its amount is to be paid."""
    grace_days: Annotated[int, Field(ge=0)] = 2
    """Days beyond that day, after the last of which what is not paid is `unpaid`."""
    remind_days: Annotated[int, Field(ge=0)] | None = 2
    """From how many days before the day of payment one reminder may go out, until that day ends.
    `null`: none does."""
    tell: bool = False
    """Whether the customer is told of an offer, once: as soon as the law allows it, until it
    expires, and not on a day on which something else was said of the account. Left out: who made
    it tells them."""

    def most_for(self, role: str, case: Case) -> Decimal | None:
        """The largest discount of a role for a debt, in percent; None: it has no authority."""
        return max(
            (one.max_discount for one in self.authority if one.role == role and one.holds(case)),
            default=None,
        )

    def roles(self, case: Case) -> Iterator[tuple[str, Decimal]]:
        """Every role that has authority over a debt, with its largest discount, the least first."""
        found = {
            one.role: most for one in self.authority if (most := self.most_for(one.role, case))
        }
        yield from sorted(found.items(), key=lambda one: (one[1], one[0]))
