"""Ley 19.496, art. 37: each case with its wall clock in Santiago and the reason beside it."""

from typing import Any

import pytest

from tests.unit.law.support import SANTIAGO, ask, codes, contact, event, judge, local

CALLS = ("voice", "ringless_voicemail", "visit")
MESSAGES = ("sms", "whatsapp", "email", "push", "letter", "social_dm")


def cl(wall: str) -> Any:
    return local(SANTIAGO, wall)


@pytest.mark.parametrize(
    ("wall", "allowed", "why"),
    [
        ("2026-11-18 07:59:59", False, "Wednesday before opening"),
        ("2026-11-18 08:00:00", True, "Wednesday at the opening second: 11:00Z, summer time"),
        ("2026-11-18 19:59:59", True, "the last second of Wednesday"),
        ("2026-11-18 20:00:00", False, "Wednesday at the closing second"),
        ("2026-07-15 08:00:00", True, "winter: 12:00Z"),
        ("2026-11-21 19:59:59", True, "Saturday is a working day"),
        ("2026-11-22 12:00:00", False, "Sunday"),
        ("2026-04-04 12:00:00", False, "Holy Saturday"),
        ("2026-12-08 12:00:00", False, "Tuesday, Immaculate Conception"),
        ("2027-09-17 12:00:00", False, "Friday, the bridge before a weekend of independence"),
        ("2026-09-17 12:00:00", True, "Thursday: no bridge in 2026"),
        ("2027-06-28 12:00:00", False, "Monday: St Peter and St Paul's of Tuesday, moved"),
        ("2027-06-29 12:00:00", True, "the Tuesday it was moved from"),
    ],
)
def test_hours_sundays_and_holidays(wall: str, allowed: bool, why: str) -> None:
    for channel in (*CALLS, *MESSAGES):
        assert (judge(ask("CL", channel=channel), cl(wall)).verdict == "allowed") is allowed, why


@pytest.mark.parametrize("wall", ["2026-11-22 12:00", "2026-11-18 21:00", "2026-12-08 12:00"])
def test_the_reach_of_hours_and_days_is_a_reading(wall: str) -> None:
    for channel in CALLS:
        lax = ask("CL", channel=channel, readings={"cl.hours_media": "calls"})
        assert judge(lax, cl(wall)).verdict == "denied"
    for channel in MESSAGES:
        lax = ask("CL", channel=channel, readings={"cl.hours_media": "calls"})
        assert judge(lax, cl(wall)).verdict == "allowed"
        strict = judge(ask("CL", channel=channel), cl(wall))
        assert (strict.verdict, strict.reading) == ("denied", "cl.hours_media=all")


@pytest.mark.parametrize(
    ("zone", "wall", "allowed", "why"),
    [
        ("America/Punta_Arenas", "2026-07-15 20:00", False, "-03 all year: 23:00Z"),
        ("America/Punta_Arenas", "2026-07-15 19:59:59", True, "a second before"),
        ("Pacific/Easter", "2026-11-18 08:00", True, "two hours behind Santiago: 13:00Z"),
        ("Pacific/Easter", "2026-11-18 07:59:59", False, "a second before"),
    ],
)
def test_the_clock_is_the_consumers(zone: str, wall: str, allowed: bool, why: str) -> None:
    assert (judge(ask("CL", zones=[zone]), local(zone, wall)).verdict == "allowed") is allowed, why


@pytest.mark.parametrize(
    ("region", "wall", "why"),
    [
        ("CL-AP", "2027-06-07 12:00", "Monday, Cape Arica"),
        ("CL-NB", "2026-08-20 12:00", "Thursday, O'Higgins' birth, in Chillán"),
    ],
)
def test_regional_holidays_bind_in_their_region(region: str, wall: str, why: str) -> None:
    assert judge(ask("CL"), cl(wall)).verdict == "allowed", why
    here = judge(ask("CL", jurisdictions=["CL", region]), cl(wall))
    assert here.rule == f"{region.lower().replace('-', '.')}.closed_days", why
    lax = {"channel": "email", "readings": {"cl.hours_media": "calls"}}
    assert judge(ask("CL", jurisdictions=["CL", region], **lax), cl(wall)).verdict == "allowed"


TUESDAY, FRIDAY = "2026-11-10 10:00", "2026-11-13 10:00"


def after(channel: str, *contacts: tuple[str, str, str], **fields: Any) -> Any:
    """Ask about A1 after contacts ``(wall clock, channel, outcome)``."""
    history = [contact(cl(wall), how, outcome) for wall, how, outcome in contacts]
    return ask("CL", channel=channel, history=history, **fields)


CALL, VISIT = (TUESDAY, "voice", "no_answer"), (TUESDAY, "visit", "conversation")
SMS, MAIL = (TUESDAY, "sms", "sent"), (FRIDAY, "email", "sent")
SEPARATE = {"cl.caps": "separate"}


