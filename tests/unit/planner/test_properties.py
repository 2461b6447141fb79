"""What holds for every plan, whatever an account has lived through."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.account import Promise
from domain.calendar import local_date
from domain.channels import Channel
from domain.law.engine import verdict
from domain.law.request import AskedPoint, LawEvent, LawRequest
from domain.law.terms import Actor, EventKind, LawPointKind, Medium
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.planning.frame import Frame
from domain.planning.planner import plan
from domain.planning.request import law_history
from domain.planning.step import Step, StepKind
from domain.planning.touches import next_touch
from domain.planning.ways import Way, best, best_way, ways
from domain.situation import Reply, Situation
from lab.builders.situations import EMAIL, NOW, SMS, much_contacted, rules, situation
from tests.unit.planner.support import after, lived

ZONES: Final = {
    "CO": [("America/Bogota",), ("America/Bogota", "America/New_York")],
    "MX": [("America/Mexico_City",), ("America/Tijuana", "America/Cancun")],
    "US": [
        ("America/New_York",),
        ("America/Los_Angeles", "America/New_York"),
        ("Pacific/Honolulu",),
        ("America/Phoenix", "America/Denver"),
    ],
}
MANY: Final = 4_000 if os.environ.get("TEST_EXAMPLES") == "all" else 1_000
MONDAY: Final = datetime(2026, 1, 12, 15, tzinfo=UTC)
OUTCOMES: Final[list[dict[str, Any]]] = [
    {},
    {"state": AttemptState.ACCEPTED},
    {"state": AttemptState.UNKNOWN},
    {"state": AttemptState.UNDELIVERED},
    {"state": AttemptState.RELEASED},
    *({"state": AttemptState.REFUSED, "refusal": kind} for kind in RefusalKind),
]


@st.composite
def lives(draw: st.DrawFn) -> tuple[Situation, datetime]:
    """An account after some contacts of any outcome, and an instant to plan at."""
    country = draw(st.sampled_from(sorted(ZONES)))
    now = NOW + timedelta(seconds=draw(st.integers(0, 300 * 86400)))
    points = draw(st.sampled_from([(SMS,), (EMAIL,), (SMS, EMAIL)]))
    found = situation(
        days_past_due=draw(st.integers(-8, 125)),
        now=now,
        country=country,
        zones=draw(st.sampled_from(ZONES[country])),
        points=points,
        preferred=draw(st.sampled_from([None, Channel.SMS, Channel.EMAIL])),
        law_events=(LawEvent(kind=EventKind.OPT_IN, at=now, channel=Medium.SMS),),
    )
    for outcome in draw(st.lists(st.sampled_from(OUTCOMES), max_size=5)):
        step = plan(found, now, rules(country))
        if step.ends:
            break
        now = max(now, step.not_before)
        if step.kind is StepKind.CONTACT:
            found = after(found, step, now, **outcome)
        now += timedelta(seconds=draw(st.integers(0, 3 * 86400)))
    extra = draw(st.sampled_from(["", "promise", "hold", "reply"]))
    if extra == "promise":
        due = now.date() + timedelta(days=draw(st.integers(0, 40)))
        made = Promise(promise_id="p", amount=50, due_on=due, made_at=now)
        found = found.model_copy(update={"promises": (made,)})
    if extra == "hold":
        until = now + timedelta(hours=draw(st.integers(1, 900)))
        account = found.account.model_copy(update={"hold_until": until, "hold_reason": "dispute"})
        found = found.model_copy(update={"account": account})
    if extra == "reply":
        found = found.model_copy(update={"replies": (Reply(at=now, channel=Channel.SMS),)})
    return found, now


def asked_anew(found: Situation, step: Step, at: datetime) -> str:
    """The law's answer to a question put together here, not by the planner."""
    country = found.customer.country
    point = next(p for p in found.customer.points if p.contact_point_id == step.contact_point_id)
    request = LawRequest(
        id="again",
        jurisdictions=(country,),
        actor=Actor.THIRD_PARTY,
        zones=found.customer.zones,
        at=at,
        channel=Medium(str(step.channel)),
        contact_point=AskedPoint(
            id=step.contact_point_id, kind=LawPointKind(point.kind.value), authorized=True
        ),
        account_id="bank/A1",
        history=tuple(law_history(found)),
        events=found.law_events,
    )
    return verdict(rules(country).packs, request, at).verdict


every = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@every
@given(lives())
def test_a_plan_asked_again_at_its_time_is_the_same_and_due(
    life: tuple[Situation, datetime],
) -> None:
    found, now = life
    country = found.customer.country
    step = plan(found, now, rules(country))
    if step.kind is not StepKind.CONTACT:
        return
    assert step.not_before >= now.replace(microsecond=0)
    at = max(now, step.not_before)
    again = plan(found, at, rules(country))
    assert again.kind is StepKind.CONTACT
    assert again.not_before <= at, "due"
    same = ("number", "channel", "contact_point_id", "purpose", "touch", "phase", "not_after")
    assert [getattr(again, name) for name in same] == [getattr(step, name) for name in same]


@every
@given(lives())
def test_a_planned_contact_is_lawful_at_its_instant_and_until_its_window_ends(
    life: tuple[Situation, datetime],
) -> None:
    found, now = life
    step = plan(found, now, rules(found.customer.country))
    if step.kind is not StepKind.CONTACT:
        return
    at = max(now, step.not_before)
    assert step.not_after is not None
    assert step.not_before < step.not_after
    assert asked_anew(found, step, at) == "allowed"
    assert asked_anew(found, step, step.not_after - timedelta(seconds=1)) == "allowed"


