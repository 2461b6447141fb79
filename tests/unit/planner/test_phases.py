"""Phases follow from days past due on the customer's own calendar, and from nothing else."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.account import AccountStatus, CloseReason
from domain.planning.planner import plan
from domain.planning.step import Status, StepKind
from domain.planning.words import bucket
from lab.builders.situations import NOW, rules, situation
from tests.unit.planner.support import contacts, day, lived, local

BOGOTA = "America/Bogota"


@pytest.mark.parametrize(
    ("days", "phase", "kind"),
    [
        (-6, "not-due", StepKind.WAIT),
        (-5, "preventive", StepKind.CONTACT),
        (0, "preventive", StepKind.CONTACT),
        (1, "early", StepKind.CONTACT),
        (30, "early", StepKind.CONTACT),
        (31, "mid", StepKind.CONTACT),
        (60, "mid", StepKind.CONTACT),
        (61, "late", StepKind.CONTACT),
        (90, "late", StepKind.CONTACT),
        (91, "pre-legal", StepKind.CONTACT),
        (120, "pre-legal", StepKind.CONTACT),
        (121, "after", StepKind.CLOSE),
    ],
)
def test_each_day_past_due_has_its_phase(days: int, phase: str, kind: StepKind) -> None:
    step = plan(situation(days_past_due=days), NOW, rules())
    assert (step.view.phase, step.kind) == (phase, kind)
    assert step.view.days_past_due == days


@pytest.mark.parametrize(
    ("country", "zones", "midnight"),
    [
        ("CO", (BOGOTA,), "2026-11-24 00:00"),
        ("US", ("America/Los_Angeles",), "2026-11-24 00:00"),
        ("US", ("America/New_York", "America/Los_Angeles"), "2026-11-24 03:00"),
        ("US", ("Pacific/Honolulu", "America/New_York"), "2026-11-24 00:00"),
        ("MX", ("America/Tijuana", "America/Cancun"), "2026-11-24 00:00"),
    ],
)
def test_a_phase_begins_at_midnight_where_the_customer_is_latest(
    country: str, zones: tuple[str, ...], midnight: str
) -> None:
    latest = max(local(zone, "2026-11-24 00:00") for zone in zones)
    assert latest == local(zones[0], midnight)
    found = situation(days_past_due=30, country=country, zones=zones)
    before = plan(found, latest - timedelta(seconds=1), rules(country))
    assert before.view.phase == "early"
    assert plan(found, latest, rules(country)).view.phase == "mid"


def test_between_two_phases_the_workflow_waits_for_the_boundary_itself() -> None:
    full = situation(days_past_due=30, now=NOW)
    steps = lived(full, NOW, rules(), until=NOW + timedelta(days=3))
    boundary = local(BOGOTA, "2026-11-24 00:00")
    waits = [step for step in steps if step.kind is StepKind.WAIT]
    assert waits
    assert waits[0].not_before == boundary
    assert waits[0].why == "phase"


def test_what_is_not_due_yet_waits_for_the_first_phase() -> None:
    step = plan(situation(days_past_due=-20), NOW, rules())
    assert (step.kind, step.why) == (StepKind.WAIT, "not_due")
    assert step.not_before == local(BOGOTA, "2026-12-08 00:00")


def test_a_whole_life_goes_through_every_phase_and_ends_handed_off() -> None:
    start = situation(days_past_due=-10)
    steps = lived(start, NOW, rules())
    phases = list(dict.fromkeys(step.view.phase for step in steps))
    assert phases == ["not-due", "preventive", "early", "mid", "late", "pre-legal", "after"]
    assert steps[-1].close_reason is CloseReason.HANDED_OFF
    assert day(start, steps[-1].not_before) == 121
    assert steps[-1].not_before == local(BOGOTA, "2027-04-03 00:00")


def test_no_phase_makes_more_touches_than_its_cadence_says() -> None:
    start = situation(days_past_due=-10, country="US", zones=("America/New_York",))
    made = contacts(lived(start, NOW, rules("US")))
    counted = {phase.name: 0 for phase in rules().strategy.phases}
    for step in made:
        counted[str(step.phase)] += 1
    assert counted == {"preventive": 1, "early": 6, "mid": 5, "late": 4, "pre-legal": 3}
    assert [s.touch for s in made if s.phase == "early"] == [1, 2, 3, 4, 5, 6]
    assert {s.why for s in made} == {"touch"}


def test_colombians_are_touched_at_most_once_in_seven_days_whatever_the_cadence() -> None:
    made = contacts(lived(situation(days_past_due=1), NOW, rules()))
    days = [step.not_before.astimezone(ZoneInfo(BOGOTA)).date() for step in made]
    assert all((b - a).days >= 7 for a, b in pairwise(days))


def test_each_phase_has_its_purposes_in_order_and_the_last_repeats() -> None:
    start = situation(days_past_due=31, country="US", zones=("America/New_York",))
    made = contacts(lived(start, NOW, rules("US")))
    mid = [str(step.purpose) for step in made if step.phase == "mid"]
    assert mid == ["second_notice", "help_to_pay", "help_to_pay", "help_to_pay", "help_to_pay"]


@pytest.mark.parametrize("balance", ["0.00", "-3.00"])
def test_nothing_overdue_is_cured(balance: str) -> None:
    step = plan(situation(balance=balance), NOW, rules())
    assert (step.kind, step.close_reason) == (StepKind.CLOSE, CloseReason.CURED)
    assert step.view.status is Status.CLOSED


def test_cured_comes_before_handed_off() -> None:
    step = plan(situation(balance="0.00", days_past_due=300), NOW, rules())
    assert step.close_reason is CloseReason.CURED


def test_a_closed_account_keeps_the_reason_it_was_closed_for() -> None:
    closed = {"status": AccountStatus.CLOSED, "close_reason": CloseReason.RECALLED}
    step = plan(situation(account=closed), NOW, rules())
    assert step.close_reason is CloseReason.RECALLED


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-3, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (90, "61-90"),
        (91, "91-120"),
        (120, "91-120"),
        (121, "120+"),
    ],
)
def test_days_past_due_fall_into_the_customary_buckets(days: int, name: str) -> None:
    assert bucket(days) == name


def test_a_late_look_plans_for_the_phase_of_today() -> None:
    found = situation(days_past_due=10)
    later = datetime(2027, 1, 18, 15, tzinfo=UTC)
    step = plan(found, later, rules())
    assert (step.view.phase, step.view.days_past_due) == ("late", 66)
