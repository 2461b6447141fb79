"""A hold or an open promise is kept before an account is handed off."""

from datetime import timedelta
from decimal import Decimal

from domain.account import CloseReason, Promise
from domain.planning.planner import plan
from domain.planning.step import Status, StepKind
from lab.builders.situations import NOW, rules, situation

LATE = 125


def test_after_the_last_phase_an_account_is_handed_off() -> None:
    step = plan(situation(days_past_due=LATE), NOW, rules())
    assert (step.kind, step.close_reason) == (StepKind.CLOSE, CloseReason.HANDED_OFF)


def test_a_hold_outlasts_the_last_phase() -> None:
    until = NOW + timedelta(days=10)
    step = plan(situation(days_past_due=LATE, account={"hold_until": until}), NOW, rules())
    assert (step.kind, step.view.status, step.not_before) == (
        StepKind.WAIT,
        Status.ON_HOLD,
        until,
    )


def test_an_open_promise_outlasts_the_last_phase() -> None:
    promise = Promise(
        promise_id="p1",
        amount=Decimal(50),
        due_on=(NOW + timedelta(days=5)).date(),
        made_at=NOW - timedelta(days=2),
    )
    step = plan(situation(days_past_due=LATE, promises=(promise,)), NOW, rules())
    assert (step.kind, step.view.status) == (StepKind.WAIT, Status.PROMISED)
    assert step.not_before > NOW + timedelta(days=7)