@settings(every, max_examples=400)
@given(lives())
def test_the_way_that_is_taken_is_the_best_of_all_though_not_all_are_looked_at(
    life: tuple[Situation, datetime],
) -> None:
    found, now = life
    frame = Frame(found, now, rules(found.customer.country))
    phase = frame.nearest_phase
    touch = next_touch(frame, phase)
    if touch is None:
        return
    each = list(ways(frame, phase, touch, frame.open_hours))
    taken = best_way(frame, phase, touch, wished=frame.open_hours)
    assert _told(taken) == _told(best(frame, each) if each else None)


def _many_ways(random: Random, country: str) -> tuple[Situation, datetime]:
    """An account with four contact points, somewhere among its contacts, some of them closed for
    days."""
    found, _ = much_contacted(country, random.choice(ZONES[country])[0], random.randrange(9))
    now = NOW + timedelta(minutes=random.randrange(14 * 24 * 60))
    told = []
    for place, one in enumerate(sorted(random.sample(range(1, 400), len(found.contacts)))):
        point = random.choice(found.customer.points)
        changes = {
            "at": now - timedelta(hours=one),
            "channel": point.channel,
            "contact_point_id": point.contact_point_id,
            "address_id": point.address_id,
        }
        told.append(found.contacts[place].model_copy(update=changes))
    days = random.sample(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], random.randrange(1, 7))
    closed = [{"days": days, "from": "00:00", "to": "24:00"}]
    events = [
        LawEvent(kind=EventKind.OPT_IN, at=NOW - timedelta(days=40), channel=medium)
        for medium in (Medium.SMS, Medium.EMAIL, Medium.VOICE, Medium.WHATSAPP)
        if random.random() < 0.9
    ]
    shut = random.choice(found.customer.points)
    where = {"at": NOW, "contact_point_id": shut.contact_point_id}
    events.append(LawEvent(kind=EventKind.INCONVENIENT_TIME, windows=closed, **where))
    liked = random.choice([None, shut.channel, *Channel])
    customer = found.customer.model_copy(update={"preferred_channel": liked})
    changed = {"contacts": tuple(told), "law_events": tuple(events), "customer": customer}
    return found.model_copy(update=changed), now


def test_of_many_ways_the_best_is_taken_though_the_law_is_not_asked_of_all() -> None:
    """``MANY`` of them: the same decisions as by asking of each."""
    random, seen = Random(1), Counter[str]()
    for number in range(MANY):
        country = ("CO", "MX", "US", "US")[number % 4]
        found, now = _many_ways(random, country)
        frame = Frame(found, now, rules(country))
        phase = frame.nearest_phase
        touch = next_touch(frame, phase)
        if touch is None:
            continue
        each = list(ways(frame, phase, touch, frame.open_hours))
        taken = best_way(frame, phase, touch, wished=frame.open_hours)
        wanted = best(frame, each) if each else None
        assert _told(taken) == _told(wanted), (number, country)
        if wanted is not None:
            later = local_date(each[0].opens, frame.zones) > local_date(touch.earliest, frame.zones)
            seen["another opens sooner"] += wanted is not each[0]
            seen["the first, though later"] += later and wanted is each[0]
    assert seen["another opens sooner"] > MANY / 200
    assert seen["the first, though later"] > MANY / 20


@pytest.mark.parametrize(
    ("closed", "channel"),
    [(["mon"], Channel.SMS), (["mon", "tue"], Channel.EMAIL), ([], Channel.SMS)],
)
def test_the_channel_they_like_is_waited_for_until_the_next_day_and_no_longer(
    closed: list[str], channel: Channel
) -> None:
    asked_for_sms = LawEvent(kind=EventKind.OPT_IN, at=MONDAY, channel=Medium.SMS)
    hours = [{"days": closed, "from": "00:00", "to": "24:00"}] if closed else []
    there = {"at": MONDAY, "contact_point_id": SMS.contact_point_id}
    inconvenient = LawEvent(kind=EventKind.INCONVENIENT_TIME, windows=hours, **there)
    found = situation(
        days_past_due=5,
        now=MONDAY,
        country="US",
        zones=("America/New_York",),
        points=(SMS, EMAIL),
        preferred=Channel.SMS,
        law_events=(asked_for_sms, inconvenient),
    )
    assert plan(found, MONDAY, rules("US")).channel is channel


def _told(way: Way | None) -> object:
    return way and (way.point, way.opens, way.closes, way.route, way.rank, way.spread)


@every
@given(lives())
def test_planning_moves_on_until_it_ends(life: tuple[Situation, datetime]) -> None:
    found, now = life
    step = plan(found, now, rules(found.customer.country))
    if step.kind is StepKind.WAIT:
        assert step.not_before > now, "a wait that is over would spin"
    assert lived(found, now, rules(found.customer.country))[-1].ends


@every
@given(lives())
def test_what_is_shown_of_an_account_holds_nothing_personal(
    life: tuple[Situation, datetime],
) -> None:
    found, now = life
    customer = found.customer.model_copy(update={"customer_id": "PERSON", "locale": "PERSON"})
    account = found.account.model_copy(update={"customer_id": "PERSON"})
    found = found.model_copy(update={"customer": customer, "account": account})
    step = plan(found, now, rules(customer.country))
    assert "PERSON" not in step.model_dump_json()
    assert all(point not in step.summary for point in ("p-sms", "p-email"))
    assert now.tzinfo is UTC
