"""A payment plan: what is due when, what has been paid of it, and when it is kept or broken.

What is paid since the agreement goes to the oldest instalment first. Nothing of an instalment is
kept but its date and amount: its state follows from the payments.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.account import Account, AccountStatus
from domain.agreements.parts import Instalment, InstalmentState, Part, covered, standing, total
from domain.amounts import Money
from domain.model import Instant, Model


class PlanState(StrEnum):
    """A plan is active until it is paid, missed too often or taken back."""

    ACTIVE = "active"
    KEPT = "kept"
    BROKEN = "broken"
    CANCELLED = "cancelled"


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
        return total(self.instalments)

    def parts(self, now: datetime, zones: Sequence[str]) -> tuple[Part, ...]:
        """Its instalments as they stand at an instant."""
        return standing(self.instalments, self.paid, self.grace_days, now, zones)

    @property
    def reages(self) -> bool:
        """Whether days past due count from it."""
        if self.reaged_after is None or self.state is PlanState.CANCELLED:
            return False
        return self._covered() >= self.reaged_after

    @property
    def counts_from(self) -> date:
        """The date of its next unpaid instalment, or else of its last."""
        rest = self.instalments[self._covered() :]
        return (rest or self.instalments[-1:])[0].due_on

    def _covered(self) -> int:
        return sum(1 for _ in covered(self.instalments, self.paid))


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
