"""Which events of one customer the conductor of fast time plays beside each other."""

from datetime import UTC, datetime, timedelta

import pytest

from lab.local.fast_time import BATCH, Event, at_once

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def plan(minutes: float, account: str = "a/1") -> Event:
    return Event(NOON + timedelta(minutes=minutes), account, 4)


def action(minutes: float, account: str = "a/1") -> Event:
    return Event(NOON + timedelta(minutes=minutes), account, "f00d")


def test_plans_of_one_person_that_fall_together_race() -> None:
    events = [plan(0), plan(BATCH / timedelta(minutes=1), "b/2"), plan(11, "c/3")]
    assert at_once(events) == events[:2]


@pytest.mark.parametrize(
    "events",
    [
        [action(0), plan(1, "b/2")],
        [action(0), action(0, "b/2")],
        [plan(0), action(1, "b/2")],
    ],
)
def test_what_a_person_does_is_played_alone(events: list[Event]) -> None:
    """A stop, and a sibling's contact a minute later, once went side by side: the contact was after
    the stop on the clock, and before it in fact."""
    assert at_once(events) == events[:1]


def test_no_plan_is_played_past_what_a_person_does_before_it() -> None:
    events = [plan(0), action(1, "b/2"), plan(2, "c/3")]
    assert at_once(events) == events[:1]
