"""What requests, payments and time do to payment plans of a situation: pure, beside ``life``."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from domain.account import PromiseState
from domain.agreements.plan import PaymentPlan, PlanState
from domain.agreements.schedule import laid_out
from domain.agreements.terms import PlanTerms
from domain.facts import AgreePlan, CancelPlan
from domain.situation import Situation


def received(
    situation: Situation, asked: AgreePlan | CancelPlan, terms: PlanTerms, at: datetime
) -> Situation:
    """A plan is agreed, or taken back."""
    if isinstance(asked, AgreePlan):
        return agreed(situation, asked, terms, at)
    return cancelled(situation)


def agreed(situation: Situation, asked: AgreePlan, terms: PlanTerms, at: datetime) -> Situation:
    """A plan is agreed: it takes the place of an active one, and of open promises."""
    since = (one.amount for one in situation.own_payments if one.paid_at >= at)
    plan = PaymentPlan(
        plan_id=asked.id,
        agreed_at=at,
        instalments=laid_out(asked),
        grace_days=terms.grace_days,
        broken_after=terms.broken_after,
        reaged_after=terms.reaged_after,
        paid=sum(since, Decimal(0)),
    )
    promises = tuple(
        one.model_copy(update={"state": PromiseState.REPLACED, "settled_at": at})
        if one.state is PromiseState.OPEN
        else one
        for one in situation.promises
    )
    plans = (*cancelled(situation).plans, plan)
    return situation.model_copy(update={"plans": plans, "promises": promises})


def cancelled(situation: Situation) -> Situation:
    """The active plan is taken back."""
    return situation.model_copy(
        update={
            "plans": tuple(
                one.model_copy(update={"state": PlanState.CANCELLED})
                if one.state is PlanState.ACTIVE
                else one
                for one in situation.plans
            )
        }
    )


def paid(
    plans: Iterable[PaymentPlan], amount: Decimal, arrived: datetime
) -> tuple[PaymentPlan, ...]:
    """Money has arrived: it is of every plan that had been agreed by then."""
    return tuple(
        one.model_copy(update={"paid": one.paid + amount}) if arrived >= one.agreed_at else one
        for one in plans
    )


def settled(situation: Situation, plan_id: str, state: PlanState) -> Situation:
    """A plan that was active is kept, broken or over."""
    plans = tuple(
        one.model_copy(update={"state": state})
        if one.plan_id == plan_id and one.state is PlanState.ACTIVE
        else one
        for one in situation.plans
    )
    return situation.model_copy(update={"plans": plans})
