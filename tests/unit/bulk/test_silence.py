"""An order in bulk and an account's plan: who hears what, until when, and how they return."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import CloseReason, ContactPoint
from domain.bulk.kinds import BulkKind
from domain.bulk.order import BulkOrder
from domain.channels import ANSWERS, Channel, Purpose
from domain.conversation.work import Work
from domain.conversation.work_words import WorkReason
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.planning.by_person import may_contact
from domain.planning.planner import plan
from domain.planning.reasons.bulk import LOOK
from domain.planning.step import Status, StepKind
from domain.situation import Reply, Situation
from lab.builders.situations import rules, situation
from tests.unit.planner.support import contact, local
from tests.unit.planner.test_courtesies import wanting

BOGOTA = "America/Bogota"
NOON = local(BOGOTA, "2026-11-23 12:00")
DAY = timedelta(days=1)


def order(kind: str = "hold", **more: Any) -> BulkOrder:
    return BulkOrder(**{"order_id": 12, "kind": BulkKind(kind), "reason": "flood", **more})


def account(*orders: BulkOrder, number: str = "A1", **more: Any) -> Situation:
    made = situation(**{"country": "CO", "zones": (BOGOTA,), "now": NOON, **more})
    return made.model_copy(update={"orders": orders, "key": f"bank/{number}"})


CO = rules("CO")
HELPING = replace(CO, strategy=CO.strategy.model_copy(update={"answers": tuple(sorted(ANSWERS))}))
"""With a strategy that answers whatever can be answered."""


def test_a_hold_keeps_silent_and_says_why_and_until_when() -> None:
    until = NOON + 3 * DAY
    step = plan(account(order(until=until)), NOON, CO)
    assert (step.kind, step.why, step.rule) == (StepKind.WAIT, "bulk_hold", "bulk.12")
    assert step.view.status is Status.ON_HOLD
    assert step.summary == "On hold by order 12 (flood) until Thu 26 Nov 12:00 America/Bogota"
    assert step.not_before == until


def test_a_hold_without_an_end_is_looked_at_again() -> None:
    step = plan(account(order()), NOON, CO)
    assert step.summary.startswith("On hold by order 12 (flood) until it is lifted")
    assert NOON + LOOK <= step.not_before <= NOON + LOOK + DAY


def test_a_cease_keeps_silent_and_says_why() -> None:
    step = plan(account(order("cease")), NOON, CO)
    assert (step.why, step.view.status) == ("bulk_cease", Status.ON_HOLD)
    assert step.summary.startswith(
        "Nobody is contacted (cease) by order 12 (flood) until it is lifted"
    )


@pytest.mark.parametrize(
    "one",
    [
        order(starts_at=NOON + timedelta(seconds=1)),
        order(until=NOON),
        order(lifted_at=NOON),
        order(lifted_at=NOON + DAY),
        order(phases=("late",)),
        order("replan", stale=True),
    ],
    ids=["ahead", "over", "lifted", "lifted by a fast clock", "of another phase", "to plan anew"],
)
def test_an_order_that_does_not_stand_silences_nobody(one: BulkOrder) -> None:
    assert plan(account(one), NOON, CO).kind is StepKind.CONTACT


@pytest.mark.parametrize(
    "one",
    [order(starts_at=NOON), order(until=NOON + timedelta(seconds=1)), order(phases=("early",))],
    ids=["just begun", "not yet over", "of this phase"],
)
def test_an_order_that_stands_silences(one: BulkOrder) -> None:
    assert plan(account(one), NOON, CO).why == "bulk_hold"


def test_of_several_orders_a_cease_is_told_and_else_the_hold_that_lasts_longest() -> None:
    short, long = order(order_id=1, until=NOON + DAY), order(order_id=2, until=NOON + 2 * DAY)
    ever, cease = order(order_id=3), order("cease", order_id=4)
    assert plan(account(short, long), NOON, CO).rule == "bulk.2"
    assert plan(account(short, ever, long), NOON, CO).rule == "bulk.3"
    assert plan(account(short, ever, cease), NOON, CO).rule == "bulk.4"


# --- what answers ---------------------------------------------------------------------------------


def stopped(*orders: BulkOrder) -> Situation:
    """Who has just said stop by SMS."""
    at = NOON - timedelta(minutes=1)
    stop = LawEvent(
        kind=EventKind.OPT_OUT,
        at=at,
        channel=Medium.SMS,
        contact_point_id="p-sms",
    )
    said = Reply(at=at, channel=Channel.SMS, contact_point_id="p-sms")
    made = account(*orders, country="US", zones=("America/New_York",))
    return made.model_copy(update={"law_events": (*made.law_events, stop), "replies": (said,)})


US = wanting(confirm_stops=(Channel.SMS,))


def purposes(found: Situation, under: Any = US) -> Purpose | str:
    step = plan(found, NOON, under)
    return step.purpose or step.why


def test_a_stop_is_confirmed_under_a_hold_and_not_under_a_cease() -> None:
    assert purposes(stopped()) == Purpose.OPT_OUT_CONFIRMATION
    assert purposes(stopped(order())) == Purpose.OPT_OUT_CONFIRMATION
    assert purposes(stopped(order("cease"))) == "bulk_cease"


def in_crisis(*orders: BulkOrder) -> Situation:
    """Who has just spoken of ending their life."""
    at = NOON - timedelta(minutes=1)
    work = Work(work_id=1, reason=WorkReason.CRISIS, opened_at=at, contact_point_id="p-sms")
    said = Reply(at=at, channel=Channel.SMS, contact_point_id="p-sms")
    made = account(*orders, contacts=(contact(NOON - 2 * DAY),))
    return made.model_copy(update={"work": (work,), "replies": (said,)})


def test_who_speaks_of_ending_their_life_is_told_whom_to_call_under_a_hold() -> None:
    assert purposes(in_crisis(), HELPING) == Purpose.CRISIS_ANSWER
    assert purposes(in_crisis(order()), HELPING) == Purpose.CRISIS_ANSWER
    assert purposes(in_crisis(order("cease")), HELPING) == "bulk_cease"


def test_what_a_person_must_decide_stays_unanswered_under_a_hold() -> None:
    asked = NOON - timedelta(minutes=1)
    works = (
        Work(work_id=1, reason=WorkReason.ATTORNEY, opened_at=asked),
        Work(work_id=2, reason=WorkReason.IDENTITY, opened_at=asked, contact_point_id="p-sms"),
    )
    found = account(order()).model_copy(update={"work": works})
    assert purposes(found, HELPING) == "bulk_hold"


@pytest.mark.parametrize("kind", ["hold", "cease"])
def test_an_account_that_is_over_ends_without_a_word(kind: str) -> None:
    paid = account(order(kind), balance="0")
    step = plan(paid, NOON, CO)
    assert (step.kind, step.close_reason) == (StepKind.CLOSE, CloseReason.CURED)


@pytest.mark.parametrize("kind", ["hold", "cease"])
def test_an_account_past_its_last_phase_is_not_handed_off(kind: str) -> None:
    late = account(order(kind), days_past_due=900)
    step = plan(late, NOON, CO)
    assert (step.kind, step.why) == (StepKind.WAIT, f"bulk_{kind}")
    assert plan(account(days_past_due=900), NOON, CO).kind is StepKind.CLOSE


@pytest.mark.parametrize("kind", ["hold", "cease"])
def test_no_person_contacts_the_customer_either(kind: str) -> None:
    point = ContactPoint(contact_point_id="p-sms", channel=Channel.SMS)
    said = may_contact(account(order(kind)), CO, NOON, point)
    assert not said.allowed
    assert said.why == f"nobody is contacted: {kind} of many accounts, order 12 (flood)"


def test_the_hold_of_the_account_itself_is_told_before_that_of_many() -> None:
    own_hold = {"hold_until": NOON + DAY, "hold_reason": "asked"}
    own = account(order(), account=own_hold)
    assert plan(own, NOON, CO).why == "hold"
    ceased = account(order("cease"), account=own_hold)
    assert plan(ceased, NOON, CO).why == "bulk_cease"


# --- how they return ------------------------------------------------------------------------------


def test_those_whom_a_hold_kept_silent_look_again_over_the_time_that_telling_them_would_take() -> (
    None
):
    until = NOON + DAY
    backs = {
        plan(account(order(until=until, spread=3600), number=f"A{n}"), NOON, CO).not_before
        for n in range(40)
    }
    assert all(until <= at <= until + timedelta(hours=1) for at in backs)
    assert len(backs) > 30


def contacts(*orders: BulkOrder, at: datetime = NOON, many: int = 60) -> list[datetime]:
    steps = [plan(account(*orders, number=f"A{n}"), at, CO) for n in range(many)]
    assert {step.kind for step in steps} == {StepKind.CONTACT}
    return [step.not_before for step in steps]


@pytest.mark.parametrize("end", ["lifted_at", "until"])
def test_after_its_end_contacts_are_spread_over_the_rest_of_the_window(end: str) -> None:
    over = order(until=NOON) if end == "until" else order(lifted_at=NOON)
    at = contacts(over)
    assert all(one >= NOON for one in at)
    soon = sum(one < NOON + timedelta(minutes=10) for one in at)
    before = sum(one < NOON + timedelta(minutes=10) for one in contacts())
    assert soon < len(at) / 6 < before


def test_the_place_after_an_end_stays_where_it_is_however_often_it_is_planned() -> None:
    over = order(lifted_at=NOON)
    places = contacts(over)
    later = contacts(over, at=NOON + timedelta(minutes=5))
    for first, again in zip(places, later, strict=True):
        assert again == max(first, NOON + timedelta(minutes=5))


@given(
    starts=st.none() | st.integers(-3, 3),
    length=st.none() | st.integers(1, 4),
    lifted=st.none() | st.integers(-3, 0),
    at=st.integers(-4, 4),
)
def test_an_order_stands_or_has_ended_or_is_ahead_and_never_two_of_them(
    starts: int | None, length: int | None, lifted: int | None, at: int
) -> None:
    begins = None if starts is None else NOON + starts * DAY
    until = None if length is None else (begins or NOON) + length * DAY
    lift = None if lifted is None else NOON + lifted * DAY
    one, now = order(starts_at=begins, until=until, lifted_at=lift), NOON + at * DAY
    ended = one.ended(now)
    assert not (one.stands(now, "early") and ended is not None)
    if ended is not None:
        assert ended <= now
        assert begins is None or begins < ended
    if lift is not None:
        assert not one.stands(now, "early")
