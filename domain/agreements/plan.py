"""A payment plan: what is due when, what has been paid of it, and when it is kept or broken.

What is paid since the agreement goes to the oldest instalment first. Nothing of an instalment is
kept but its date and amount: its state follows from the payments.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.account import Account, AccountStatus
from domain.amounts import Money
from domain.calendar import day_start
from domain.model import Instant, Model


class PlanState(StrEnum):
    """A plan is active until it is paid, missed too often or taken back."""

    ACTIVE = "active"
    KEPT = "kept"
    BROKEN = "broken"
    CANCELLED = "cancelled"


class InstalmentState(StrEnum):
    """Where an instalment is, by the payments since the agreement and the customer's calendar."""

    DUE = "due"
    """Its date is not over."""
    LATE = "late"
    """Its date is over, its grace is not."""
    MISSED = "missed"
    """Its grace is over."""
    PAID = "paid"


class Instalment(Model):
    """One part of a plan."""

    due_on: date
    """The last day, on the customer's calendar, on which it is paid in time."""
    amount: Money


class Part(Model):
    """An instalment as it stands."""

    number: int
    """From 1; a down payment is the first."""
    due_on: date
    amount: Money
    open: Money
    """What is still to be paid of it."""
    ends: Instant
    """When its date is over, in every zone of the customer."""
    missed_at: Instant
    """When its grace is over."""
    state: InstalmentState


class PaymentPlan(Model):
    """A plan with the terms under which it was agreed."""

    plan_id: str
    agreed_at: Instant
    instalments: tuple[Instalment, ...]
    """By date."""
    grace_days: int
    broken_after: int
    reaged_after: int | None = None
    """After how many paid instalments days past due count from its next unpaid one; None: never."""
    paid: Money = Decimal(0)
    """What has arrived since it was agreed."""
    state: PlanState = PlanState.ACTIVE

    @property
    def total(self) -> Decimal:
        """All of its instalments together."""
        return sum((one.amount for one in self.instalments), Decimal(0))

    def parts(self, now: datetime, zones: Sequence[str]) -> tuple[Part, ...]:
        """Its instalments as they stand at an instant."""
        left, found = self.paid, []
        for number, one in enumerate(self.instalments, start=1):
            open_ = max(one.amount - left, Decimal(0))
            left = max(left - one.amount, Decimal(0))
            ends = day_start(one.due_on + timedelta(days=1), zones)
            missed_at = day_start(one.due_on + timedelta(days=self.grace_days + 1), zones)
            if open_ == 0:
                state = InstalmentState.PAID
            elif now < ends:
                state = InstalmentState.DUE
            else:
                state = InstalmentState.LATE if now < missed_at else InstalmentState.MISSED
            told = {"open": open_, "ends": ends, "missed_at": missed_at, "state": state}
            found.append(Part(number=number, due_on=one.due_on, amount=one.amount, **told))
        return tuple(found)

    @property
    def reages(self) -> bool:
        """Whether days past due count from it."""
        if self.reaged_after is None or self.state is PlanState.CANCELLED:
            return False
        return sum(1 for _ in self._covered()) >= self.reaged_after

    @property
    def counts_from(self) -> date:
        """The date of its next unpaid instalment, or else of its last."""
        rest = self.instalments[sum(1 for _ in self._covered()) :]
        return (rest or self.instalments[-1:])[0].due_on

    def _covered(self) -> Iterator[Instalment]:
        left = self.paid
        for one in self.instalments:
            left -= one.amount
            if left < 0:
                return
            yield one


def settle(plan: PaymentPlan, account: Account, now: datetime, zones: Sequence[str]) -> PlanState:
    """What has become of a plan: kept as soon as it is paid, or nothing is owed any more."""
    if plan.state is not PlanState.ACTIVE:
        return plan.state
    if account.since is not None and plan.agreed_at < account.since:
        return PlanState.CANCELLED  # it was of an earlier delinquency
    if plan.paid >= plan.total or account.balance <= 0:
        return PlanState.KEPT
    if account.status is AccountStatus.CLOSED:
        return PlanState.ACTIVE  # what a file left out for a day goes on
    missed = [one for one in plan.parts(now, zones) if one.state is InstalmentState.MISSED]
    last_is_missed = bool(missed) and missed[-1].number == len(plan.instalments)
    broken = last_is_missed or len(missed) >= plan.broken_after
    return PlanState.BROKEN if broken else PlanState.ACTIVE


def active(
    plans: Iterable[PaymentPlan], account: Account, now: datetime, zones: Sequence[str]
) -> PaymentPlan | None:
    """The plan that is active at an instant; there is one at most."""
    return next(
        (
            one
            for one in plans
            if one.agreed_at <= now and settle(one, account, now, zones) is PlanState.ACTIVE
        ),
        None,
    )


def counted_from(plans: Iterable[PaymentPlan], due: date, since: datetime | None) -> date:
    """Since when days past due count of an account that the creditor says is due since ``due``.

    Where plans of the present delinquency, which began at ``since``, have re-aged it, the later.
    """
    reaged = (
        one.counts_from for one in plans if one.reages and (since is None or one.agreed_at >= since)
    )
    return max((due, *reaged))
