"""Regulation F and TCPA: consent to texts, opt-outs, and what else stops a debt."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.law.support import (
    NEW_YORK,
    ask,
    contact,
    event,
    judge,
    local,
)


def ny(wall: str, fold: int = 0) -> datetime:
    return local(NEW_YORK, wall, fold)


NOON = ny("2026-11-18 12:00")  # a Wednesday


FRESH = event("number_check", ny("2026-11-10 09:00"))


@pytest.mark.parametrize(
    ("events", "history", "allowed", "why"),
    [
        ([], [], False, "nothing on file"),
        ([FRESH], [], True, "number checked eight days ago"),
        ([event("opt_in", ny("2026-09-20 09:00"))], [], True, "20 Sep is day 1, today day 60"),
        ([event("opt_in", ny("2026-09-19 09:00"))], [], False, "today is day 61"),
        (
            [],
            [contact(ny("2026-11-10 09:00"), "sms", "replied", direction="inbound")],
            True,
            "text",
        ),
        (
            [],
            [contact(ny("2026-11-10 09:00"), outcome="conversation", direction="inbound")],
            False,
            "a phone call is not enough",
        ),
    ],
)
def test_texts_need_something_from_the_last_60_days(
    events: list[dict[str, Any]], history: list[dict[str, Any]], allowed: bool, why: str
) -> None:
    request = ask(channel="sms", events=events, history=history)
    assert (judge(request, NOON).verdict == "allowed") is allowed, why
    lax = ask(channel="sms", readings={"us.text_60d": "safe_harbour_only"})
    assert judge(lax, NOON).verdict == "allowed"
    assert judge(lax, NOON).reading == "us.text_60d=safe_harbour_only"


@pytest.mark.parametrize(
    ("events", "history", "allowed"),
    [
        ([], [], False),  # whose number it is says nothing of consent
        ([event("opt_in", ny("2026-01-10 09:00"), contact_point_id="cp1")], [], True),
        ([event("opt_in", ny("2026-01-10 09:00"))], [], False),  # consent is to a number
        ([], [contact(ny("2026-01-10 09:00"), "sms", "replied", direction="inbound")], True),
        ([], [contact(ny("2026-01-10 09:00"), outcome="conversation", direction="inbound")], False),
    ],
)
def test_a_number_check_renews_consent_and_is_none(
    events: list[dict[str, Any]], history: list[dict[str, Any]], allowed: bool
) -> None:
    point = {"id": "cp1", "kind": "mobile", "authorized": False}
    request = ask(channel="sms", contact_point=point, events=[*events, FRESH], history=history)
    found = judge(request, NOON)
    assert (found.verdict == "allowed") is allowed
    if not allowed:
        assert (found.rule, found.reading) == ("us.regf.text_consent", "us.text_60d=block")


@pytest.mark.parametrize(
    ("stop", "channel", "allowed", "why"),
    [
        ({"channel": "sms"}, "sms", False, "STOP by text stops texts"),
        ({"channel": "sms"}, "email", True, "but not e-mail"),
        ({"channel": "sms"}, "voice", True, "nor calls"),
        ({"channel": "voice"}, "ringless_voicemail", False, "stop calling means all calls"),
        ({}, "email", False, "stop everything"),
        ({"channel": "sms", "account_id": "A2"}, "sms", False, "said of any debt"),
        ({"channel": "sms", "contact_point_id": "cp1"}, "sms", False, "of this number"),
        ({"channel": "sms", "contact_point_id": "cp2"}, "sms", True, "of another number"),
    ],
)
def test_an_opt_out_stops_a_medium_or_an_address(
    stop: dict[str, Any], channel: str, allowed: bool, why: str
) -> None:
    events = [FRESH, event("opt_out", ny("2026-11-17 09:00"), **stop)]
    answer = judge(ask(channel=channel, events=events), NOON)
    assert (answer.verdict == "allowed") is allowed, why
    if not allowed:
        assert (answer.rule, answer.next_allowed_at) == ("us.regf.opt_out", None)


def test_an_opt_in_after_an_opt_out_opens_again() -> None:
    events = [
        event("opt_out", ny("2026-11-16 09:00"), channel="sms"),
        event("opt_in", ny("2026-11-17 09:00"), channel="sms"),
    ]
    assert judge(ask(channel="sms", events=events), NOON).verdict == "allowed"
    assert judge(ask(channel="sms", events=events), ny("2026-11-16 10:00")).verdict == "denied"


def test_one_confirmation_of_an_opt_out_and_no_second() -> None:
    stopped = ny("2026-11-18 12:00")
    stop = contact(stopped, "sms", "replied", direction="inbound", contact_point_id="cp1")
    events = [event("opt_out", stopped, channel="sms")]
    request = ask(channel="sms", purpose="optout_confirmation", history=[stop], events=events)
    soon = stopped + timedelta(minutes=2)
    assert judge(request, soon).verdict == "allowed"
    sent = contact(stopped + timedelta(minutes=1), "sms", "sent")
    second = ask(channel="sms", purpose="optout_confirmation", history=[stop, sent], events=events)
    assert judge(second, soon).verdict == "denied"
    reply = ask(channel="sms", purpose="reply", history=[stop], events=events)
    assert judge(reply, soon).verdict == "denied", "the STOP itself invites no answer"


@pytest.mark.parametrize("channel", ["voice", "ringless_voicemail", "letter", "visit"])
@pytest.mark.parametrize("stopped", ["voice", "sms", None])
def test_no_call_and_no_letter_confirms_an_opt_out(channel: str, stopped: str | None) -> None:
    events = [event("opt_out", NOON - timedelta(days=8), channel=stopped, text="stop calling")]
    request = ask(channel=channel, purpose="optout_confirmation", events=events)
    answer = judge(request, NOON)
    assert (answer.verdict, answer.next_allowed_at) == ("denied", None)


def test_a_revocation_binds_a_first_partys_robotexts_at_once_or_after_ten_business_days() -> None:
    events = [event("opt_out", ny("2026-11-18 12:00"), channel="sms")]
    fields: dict[str, Any] = {"actor": "first_party", "channel": "sms", "events": events}
    at = ny("2026-11-18 12:00:01")
    assert judge(ask(**fields), at).verdict == "allowed", "not autodialed"
    assert judge(ask(**fields, autodialed=True), at).rule == "us.tcpa.revocation"
    grace = ask(**fields, autodialed=True, readings={"us.tcpa_grace": "10_business_days"})
    # Thanksgiving (26 Nov) is none of the ten, which end on 3 December.
    assert judge(grace, ny("2026-12-03 23:59:59")).verdict == "allowed"
    assert judge(grace, ny("2026-12-04 00:00")).verdict == "denied"
    agency = ask(
        channel="sms",
        events=[FRESH, *events],
        autodialed=True,
        readings={"us.tcpa_grace": "10_business_days"},
    )
    assert judge(agency, at).rule == "us.regf.opt_out", "Regulation F knows no grace"


def test_a_text_confirming_a_revocation_within_five_minutes() -> None:
    stopped = ny("2026-11-18 12:00")
    request = ask(
        actor="first_party",
        channel="sms",
        purpose="optout_confirmation",
        autodialed=True,
        events=[event("opt_out", stopped, channel="sms")],
    )
    assert judge(request, stopped + timedelta(minutes=5)).verdict == "allowed"
    assert judge(request, stopped + timedelta(minutes=5, seconds=1)).verdict == "denied"


def test_revoking_one_kind_stops_the_other_from_31_january_2027() -> None:
    events = [event("opt_out", ny("2026-11-18 12:00"), channel="sms")]
    request = ask(actor="first_party", events=events, autodialed=True)
    assert judge(request, ny("2027-01-30 23:59:59")).verdict == "allowed"
    assert judge(request, ny("2027-01-31 00:00:00")).rule == "us.tcpa.revoke_all"


def test_cease_leaves_three_notices() -> None:
    received = ny("2026-11-10 09:00")
    cease = event("cease", received, in_writing=True, sent_at=ny("2026-11-05 09:00"))
    assert judge(ask(channel="letter", events=[cease]), NOON).rule == "us.regf.cease"
    sent = [contact(received + timedelta(days=day), "letter", "sent") for day in (1, 2, 3)]
    third = ask(channel="letter", purpose="notice", events=[cease], history=sent[:2])
    assert judge(third, NOON).verdict == "allowed"
    fourth = ask(channel="letter", purpose="notice", events=[cease], history=sent)
    assert judge(fourth, NOON).verdict == "denied"


@pytest.mark.parametrize(
    ("happened", "verdict", "rule"),
    [
        (event("cease", NOON, in_writing=False), "review", "us.regf.cease_oral"),
        (event("attorney", NOON, contact_known=True), "denied", "us.regf.attorney"),
        (event("attorney", NOON), "denied", "us.regf.attorney"),
        (event("attorney", NOON, contact_known=False), "review", "us.regf.attorney_unknown"),
        (event("dispute", NOON), "denied", "us.regf.dispute"),
        (event("bankruptcy", NOON), "denied", "us.bankruptcy"),
        (event("death", NOON), "denied", "us.regf.death"),
    ],
)
def test_what_stops_a_debt(happened: dict[str, Any], verdict: str, rule: str) -> None:
    answer = judge(ask(events=[happened]), NOON)
    assert (answer.verdict, answer.rule, answer.next_allowed_at) == (verdict, rule, None)
    other_debt = ask(events=[happened | {"account_id": "A2"}])
    of_the_person = happened["kind"] in ("death", "bankruptcy")
    assert (judge(other_debt, NOON).verdict == "denied") is of_the_person


def test_a_dispute_ends_when_verification_is_sent() -> None:
    events = [event("dispute", NOON), event("dispute_verified", NOON + timedelta(days=3))]
    assert judge(ask(events=events), NOON + timedelta(days=2)).verdict == "denied"
    assert judge(ask(events=events), NOON + timedelta(days=3)).verdict == "allowed"
