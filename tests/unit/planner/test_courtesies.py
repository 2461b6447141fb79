"""Messages beside the cadence: a promise remembered, a payment thanked for, a stop confirmed."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.account import AccountStatus, CloseReason, Payment, Promise
from domain.channels import Channel, Purpose
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Step, StepKind
from domain.situation import Situation
from lab.builders.situations import rules, situation
from tests.unit.planner.support import after, contact, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
DAY = timedelta(days=1)


def american(**fields: Any) -> Situation:
    return situation(**{"country": "US", "zones": (NEW_YORK,), "now": NOON, **fields})


def wanting(**strategy: Any) -> Rules:
    found = rules("US")
    return replace(found, strategy=found.strategy.model_copy(update=strategy))


def promise(due: date, made_at: datetime = NOON - DAY) -> Promise:
    return Promise(promise_id="p1", amount=Decimal("50.00"), due_on=due, made_at=made_at)


def day(step: Step) -> str:
    return f"{(step.not_before - timedelta(hours=5)):%Y-%m-%d}"


# --- promises -------------------------------------------------------------------------------------


def test_a_promise_is_remembered_the_day_before_its_date_once() -> None:
    found = american(promises=(promise(date(2026, 12, 1)),))
    step = plan(found, NOON, rules("US"))
    assert (step.kind, step.purpose, day(step)) == (
        StepKind.CONTACT,
        Purpose.PROMISE_REMINDER,
        "2026-11-30",
    )
    assert (step.touch, step.covers) == (0, ("bank/A1",))
    reminded = after(found, step, step.not_before)
    then = plan(reminded, step.not_before + timedelta(minutes=1), rules("US"))
    assert (then.kind, then.why) == (StepKind.WAIT, "promise")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"promises": (promise(date(2026, 11, 24), NOON - timedelta(hours=1)),)}, "promise"),
        (
            {
                "promises": (promise(date(2026, 11, 25)),),
                "contacts": (contact(NOON - timedelta(hours=2)),),
            },
            "promise",
        ),
        (
            {
                "promises": (promise(date(2026, 12, 1)),),
                "account": {"hold_until": NOON + 30 * DAY, "hold_reason": "ill"},
            },
            "hold",
        ),
    ],
    ids=["made the day before", "told two days before", "on hold"],
)
def test_a_promise_is_not_remembered_where_a_word_would_be_one_too_many(
    fields: dict[str, Any], why: str
) -> None:
    step = plan(american(**fields), NOON, rules("US"))
    assert (step.kind, step.why) == (StepKind.WAIT, why)


def test_a_reminder_takes_no_touch_from_the_phase() -> None:
    said = contact(NOON - 20 * DAY, purpose=Purpose.PROMISE_REMINDER, touch=0)
    step = plan(american(days_past_due=25, contacts=(said,)), NOON, rules("US"))
    assert step.touch == 1


# --- thanks ---------------------------------------------------------------------------------------


def cured(told: timedelta, paid: timedelta) -> Situation:
    payment = Payment(payment_id="p", amount=Decimal("100.00"), paid_at=NOON - paid)
    return american(
        balance="0.00", own_payments=(payment,), contacts=(contact(NOON - told),), days_past_due=20
    )


def test_a_payment_that_cures_is_thanked_for_once_and_then_the_account_is_closed() -> None:
    grateful = wanting(thanks_within_days=3)
    found = cured(told=6 * DAY, paid=timedelta(hours=1))
    step = plan(found, NOON, grateful)
    assert (step.kind, step.purpose) == (StepKind.CONTACT, Purpose.PAYMENT_THANKS)
    thanked = after(found, step, step.not_before)
    then = plan(thanked, step.not_before + timedelta(minutes=1), grateful)
    assert then.close_reason is CloseReason.CURED


@pytest.mark.parametrize(
    ("found", "days"),
    [
        (cured(told=6 * DAY, paid=timedelta(hours=1)), 0),
        (cured(told=6 * DAY, paid=5 * DAY), 3),
        (cured(told=timedelta(hours=5), paid=timedelta(hours=1)), 2),
        (cured(told=timedelta(hours=1), paid=timedelta(hours=5)), 9),
    ],
    ids=["not wanted", "too late", "told today", "paid before it was asked to"],
)
def test_an_account_is_closed_without_thanks(found: Situation, days: int) -> None:
    step = plan(found, NOON, wanting(thanks_within_days=days))
    assert (step.kind, step.close_reason) == (StepKind.CLOSE, CloseReason.CURED)


def test_nobody_is_thanked_for_who_is_said_to_have_died() -> None:
    work = Work(work_id=1, reason=WorkReason.DECEASED, opened_at=NOON)
    found = cured(told=6 * DAY, paid=timedelta(hours=1)).model_copy(update={"work": (work,)})
    step = plan(found, NOON, wanting(thanks_within_days=3))
    assert (step.kind, step.close_reason) == (StepKind.CLOSE, CloseReason.CURED)


def test_a_closed_account_is_thanked_for_nothing() -> None:
    found = cured(told=6 * DAY, paid=timedelta(hours=1))
    closed = found.account.model_copy(update={"status": AccountStatus.CLOSED})
    step = plan(found.model_copy(update={"account": closed}), NOON, wanting(thanks_within_days=3))
    assert step.kind is StepKind.CLOSE


# --- stops ----------------------------------------------------------------------------------------


def stopped(ago: timedelta, channel: Medium = Medium.EMAIL) -> Situation:
    stop = LawEvent(
        kind=EventKind.OPT_OUT, at=NOON - ago, channel=channel, contact_point_id="p-email"
    )
    found = american()
    return found.model_copy(update={"law_events": (*found.law_events, stop)})


def test_a_stop_is_confirmed_at_once_where_it_was_said_and_once() -> None:
    confirming = wanting(confirm_stops=(Channel.EMAIL,))
    found = stopped(timedelta(minutes=1))
    step = plan(found, NOON, confirming)
    assert (step.kind, step.purpose) == (StepKind.CONTACT, Purpose.OPT_OUT_CONFIRMATION)
    assert (step.not_before, step.contact_point_id) == (NOON, "p-email")
    then = plan(after(found, step, NOON), NOON + timedelta(seconds=1), confirming)
    assert then.purpose is not Purpose.OPT_OUT_CONFIRMATION
    assert then.channel is not Channel.EMAIL


@pytest.mark.parametrize(
    ("found", "confirm"),
    [
        (stopped(timedelta(minutes=1)), ()),
        (stopped(timedelta(minutes=6)), (Channel.EMAIL,)),
        (stopped(timedelta(minutes=1)), (Channel.SMS,)),
        (stopped(timedelta(minutes=1), Medium.WHATSAPP), (Channel.EMAIL, Channel.WHATSAPP)),
    ],
    ids=["not wanted", "too late", "another channel", "known on another channel alone"],
)
def test_a_stop_is_not_confirmed(found: Situation, confirm: tuple[Channel, ...]) -> None:
    step = plan(found, NOON, wanting(confirm_stops=confirm))
    assert step.purpose is not Purpose.OPT_OUT_CONFIRMATION


def test_a_confirmation_that_is_held_up_is_not_sent_late() -> None:
    """Within five minutes of the stop, whatever keeps it that long after it was reserved."""
    step = plan(stopped(timedelta(minutes=1)), NOON, wanting(confirm_stops=(Channel.EMAIL,)))
    assert step.not_after == NOON + timedelta(minutes=4)


def test_before_the_hours_it_waits_for_their_first_minutes_alone() -> None:
    """Mexico binds answers to its hours, which open within the five minutes."""
    opens = local("America/Mexico_City", "2026-11-23 07:00")
    found = situation(country="MX", zones=("America/Mexico_City",), now=opens)
    stop = LawEvent(
        kind=EventKind.OPT_OUT,
        at=opens - timedelta(minutes=2),
        channel=Medium.EMAIL,
        contact_point_id="p-email",
    )
    found = found.model_copy(update={"law_events": (*found.law_events, stop)})
    confirming = replace(
        rules("MX"),
        strategy=rules("MX").strategy.model_copy(update={"confirm_stops": (Channel.EMAIL,)}),
    )
    step = plan(found, opens - timedelta(minutes=1), confirming)
    assert step.purpose is Purpose.OPT_OUT_CONFIRMATION
    assert (step.not_before, step.not_after) == (opens, opens + timedelta(minutes=3))


@pytest.mark.parametrize("country", ["MX", "US"])
@pytest.mark.parametrize(
    "became",
    [
        {},
        {"state": AttemptState.REFUSED, "refusal": RefusalKind.CONSENT},
        {"state": AttemptState.UNDELIVERED},
    ],
    ids=["heard", "refused", "lost"],
)
def test_whoever_stops_again_hears_nothing_more_until_they_come_back(
    country: str, became: dict[str, Any]
) -> None:
    """What answers our answer would else be answered for ever: two machines do so all night."""
    strategy = rules(country).strategy.model_copy(update={"confirm_stops": (Channel.EMAIL,)})
    confirming = replace(rules(country), strategy=strategy)
    point = {"channel": Medium.EMAIL, "contact_point_id": "p-email"}

    def said(found: Situation, kind: EventKind, at: datetime) -> Situation:
        event = LawEvent(kind=kind, at=at, **point)
        return found.model_copy(update={"law_events": (*found.law_events, event)})

    found = said(american(country=country), EventKind.OPT_OUT, NOON)
    step = plan(found, NOON, confirming)
    assert step.purpose is Purpose.OPT_OUT_CONFIRMATION
    found = after(found, step, NOON, **became)
    again = NOON + timedelta(minutes=30)
    then = plan(said(found, EventKind.OPT_OUT, again), again, confirming)
    assert then.purpose is not Purpose.OPT_OUT_CONFIRMATION
    back = said(found, EventKind.OPT_IN, NOON + timedelta(minutes=20))
    then = plan(said(back, EventKind.OPT_OUT, again), again, confirming)
    assert then.purpose is Purpose.OPT_OUT_CONFIRMATION


def test_what_a_provider_refuses_for_want_of_consent_is_confirmed_to_nobody() -> None:
    """The stop on file is the refusal itself: whoever said it has the provider's own answer."""
    refused = contact(
        NOON - timedelta(seconds=2),
        channel=Channel.EMAIL,
        contact_point_id="p-email",
        state=AttemptState.REFUSED,
        refusal=RefusalKind.CONSENT,
    )
    found = stopped(timedelta(seconds=1)).model_copy(update={"contacts": (refused,)})
    step = plan(found, NOON, wanting(confirm_stops=(Channel.EMAIL,)))
    assert step.purpose is not Purpose.OPT_OUT_CONFIRMATION
