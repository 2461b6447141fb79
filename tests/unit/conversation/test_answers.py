"""What a customer asked is answered once: where they asked, as soon as the law allows it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from config.reader import load_reader
from domain.account import Promise
from domain.channels import ANSWERS, Channel, Purpose
from domain.conversation.reader import Heard
from domain.conversation.work import ANSWERED_BY, ASKED_BACK, SILENCING, Work, lacking
from domain.conversation.work_words import WorkReason
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.ledger.attempt import AttemptState
from domain.planning.answers import ANSWER_WITHIN
from domain.planning.pauses import PAID_CHECK
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Status, StepKind
from domain.situation import Reply, Situation
from domain.strategy import Strategy
from lab.builders.situations import rules, situation
from tests.unit.planner.support import after, contact, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def answering(country: str = "US", *only: Purpose) -> Rules:
    found = rules(country)
    strategy = found.strategy.model_copy(update={"answers": only or tuple(ANSWERS)})
    return replace(found, strategy=strategy)


def asked(
    reason: WorkReason, at: datetime = NOON - SECOND, point: str = "p-sms", **fields: Any
) -> Situation:
    """They were reminded an hour before, and wrote."""
    channel = Channel.SMS if point == "p-sms" else Channel.EMAIL
    values: dict[str, Any] = {
        "country": "US",
        "zones": (NEW_YORK,),
        "now": NOON,
        "contacts": (contact(at - HOUR),),
        "replies": (Reply(at=at, channel=channel, contact_point_id=point, message="twilio/SM1"),),
        "work": (Work(work_id=1, reason=reason, opened_at=at, contact_point_id=point),),
    }
    return situation(**values | fields)


@pytest.mark.parametrize(("reason", "purpose"), ANSWERED_BY.items())
@pytest.mark.parametrize("point", ["p-sms", "p-email"])
def test_a_question_is_answered_at_once_where_it_was_asked(
    reason: WorkReason, purpose: Purpose, point: str
) -> None:
    found = asked(reason, point=point)
    step = plan(found, NOON, answering())
    assert (step.kind, step.purpose, step.contact_point_id) == (StepKind.CONTACT, purpose, point)
    assert (step.not_before, step.touch) == (NOON, 0)
    told = after(found, step, NOON)
    then = plan(told, NOON + SECOND, answering())
    assert (then.kind, then.why) == (StepKind.WAIT, "reply")


@pytest.mark.parametrize("state", [AttemptState.UNKNOWN, AttemptState.UNDELIVERED])
def test_what_may_have_been_answered_is_not_answered_again(state: AttemptState) -> None:
    found = asked(WorkReason.IDENTITY)
    step = plan(found, NOON, answering())
    told = after(found, step, NOON, state=state)
    assert plan(told, NOON + SECOND, answering()).purpose is not Purpose.IDENTITY_ANSWER


def test_who_asks_again_and_again_is_answered_once_and_then_by_a_person() -> None:
    found = asked(WorkReason.IDENTITY)
    told = after(found, plan(found, NOON, answering()), NOON)
    again = NOON + HOUR
    work = Work(work_id=2, reason=WorkReason.IDENTITY, opened_at=again, contact_point_id="p-sms")
    told = told.model_copy(update={"work": (work,)})
    assert plan(told, again + SECOND, answering()).why == "reply"
    next_day = NOON + timedelta(days=1)
    work = work.model_copy(update={"opened_at": next_day})
    told = told.model_copy(update={"work": (work,)})
    assert plan(told, next_day + SECOND, answering()).purpose is Purpose.IDENTITY_ANSWER


def test_only_what_the_strategy_names_is_answered() -> None:
    found = asked(WorkReason.BALANCE)
    assert plan(found, NOON, answering("US", Purpose.IDENTITY_ANSWER)).why == "reply"
    assert plan(found, NOON, rules("US")).why == "reply"


@pytest.mark.parametrize("reason", sorted(set(WorkReason) - set(ANSWERED_BY) - {WorkReason.CRISIS}))
def test_everything_else_is_a_persons(reason: WorkReason) -> None:
    assert plan(asked(reason), NOON, answering()).kind is StepKind.WAIT


@pytest.mark.parametrize("reason", sorted(SILENCING))
def test_nothing_is_answered_beside_what_a_person_must_decide(reason: WorkReason) -> None:
    found = asked(WorkReason.BALANCE)
    grave = Work(work_id=2, reason=reason, opened_at=NOON - SECOND)
    found = found.model_copy(update={"work": (*found.work, grave)})
    assert plan(found, NOON, answering()).why == reason


def test_nothing_is_answered_on_hold_nor_after_the_end() -> None:
    held = asked(WorkReason.BALANCE, account={"hold_until": NOON + HOUR, "hold_reason": "audit"})
    assert plan(held, NOON, answering()).why == "hold"
    assert plan(asked(WorkReason.BALANCE, balance="0.00"), NOON, answering()).ends


def test_a_question_by_night_is_answered_when_the_law_opens() -> None:
    night = local(NEW_YORK, "2026-11-23 23:00")
    found = asked(WorkReason.BALANCE, at=night - SECOND)
    step = plan(found, night, answering())
    opens = local(NEW_YORK, "2026-11-24 08:00")
    assert (step.purpose, step.not_before) in (
        (Purpose.BALANCE_ANSWER, opens),
        (Purpose.BALANCE_ANSWER, night),  # where the law lets who wrote first be answered
    )


def test_too_late_it_is_a_persons() -> None:
    at = NOON - ANSWER_WITHIN
    assert plan(asked(WorkReason.BALANCE, at=at), NOON, answering()).kind is StepKind.WAIT
    soon = plan(asked(WorkReason.BALANCE, at=at + SECOND), NOON, answering())
    assert soon.purpose is Purpose.BALANCE_ANSWER
    assert soon.not_after == NOON + SECOND


def test_the_account_last_spoken_of_answers_and_no_other() -> None:
    mine, other = contact(NOON - 3 * HOUR), contact(NOON - 2 * HOUR, account="bank/A2")
    for contacts, answers in (
        ((mine,), True),
        ((mine, other), False),
        ((), False),
        ((mine, contact(NOON - HOUR, account="bank/A2", state=AttemptState.RELEASED)), True),
    ):
        found = asked(WorkReason.BALANCE, contacts=contacts)
        step = plan(found, NOON, answering())
        assert (step.purpose is Purpose.BALANCE_ANSWER) is answers, contacts


def test_a_stop_leaves_nothing_to_answer_there() -> None:

    stop = LawEvent(kind=EventKind.OPT_OUT, at=NOON, channel=Medium.SMS, contact_point_id="p-sms")
    found = asked(WorkReason.BALANCE)
    found = found.model_copy(update={"law_events": (*found.law_events, stop)})
    assert plan(found, NOON + SECOND, answering()).purpose is not Purpose.BALANCE_ANSWER


def test_a_promise_that_a_message_made_is_read_back_once_and_another_is_not() -> None:
    promise = Promise(
        promise_id="said:twilio/SM1",
        amount=Decimal(50),
        due_on=date(2026, 12, 1),
        made_at=NOON - SECOND / 4,
    )
    found = asked(WorkReason.PROMISE, work=(), promises=(promise,))
    step = plan(found, NOON, answering())
    assert (step.purpose, step.view.status) == (Purpose.PROMISE_CONFIRMATION, Status.PROMISED)
    then = plan(after(found, step, NOON), NOON + SECOND, answering())
    assert (then.kind, then.why) == (StepKind.WAIT, "promise")
    # Before it was recorded something else came from elsewhere: it is read back where it was said.
    later = Reply(at=NOON - SECOND / 2, channel=Channel.EMAIL, contact_point_id="p-email")
    other = later.model_copy(update={"message": "resend/E1"})
    beside = found.model_copy(update={"replies": (*found.replies, other)})
    assert plan(beside, NOON, answering()).contact_point_id == "p-sms"
    by_a_person = promise.model_copy(update={"promise_id": "desk-1"})
    found = found.model_copy(update={"promises": (by_a_person,)})
    assert plan(found, NOON, answering()).purpose is not Purpose.PROMISE_CONFIRMATION


def test_a_strategy_names_answers_alone() -> None:
    written = rules("US").strategy.model_dump(mode="json")
    assert Strategy.model_validate(written | {"answers": ["balance_answer"]}).answers
    with pytest.raises(ValidationError, match="reminder answers nothing: the answers are balance"):
        Strategy.model_validate(written | {"answers": ["reminder"]})


def lacks(reason: WorkReason, **fields: Any) -> Situation:
    found = asked(reason, **fields)
    work = tuple(one.model_copy(update={"lacking": True}) for one in found.work)
    return found.model_copy(update={"work": work})


@pytest.mark.parametrize(("reason", "purpose"), ASKED_BACK.items())
@pytest.mark.parametrize("point", ["p-sms", "p-email"])
def test_what_is_lacking_is_asked_for_once_where_it_was_written(
    reason: WorkReason, purpose: Purpose, point: str
) -> None:
    found = lacks(reason, point=point)
    step = plan(found, NOON, answering())
    assert (step.kind, step.purpose, step.contact_point_id) == (StepKind.CONTACT, purpose, point)
    told = after(found, step, NOON)
    assert plan(told, NOON + SECOND, answering()).kind is StepKind.WAIT
    # They write again and it is lacking still: it is a person's.
    again = NOON + HOUR
    written = Reply(at=again, channel=Channel.SMS, contact_point_id="p-sms")
    told = told.model_copy(update={"replies": (*told.replies, written)})
    assert plan(told, again + SECOND, answering()).kind is StepKind.WAIT
    only = Purpose.BALANCE_ANSWER
    assert plan(found, NOON, answering("US", only)).kind is StepKind.WAIT, "not if not named"
    assert plan(asked(reason, point=point), NOON, answering()).kind is StepKind.WAIT, "complete"


def test_nobody_is_asked_to_pay_while_what_they_say_they_have_paid_is_looked_for() -> None:
    found = asked(WorkReason.ALREADY_PAID)
    step = plan(found, NOON, rules("US"))
    assert (step.why, step.view.status) == (PAID_CHECK, Status.RESTING)
    assert step.not_before == local(NEW_YORK, "2026-11-28 00:00")
    assert "the payment is looked for (work 1)" in step.summary
    later = plan(found, step.not_before, rules("US"))
    assert later.kind is StepKind.CONTACT, "a person had their time"
    done = found.model_copy(update={"work": ()})
    assert plan(done, NOON, rules("US")).not_before < step.not_before
    none = replace(
        rules("US"), strategy=rules("US").strategy.model_copy(update={"paid_check_days": 0})
    )
    assert plan(found, NOON, none).why == "reply"


@pytest.mark.parametrize(
    ("text", "lacks_day_or_amount"),
    [
        ("el viernes pago 200 mil", False),
        ("el viernes pago", True),
        ("te pago 200 mil", True),
        ("pago la semana que viene", True),
        ("le pago pronto", True),
    ],
)
def test_a_promise_lacks_its_day_or_its_amount(text: str, *, lacks_day_or_amount: bool) -> None:
    heard = Heard(text, "es-CO", NOON, "COP", Decimal(850_000))
    found = lacking(load_reader().read(heard))
    assert (WorkReason.PROMISE in found) == lacks_day_or_amount
    assert WorkReason.ALREADY_PAID in found, "a receipt is never read"
