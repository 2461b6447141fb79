"""Consent is to a number or an address: 47 CFR 64.1200(a)(1)(iii), 12 CFR 1006.22(f)(3)."""

from datetime import timedelta
from typing import Any, Final

import pytest

from domain.law.terms import Actor, LawPointKind
from tests.unit.law.support import ask, contact, event, judge
from tests.unit.law.us_support import NOON, ny

DAY: Final = timedelta(days=1)
ROBOT: Final[dict[str, Any]] = {"autodialed": True}
OF_THE_NUMBER: Final = event("opt_in", NOON - DAY, channel="voice", contact_point_id="cp1")
OF_ALL_CALLS: Final = event("opt_in", NOON - DAY, channel="voice")


def point(kind: str, authorized: bool | None) -> dict[str, Any]:
    return {"id": "cp1", "kind": kind, "authorized": authorized}


@pytest.mark.parametrize("actor", Actor)
@pytest.mark.parametrize(
    ("asked", "said", "allowed", "why"),
    [
        (point("mobile", None), [], False, "nothing on file"),
        (point("mobile", False), [], False, "refused"),
        (point("unknown", None), [], False, "it may be a mobile number"),
        (None, [], False, "it may be any number"),
        (point("mobile", True), [], True, "consent on file"),
        (point("mobile", None), [OF_ALL_CALLS], True, "opted in to calls"),
        (point("mobile", False), [OF_ALL_CALLS], False, "but not to this number"),
        (point("mobile", False), [OF_THE_NUMBER], True, "to this number"),
        (point("landline", None), [], True, "up to three calls"),
    ],
)
def test_a_robocall_needs_consent(
    actor: str, asked: dict[str, Any] | None, said: list[dict[str, Any]], allowed: bool, why: str
) -> None:
    request = ask(actor=actor, contact_point=asked, events=said, **ROBOT)
    answer = judge(request, NOON)
    assert (answer.verdict == "allowed") is allowed, why
    if not allowed:
        assert (answer.rule, answer.next_allowed_at) == ("us.tcpa.consent", None)
    by_hand = ask(actor=actor, contact_point=asked, events=said)
    assert judge(by_hand, NOON).verdict == "allowed", "a person who dials needs none"


@pytest.mark.parametrize("kind", ["landline", "home", "work"])
def test_a_landline_is_robocalled_three_times_in_thirty_days_without_consent(kind: str) -> None:
    calls = [
        contact(ny(f"2026-11-{day} 10:00"), contact_point_id="cp1", outcome=outcome)
        for day, outcome in (("01", "busy"), ("05", "no_answer"), ("11", "voicemail"))
    ]

    def rule(at: str, authorized: bool | None = None, *said: dict[str, Any], **more: Any) -> str:
        where = point(kind, authorized)
        fields = {"actor": "first_party", "contact_point": where, "history": calls, **ROBOT}
        return judge(ask(**{**fields, "events": said, **more}), ny(at)).rule

    assert rule("2026-11-30 12:00") == "us.tcpa.landline_cap"
    assert rule("2026-12-01 12:00") == "none", "the first no longer counts"
    assert rule("2026-11-30 12:00", True) == "none"
    assert rule("2026-11-30 12:00", False, OF_THE_NUMBER) == "none"
    assert rule("2026-11-30 12:00", False, OF_ALL_CALLS) == "us.tcpa.landline_cap"
    assert rule("2026-11-30 12:00", autodialed=False) == "none"
    assert rule("2026-11-30 12:00", history=calls[1:]) == "none"
    other_line = [{**call, "contact_point_id": "cp2"} for call in calls]
    assert rule("2026-11-30 12:00", history=other_line) == "none"


@pytest.mark.parametrize("kind", LawPointKind)
def test_the_one_text_that_confirms_a_revocation_needs_no_consent(kind: str) -> None:
    stop = event("opt_out", NOON - timedelta(minutes=2), channel="sms")
    confirm: dict[str, Any] = {"channel": "sms", "purpose": "optout_confirmation", "events": [stop]}
    asked = ask(actor="first_party", contact_point=point(kind, False), **confirm, **ROBOT)
    assert judge(asked, NOON).verdict == "allowed"


@pytest.mark.parametrize(
    ("authorized", "said", "allowed"),
    [
        (False, {}, False),
        (None, {}, False),
        (True, {}, False),
        (False, {"contact_point_id": "private"}, False),
        (False, {"contact_point_id": "office"}, True),
        (None, {"contact_point_id": "office"}, True),
    ],
)
def test_a_work_address_opens_to_consent_that_names_it(
    authorized: bool | None, said: dict[str, Any], allowed: bool
) -> None:
    agreed = event("opt_in", NOON - DAY, channel="email", **said)
    where = {"kind": "work_email", "authorized": authorized}
    told = ask(channel="email", contact_point=where | {"id": "office"}, events=[agreed])
    assert (judge(told, NOON).verdict == "allowed") is allowed
    untold = ask(channel="email", contact_point=where, events=[agreed])
    assert judge(untold, NOON).rule == "us.regf.work_email", "whose id is not told none can name"


@pytest.mark.parametrize(("used", "allowed"), [("office", True), ("private", False), (None, False)])
def test_a_work_address_opens_to_who_wrote_from_it(used: str | None, allowed: bool) -> None:
    wrote = contact(NOON - DAY, "email", "replied", direction="inbound", contact_point_id=used)
    where = {"id": "office", "kind": "work_email"}
    request = ask(channel="email", contact_point=where, history=[wrote])
    assert (judge(request, NOON).verdict == "allowed") is allowed


@pytest.mark.parametrize(
    ("country", "channel"), [("CO", "sms"), ("US-DC", "email"), ("US-NY", "email"), ("US", "sms")]
)
def test_what_is_refused_at_one_address_is_not_opened_by_a_word_on_its_medium(
    country: str, channel: str
) -> None:
    mailed = event("notice_mailed", NOON - 20 * DAY, channel="letter")
    checked = event("number_check", NOON - DAY)

    def opened(authorized: bool | None, **named: Any) -> bool:
        agreed = event("opt_in", NOON - DAY, channel=channel, **named)
        where = point("unknown", authorized)
        said = [mailed, checked, agreed]
        request = ask(country, channel=channel, contact_point=where, events=said)
        return judge(request, NOON).verdict == "allowed"

    assert opened(None)
    assert not opened(False)
    assert opened(False, contact_point_id="cp1")
    assert not opened(False, contact_point_id="cp2")