@pytest.mark.parametrize(
    ("channel", "contacts", "at", "readings", "rule", "opens", "why"),
    [
        ("voice", [CALL], "2026-11-11 10:00", {}, "call_cap", "2026-11-17 08:00", "one a week"),
        ("visit", [CALL], "2026-11-11 10:00", {}, "call_cap", "2026-11-17 08:00", "shared"),
        ("voice", [VISIT], "2026-11-11 10:00", {}, "call_cap", "2026-11-17 08:00", "shared"),
        ("voice", [CALL], "2026-11-17 08:00", {}, None, None, "the eighth day"),
        (
            "voice",
            [CALL],
            "2026-11-14 10:00",
            {"cl.week": "calendar"},
            "call_cap",
            "2026-11-16 08:00",
            "the calendar week ends on Sunday",
        ),
        (
            "voice",
            [CALL],
            "2026-11-11 10:00",
            {"cl.unanswered": "ignored"},
            None,
            None,
            "nobody answered",
        ),
        (
            "voice",
            [(TUESDAY, "voice", "conversation")],
            "2026-11-11 10:00",
            {"cl.unanswered": "ignored"},
            "call_cap",
            "2026-11-17 08:00",
            "somebody did",
        ),
        (
            "voice",
            [(TUESDAY, "voice", "dropped")],
            "2026-11-11 10:00",
            {"cl.unanswered": "ignored"},
            "call_cap",
            "2026-11-17 08:00",
            "answered, if only for a moment",
        ),
        ("voice", [(TUESDAY, "voice", "busy")], "2026-11-10 11:00", {}, None, None, "never rang"),
        ("email", [SMS], "2026-11-12 19:59", {}, "message_spacing", "2026-11-13 08:00", "D+2"),
        ("email", [SMS], "2026-11-13 08:00", {}, None, None, "D+3"),
        (
            "email",
            [SMS],
            "2026-11-12 09:59:59",
            {"cl.spacing": "48h"},
            "message_spacing",
            "2026-11-12 10:00",
            "a second short of 48 hours",
        ),
        ("email", [SMS], "2026-11-12 10:00", {"cl.spacing": "48h"}, None, None, "48 hours"),
        ("voice", [SMS], "2026-11-11 10:00", {}, None, None, "a call is no message"),
        (
            "letter",
            [SMS, MAIL],
            "2026-11-16 10:00",
            SEPARATE,
            "message_cap",
            "2026-11-17 08:00",
            "two messages a week",
        ),
        (
            "voice",
            [SMS, MAIL],
            "2026-11-14 10:00",
            {},
            "joint_cap",
            "2026-11-17 08:00",
            "two contacts a week in total",
        ),
        ("voice", [SMS, MAIL], "2026-11-14 10:00", SEPARATE, None, None, "one call and two texts"),
        (
            "sms",
            [CALL, MAIL],
            "2026-11-16 10:00",
            {},
            "joint_cap",
            "2026-11-17 08:00",
            "a call and a message are two",
        ),
        (
            "sms",
            [CALL, MAIL],
            "2026-11-16 10:00",
            {"cl.unanswered": "ignored"},
            None,
            None,
            "the call that nobody answered is none",
        ),
    ],
)
def test_caps_under_each_reading(
    channel: str,
    contacts: list[tuple[str, str, str]],
    at: str,
    readings: dict[str, str],
    rule: str | None,
    opens: str | None,
    why: str,
) -> None:
    answer = judge(after(channel, *contacts, readings=readings), cl(at))
    assert answer.rule == (f"cl.art37.{rule}" if rule else "none"), why
    assert answer.next_allowed_at == (cl(opens) if opens else None), why


def test_the_consumer_is_the_unit_unless_the_debt_is() -> None:
    other = [contact(cl(TUESDAY), account_id="A2")]
    answer = judge(ask("CL", history=other), cl("2026-11-11 10:00"))
    assert answer.rule == "cl.art37.call_cap"
    assert "cl.unit=consumer" in (answer.reading or "")
    debt = ask("CL", history=other, readings={"cl.unit": "debt"})
    assert judge(debt, cl("2026-11-11 10:00")).reading == "cl.unit=debt"


def test_the_caps_begin_with_their_law() -> None:
    history = [contact(cl("2021-04-19 10:00")), contact(cl("2021-04-19 11:00"))]
    request = ask("CL", history=history)
    assert judge(request, cl("2021-04-19 12:00")).verdict == "allowed"
    assert judge(request, cl("2021-04-20 12:00")).rule == "cl.art37.call_cap"


def test_what_stops_and_what_a_person_looks_into() -> None:
    at = cl("2026-11-18 12:00")
    filed = [event("bankruptcy", at)]
    assert judge(ask("CL", events=filed), at).verdict == "denied"
    paid = [event("dispute", cl("2026-11-16 12:00"))]
    assert judge(ask("CL", events=paid), at).verdict == "review"
    verified = [*paid, event("dispute_verified", cl("2026-11-17 12:00"))]
    assert judge(ask("CL", events=verified), at).verdict == "allowed"


def test_duties() -> None:
    at = cl("2026-11-18 12:00")
    every = [
        "identify_sender",
        "debt_information",
        "no_enforcement",
        "no_court_like_papers",
        "keep_records",
    ]
    assert codes(ask("CL", channel="sms"), at) == every
    assert codes(ask("CL"), at) == [*every, "caller_prefix_600"]
