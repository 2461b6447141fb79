"""Who is in a hold-out is left alone by automation, and answered."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from domain.account import Payment, Promise
from domain.agreements.settlement.terms import SettlementTerms
from domain.channels import ANSWERS, Purpose
from domain.conversation.work import ANSWERED_BY
from domain.conversation.work_words import WorkReason
from domain.experiments.treatment import held_out
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import StepKind
from domain.situation import Situation
from domain.strategy import PersonsTurn, Strategy
from lab.builders.situations import rules, situation
from tests.unit.agreements import test_planning as plans
from tests.unit.agreements.settlement import test_planning as settlements
from tests.unit.conversation.test_answers import NEW_YORK, NOON, asked
from tests.unit.planner.support import contact, contacts, lived
from tests.unit.planner.test_properties import lives

DAY = timedelta(days=1)
ALLOWED = ANSWERS | {Purpose.OPT_OUT_CONFIRMATION, Purpose.PERSON}


def greedy() -> Strategy:
    """One that does of its own accord all that there is to do."""
    usual = rules("US").strategy
    return usual.model_copy(
        update={
            "thanks_within_days": 5,
            "ask_preference": True,
            "answers": tuple(ANSWERS),
            "promise": usual.promise.model_copy(update={"remind_days": 2}),
            "settlement": SettlementTerms(tell=True),
            "phases": tuple(
                phase.model_copy(update={"person": PersonsTurn(after=2)}) for phase in usual.phases
            ),
        }
    )


def under(strategy: Strategy, country: str = "US") -> Rules:
    return replace(rules(country), strategy=strategy)


def american(**fields: object) -> Situation:
    return situation(**{"country": "US", "zones": (NEW_YORK,), "now": NOON, **fields})  # type: ignore[arg-type]


PROMISE = Promise(
    promise_id="p", amount=Decimal(100), due_on=date(2026, 12, 1), made_at=NOON - 2 * DAY
)
PAID = Payment(payment_id="p", amount=Decimal("100.00"), paid_at=NOON - timedelta(hours=1))
REFUSED = contact(
    NOON - timedelta(minutes=1), state=AttemptState.REFUSED, refusal=RefusalKind.CONFIGURATION
)


@pytest.mark.parametrize(
    "found",
    [
        american(),
        american(days_past_due=70),
        american(promises=(PROMISE,)),
        american(balance="0.00", own_payments=(PAID,), contacts=(contact(NOON - 6 * DAY),)),
        american(contacts=(REFUSED,)),
        plans.american(plans.agreed()),
        settlements.american(settlements.offer()),
        settlements.american(settlements.accepted()),
    ],
    ids=["early", "late", "promise", "paid", "begun before", "plan", "offer", "settlement"],
)
def test_what_another_customer_is_told_they_are_not(found: Situation) -> None:
    until = NOON + 60 * DAY
    assert contacts(lived(found, NOON, under(greedy()), until=until))
    held = lived(found, NOON, under(held_out(greedy())), until=until)
    assert contacts(held) == []
    assert not any(step.why == "turn" or "person" in step.summary for step in held)


@pytest.mark.parametrize("reason", ANSWERED_BY)
def test_what_they_ask_is_answered_as_anybodys_question_is(reason: WorkReason) -> None:
    usual, held = (plan(asked(reason), NOON, under(one)) for one in (greedy(), held_out(greedy())))
    assert usual.kind is StepKind.CONTACT
    assert (held.kind, held.purpose, held.not_before) == (
        *(usual.kind, usual.purpose, usual.not_before),
    )


@given(lives())
def test_whatever_they_lived_through_nothing_goes_out_that_nobody_asked_for(
    life: tuple[Situation, datetime],
) -> None:
    found, now = life
    obeyed = under(held_out(greedy()), found.customer.country)
    for step in lived(found, now, obeyed, until=now + 30 * DAY):
        assert step.kind is not StepKind.CONTACT or step.purpose in ALLOWED


def test_the_phases_and_the_end_are_those_of_the_champion() -> None:
    usual, held = greedy(), held_out(greedy())
    assert [(one.name, one.days_past_due) for one in held.phases] == [
        (one.name, one.days_past_due) for one in usual.phases
    ]
    assert Strategy.model_validate(held.model_dump()) == held, "it could stand in a file"
