"""Peru's art. 62 and Ecuador's art. 49: each case with its wall clock and the reason beside it."""

from typing import Any

import pytest

from tests.unit.law.support import GUAYAQUIL, LIMA, MADRID, ask, codes, contact, judge, local

MESSAGES = ("sms", "whatsapp", "email", "push", "letter", "social_dm")


@pytest.mark.parametrize(
    ("wall", "allowed", "why"),
    [
        ("2026-11-18 06:59:59", False, "Wednesday before opening"),
        ("2026-11-18 07:00:00", True, "at the opening second"),
        ("2026-11-18 19:59:59", True, "the last second"),
        ("2026-11-18 20:00:00", False, "at the closing second"),
        ("2026-11-21 12:00:00", False, "Saturday"),
        ("2026-11-22 12:00:00", False, "Sunday"),
        ("2026-04-02 12:00:00", False, "Maundy Thursday"),
        ("2026-07-23 12:00:00", False, "Thursday, the Air Force"),
        ("2026-12-09 12:00:00", False, "Wednesday, Ayacucho"),
        ("2026-07-27 12:00:00", True, "Monday, closed for the public sector only"),
    ],
)
def test_perus_hours(wall: str, allowed: bool, why: str) -> None:
    at = local(LIMA, wall)
    for channel in ("voice", "ringless_voicemail", "visit", *MESSAGES):
        assert (judge(ask("PE", channel=channel), at).verdict == "allowed") is allowed, why
    for channel in MESSAGES:
        lax = ask("PE", channel=channel, readings={"pe.media": "calls"})
        assert judge(lax, at).verdict == "allowed", why
        if not allowed:
            assert judge(ask("PE", channel=channel), at).reading in (
                "pe.media=all",
                "pe.media=all, boundary=half_open",
            ), why
    for channel in ("voice", "visit"):
        lax = ask("PE", channel=channel, readings={"pe.media": "calls"})
        assert (judge(lax, at).verdict == "allowed") is allowed, why


@pytest.mark.parametrize(
    ("wall", "rule", "why"),
    [
        ("2026-11-18 06:59:59", "pe.art62.hours", "noon in Madrid, but the clock is Lima's"),
        ("2026-11-18 07:00:00", "none", "13:00 in Madrid"),
        ("2026-11-18 13:59:59", "none", "19:59:59 in Madrid"),
        ("2026-11-18 14:00:00", "pe.guard.hours_abroad", "20:00 in Madrid"),
    ],
)
def test_perus_clock_is_limas_and_nights_abroad_are_guarded(wall: str, rule: str, why: str) -> None:
    assert judge(ask("PE", zones=[MADRID]), local(LIMA, wall)).rule == rule, why


def test_peru_has_no_cap() -> None:
    at = local(LIMA, "2026-11-18 12:00")
    history = [contact(at, outcome="conversation")] * 20
    assert judge(ask("PE", history=history), at).verdict == "allowed"
    assert codes(ask("PE"), at) == ["no_court_like_papers"]


@pytest.mark.parametrize(
    ("wall", "twenty", "twenty_two", "why"),
    [
        ("2026-11-18 06:59:59", False, False, "Wednesday before opening"),
        ("2026-11-18 07:00:00", True, True, "at the opening second"),
        ("2026-11-18 19:59:59", True, True, "the last second of the strict reading"),
        ("2026-11-18 20:00:00", False, True, "closed, or not yet"),
        ("2026-11-18 21:59:59", False, True, "the last second of the other reading"),
        ("2026-11-18 22:00:00", False, False, "closed"),
        ("2026-11-21 12:00:00", False, False, "Saturday"),
        ("2026-11-22 12:00:00", False, False, "Sunday"),
        ("2026-05-25 12:00:00", False, False, "Monday: Pichincha of Sunday, moved"),
        ("2027-04-30 12:00:00", False, False, "Friday: Labour Day of Saturday, moved"),
        ("2027-08-09 12:00:00", False, False, "Monday: Quito's day of Tuesday, moved"),
        ("2025-10-10 12:00:00", False, False, "Friday: Guayaquil's day of Thursday, moved"),
    ],
)
def test_ecuadors_hours(wall: str, twenty: bool, twenty_two: bool, why: str) -> None:
    at = local(GUAYAQUIL, wall)
    for channel in ("voice", "visit", *MESSAGES):
        assert (judge(ask("EC", channel=channel), at).verdict == "allowed") is twenty, why
        lax = ask("EC", channel=channel, readings={"ec.close": "22:00"})
        assert (judge(lax, at).verdict == "allowed") is twenty_two, why


def test_the_galapagos_are_an_hour_behind() -> None:
    islands = ask("EC", zones=["Pacific/Galapagos"])
    assert judge(islands, local("Pacific/Galapagos", "2026-11-18 07:00")).verdict == "allowed"
    both = ask("EC", zones=[GUAYAQUIL, "Pacific/Galapagos"])
    assert judge(both, local(GUAYAQUIL, "2026-11-18 07:59:59")).rule == "ec.art49.hours"
    assert judge(both, local(GUAYAQUIL, "2026-11-18 08:00")).verdict == "allowed"


@pytest.mark.parametrize(
    ("before", "channel", "scope", "allowed", "why"),
    [
        ("sms", "sms", "total", False, "the second contact of the day"),
        ("sms", "voice", "total", False, "also by another mechanism"),
        ("sms", "sms", "mechanism", False, "the second text of the day"),
        ("sms", "voice", "mechanism", True, "the first call of the day"),
    ],
)
def test_ecuadors_once_a_day(
    before: str, channel: str, scope: str, allowed: bool, why: str
) -> None:
    history: list[dict[str, Any]] = [contact(local(GUAYAQUIL, "2026-11-18 09:00"), before, "sent")]
    request = ask("EC", channel=channel, history=history, readings={"ec.scope": scope})
    at = local(GUAYAQUIL, "2026-11-18 19:00")
    assert (judge(request, at).verdict == "allowed") is allowed, why
    assert judge(request, local(GUAYAQUIL, "2026-11-19 07:00")).verdict == "allowed"
    other = [{**history[0], "account_id": "A2"}]
    assert judge(ask("EC", channel=before, history=other), at).reading is None
    assert judge(ask("EC", channel=before, history=other), at).verdict == "denied"


def test_ecuadors_reform_begins_in_february_2022() -> None:
    assert judge(ask("EC"), local(GUAYAQUIL, "2022-01-31 23:00")).verdict == "allowed"
    assert judge(ask("EC"), local(GUAYAQUIL, "2022-02-01 06:59:59")).rule == "ec.art49.hours"
