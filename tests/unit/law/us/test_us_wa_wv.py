"""Washington and West Virginia, and states together: wall clocks and reasons."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.law.support import NEW_YORK, ask, contact, event, judge, opening
from tests.unit.law.us_support import CREDITOR, NOON, OFFICE, la, ny, rule, sent


@pytest.mark.parametrize(
    ("reading", "wall", "allowed", "why"),
    [
        ("08:00", "2026-11-18 07:59:59", False, "the Attorney General's hour"),
        ("08:00", "2026-11-18 08:00:00", True, "from it on"),
        ("07:30", "2026-11-18 07:29:59", False, "the statute's hour"),
        ("07:30", "2026-11-18 07:30:00", True, "from it on"),
        ("07:30", "2026-11-18 21:00:00", False, "both close at nine"),
    ],
)
def test_washington_opening_is_a_reading(reading: str, wall: str, allowed: bool, why: str) -> None:
    request = ask("US-WA", readings={"wa.open": reading})
    answer = judge(request, la(wall))
    assert (answer.verdict == "allowed") is allowed, why
    federal = ask("US-WA", jurisdictions=["US", "US-WA"], readings={"wa.open": "07:30"})
    assert judge(federal, la("2026-11-18 07:45")).rule == "us.regf.hours", "the country's stays"


def wa(*days: str, channel: str = "letter", outcome: str = "sent", **more: Any) -> list[Any]:
    return [contact(la(f"2026-11-{day} 10:00"), channel, outcome, **more) for day in days]


@pytest.mark.parametrize(
    ("reading", "days", "free", "why"),
    [
        ("rolling", ["16", "17", "18"], "2026-11-23 08:00", "the 16th counts through the 22nd"),
        ("rolling", ["15", "17", "18"], "2026-11-22 08:00", "the 15th through the 21st"),
        ("calendar", ["15", "16", "17"], "2026-11-22 08:00", "Sunday the 22nd begins a new week"),
        ("calendar", ["14", "16", "17"], None, "Saturday the 14th was the week before"),
    ],
)
def test_washington_week_is_a_reading(
    reading: str, days: list[str], free: str | None, why: str
) -> None:
    request = ask("US-WA", history=wa(*days), readings={"wa.week": reading})
    now = la("2026-11-18 12:00")
    assert opening(request, now) == (la(free) if free else now), why
    if free:
        assert judge(request, now).rule == "us.wa.week_cap"


@pytest.mark.parametrize(
    ("fields", "expected", "why"),
    [
        ({"history": wa("16", "17", "18")}, "us.wa.week_cap", "in any form"),
        ({"history": wa("16", "17", "18", account_id="A2")}, "us.wa.week_cap", "per debtor"),
        ({"history": wa("16", "17", "18"), "actor": CREDITOR}, "none", "creditors have no licence"),
        (
            {"history": wa("17", channel="voice"), "contact_point": OFFICE},
            "us.wa.work_cap",
            "once a week at work, and the 17th may have been there",
        ),
        (
            {"history": wa("17", contact_point_kind="landline"), "contact_point": OFFICE},
            "none",
            "that one was at home",
        ),
        (
            {"history": wa("18", "18", channel="sms", contact_point_id="cp1")},
            "us.wa.wireless_cap",
            "twice a day to one device",
        ),
        (
            {"history": wa("18", "18", channel="sms", contact_point_id="cp2")},
            "none",
            "to another device",
        ),
        (
            {
                "history": wa("18", "18", channel="sms"),
                "contact_point": {"id": "l1", "kind": "landline"},
            },
            "none",
            "a landline is none",
        ),
        ({"history": wa("17", "17", channel="voice")}, "none", "yesterday's"),
    ],
)
def test_washington_caps(fields: dict[str, Any], expected: str, why: str) -> None:
    assert rule("US-WA", la("2026-11-18 12:00"), **fields) == expected, why


def test_washington_answers_are_free() -> None:
    wrote = [*wa("16", "17", "18"), contact(la("2026-11-18 11:00"), "email", "replied")]
    wrote[-1] |= {"direction": "inbound"}
    answer: dict[str, Any] = {"channel": "email", "history": wrote}
    at = la("2026-11-18 12:00")
    assert rule("US-WA", at, **answer) == "us.wa.week_cap"
    assert rule("US-WA", at, **answer, purpose="reply") == "none"


def wv(number: int, **more: Any) -> list[Any]:
    first = ny("2026-11-12 10:00")
    return [contact(first + timedelta(minutes=n), **more) for n in range(number)]


@pytest.mark.parametrize(
    ("fields", "expected", "why"),
    [
        ({"history": wv(29)}, "none", "29 calls leave one"),
        ({"history": wv(30)}, "us.wv.call_cap", "thirty in the week"),
        ({"history": wv(30, account_id="A2")}, "us.wv.call_cap", "to any person, of any debt"),
        ({"history": wv(9, outcome="conversation", account_id="A2")}, "none", "nine"),
        (
            {"history": wv(10, outcome="conversation", account_id="A2")},
            "us.wv.conversation_cap",
            "ten conversations",
        ),
        ({"history": wv(30), "channel": "letter"}, "none", "calls only"),
    ],
)
def test_west_virginia_weeks(fields: dict[str, Any], expected: str, why: str) -> None:
    assert rule("US-WV", ny("2026-11-18 12:00"), actor=CREDITOR, **fields) == expected, why
    assert rule("US-WV", ny("2026-11-19 12:00"), actor=CREDITOR, **fields) == "none", "a week on"


@pytest.mark.parametrize(
    ("actor", "hours", "expected", "why"),
    [
        (CREDITOR, 0, "none", "72 hours of grace"),
        (CREDITOR, 72, "us.wv.attorney", "and then no more"),
        ("third_party", 0, "us.regf.attorney", "Regulation F gives an agency none"),
    ],
)
def test_west_virginia_attorney(actor: str, hours: int, expected: str, why: str) -> None:
    told = [event("attorney", NOON, contact_known=True)]
    at = NOON + timedelta(hours=hours)
    assert rule("US-WV", at, actor=actor, events=told) == expected, why


def test_west_virginia_grace_ends_to_the_second() -> None:
    told = [event("attorney", NOON)]
    last = NOON + timedelta(hours=72, seconds=-1)
    assert rule("US-WV", last, actor=CREDITOR, events=told) == "none"


def test_the_strictest_of_all_holds() -> None:
    """A customer with a Boston address and a New York number, called by an agency."""
    law = ["US", "US-NY", "US-NY-NYC", "US-MA"]
    called = [sent("11-16"), sent("11-17")]
    request = ask("US-MA", jurisdictions=law, history=called)
    answer = judge(request, NOON)
    assert (answer.rule, answer.next_allowed_at) == ("us.ma.agency_cap", ny("2026-11-23 08:00"))
    night = judge(ask("US-MA", jurisdictions=law), ny("2026-11-18 23:00"))
    assert night.next_allowed_at == ny("2026-11-19 08:00")


SEVEN_DAYS = {
    "us.ma.creditor_cap": ("US-MA", 2, "no_answer", CREDITOR),
    "us.ma.agency_cap": ("US-MA", 2, "no_answer", "third_party"),
    "us.dc.call_cap": ("US-DC", 4, "no_answer", CREDITOR),
    "us.dc.call_cooldown": ("US-DC", 1, "conversation", CREDITOR),
    "us.nyc.cap": ("US-NY-NYC", 3, "no_answer", CREDITOR),
    "us.wa.week_cap": ("US-WA", 3, "no_answer", "third_party"),
    "us.wv.call_cap": ("US-WV", 30, "no_answer", CREDITOR),
    "us.wv.conversation_cap": ("US-WV", 10, "conversation", CREDITOR),
}


@pytest.mark.parametrize("decided", SEVEN_DAYS)
def test_whose_day_counts_is_one_reading_for_all(decided: str) -> None:
    """20:30 on the 11th in New York is already the 12th in UTC, and counts a day longer."""
    state, number, outcome, actor = SEVEN_DAYS[decided]
    history = [contact(ny("2026-11-11 20:30"), outcome=outcome)] * number
    at = ny("2026-11-18 15:00")
    assert rule(state, at, actor=actor, zones=[NEW_YORK], history=history) == "none"
    utc = ask(state, actor=actor, zones=[NEW_YORK], history=history)
    answer = judge(utc.model_copy(update={"readings": {"us.count_zone": "utc"}}), at)
    assert answer.rule == decided
    assert "us.count_zone=utc" in str(answer.reading)
