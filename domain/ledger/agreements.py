"""What promises, and what is told of instalments, do to a situation: pure, beside ``life``."""

from datetime import datetime
from decimal import Decimal

from domain.account import Promise
from domain.account import promised as as_promised
from domain.agreements.arrears import DueSchedule, due_of
from domain.agreements.schedule import promised_on
from domain.facts import AccountUpdated, RecordPromise
from domain.situation import Situation


def promised(situation: Situation, asked: RecordPromise, at: datetime) -> Situation:
    """A promise is on record: what comes from then on counts for it."""
    paid = (one.amount for one in situation.own_payments if one.paid_at >= at)
    promise = Promise.model_validate(
        {
            "promise_id": asked.id,
            "made_at": at,
            "paid": sum(paid, Decimal(0)),
            **as_promised(promised_on(asked)),
        }
    )
    return situation.model_copy(update={"promises": (*situation.promises, promise)})


def due_told(situation: Situation, fact: AccountUpdated, at: datetime) -> Situation:
    """What fell due is told: the newest stays, in whichever order they come."""
    as_of, known = min(fact.as_of or at, at), situation.schedule
    if fact.due is None or (known is not None and known.as_of > as_of):
        return situation
    schedule = DueSchedule(as_of=as_of, instalments=due_of(fact))
    return situation.model_copy(update={"schedule": schedule})


def reckoned(situation: Situation) -> Situation:
    """What has come since the instalments were told, reckoned anew."""
    schedule, balance_as_of = situation.schedule, situation.account.balance_as_of
    if schedule is None:
        return situation
    since = [one for one in situation.own_payments if one.paid_at > schedule.as_of]
    before = (one for one in since if balance_as_of and one.paid_at <= balance_as_of)
    paid = {
        "paid": sum((one.amount for one in since), Decimal(0)),
        "paid_before": sum((one.amount for one in before), Decimal(0)),
    }
    return situation.model_copy(update={"schedule": schedule.model_copy(update=paid)})


def scored(situation: Situation, fact: AccountUpdated, at: datetime) -> Situation:
    """The situation with the score that a message tells, unless a newer one is on record."""
    account, as_of = situation.account, min(fact.as_of or at, at)
    if fact.score is None or (account.score_as_of is not None and account.score_as_of > as_of):
        return situation
    told = account.model_copy(update={"score": fact.score, "score_as_of": as_of})
    return situation.model_copy(update={"account": told})
