"""What contacts cost of an account, and how many the operation can make in a day."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.channels import Channel, Purpose
from domain.conversation.wishes.preference import StatedPreference
from domain.ledger.attempt import AttemptState, Event
from domain.ledger.memory import MemoryLedger
from domain.planning.planner import plan
from domain.planning.step import StepKind
from domain.situation import DayTaken, Situation
from lab.builders.situations import EMAIL, SMS, situation
from tests.unit.limits.support import dense, limited
from tests.unit.planner.support import contact, lived, local

NEW_YORK = "America/New_York"
MORNING = local(NEW_YORK, "2026-11-23 06:00")
TODAY = MORNING.astimezone(ZoneInfo(NEW_YORK)).date()
US: dict[str, Any] = {"country": "US", "zones": (NEW_YORK,), "now": MORNING, "days_past_due": 20}


def told(days: int, channel: Channel = Channel.SMS, **fields: Any) -> Any:
    point = "p-sms" if channel is Channel.SMS else "p-email"
    at = MORNING - timedelta(days=days)
    return contact(
        at,
        channel=channel,
        contact_point_id=point,
        **{"touch": 20 - days, "attempt_id": f"a{days}", **fields},
    )


# --- budget ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "made", "channel"),
    [
        ("10", [], Channel.EMAIL),
        ("3", [told(2), told(4)], None),
        ("5", [told(2), told(4)], Channel.EMAIL),
        ("4", [told(2), told(4)], None),
        ("4", [told(2), told(4, state=AttemptState.RELEASED)], Channel.EMAIL),
        ("4", [told(2), told(4, purpose=None)], Channel.EMAIL),
        ("4", [told(2), told(4, account="bank/A2", covers=("bank/A2",))], Channel.EMAIL),
        ("4", [told(2), told(4, phase="earlier")], Channel.EMAIL),
    ],
)
def test_a_budget_is_never_exceeded(budget: str, made: list[Any], channel: Channel | None) -> None:
    found = situation(**US, contacts=tuple(made))
    step = plan(found, MORNING, limited(**dense(budget=budget)))
    assert step.channel is channel
    if channel is None:
        assert (step.kind, step.why) == (StepKind.WAIT, "budget")
        assert "4 of a budget of" in step.summary
    else:
        assert f"of a budget of {budget} spent" in step.summary


def test_what_costs_nothing_goes_on_when_the_budget_is_spent() -> None:
    over = dense(budget="2", channels={"email": 0, "sms": 2})
    found = situation(**US, contacts=(told(3),), preferred=Channel.SMS)
    assert plan(found, MORNING, limited(**over)).channel is Channel.EMAIL


def test_the_cost_is_that_of_the_customers_country() -> None:
    over: dict[str, Any] = {**dense(budget="2"), "costs_in": {"US": {"email": 3, "sms": 2}}}
    assert plan(situation(**US), MORNING, limited(**over)).channel is Channel.SMS


def test_a_life_costs_no_more_than_its_budget() -> None:
    rules = limited(**dense(budget="7.5"))
    steps = lived(situation(**US), MORNING, rules, until=MORNING + timedelta(days=60))
    costs = {Channel.EMAIL: 1, Channel.SMS: 2}
    made = [costs[one.channel] for one in steps if one.kind is StepKind.CONTACT and one.channel]
    assert sum(made) == 7
    assert steps[-1].why == "budget"


# --- capacity -------------------------------------------------------------------------------------


def full(channel: Channel = Channel.EMAIL, days: int = 1, taken: int = 5) -> tuple[DayTaken, ...]:
    return tuple(
        DayTaken(channel=channel, day=TODAY + timedelta(days=n), taken=taken) for n in range(days)
    )


CAPACITY = {"zone": NEW_YORK, "channels": {"email": 5}}


def day_of(step: Any) -> int:
    return int((step.not_before.astimezone(ZoneInfo(NEW_YORK)).date() - TODAY).days)


@pytest.mark.parametrize(
    ("taken", "points", "channel", "day"),
    [
        ((), (SMS, EMAIL), Channel.EMAIL, 0),
        (full(taken=4), (SMS, EMAIL), Channel.EMAIL, 0),
        (full(), (SMS, EMAIL), Channel.SMS, 0),
        (full(), (EMAIL,), Channel.EMAIL, 1),
        (full(days=3), (EMAIL,), Channel.EMAIL, 3),
        (full(Channel.SMS), (EMAIL,), Channel.EMAIL, 0),
    ],
)
def test_a_full_day_gives_way_to_another_channel_or_the_next_day(
    taken: tuple[DayTaken, ...], points: Any, channel: Channel, day: int
) -> None:
    found = situation(**US, points=points, taken_of_days=taken)
    step = plan(found, MORNING, limited(**dense(), capacity=CAPACITY))
    assert (step.channel, day_of(step)) == (channel, day)
    assert (step.why == "capacity") is (day > 0)
    assert ("after a full day: the day's 5 by email are made" in step.summary) is (day > 0)


def test_a_full_day_does_not_outweigh_the_channel_that_the_customer_asked_for() -> None:
    said = StatedPreference(
        preference_id="p", said_at=MORNING - timedelta(days=9), preference={"channel": "email"}
    )
    found = situation(**US, taken_of_days=full(), preferences=(said,))
    step = plan(found, MORNING, limited(**dense(), capacity=CAPACITY))
    assert (step.channel, day_of(step)) == (Channel.EMAIL, 1)
    listed = situation(**US, taken_of_days=full(), preferred=Channel.EMAIL)
    assert plan(listed, MORNING, limited(**dense(), capacity=CAPACITY)).channel is Channel.SMS


def test_whoever_has_been_due_for_more_days_goes_earlier_in_the_day() -> None:
    """Each number of days has its own part of the day, and the longer ones come first."""
    at = []
    for waited in range(4):
        due = 20 + waited
        accounts = []
        for n in range(20):
            one = situation(
                **US,
                points=(EMAIL,),
                contacts=(contact(MORNING - timedelta(days=1 + waited)),),
                account={"account_id": "A1"},
            ).model_copy(update={"key": f"bank/A{n}", "next_step": due})
            own = tuple(
                c.model_copy(update={"account": one.key, "covers": (one.key,)})
                for c in one.contacts
            )
            one = one.model_copy(update={"contacts": own})
            step = plan(one, MORNING, limited(**dense(), capacity=CAPACITY))
            assert day_of(step) == 0
            accounts.append(step.not_before)
        at.append((min(accounts), max(accounts)))
    for (first, _), (_, last) in pairwise(at):
        assert last <= first


def test_a_place_in_the_day_stays_where_it_is_when_planned_again() -> None:
    rules = limited(**dense(), capacity=CAPACITY)
    found = situation(**US, points=(EMAIL,), contacts=(contact(MORNING - timedelta(days=3)),))
    step = plan(found, MORNING, rules)
    again = plan(found, step.not_before - timedelta(seconds=1), rules)
    assert again.not_before == step.not_before


def test_a_persons_turn_waits_for_a_day_that_has_room() -> None:
    over: dict[str, Any] = {
        **dense(person={"after": 0}),
        "capacity": {"zone": NEW_YORK, "channels": {"human": 2}},
    }
    noon = local(NEW_YORK, "2026-11-23 12:00")
    found = situation(**{**US, "now": noon}, points=(EMAIL,))
    due = plan(found, noon, limited(**over)).not_before
    assert plan(found, due, limited(**over)).why == "turn_due"
    no_room = found.model_copy(update={"taken_of_days": full(Channel.HUMAN, taken=2)})
    step = plan(no_room, due, limited(**over))
    assert (step.kind, step.why, day_of(step)) == (StepKind.WAIT, "capacity", 1)


def test_the_ledger_in_memory_counts_what_is_reserved_and_what_is_given_back() -> None:
    rules = limited(**dense(), capacity=CAPACITY)
    found = situation(**US, points=(EMAIL,))
    ledger = MemoryLedger([found], rules.strategy)
    step = plan(found, MORNING, rules)
    name = ledger.reserve(found.key, step, step.not_before)
    assert taken_of(ledger.situation(found.key, step.not_before)) == 1
    ledger.happened(found.key, name, Event.RELEASE, step.not_before)
    assert taken_of(ledger.situation(found.key, step.not_before)) == 0


def taken_of(found: Situation) -> int:
    return sum(one.taken for one in found.taken_of_days)


def test_what_answers_takes_nothing_and_is_not_held() -> None:
    rules = limited(**dense(), capacity={"channels": {"email": 1}})
    found = situation(**US, points=(EMAIL,))
    ledger = MemoryLedger([found], rules.strategy)
    step = plan(found, MORNING, rules).model_copy(update={"purpose": Purpose.BALANCE_ANSWER})
    ledger.reserve(found.key, step, step.not_before)
    assert taken_of(ledger.situation(found.key, step.not_before)) == 0
