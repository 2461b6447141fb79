"""Ley 2300: each case with its wall clock and the reason beside it. Bogota is UTC-5 all year."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.law.local_time import Holidays, day_of
from tests.unit.law.support import (
    BOGOTA,
    BOOK,
    CO_HOLIDAYS,
    ask,
    closing,
    codes,
    contact,
    event,
    judge,
    local,
    opening,
)


def co(wall: str) -> datetime:
    return local(BOGOTA, wall)


def sms(**fields: Any) -> Any:
    return ask("CO", channel="sms", **fields)


@pytest.mark.parametrize(
    ("wall", "allowed", "why"),
    [
        ("2026-11-18 06:59:59", False, "Wednesday before opening"),
        ("2026-11-18 07:00:00", True, "Wednesday at the opening second"),
        ("2026-11-18 18:59:59", True, "the last second of Wednesday"),
        ("2026-11-18 19:00:00", False, "Wednesday at the closing second"),
        ("2026-11-21 07:59:59", False, "Saturday before opening"),
        ("2026-11-21 08:00:00", True, "Saturday at the opening second"),
        ("2026-11-21 14:59:59", True, "the last second of Saturday"),
        ("2026-11-21 15:00:00", False, "Saturday at the closing second"),
        ("2026-11-22 10:00:00", False, "Sunday"),
        ("2026-11-16 10:00:00", False, "Monday, Independence of Cartagena"),
        ("2026-07-13 10:00:00", False, "Monday, Our Lady of Chiquinquirá, from 2026"),
        ("2025-07-14 10:00:00", True, "the same Monday a year before the law"),
        ("2026-04-03 10:00:00", False, "Good Friday"),
        ("2023-10-09 23:00:00", True, "the day before Ley 2300 was in force"),
        ("2023-10-10 06:59:59", False, "the first morning of Ley 2300"),
    ],
)
def test_hours_sundays_and_holidays(wall: str, allowed: bool, why: str) -> None:
    for channel in ("voice", "sms", "whatsapp", "email", "push", "letter"):
        assert (judge(ask("CO", channel=channel), co(wall)).verdict == "allowed") is allowed, why


def test_a_holiday_is_named() -> None:
    answer = judge(sms(), co("2026-11-16 10:00"))
    assert answer.rule == "co.ley2300.closed_days"
    assert answer.reason == (
        "Denied at 10:00:00 on Monday 2026-11-16 (America/Bogota): no contact of any kind on "
        "Sundays and holidays; the day is a holiday, Independence of Cartagena (observed)."
    )
    assert answer.next_allowed_at == co("2026-11-17 07:00")


@pytest.mark.parametrize("year", sorted(CO_HOLIDAYS))
def test_the_calendar_is_the_statutes(year: int) -> None:
    calendar = Holidays(BOOK.packs["CO"].calendars["ley51"])
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {day for day in days if calendar.name(day_of(day))} == CO_HOLIDAYS[year]


def test_only_channels_the_consumer_authorised() -> None:
    at = co("2026-11-18 10:00")
    for point in (None, {"kind": "mobile"}, {"kind": "mobile", "authorized": False}):
        answer = judge(sms(contact_point=point), at)
        assert (answer.rule, answer.next_allowed_at) == ("co.ley2300.authorized_channel", None)
    agreed = [event("opt_in", co("2026-11-01 10:00"), channel="sms")]
    assert judge(sms(contact_point=None, events=agreed), at).verdict == "allowed"
    assert judge(ask("CO", contact_point=None, events=agreed), at).verdict == "denied"
    revoked = [event("opt_out", co("2026-11-17 10:00"), channel="sms")]
    assert judge(sms(events=revoked), at).rule == "co.ley1581.opt_out"


def test_every_actor_is_bound() -> None:
    for actor in ("first_party", "third_party", "debt_buyer"):
        assert judge(sms(actor=actor), co("2026-11-22 10:00")).verdict == "denied"


TUESDAY = "2026-11-17 10:00"


def after(*contacts: tuple[str, str], outcome: str = "sent", **fields: Any) -> Any:
    """Ask for an SMS about A1 after contacts ``(wall clock, channel)``."""
    history = [contact(co(wall), channel, outcome) for wall, channel in contacts]
    return sms(history=history, **fields)


@pytest.mark.parametrize(
    ("readings", "contacts", "at", "rule", "opens", "why"),
    [
        ({}, [(TUESDAY, "sms")], "2026-11-17 18:00", "week_cap", "2026-11-24 07:00", "strict"),
        ({}, [(TUESDAY, "sms")], "2026-11-23 18:59:59", "week_cap", "2026-11-24 07:00", "day 7"),
        ({}, [(TUESDAY, "sms")], "2026-11-24 07:00:00", None, None, "day 8"),
        (
            {"co.week": "calendar"},
            [(TUESDAY, "sms")],
            "2026-11-21 10:00",
            "week_cap",
            "2026-11-23 07:00",
            "the calendar week ends on Sunday",
        ),
        (
            {"co.weekly": "twice"},
            [(TUESDAY, "sms")],
            "2026-11-17 18:00",
            "day_cap",
            "2026-11-18 07:00",
            "twice a week, not twice a day",
        ),
        ({"co.weekly": "twice"}, [(TUESDAY, "sms")], "2026-11-18 10:00", None, None, "the second"),
        (
            {"co.weekly": "twice"},
            [(TUESDAY, "sms"), ("2026-11-18 10:00", "sms")],
            "2026-11-19 10:00",
            "week_cap",
            "2026-11-24 07:00",
            "the third",
        ),
        (
            {"co.weekly": "twice"},
            [(TUESDAY, "email")],
            "2026-11-18 10:00",
            "one_channel",
            "2026-11-24 07:00",
            "twice, but on one channel",
        ),
        (
            {"co.weekly": "literal"},
            [(TUESDAY, "sms"), ("2026-11-18 10:00", "sms"), ("2026-11-19 10:00", "sms")],
            "2026-11-20 10:00",
            None,
            None,
            "one channel, any number of days",
        ),
        (
            {"co.weekly": "literal"},
            [(TUESDAY, "sms")],
            "2026-11-17 18:00",
            "day_cap",
            "2026-11-18 07:00",
            "but once a day",
        ),
        (
            {"co.weekly": "literal"},
            [(TUESDAY, "email")],
            "2026-11-18 10:00",
            "one_channel",
            "2026-11-24 07:00",
            "failing over to another channel is itself the violation",
        ),
        (
            {"co.weekly": "literal", "co.week": "calendar"},
            [(TUESDAY, "email")],
            "2026-11-21 10:00",
            "one_channel",
            "2026-11-23 07:00",
            "the channel is free again with the calendar week",
        ),
    ],
)
def test_days_and_weeks_under_each_reading(
    readings: dict[str, str],
    contacts: list[tuple[str, str]],
    at: str,
    rule: str | None,
    opens: str | None,
    why: str,
) -> None:
    answer = judge(after(*contacts, readings=readings), co(at))
    assert answer.rule == (f"co.ley2300.{rule}" if rule else "none"), why
    assert answer.next_allowed_at == (co(opens) if opens else None), why


@pytest.mark.parametrize(
    ("outcome", "strict", "lax"),
    [
        ("busy", False, True),
        ("no_answer", False, True),
        ("sent", False, True),
        ("conversation", False, False),
        ("delivered", False, False),
        ("replied", False, False),
    ],
)
def test_what_counts_is_a_reading(outcome: str, strict: bool, lax: bool) -> None:
    at = co("2026-11-18 10:00")
    request = after((TUESDAY, "sms"), outcome=outcome)
    assert (judge(request, at).verdict == "allowed") is strict
    request = after((TUESDAY, "sms"), outcome=outcome, readings={"co.counts": "direct_contact"})
    assert (judge(request, at).verdict == "allowed") is lax


def test_the_consumer_is_the_unit_unless_the_debt_is() -> None:
    other = [contact(co(TUESDAY), "sms", "sent", account_id="A2")]
    at = co("2026-11-18 10:00")
    answer = judge(sms(history=other), at)
    assert answer.rule == "co.ley2300.week_cap"
    assert "co.unit=consumer" in (answer.reading or "")
    debt = judge(sms(history=other, readings={"co.unit": "debt"}), at)
    assert (debt.verdict, debt.reading) == ("allowed", "co.unit=debt")


def test_a_debtor_abroad_is_reached_in_every_zone_unless_bogota_alone_counts() -> None:
    at = co("2026-11-18 17:00")  # 23:00 in Madrid
    abroad = sms(zones=["Europe/Madrid"])
    assert judge(abroad, at).rule == "co.ley2300.hours"
    assert judge(abroad, at).reading == "co.zone=all"
    assert (
        judge(sms(zones=["Europe/Madrid"], readings={"co.zone": "bogota"}), at).verdict == "allowed"
    )


EVENINGS = [{"days": ["mon", "tue", "wed", "thu", "fri", "sun"], "from": "19:00", "to": "20:00"}]


@pytest.mark.parametrize(
    ("instrument", "wall", "allowed", "why"),
    [
        ("separate", "2026-11-18 19:30", True, "asked for in a separate instrument"),
        ("separate", "2026-11-18 20:00", False, "and no longer than that"),
        ("contract", "2026-11-18 19:30", False, "in the contract itself it is worth nothing"),
        ("separate", "2026-11-22 19:30", False, "hours are not Sundays"),
        ("separate", "2026-11-16 19:30", False, "nor holidays"),
    ],
)
def test_other_hours_need_a_separate_instrument(
    instrument: str, wall: str, allowed: bool, why: str
) -> None:
    asked = event(
        "authorized_hours", co("2026-01-02 10:00"), windows=EVENINGS, instrument=instrument
    )
    assert (judge(sms(events=[asked]), co(wall)).verdict == "allowed") is allowed, why


def test_hours_that_touch_close_together() -> None:
    asked = event(
        "authorized_hours", co("2026-01-02 10:00"), windows=EVENINGS, instrument="separate"
    )
    assert closing(sms(), co("2026-11-18 10:00")) == co("2026-11-18 19:00")
    assert closing(sms(events=[asked]), co("2026-11-18 10:00")) == co("2026-11-18 20:00")


@pytest.mark.parametrize(
    ("fields", "rule", "verdict"),
    [
        ({"party": "reference"}, "co.ley2300.references", "denied"),
        ({"party": "spouse"}, "co.ley2300.references", "denied"),
        ({"party": "guarantor"}, "none", "allowed"),
        ({"channel": "visit"}, "co.ley2300.visits", "denied"),
        ({"channel": "visit", "debt_type": "microcredit"}, "co.ley2300.visits_exempt", "review"),
    ],
)
def test_whom_and_where(fields: dict[str, Any], rule: str, verdict: str) -> None:
    answer = judge(ask("CO", **fields), co("2026-11-18 10:00"))
    assert (answer.rule, answer.verdict) == (rule, verdict)


def test_what_the_consumer_asked_for_is_exempt_once() -> None:
    wrote = contact(co("2026-11-22 10:00"), "whatsapp", "replied", direction="inbound")
    spoke = contact(co("2026-11-21 10:00"), "whatsapp", "sent")
    request = ask("CO", channel="whatsapp", purpose="reply", history=[spoke, wrote])
    assert judge(request, co("2026-11-22 10:05")).verdict == "allowed"
    assert (
        judge(ask("CO", channel="whatsapp", history=[wrote]), co("2026-11-22 10:05")).verdict
        == "denied"
    )
    assert (
        judge(
            ask("CO", channel="sms", purpose="reply", history=[wrote]), co("2026-11-22 10:05")
        ).verdict
        == "denied"
    )


def test_duties() -> None:
    assert codes(sms(), co("2026-11-18 10:00")) == ["no_reason_for_default", "dignified_treatment"]


def test_an_opening_after_a_long_weekend() -> None:
    # Saturday 15:00 to Tuesday 07:00: Sunday, then the Monday of Cartagena.
    assert opening(sms(), co("2026-11-14 15:00")) == datetime(2026, 11, 17, 12, tzinfo=UTC)
