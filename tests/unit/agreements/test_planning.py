"""While a payment plan is kept, nothing is said but what belongs to it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.account import CloseReason, Promise, PromiseState
from domain.agreements.parts import Instalment
from domain.agreements.plan import PaymentPlan, PlanState
from domain.agreements.terms import PlanTerms
from domain.channels import Channel, Purpose
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.ledger import plans
from domain.planning.planner import plan as next_of
from domain.planning.rules import Rules
from domain.planning.step import Status, Step, StepKind
from domain.situation import Reply, Situation
from lab.builders.situations import EMAIL, SMS, rules, situation
from tests.unit.planner.support import after, contact, contacts, lived, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
DAY = timedelta(days=1)
DATES = (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1))


def agreed(paid: str = "0", **fields: Any) -> PaymentPlan:
    values: dict[str, Any] = {
        "plan_id": "plan-1",
        "agreed_at": NOON - DAY,
        "instalments": [Instalment(due_on=due, amount=Decimal("30.00")) for due in DATES],
        "grace_days": 3,
        "broken_after": 2,
        "paid": Decimal(paid),
    }
    return PaymentPlan(**{**values, **fields})


def american(*found: PaymentPlan, **fields: Any) -> Situation:
    plain = {"country": "US", "zones": (NEW_YORK,), "now": NOON, "plans": found}
    return situation(**{**plain, **fields})


def wanting(**terms: Any) -> Rules:
    found = rules("US")
    strategy = found.strategy.model_copy(update={"plan": PlanTerms(**terms)})
    return replace(found, strategy=strategy)


SILENT = wanting(remind_days=None)
OF_PLANS = (Purpose.PLAN_REMINDER, Purpose.PLAN_MISSED)


def day(step: Step) -> str:
    return f"{(step.not_before - timedelta(hours=5)):%Y-%m-%d}"


# --- silence --------------------------------------------------------------------------------------


def test_a_plan_silences_the_cadence_until_the_day_and_then_the_grace_of_an_instalment_ends() -> (
    None
):
    found = american(agreed(grace_days=1))
    step = next_of(found, NOON, SILENT)
    assert (step.kind, step.why, step.view.status) == (StepKind.WAIT, "plan", Status.ON_PLAN)
    assert step.not_before == local(NEW_YORK, "2026-12-02 00:00")
    assert step.summary == (
        "Payment plan (0 of 3 paid): 30.00 COP by 01 Dec, its day ends Wed 02 Dec 00:00 "
        "America/New_York"
    )
    points = tuple(one.model_copy(update={"consented": False}) for one in (EMAIL, SMS))
    then = next_of(american(agreed(grace_days=1), points=points), step.not_before, SILENT)
    assert (then.why, then.not_before) == ("plan", local(NEW_YORK, "2026-12-03 00:00"))
    assert then.summary == (
        "Payment plan (0 of 3 paid): 30.00 COP was due on 01 Dec, its grace ends Thu 03 Dec 00:00 "
        "America/New_York"
    )


def test_an_instalment_that_is_paid_is_waited_for_no_more() -> None:
    step = next_of(american(agreed("40.00"), days_past_due=-20), NOON, SILENT)
    assert step.summary.startswith("Payment plan (1 of 3 paid): 20.00 COP by 01 Jan")


def test_one_that_is_missed_is_told_and_the_next_one_waited_for() -> None:
    at = local(NEW_YORK, "2026-12-05 00:00")
    step = next_of(american(agreed()), at, SILENT)
    assert step.summary.startswith("Payment plan (0 of 3 paid, 1 missed): 30.00 COP by 01 Jan")


@pytest.mark.parametrize("state", [PlanState.KEPT, PlanState.BROKEN, PlanState.CANCELLED])
def test_a_plan_that_is_over_silences_nothing(state: PlanState) -> None:
    step = next_of(american(agreed(state=state)), NOON, rules("US"))
    assert (step.kind, step.purpose) == (StepKind.CONTACT, Purpose.REMINDER)


def test_a_plan_outranks_a_promise_and_yields_to_a_hold_and_to_what_a_person_decides() -> None:
    promise = Promise(
        promise_id="p", amount=Decimal(9), due_on=date(2026, 11, 25), made_at=NOON - 2 * DAY
    )
    assert next_of(american(agreed(), promises=(promise,)), NOON, SILENT).why == "plan"
    held = {"hold_until": NOON + DAY, "hold_reason": "ill"}
    assert next_of(american(agreed(), account=held), NOON, SILENT).why == "hold"
    dispute = Work(work_id=7, reason=WorkReason.DISPUTE, opened_at=NOON)
    assert next_of(american(agreed(), work=(dispute,)), NOON, SILENT).why == "dispute"


def test_who_keeps_a_plan_is_not_handed_off_and_who_breaks_it_is() -> None:
    late = american(agreed(), days_past_due=200)
    steps = lived(late, NOON, rules("US"))
    assert [step.purpose for step in contacts(steps)] == [*OF_PLANS, *OF_PLANS]
    assert steps[-1].close_reason is CloseReason.HANDED_OFF
    assert steps[-1].not_before == local(NEW_YORK, "2027-01-05 00:00")
    assert not any("hand-off" in step.summary for step in steps[:-1])


def test_a_plan_that_is_broken_leaves_the_account_to_its_phase() -> None:
    steps = lived(american(agreed(), days_past_due=10), NOON, SILENT)
    broken_at = local(NEW_YORK, "2027-01-05 00:00")
    ordinary = [step for step in contacts(steps) if step.purpose not in OF_PLANS]
    assert ordinary and all(step.not_before >= broken_at for step in ordinary)
    assert (ordinary[0].phase, ordinary[0].purpose) == ("mid", Purpose.SECOND_NOTICE)


# --- reminders ------------------------------------------------------------------------------------


def test_each_instalment_is_remembered_once_and_missed_once() -> None:
    steps = lived(american(agreed(broken_after=3)), NOON, rules("US"))
    said = [(step.purpose, day(step)) for step in contacts(steps) if step.purpose in OF_PLANS]
    assert said == [
        (Purpose.PLAN_REMINDER, "2026-11-29"),
        (Purpose.PLAN_MISSED, "2026-12-02"),
        (Purpose.PLAN_REMINDER, "2026-12-30"),
        (Purpose.PLAN_MISSED, "2027-01-02"),
        (Purpose.PLAN_REMINDER, "2027-01-30"),
        (Purpose.PLAN_MISSED, "2027-02-02"),
    ]


def test_a_reminder_is_beside_the_cadence_and_of_this_account_alone() -> None:
    step = next_of(american(agreed()), NOON, rules("US"))
    assert (step.kind, step.touch, step.covers) == (StepKind.CONTACT, 0, ("bank/A1",))
    assert (step.why, step.view.status) == (Purpose.PLAN_REMINDER, Status.ON_PLAN)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (american(agreed("30.00")), "an instalment that is paid"),
        (american(agreed(agreed_at=local(NEW_YORK, "2026-11-29 09:00"))), "agreed as near as that"),
        (
            american(agreed(), replies=(Reply(at=NOON + 5 * DAY, channel=Channel.SMS),)),
            "they wrote: a person's turn",
        ),
        (
            american(
                agreed(),
                work=(Work(work_id=1, reason=WorkReason.ALREADY_PAID, opened_at=NOON + 5 * DAY),),
            ),
            "they say it is paid",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_is_said_where_it_would_be_one_too_many(found: Situation, why: str) -> None:
    del why
    at = local(NEW_YORK, "2026-11-29 12:00")
    step = next_of(found, at, rules("US"))
    assert (step.kind, step.why) == (StepKind.WAIT, "plan")


def test_once_a_rest_is_over_the_instalment_is_remembered_after_all() -> None:
    wrote = Reply(at=local(NEW_YORK, "2026-11-28 12:00"), channel=Channel.SMS)
    found, at = american(agreed(), replies=(wrote,)), local(NEW_YORK, "2026-11-28 13:00")
    waits = next_of(found, at, rules("US"))
    assert (waits.why, waits.not_before) == ("plan", local(NEW_YORK, "2026-11-30 00:00"))
    step = next_of(found, waits.not_before, rules("US"))
    assert (step.purpose, day(step)) == (Purpose.PLAN_REMINDER, "2026-11-30")


def test_on_the_day_of_another_message_nothing_is_said_of_the_plan() -> None:
    at = local(NEW_YORK, "2026-11-29 12:00")
    told = contact(at - timedelta(hours=2))
    step = next_of(american(agreed(), contacts=(told,)), at, rules("US"))
    assert (step.purpose, day(step)) == (Purpose.PLAN_REMINDER, "2026-11-30")


@pytest.mark.parametrize("days", [-30, 10, 200])
def test_it_is_remembered_also_where_no_phase_is(days: int) -> None:
    step = next_of(american(agreed(), days_past_due=days), NOON, rules("US"))
    assert (step.kind, step.purpose) == (StepKind.CONTACT, Purpose.PLAN_REMINDER)


def test_after_a_reminder_the_next_touch_keeps_its_distance() -> None:
    found = american(agreed(agreed_at=NOON - 9 * DAY), days_past_due=10)
    at = local(NEW_YORK, "2026-11-30 12:00")
    told = after(found, next_of(found, at, rules("US")), at)
    cancelled = plans.cancelled(told)
    step = next_of(cancelled, at + timedelta(minutes=1), rules("US"))
    assert (step.purpose, day(step)) == (Purpose.REMINDER, "2026-12-04")


# --- re-ageing ------------------------------------------------------------------------------------


def days_shown(found: Situation, at: datetime) -> tuple[str, int]:
    view = next_of(found, at, SILENT).view
    return view.phase, view.days_past_due


def test_days_past_due_go_on_or_begin_anew_as_was_agreed() -> None:
    assert days_shown(american(agreed(), days_past_due=95), NOON) == ("pre-legal", 95)
    reaged = american(agreed(reaged_after=0), days_past_due=95)
    assert days_shown(reaged, NOON) == ("not-due", -8)
    after_one = american(agreed(reaged_after=1), days_past_due=95)
    assert days_shown(after_one, NOON) == ("pre-legal", 95)
    paid = american(agreed("30.00", reaged_after=1), days_past_due=95)
    assert days_shown(paid, NOON) == ("not-due", -39)


def test_a_re_aged_account_whose_plan_breaks_is_in_the_phase_of_its_oldest_instalment() -> None:
    found = american(agreed("30.00", reaged_after=0), days_past_due=100)
    at = local(NEW_YORK, "2027-02-05 00:00")
    broken = plans.settled(found, "plan-1", PlanState.BROKEN)
    step = next_of(broken, at, SILENT)
    assert (step.kind, step.phase, step.view.days_past_due) == (StepKind.CONTACT, "mid", 35)


def test_what_was_said_in_a_phase_the_first_time_takes_no_touch_of_the_second() -> None:
    """An account that went through a phase and was re-aged would else be silent in it."""
    told = tuple(
        contact(NOON - (60 - 4 * number) * DAY, touch=number, step=number, attempt_id=f"a{number}")
        for number in range(1, 7)
    )
    broken = agreed(reaged_after=0, state=PlanState.BROKEN)
    found = american(broken, contacts=told, days_past_due=60)
    at = local(NEW_YORK, "2026-12-10 12:00")
    step = next_of(found, at, SILENT)
    assert (step.kind, step.phase, step.touch) == (StepKind.CONTACT, "early", 1)


# --- what it takes the place of -------------------------------------------------------------------


def test_a_promise_that_a_plan_replaced_is_not_spoken_of_as_broken() -> None:
    replaced = Promise(
        promise_id="p",
        amount=Decimal(50),
        due_on=date(2026, 11, 19),
        made_at=NOON - 9 * DAY,
        state=PromiseState.REPLACED,
    )
    cancelled = agreed(state=PlanState.CANCELLED)
    step = next_of(american(cancelled, promises=(replaced,)), NOON, rules("US"))
    assert step.purpose is Purpose.REMINDER
