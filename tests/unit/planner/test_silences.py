"""When nobody is to be contacted: promises, holds, replies, missing consent, missing law."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.account import CloseReason, Promise, PromiseState
from domain.channels import Channel, Purpose
from domain.conversation.work import SILENCING, Work
from domain.conversation.work_words import WorkReason
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.planning.pauses import MEANT
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Status, StepKind
from domain.situation import Reply
from lab.builders.situations import EMAIL, SMS, rules, situation
from tests.unit.planner.support import after, lived, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")


def american(**fields: Any) -> Any:
    return situation(**{"country": "US", "zones": (NEW_YORK,), "now": NOON, **fields})


def promise(**fields: Any) -> Promise:
    values: dict[str, Any] = {
        "promise_id": "p1",
        "amount": Decimal("50.00"),
        "due_on": date(2026, 11, 25),
        "made_at": NOON - timedelta(hours=1),
    }
    return Promise(**{**values, **fields})


def without_reminder() -> Rules:
    """A strategy that does not remember a promise before its day."""
    found = rules("US")
    policy = found.strategy.promise.model_copy(update={"remind_days": None})
    return replace(found, strategy=found.strategy.model_copy(update={"promise": policy}))


# --- promises -------------------------------------------------------------------------------------


def test_a_promise_silences_until_the_day_after_its_date_and_grace() -> None:
    step = plan(american(promises=(promise(),)), NOON, without_reminder())
    assert (step.kind, step.why, step.view.status) == (StepKind.WAIT, "promise", Status.PROMISED)
    assert step.not_before == local(NEW_YORK, "2026-11-28 00:00")


def test_the_latest_of_several_promises_counts() -> None:
    both = (promise(), promise(promise_id="p2", due_on=date(2026, 11, 30)))
    step = plan(american(promises=both), NOON, without_reminder())
    assert step.not_before == local(NEW_YORK, "2026-12-03 00:00")


@pytest.mark.parametrize("state", [PromiseState.KEPT, PromiseState.BROKEN])
def test_a_settled_promise_silences_nothing(state: PromiseState) -> None:
    step = plan(american(promises=(promise(state=state),)), NOON, rules("US"))
    assert step.kind is StepKind.CONTACT


def test_a_promise_that_is_paid_silences_nothing_even_before_it_is_marked_kept() -> None:
    paid = promise(paid=Decimal("50.00"))
    assert plan(american(promises=(paid,)), NOON, rules("US")).kind is StepKind.CONTACT


def test_a_promise_beyond_the_phase_wakes_at_the_boundary_and_stays_silent() -> None:
    far = promise(due_on=date(2026, 12, 31))
    found = american(days_past_due=30, promises=(far,))
    first = plan(found, NOON, rules("US"))
    assert first.not_before == local(NEW_YORK, "2026-11-24 00:00")
    assert (first.why, "next phase" in first.summary) == ("promise", True)
    second = plan(found, first.not_before, rules("US"))
    assert (second.why, second.view.phase) == ("promise", "mid")


def test_the_touch_after_a_broken_promise_speaks_of_it_once() -> None:
    broken = promise(
        due_on=date(2026, 11, 19), state=PromiseState.BROKEN, made_at=NOON - timedelta(days=9)
    )
    found = american(promises=(broken,))
    first = plan(found, NOON, rules("US"))
    assert first.purpose is Purpose.PROMISE_BROKEN
    found = after(found, first, first.not_before)
    assert plan(found, first.not_before, rules("US")).purpose is Purpose.REMINDER


def test_a_broken_promise_is_not_spoken_of_once_a_later_one_was_kept() -> None:
    broken = promise(
        due_on=date(2026, 11, 17), state=PromiseState.BROKEN, made_at=NOON - timedelta(days=9)
    )
    later = promise(
        promise_id="p2",
        due_on=date(2026, 11, 22),
        state=PromiseState.KEPT,
        made_at=NOON - timedelta(days=2),
    )
    assert plan(american(promises=(broken,)), NOON, rules("US")).purpose is Purpose.PROMISE_BROKEN
    both = plan(american(promises=(broken, later)), NOON, rules("US"))
    assert (both.kind, both.purpose) == (StepKind.CONTACT, Purpose.REMINDER)
    earlier = later.model_copy(update={"made_at": NOON - timedelta(days=20)})
    still = plan(american(promises=(broken, earlier)), NOON, rules("US"))
    assert still.purpose is Purpose.PROMISE_BROKEN


# --- holds ----------------------------------------------------------------------------------------


def held(until: Any, **fields: Any) -> Any:
    return american(account={"hold_until": until, "hold_reason": "dispute"}, **fields)


def test_a_hold_silences_until_its_very_instant() -> None:
    until = NOON + timedelta(days=3, minutes=7)
    step = plan(held(until), NOON, rules("US"))
    assert (step.why, step.view.status, step.not_before) == ("hold", Status.ON_HOLD, until)
    assert plan(held(until), until - timedelta(seconds=1), rules("US")).why == "hold"
    assert plan(held(until), until, rules("US")).kind is StepKind.CONTACT


def test_a_hold_of_years_is_told_with_its_year() -> None:
    summary = plan(held(local(NEW_YORK, "2199-12-31 00:00")), NOON, rules("US")).summary
    assert "On hold (dispute) until Tue 31 Dec 2199 00:00 America/New_York" in summary


def test_a_hold_outranks_a_promise_but_not_the_end_of_the_debt() -> None:
    until = NOON + timedelta(days=3)
    assert plan(held(until, promises=(promise(),)), NOON, rules("US")).why == "hold"
    cured = plan(held(until, balance="0.00"), NOON, rules("US"))
    assert cured.close_reason is CloseReason.CURED


# --- replies --------------------------------------------------------------------------------------


def test_after_a_reply_it_is_a_persons_turn_for_two_days() -> None:
    wrote = Reply(at=local(NEW_YORK, "2026-11-22 23:59"), channel=Channel.SMS)
    step = plan(american(replies=(wrote,)), NOON, rules("US"))
    assert (step.why, step.view.status) == ("reply", Status.RESTING)
    assert step.not_before == local(NEW_YORK, "2026-11-24 00:00")
    rested = plan(american(replies=(wrote,)), step.not_before, rules("US"))
    assert rested.kind is StepKind.CONTACT


# --- no way ---------------------------------------------------------------------------------------


def test_without_any_consent_the_account_waits_for_the_next_phase_and_says_why() -> None:
    points = tuple(p.model_copy(update={"consented": False}) for p in (EMAIL, SMS))
    step = plan(american(points=points), NOON, rules("US"))
    assert (step.why, step.view.status) == ("no_channel", Status.SILENCED)
    assert "email: no consent; sms: no consent" in step.summary
    assert step.not_before == local(NEW_YORK, "2026-12-14 00:00")


def test_without_a_contact_point_it_says_so() -> None:
    step = plan(american(points=()), NOON, rules("US"))
    assert (step.why, "no contact point" in step.summary) == ("no_channel", True)


def test_an_opt_out_of_one_channel_leaves_the_others() -> None:
    out = LawEvent(kind=EventKind.OPT_OUT, at=NOON, channel=Medium.EMAIL)
    opted_in = LawEvent(kind=EventKind.OPT_IN, at=NOON, channel=Medium.SMS)
    step = plan(american(law_events=(opted_in, out)), NOON, rules("US"))
    assert (step.kind, step.channel) == (StepKind.CONTACT, Channel.SMS)


def test_an_opt_out_of_everything_silences_with_the_law_cited() -> None:
    out = LawEvent(kind=EventKind.OPT_OUT, at=NOON)
    step = plan(american(law_events=(out,)), NOON, rules("US"))
    assert (step.why, step.view.status) == ("no_channel", Status.SILENCED)
    assert "CFR" in step.summary


def test_where_no_rule_pack_is_known_nobody_is_contacted() -> None:
    lawless = replace(rules("US"), packs=(), providers={}, jurisdictions=("BR",))
    step = plan(american(), NOON, lawless)
    assert (step.why, step.view.status) == ("no_channel", Status.SILENCED)
    assert "no rule pack for US" in step.summary


def test_a_portfolio_that_nobody_may_contact_still_ends() -> None:
    lawless: Rules = replace(rules("US"), packs=(), providers={})
    steps = lived(american(days_past_due=1), NOON, lawless)
    assert steps[-1].close_reason is CloseReason.HANDED_OFF
    assert {step.why for step in steps[:-1]} == {"no_channel"}


# --- what a person must decide --------------------------------------------------------------------


def asked(reason: WorkReason, at: datetime = NOON - timedelta(hours=1)) -> Work:
    return Work(work_id=7, reason=reason, opened_at=at)


@pytest.mark.parametrize("reason", SILENCING)
def test_nobody_is_contacted_until_a_person_has_decided(reason: WorkReason) -> None:
    found = american(work=(asked(reason, NOON - timedelta(days=60)),))
    at = NOON
    for _ in range(6):
        step = plan(found, at, rules("US"))
        assert (step.kind, step.why, step.view.status) == (StepKind.WAIT, reason, Status.RESTING)
        assert "nobody is contacted until a person decides (work 7)" in step.summary
        assert step.not_before > at
        at = step.not_before
    assert plan(found.model_copy(update={"work": ()}), NOON, rules("US")).kind is StepKind.CONTACT


@pytest.mark.parametrize("reason", sorted(set(WorkReason) - SILENCING - {WorkReason.ALREADY_PAID}))
def test_of_everything_else_automation_goes_on_once_the_rest_is_over(reason: WorkReason) -> None:
    wrote = Reply(at=NOON - timedelta(hours=1), channel=Channel.SMS)
    found = american(work=(asked(reason),), replies=(wrote,))
    step = plan(found, NOON, rules("US"))
    assert (step.why, step.view.status) == ("reply", Status.RESTING)
    assert f"The customer {MEANT[reason]}; a person's turn (work 7), until Wed" in step.summary
    assert plan(found, step.not_before, rules("US")).kind is StepKind.CONTACT


def test_an_address_that_may_be_somebody_elses_is_not_used_until_a_person_decides() -> None:
    doubt = asked(WorkReason.WRONG_PERSON, NOON - timedelta(days=9))
    by_sms = doubt.model_copy(update={"contact_point_id": SMS.contact_point_id})
    step = plan(american(work=(by_sms,)), NOON, rules("US"))
    assert (step.kind, step.contact_point_id) == (StepKind.CONTACT, EMAIL.contact_point_id)
    step = plan(american(work=(by_sms,), points=(SMS,)), NOON, rules("US"))
    assert (step.kind, step.why) == (StepKind.WAIT, "no_channel")
    assert "sms: it may be somebody else's until a person decides (work 7)" in step.summary


def test_an_undecided_account_is_not_handed_on() -> None:
    found = american(days_past_due=400, work=(asked(WorkReason.DISPUTE),))
    step = plan(found, NOON, rules("US"))
    assert (step.kind, step.why) == (StepKind.WAIT, "dispute")
    assert step.not_before == NOON + timedelta(days=30)


def test_the_gravest_thing_is_told_and_a_promise_is_not_reminded_of() -> None:
    both = (asked(WorkReason.DISPUTE), asked(WorkReason.CRISIS))
    found = american(work=both, promises=(promise(made_at=NOON - timedelta(days=9)),))
    step = plan(found, NOON, rules("US"))
    assert (step.kind, step.why) == (StepKind.WAIT, "crisis")
