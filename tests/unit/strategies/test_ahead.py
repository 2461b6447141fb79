"""An account played forward: as it would really go where nothing is heard, and to its end."""

from datetime import timedelta
from itertools import islice, takewhile

import pytest

from domain.account import CloseReason, Promise
from domain.channels import Purpose
from domain.ledger.ahead import Ahead, ahead
from domain.ledger.attempt import AttemptState
from domain.planning.planner import is_due, plan
from domain.planning.step import Status, Step, StepKind
from domain.situation import Situation
from lab.builders.situations import NOW, rules, situation
from tests.unit.planner.support import after, contact

LONG = 2_000


def contacts(found: list[Ahead]) -> list[Step]:
    return [one.step for one in found if one.step.kind is StepKind.CONTACT]


def really(found: Situation, country: str) -> list[Step]:
    """The same by the planner alone, looked at when each step says so."""
    now, made, obeyed = NOW, list[Step](), rules(country)
    while True:
        step = plan(found, now, obeyed)
        if step.ends:
            return made
        if is_due(step, now):
            made.append(step)
            found = after(found, step, now)
        else:
            now = step.not_before


@pytest.mark.parametrize("country", ["CO", "MX", "US", "BR", "PE"])
def test_it_foresees_what_the_planner_then_does(country: str) -> None:
    zone = {"US": "America/New_York", "BR": "America/Sao_Paulo"}.get(country, "America/Bogota")
    found = situation(country=country, zones=(zone,), days_past_due=-7)
    foreseen = contacts(list(islice(ahead(found, rules(country), NOW), LONG)))
    done = really(found, country)
    assert len(done) >= 5
    same = ("channel", "purpose", "phase", "touch", "contact_point_id")
    assert [[getattr(one, name) for name in same] for one in foreseen] == [
        [getattr(one, name) for name in same] for one in done
    ]


def test_it_ends_with_the_account() -> None:
    found = list(islice(ahead(situation(), rules(), NOW), LONG))
    assert found[-1].step.close_reason is CloseReason.HANDED_OFF
    assert not [one for one in found[:-1] if one.step.ends]


def test_time_always_goes_on_and_no_contact_comes_twice() -> None:
    found = list(islice(ahead(situation(), rules("US"), NOW), LONG))
    times = [one.now for one in found]
    assert times == sorted(set(times))
    numbers = [one.number for one in contacts(found)]
    assert len(numbers) == len(set(numbers))


def test_a_promise_that_nobody_keeps_is_broken_and_spoken_of() -> None:
    promise = Promise(
        promise_id="p1", amount="50", due_on=(NOW + timedelta(days=3)).date(), made_at=NOW
    )
    found = ahead(situation(promises=(promise,)), rules(), NOW)
    until_broken = list(
        takewhile(lambda one: one.step.purpose is not Purpose.PROMISE_BROKEN, islice(found, LONG))
    )
    assert [one.purpose for one in contacts(until_broken)] == [Purpose.PROMISE_REMINDER]
    assert Status.PROMISED in {one.step.view.status for one in until_broken}


def test_what_is_in_doubt_is_taken_as_arrived() -> None:
    doubted = contact(
        NOW - timedelta(hours=2), state=AttemptState.UNKNOWN, reconcile_at=NOW - timedelta(hours=1)
    )
    found = list(islice(ahead(situation(contacts=(doubted,)), rules(), NOW), LONG))
    kinds = [one.step.kind for one in found]
    assert kinds.count(StepKind.RECONCILE) == 1
    assert StepKind.CONTACT in kinds
