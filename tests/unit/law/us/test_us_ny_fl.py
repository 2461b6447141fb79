"""New York, its city, and Florida: wall clocks and reasons."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.law.support import NEW_YORK, ask, contact, event, judge
from tests.unit.law.us_support import CREDITOR, NOBODY_ASKED, NOON, ny, rule, sent

THREE = [sent("11-12"), sent("11-13", "email", "sent"), sent("11-14", "letter", "sent")]


@pytest.mark.parametrize(
    ("history", "allowed", "why"),
    [
        (THREE[1:], True, "two leave one"),
        (THREE, False, "three by whatever channel"),
        ([*THREE[1:], sent("11-12", outcome="busy")], False, "an attempt is one too"),
        ([*THREE[1:], sent("11-11")], True, "the 11th no longer counts"),
        ([*THREE[1:], sent("11-12", account_id="A2")], True, "per account"),
    ],
)
@pytest.mark.parametrize("actor", [CREDITOR, "third_party", "debt_buyer"])
def test_new_york_city_three_in_seven_days(
    actor: str, history: list[Any], allowed: bool, why: str
) -> None:
    decided = rule("US-NY-NYC", actor=actor, history=history)
    assert decided == ("none" if allowed else "us.nyc.cap"), why


@pytest.mark.parametrize(
    ("at", "allowed", "why"),
    [
        ("2026-08-31 23:59:59", True, "the version before bound no creditor"),
        ("2026-09-01 00:00:00", False, "the rules of 2026 take effect"),
    ],
)
def test_new_york_city_from_september(at: str, allowed: bool, why: str) -> None:
    history = [contact(ny(f"2026-08-{day} 10:00"), "email", "sent") for day in (27, 28, 29)]
    request: dict[str, Any] = {"actor": CREDITOR, "channel": "letter", "history": history}
    assert (rule("US-NY-NYC", ny(at), **request) == "none") is allowed, why


def test_new_york_city_opt_outs_are_of_one_medium() -> None:
    stop = event("opt_out", NOON - timedelta(days=1), channel="sms")
    texting: dict[str, Any] = {"actor": CREDITOR, "events": [stop]}
    assert rule("US-NY-NYC", **texting, channel="sms") == "us.nyc.opt_out"
    assert rule("US-NY-NYC", **texting, channel="email") == "none"
    assert rule("US-NY-NYC", **texting, channel="voice") == "none"


@pytest.mark.parametrize(
    ("fields", "off", "amended", "why"),
    [
        (
            {"history": [sent("11-12", outcome="conversation")]},
            "none",
            "us.ny.dfs_completed",
            "one completed call",
        ),
        (
            {"history": [sent("11-12"), sent("11-13"), sent("11-14", outcome="busy")]},
            "none",
            "us.ny.dfs_attempts",
            "three attempts",
        ),
        (
            {"history": [sent("11-12"), sent("11-13")]},
            "none",
            "none",
            "two attempts leave one",
        ),
        (
            {"channel": "whatsapp", "contact_point": NOBODY_ASKED},
            "none",
            "us.ny.dfs_consent",
            "electronic consent",
        ),
    ],
)
def test_the_amendment_that_new_york_proposed_is_a_reading(
    fields: dict[str, Any], off: str, amended: str, why: str
) -> None:
    request = ask("US-NY", **fields)
    assert judge(request, NOON).rule == off, why
    chosen = ask("US-NY", **fields, readings={"ny.dfs_amendment": "on"})
    answer = judge(chosen, NOON)
    assert answer.rule == amended, why
    assert answer.reading == ("ny.dfs_amendment=on" if amended != "none" else None)
    creditor = ask("US-NY", **fields, actor=CREDITOR, readings={"ny.dfs_amendment": "on"})
    assert judge(creditor, NOON).rule == "none", "it speaks of collectors and buyers"


@pytest.mark.parametrize(
    ("channel", "wall", "allowed", "why"),
    [
        ("voice", "2026-11-18 21:00:00", False, "from nine in the evening"),
        ("voice", "2026-11-18 20:59:59", True, "the last second"),
        ("sms", "2026-11-18 07:59:59", False, "to eight in the morning"),
        ("email", "2026-11-18 23:00:00", True, "e-mail is exempt"),
        ("email", "2025-05-15 23:59:59", False, "SB 232 had not yet taken effect"),
        ("email", "2025-05-16 00:00:00", True, "in effect since 16 May 2025"),
        ("voice", "2025-05-16 00:00:00", False, "for e-mail alone"),
    ],
)
def test_florida_hours_bind_a_creditor(channel: str, wall: str, allowed: bool, why: str) -> None:
    assert (rule("US-FL", ny(wall), actor=CREDITOR, channel=channel) == "none") is allowed, why


def test_florida_hours_with_prior_consent() -> None:
    night = [{"days": ["wed"], "from": "21:00", "to": "22:00"}]
    agreed = event("authorized_hours", NOON, windows=night, instrument="separate")
    assert rule("US-FL", ny("2026-11-18 21:30"), actor=CREDITOR, events=[agreed]) == "none"
    before = agreed | {"at": ny("2025-05-01 12:00")}
    email: dict[str, Any] = {"actor": CREDITOR, "channel": "email"}
    wednesday = ny("2025-05-14 21:30")
    assert rule("US-FL", wednesday, **email) == "us.fl.email_hours"
    assert rule("US-FL", wednesday, **email, events=[before]) == "none"


def test_florida_panhandle_and_peninsula_must_both_be_awake() -> None:
    zones = [NEW_YORK, "America/Chicago"]
    at = {"07:30": "us.fl.hours", "08:00": "us.fl.hours", "09:00": "none", "20:59": "none"}
    for wall, expected in at.items():
        assert rule("US-FL", ny(f"2026-11-18 {wall}"), actor=CREDITOR, zones=zones) == expected
