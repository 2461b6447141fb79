"""Which events of one customer the conductor of fast time plays beside each other, and when."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.local.fast_time import BATCH, Conductor, Errand, Event, at_once

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
        [Event(NOON, "a/1", Errand(7, "done")), plan(1, "b/2")],
    ],
)
def test_what_a_person_does_is_played_alone(events: list[Event]) -> None:
    """A stop, and a sibling's contact a minute later, once went side by side: the contact was after
    the stop on the clock, and before it in fact."""
    assert at_once(events) == events[:1]


def test_no_plan_is_played_past_what_a_person_does_before_it() -> None:
    events = [plan(0), action(1, "b/2"), plan(2, "c/3")]
    assert at_once(events) == events[:1]


def a_conductor(**accounts: Any) -> Conductor:
    """One of a world without servers, in which these accounts are due."""
    conductor = Conductor.__new__(Conductor)
    conductor.__dict__.update(
        sandbox_url="http://sandbox",
        _accounts=accounts,
        _agenda={},
        _errands={},
        _heard_of=set(),
        _heard_at={},
        _playing={},
        _resting={},
    )
    return conductor


def test_what_a_person_does_at_the_instant_of_a_plan_comes_before_it() -> None:
    told = {"open": True, "next_at": NOON, "plans": 4, "customer_id": "P1"}
    conductor = a_conductor(**{"a/1": told})
    conductor._agenda = {"a/1": [(NOON, "f00d")]}
    assert conductor._due() == {"P1": [action(0)]}


def test_what_our_own_people_do_is_an_event_of_an_account_that_is_open() -> None:
    told = {"open": True, "next_at": NOON + timedelta(hours=2), "plans": 4, "customer_id": "P1"}
    errand = Errand(7, "claim")
    conductor = a_conductor(**{"a/1": told, "b/2": told | {"open": False, "customer_id": "P2"}})
    conductor._errands = {"a/1": [(NOON, errand)], "b/2": [(NOON, errand)]}
    assert conductor._due() == {"P1": [Event(NOON, "a/1", errand)]}


async def test_what_was_heard_while_the_whole_agenda_is_read_is_not_forgotten() -> None:
    """A stop that comes to be between the question and its answer."""
    conductor, asked, answer = a_conductor(), asyncio.Event(), asyncio.Event()

    def said(account: str) -> dict[str, str]:
        return {"id": f"stop {account}", "at": NOON.isoformat(), "account": account}

    async def ask(what: str, **about: str) -> Any:
        if "until" in about:
            asked.set()
            await answer.wait()
            return [said("b/2")]
        return [said("a/1")]

    conductor._asked = ask  # type: ignore[method-assign]
    reading = asyncio.create_task(conductor._read_agenda())
    await asked.wait()
    await conductor._heard("a/1")
    answer.set()
    await reading
    assert conductor._agenda == {"a/1": [(NOON, "stop a/1")], "b/2": [(NOON, "stop b/2")]}


async def test_after_a_plan_of_which_nobody_was_heard_its_people_are_heard_first() -> None:
    """Planned anew by a signal just before its contact, an account looks done before the message
    is out; what its person does about that was known only when a sibling had gone on."""
    told = {"open": True, "next_at": NOON, "plans": 4, "customer_id": "P1"}
    conductor = a_conductor(**{"a/1": told})
    played: list[str] = []

    async def ask(_: str, **about: str) -> Any:
        played.append(f"heard {about['account']}")
        return []

    async def play(_: str, events: list[Event]) -> None:
        played.extend(f"played {event.account}" for event in events)

    conductor._asked = ask  # type: ignore[assignment]
    conductor._play_customer = play  # type: ignore[assignment]
    for plans in (4, 4, 5):
        told["plans"] = plans
        conductor._begin("P1", [plan(0)])
        await asyncio.gather(*(task for _, task in conductor._playing.values()))
    assert played == ["heard a/1", "played a/1", "heard a/1"]
