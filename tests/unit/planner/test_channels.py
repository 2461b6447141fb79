"""Calls and WhatsApp among the channels: when they are chosen, and what the law makes of them."""

from datetime import timedelta
from typing import Any

import pytest

from domain.account import ContactPoint, PointKind
from domain.channels import Channel, Purpose
from domain.law.request import LawEvent
from domain.law.terms import EventKind, Medium
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.ledger.call_outcome import CallOutcome
from domain.planning.planner import plan
from domain.planning.request import law_history, law_request
from domain.planning.rules import Rules
from domain.planning.step import Status
from domain.situation import Reply
from lab.builders.situations import EMAIL, NOW, SMS, rules, situation
from tests.unit.planner.support import after, contact, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
VOICE = ContactPoint(
    contact_point_id="p-voice", channel=Channel.VOICE, kind=PointKind.MOBILE, consented=True
)
WHATSAPP = ContactPoint(
    contact_point_id="p-wa", channel=Channel.WHATSAPP, kind=PointKind.MOBILE, consented=True
)
DAY = timedelta(days=1)


def all_channels(country: str) -> Rules:
    found = rules(country)
    more = {Channel.VOICE: ("twilio",), Channel.WHATSAPP: ("twilio",)}
    return Rules(
        strategy=found.strategy,
        packs=found.packs,
        jurisdictions=found.jurisdictions,
        actor=found.actor,
        providers={**found.providers, **more},
    )


def american(**fields: Any) -> Any:
    given: dict[str, Any] = {"country": "US", "zones": (NEW_YORK,), "now": NOON}
    return situation(**{**given, "days_past_due": 45, "points": (VOICE,), **fields})


def a_call(days_ago: int, **fields: Any) -> Any:
    given: dict[str, Any] = {
        "channel": Channel.VOICE,
        "contact_point_id": "p-voice",
        "phase": "mid",
        "purpose": Purpose.SECOND_NOTICE,
        "outcome": CallOutcome.NO_ANSWER,
    }
    at = NOON - days_ago * DAY
    return contact(at, **{**given, "attempt_id": f"a{days_ago}", "step": days_ago, **fields})


def test_a_call_is_told_as_one() -> None:
    step = plan(american(), NOON, all_channels("US"))
    assert step.channel is Channel.VOICE
    assert step.summary.startswith("Call second notice 1, due Mon")


@pytest.mark.parametrize(
    ("days", "phase", "called"), [(10, "early", False), (45, "mid", True), (75, "late", True)]
)
def test_calls_begin_in_the_middle_phases(days: int, phase: str, *, called: bool) -> None:
    step = plan(american(days_past_due=days), NOON, all_channels("US"))
    assert (step.phase, step.channel is Channel.VOICE) == (phase, called)


def test_writing_comes_before_calling() -> None:
    step = plan(american(points=(VOICE, EMAIL, SMS)), NOON, all_channels("US"))
    assert step.channel is Channel.EMAIL


def test_calling_comes_when_writing_was_ignored() -> None:
    wrote = [
        contact(NOON - n * DAY, phase="mid", channel=c, contact_point_id=p, touch=t)
        for n, t, c, p in ((20, 1, Channel.EMAIL, "p-email"), (10, 2, Channel.SMS, "p-sms"))
    ]
    points = (VOICE, EMAIL, SMS)
    step = plan(american(points=points, contacts=tuple(wrote)), NOON, all_channels("US"))
    assert step.channel is Channel.VOICE


@pytest.mark.parametrize(
    ("country", "zone", "first"),
    [
        ("CO", "America/Bogota", Channel.WHATSAPP),
        ("MX", "America/Mexico_City", Channel.WHATSAPP),
        ("US", NEW_YORK, Channel.EMAIL),
    ],
)
def test_whatsapp_goes_first_where_it_is_everybodys_medium(
    country: str, zone: str, first: Channel
) -> None:
    found = situation(
        country=country, zones=(zone,), points=(WHATSAPP, EMAIL), now=NOON, days_past_due=40
    )
    assert plan(found, NOON, all_channels(country)).channel is first


