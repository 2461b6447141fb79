"""Which provider a touch goes through, which refusal moves it to the next, and what is held."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels import Channel
from domain.law.engine import verdict
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.ledger.circuit import DRAIN, FIRST, MEMORY, OPENS_AFTER, HealthSign, Sign
from domain.planning.planner import plan
from domain.planning.request import law_history, law_request
from domain.planning.routing import PAUSE
from domain.planning.rules import Rules
from domain.planning.step import Step, StepKind
from domain.planning.touches import MAX_HELD_TRIES
from domain.situation import Situation
from lab.builders.situations import EMAIL, SMS, rules, situation
from tests.unit.planner.support import after, contact, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
REFUSED, UNKNOWN = AttemptState.REFUSED, AttemptState.UNKNOWN
TWO = replace(
    rules("US"),
    providers={Channel.SMS: ("twilio", "infobip"), Channel.EMAIL: ("sendgrid", "resend")},
)


def american(**fields: Any) -> Situation:
    """An account in New York with a mobile alone, due at once."""
    values = {"country": "US", "zones": (NEW_YORK,), "now": NOON, "points": (SMS,), **fields}
    return situation(**values)


def failing(
    *names: str,
    channel: Channel = Channel.SMS,
    at: datetime = NOON,
    lasted: timedelta | None = None,
) -> tuple[HealthSign, ...]:
    """Providers whose sends have all failed, lately or for as long as said."""
    began = at - (lasted or timedelta(seconds=1))
    return tuple(
        HealthSign(channel=channel, provider=name, at=when, sign=Sign.FAILED)
        for name in names
        for when in (began, *[at] * (OPENS_AFTER - 1))
    )


def due(found: Situation, rules: Rules = TWO) -> tuple[Step, datetime]:
    """The first contact and its time."""
    step = plan(found, NOON, rules)
    assert step.kind is StepKind.CONTACT
    return step, step.not_before


def once_more(refusal: RefusalKind | None, state: AttemptState = REFUSED, **fields: Any) -> Step:
    """What is planned after the first contact ended so."""
    found = american(**fields)
    step, at = due(found)
    return plan(after(found, step, at, state=state, refusal=refusal), at, TWO)


# --- order ----------------------------------------------------------------------------------------


def test_the_first_in_order_is_taken() -> None:
    assert due(american())[0].provider == "twilio"
    other = replace(TWO, providers={Channel.SMS: ("infobip", "twilio")})
    assert due(american(), other)[0].provider == "infobip"


# --- after a refusal ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "refusal", "provider", "channel"),
    [
        (REFUSED, RefusalKind.TEMPORARY, "infobip", Channel.SMS),
        (REFUSED, RefusalKind.RATE, "infobip", Channel.SMS),
        (REFUSED, RefusalKind.CONFIGURATION, "infobip", Channel.SMS),
        (REFUSED, RefusalKind.RECIPIENT, "sendgrid", Channel.EMAIL),
        (REFUSED, RefusalKind.TEMPLATE, "sendgrid", Channel.EMAIL),
        (REFUSED, RefusalKind.OTHER, "sendgrid", Channel.EMAIL),
        (AttemptState.UNDELIVERED, RefusalKind.TEMPORARY, "sendgrid", Channel.EMAIL),
        (AttemptState.UNDELIVERED, RefusalKind.RECIPIENT, "sendgrid", Channel.EMAIL),
    ],
)
def test_only_a_refusal_for_the_providers_sake_goes_to_the_next_provider(
    state: AttemptState, refusal: RefusalKind, provider: str, channel: Channel
) -> None:
    step = once_more(refusal, state, points=(SMS, EMAIL), preferred=Channel.SMS)
    assert (step.why, step.touch, step.number) == ("failover", 1, 2)
    assert (step.provider, step.channel) == (provider, channel)


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (REFUSED, RefusalKind.CONSENT),
        (REFUSED, RefusalKind.CONTENT),
        (UNKNOWN, None),
        (AttemptState.DISPATCHING, None),
        (AttemptState.ACCEPTED, None),
        (AttemptState.DELIVERED, None),
    ],
)
def test_what_is_not_certain_and_what_the_person_said_never_moves(
    state: AttemptState, refusal: RefusalKind | None
) -> None:
    step = once_more(refusal, state, points=(SMS, EMAIL), preferred=Channel.SMS)
    assert (step.why, step.touch) == ("touch", 2)
    assert step.not_before >= local(NEW_YORK, "2026-11-27 00:00")


def test_it_goes_on_at_once_and_says_who_did_not_take_it() -> None:
    found = american()
    step, at = due(found)
    found = after(found, step, at, state=REFUSED, refusal=RefusalKind.TEMPORARY)
    step = plan(found, at, TWO)
    assert step.not_before <= at + timedelta(seconds=1)
    assert "twilio did not take it, now through infobip" in step.summary
    assert "refused through twilio" in (step.view.last_contact or "")


def test_when_every_provider_refused_it_the_next_channel_has_its_turn() -> None:
    found = american(points=(SMS, EMAIL), preferred=Channel.SMS)
    at = NOON
    tried = []
    for _ in range(4):
        step = plan(found, at, TWO)
        at = max(at, step.not_before)
        tried.append(step.provider)
        found = after(found, step, at, state=REFUSED, refusal=RefusalKind.TEMPORARY)
    assert tried == ["twilio", "infobip", "sendgrid", "resend"]
    step = plan(found, at, TWO)
    assert (step.touch, step.provider) == (1, "twilio"), "nothing is left: the touch waits"
    assert step.not_before >= at + PAUSE - timedelta(seconds=10)
    assert "resend did not take it, now through twilio" in step.summary


def test_a_lone_provider_is_asked_again_ever_less_often_and_then_the_touch_is_given_up() -> None:
    found, at = american(days_past_due=3), NOON
    gaps = []
    for _ in range(MAX_HELD_TRIES + 1):
        step = plan(found, at, rules("US"))
        assert (step.touch, step.provider) == (1, "twilio")
        gaps.append(step.not_before - at)
        at = max(at, step.not_before)
        found = after(found, step, at, state=REFUSED, refusal=RefusalKind.TEMPORARY)
    assert gaps[1:6] == [PAUSE * 2**n for n in range(5)]
    assert plan(found, at, rules("US")).touch == 2


def test_refusals_for_the_providers_sake_do_not_give_the_address_up() -> None:
    past = tuple(
        contact(NOON - timedelta(days=40 + n), phase="preventive", state=REFUSED, refusal=kind)
        for n, kind in enumerate([RefusalKind.TEMPORARY] * 3)
    )
    assert plan(american(contacts=past), NOON, TWO).kind is StepKind.CONTACT


def test_the_law_counts_what_may_have_reached_the_person_and_nothing_else() -> None:
    past = [
        contact(NOON, state=REFUSED, refusal=RefusalKind.TEMPORARY, step=1),
        contact(NOON, state=UNKNOWN, step=2),
        contact(NOON, state=AttemptState.RELEASED, step=3),
        contact(NOON, state=AttemptState.RESERVED, step=4),
    ]
    assert len(law_history(american(contacts=tuple(past)))) == 2
    one = replace(TWO, providers={Channel.SMS: ("twilio",)})
    colombian = situation(points=(SMS,), contacts=(past[1],), now=NOON)
    assert "refused" not in plan(colombian, NOON, one).summary


# --- health ---------------------------------------------------------------------------------------


def test_a_provider_that_is_down_is_left_out() -> None:
    step, at = due(american(health=failing("twilio")))
    assert (step.provider, step.why) == ("infobip", "touch")
    assert at == due(american())[1]


def test_a_provider_that_may_be_back_is_tried_in_its_place() -> None:
    probed = NOON - FIRST - timedelta(seconds=10)
    found = american(health=failing("twilio", at=probed))
    assert due(found)[0].provider == "twilio"


def test_what_is_planned_for_later_does_not_wait_for_what_is_down_now() -> None:
    yesterday = contact(NOON - timedelta(days=1))
    later = plan(american(contacts=(yesterday,), next_step=2), NOON, TWO)
    ill = american(contacts=(yesterday,), next_step=2, health=failing("twilio", "infobip"))
    step = plan(ill, NOON, TWO)
    assert (step.not_before, step.why) == (later.not_before, "touch")


def test_with_all_of_a_channel_down_a_free_one_is_taken() -> None:
    found = american(
        points=(SMS, EMAIL), preferred=Channel.SMS, health=failing("twilio", "infobip")
    )
    assert due(found)[0].channel is Channel.EMAIL


@st.composite
def outages(draw: st.DrawFn) -> tuple[Situation, datetime, timedelta]:
    """An account whose touch is due while both its providers are down, at any time of the week."""
    now = NOON + timedelta(minutes=draw(st.integers(0, 7 * 24 * 60)))
    lasted = timedelta(minutes=draw(st.integers(1, int(MEMORY.total_seconds() / 60) - 1)))
    account = draw(st.integers(1, 10_000))
    found = american(
        now=now, days_past_due=10, health=failing("twilio", "infobip", at=now, lasted=lasted)
    )
    return found.model_copy(update={"key": f"bank/A{account}"}), now, lasted


@given(outages())
def test_what_an_outage_holds_waits_lawfully_and_says_why(
    outage: tuple[Situation, datetime, timedelta],
) -> None:
    found, now, _ = outage
    step = plan(found, now, TWO)
    well = plan(found.model_copy(update={"health": ()}), now, TWO)
    assert step.kind is StepKind.CONTACT and step.not_after is not None
    assert well.not_before <= step.not_before < step.not_after
    asked = law_request(found, TWO, found.customer.points[0], step.not_before)
    assert verdict(TWO.packs, asked, step.not_before).verdict == "allowed"
    if step.why == "held":
        assert step.not_before > now
        assert "held: twilio and infobip are down, next probe" in step.summary
    else:
        assert step.not_before == well.not_before


def test_what_was_held_comes_back_over_as_long_as_the_outage_lasted() -> None:
    lasted = timedelta(hours=2)
    signs = failing("twilio", "infobip", lasted=lasted)
    times = []
    for nth in range(400):
        found = american(health=signs).model_copy(update={"key": f"bank/A{nth}"})
        if plan(found.model_copy(update={"health": ()}), NOON, TWO).not_before <= NOON:
            times.append(plan(found, NOON, TWO).not_before)
    assert len(times) > 50, "those whose time has come are held"
    begin, end = min(times), max(times)
    assert begin > NOON
    assert lasted * 0.8 < end - begin <= lasted + DRAIN
    slots = [0] * 8
    for at in times:
        slots[min(int((at - begin) / ((end - begin) / 8)), 7)] += 1
    assert max(slots) <= 3 * len(times) / 8, "no burst"


def test_an_outage_over_night_does_not_end_in_a_burst_at_the_opening() -> None:
    night = local(NEW_YORK, "2026-11-23 23:30")
    opens = []
    for nth in range(200):
        found = american(now=night, health=failing("twilio", "infobip", at=night))
        found = found.model_copy(update={"key": f"bank/A{nth}"})
        opens.append(plan(found, night, TWO).not_before)
    first = local(NEW_YORK, "2026-11-24 08:00")
    hours = [int((at - first) / timedelta(hours=1)) for at in opens]
    assert min(hours) >= 0
    assert max(hours.count(hour) for hour in set(hours)) < len(opens) / 5


def test_the_clock_of_an_account_does_not_see_the_signs_of_its_future() -> None:
    signs = failing("twilio", at=NOON + timedelta(days=3))
    assert due(american(health=signs))[0].provider == "twilio"


def test_instants_are_aware() -> None:
    assert NOON.tzinfo is UTC