def test_whatsapp_without_consent_is_never_used() -> None:
    silent = WHATSAPP.model_copy(update={"consented": False})
    step = plan(situation(points=(silent,)), NOW, all_channels("CO"))
    assert step.view.status is Status.SILENCED
    assert "whatsapp: no consent" in step.summary


def test_a_stop_on_the_telephone_ends_calls_and_nothing_else() -> None:
    stop = LawEvent(kind=EventKind.OPT_OUT, at=NOON - DAY, channel=Medium.VOICE)
    found = american(points=(VOICE, EMAIL), preferred=Channel.VOICE)
    events = (*found.law_events, stop)
    step = plan(found.model_copy(update={"law_events": events}), NOON, all_channels("US"))
    assert step.channel is Channel.EMAIL


def test_a_call_is_asked_about_as_one_of_an_artificial_voice() -> None:
    """47 CFR 64.1200(a)(10): from 31 Jan 2027 a stop of texts stops such calls, too."""
    asked = [law_request(american(), all_channels("US"), p, NOON) for p in (VOICE, SMS, EMAIL)]
    assert [request.autodialed for request in asked] == [True, False, False]


# --- what the law makes of a call -----------------------------------------------------------------


def opens(found: Any) -> Any:
    return plan(found, NOON, all_channels("US")).not_before.date()


def test_a_conversation_rests_the_telephone_for_a_week() -> None:
    talked = a_call(5, outcome=CallOutcome.CONVERSATION)
    step = plan(american(contacts=(talked,)), NOON, all_channels("US"))
    assert step.not_before >= local(NEW_YORK, "2026-11-25 00:00")
    assert "12 CFR 1006.14(b)(2)(i)(B)" in step.summary


@pytest.mark.parametrize(
    "outcome", [CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL, CallOutcome.DROPPED]
)
def test_a_call_without_a_conversation_leaves_the_telephone_open(outcome: CallOutcome) -> None:
    step = plan(american(contacts=(a_call(5, outcome=outcome),)), NOON, all_channels("US"))
    assert step.not_before <= local(NEW_YORK, "2026-11-23 21:00")


def test_a_customer_who_called_rests_the_telephone_too() -> None:
    called = Reply(at=NOON - 4 * DAY, channel=Channel.VOICE, contact_point_id="p-voice")
    step = plan(american(replies=(called,)), NOON, all_channels("US"))
    assert step.not_before >= local(NEW_YORK, "2026-11-26 00:00")


def test_who_called_today_is_a_persons_turn() -> None:
    called = Reply(at=NOON - timedelta(hours=1), channel=Channel.VOICE)
    step = plan(american(replies=(called,)), NOON, all_channels("US"))
    assert step.summary.startswith("The customer called; a person's turn")


@pytest.mark.parametrize(
    ("outcome", "state", "counts"),
    [
        (CallOutcome.NO_ANSWER, AttemptState.DELIVERED, True),
        (CallOutcome.VOICEMAIL, AttemptState.DELIVERED, True),
        (CallOutcome.DROPPED, AttemptState.DELIVERED, True),
        (None, AttemptState.ACCEPTED, True),
        (None, AttemptState.UNKNOWN, True),
        (CallOutcome.BUSY, AttemptState.UNDELIVERED, False),
        (CallOutcome.NOT_IN_SERVICE, AttemptState.UNDELIVERED, False),
    ],
)
def test_seven_calls_in_seven_days_and_which_of_them_count(
    outcome: CallOutcome | None, state: AttemptState, *, counts: bool
) -> None:
    """Of another account of the same debt's customer, so that the cadence does not decide."""
    calls = tuple(
        a_call(
            1, outcome=outcome, state=state, account="bank/A2", covers=("bank/A1", "bank/A2")
        ).model_copy(update={"at": NOON - DAY + n * timedelta(minutes=9), "phase": "other"})
        for n in range(7)
    )
    assert len(law_history(american(contacts=calls))) == 14  # each call is about both accounts
    found = american(contacts=calls, points=(VOICE,))
    step = plan(found, NOON, all_channels("US"))
    held = "1006.14(b)(2)(i)(A)" in (step.cite or "")
    assert held is counts


# --- what comes after a call ----------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [CallOutcome.BUSY, CallOutcome.NOT_IN_SERVICE])
def test_a_call_that_did_not_connect_is_taken_up_by_another_channel(outcome: CallOutcome) -> None:
    failed = a_call(0, outcome=outcome, state=AttemptState.UNDELIVERED)
    step = plan(american(points=(VOICE, EMAIL), contacts=(failed,)), NOON, all_channels("US"))
    assert (step.why, step.channel, step.touch) == ("failover", Channel.EMAIL, 1)


@pytest.mark.parametrize(
    "outcome", [CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL, CallOutcome.DROPPED]
)
def test_a_missed_call_is_not_followed_by_a_message_on_the_spot(outcome: CallOutcome) -> None:
    missed = a_call(0, outcome=outcome)
    step = plan(american(points=(VOICE, EMAIL), contacts=(missed,)), NOON, all_channels("US"))
    assert step.why != "failover"
    assert step.not_before > NOON + 3 * DAY


@pytest.mark.parametrize(
    "outcome", [CallOutcome.CONVERSATION, CallOutcome.VOICEMAIL, CallOutcome.DROPPED]
)
def test_a_call_that_was_called_failed_and_was_taken_all_the_same_is_not_taken_up(
    outcome: CallOutcome,
) -> None:
    """Callbacks come in any order, and kept ones later than the dialogue's own word."""
    taken = a_call(0, outcome=outcome, state=AttemptState.UNDELIVERED)
    assert taken.said is (outcome is CallOutcome.CONVERSATION)
    step = plan(american(points=(VOICE, EMAIL), contacts=(taken,)), NOON, all_channels("US"))
    assert step.why != "failover"
    assert step.not_before > NOON + 3 * DAY


def test_the_page_tells_what_became_of_the_call() -> None:
    found = american(contacts=(a_call(3),))
    words = plan(found, NOON, all_channels("US")).view.last_contact
    assert words is not None
    assert words.startswith("Call second notice, no answer")


# --- WhatsApp's window ----------------------------------------------------------------------------


def test_the_customers_own_message_opens_a_window_of_a_day() -> None:
    replies = tuple(
        Reply(at=NOON - hours * timedelta(hours=1), channel=Channel.WHATSAPP, contact_point_id=p)
        for hours, p in ((30, "p-wa"), (3, "p-wa"), (1, "p-other"))
    )
    found = american(replies=replies)
    assert found.whatsapp_open_until("p-wa") == NOON + timedelta(hours=21)
    assert found.whatsapp_open_until("p-none") is None


def test_an_sms_opens_no_window_on_whatsapp() -> None:
    found = american(replies=(Reply(at=NOON, channel=Channel.SMS, contact_point_id="p-wa"),))
    assert found.whatsapp_open_until("p-wa") is None


def test_what_came_back_is_not_sent_to_the_same_handset_in_another_spelling() -> None:
    here = {"address_id": "one"}
    points = (
        SMS.model_copy(update=here),
        SMS.model_copy(update={"contact_point_id": "p-sms2", **here}),
    )
    found = situation(points=points, preferred=Channel.SMS)
    step = plan(found, NOW, rules())
    state, refusal = AttemptState.UNDELIVERED, RefusalKind.TEMPORARY
    failed = after(found, step, step.not_before, state=state, refusal=refusal)
    then = plan(failed, step.not_before + timedelta(minutes=1), rules())
    assert (then.touch, then.channel) != (step.touch, step.channel)
