"""What a denial says it counted, and since when, and when the next contact may be made."""

from typing import Any, Final

import pytest

from domain.law.engine import verdict
from domain.law.request import Verdict
from tests.unit.law.support import EVERY_DAY, ask, contact, event, hours, small_pack
from tests.unit.law.us_support import ny

NOVEMBER: Final = "2026-11-18 12:00"
DECEMBER: Final = "2026-12-30 12:00"


def cap(**period: Any) -> dict[str, Any]:
    return {"kind": "cap", "limit": 1, "unit": "person", "period": period}


WEEK: Final = cap(style="calendar", calendar="week")
SUNDAYS: Final = cap(style="calendar", calendar="week", week_starts="sun")
MONTH: Final = cap(style="calendar", calendar="month")
CALLED: Final = {"unit": "person", "counts": {"channels": ["voice"]}}


@pytest.mark.parametrize(
    ("rule", "at", "before", "said", "opens"),
    [
        (cap(days=7), NOVEMBER, "2026-11-12 09:00", "since 2026-11-12", "2026-11-19"),
        (
            cap(style="calendar", calendar="day"),
            NOVEMBER,
            "2026-11-18 00:00",
            "since 2026-11-18",
            "2026-11-19",
        ),
        (WEEK, NOVEMBER, "2026-11-16 00:00", "since 2026-11-16", "2026-11-23"),
        (WEEK, "2026-11-22 12:00", "2026-11-17 00:00", "since 2026-11-16", "2026-11-23"),
        (SUNDAYS, NOVEMBER, "2026-11-15 00:00", "since 2026-11-15", "2026-11-22"),
        (SUNDAYS, "2026-11-21 12:00", "2026-11-17 00:00", "since 2026-11-15", "2026-11-22"),
        (MONTH, NOVEMBER, "2026-11-01 00:00", "since 2026-11-01", "2026-12-01"),
        (MONTH, DECEMBER, "2026-12-01 00:00", "since 2026-12-01", "2027-01-01"),
        (
            {"kind": "cooldown", "days": 7, **CALLED},
            NOVEMBER,
            "2026-11-12 09:00",
            "day one was 2026-11-12, and 7 days must pass",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "clear_days": 2, **CALLED},
            NOVEMBER,
            "2026-11-16 09:00",
            "the last one was on 2026-11-16, and 2 clear days must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "hours": 48, **CALLED},
            NOVEMBER,
            "2026-11-17 00:00",
            "the last one was on 2026-11-17, and 48 hours must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "hours": 150, **CALLED},
            NOVEMBER,
            "2026-11-12 18:00",
            "the last one was on 2026-11-12, and 150 hours must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "clear_days": 6, **CALLED},
            NOVEMBER,
            "2026-11-12 00:00",
            "the last one was on 2026-11-12, and 6 clear days must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "one_channel", "period": {"days": 7}, **CALLED},
            NOVEMBER,
            "2026-11-12 09:00",
            "another channel was used on 2026-11-12",
            "2026-11-19",
        ),
        # Long periods.
        (cap(days=30), NOVEMBER, "2026-10-20 09:00", "since 2026-10-20", "2026-11-19"),
        (
            {"kind": "cooldown", "days": 30, **CALLED},
            NOVEMBER,
            "2026-10-20 09:00",
            "day one was 2026-10-20, and 30 days must pass",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "clear_days": 20, **CALLED},
            NOVEMBER,
            "2026-10-29 09:00",
            "the last one was on 2026-10-29, and 20 clear days must lie between",
            "2026-11-19",
        ),
        (
            # An hour more for the end of summer time.
            {"kind": "spacing", "hours": 480, **CALLED},
            NOVEMBER,
            "2026-10-30 01:00",
            "the last one was on 2026-10-30, and 480 hours must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "one_channel", "period": {"days": 30}, **CALLED},
            NOVEMBER,
            "2026-10-20 09:00",
            "another channel was used on 2026-10-20",
            "2026-11-19",
        ),
    ],
)
def test_a_denial_names_what_it_counted(
    rule: dict[str, Any], at: str, before: str, said: str, opens: str
) -> None:
    long_before = ny("2026-08-01 12:00")
    history = [contact(then) for then in (ny(before), long_before)]
    request = ask("ZZ", channel="sms", history=history)
    answer = verdict([small_pack(rule)], request, ny(at))
    assert answer.verdict == "denied"
    assert said in answer.reason
    if rule["kind"] == "cap":
        assert "1 counted" in answer.reason
    assert answer.next_allowed_at == ny(f"{opens} 00:00")


def asked(rule: dict[str, Any], at: str, *events: dict[str, Any], **fields: Any) -> Verdict:
    return verdict([small_pack(rule)], ask("ZZ", events=list(events), **fields), ny(at))


def test_a_consent_lapses_at_midnight_and_the_latest_counts() -> None:
    rule = {"kind": "consent", "events": ["opt_in"], "within_days": 10}
    old, new = event("opt_in", ny("2026-10-01 09:00")), event("opt_in", ny("2026-11-09 09:00"))
    assert asked(rule, "2026-11-18 23:59:59", old, new).verdict == "allowed"
    denied = asked(rule, "2026-11-19 00:00", old, new)
    assert denied.verdict == "denied"
    assert "the last on file is of 2026-11-09" in denied.reason


def test_a_consent_lifts_a_cap_from_its_own_second_on_and_one_of_several_is_enough() -> None:
    rule = cap(days=7) | {"lifted_by": {"event": "consent_call", "days": 7}}
    called = [contact(ny("2026-11-18 09:00"))]
    over = event("consent_call", ny("2026-10-01 09:00"))
    now = event("consent_call", ny(NOVEMBER))
    assert asked(rule, "2026-11-18 11:59:59", over, now, history=called).verdict == "denied"
    assert asked(rule, NOVEMBER, over, now, history=called).verdict == "allowed"


def test_of_two_times_called_inconvenient_the_first_said_is_named() -> None:
    wednesday = [{"days": ["wed"], "from": "09:00", "to": "17:00"}]
    said = [
        event("inconvenient_time", ny(f"2026-11-{day} 09:00"), windows=wednesday)
        for day in ("05", "12")
    ]
    assert "inconvenient on 2026-11-05" in asked({"kind": "stated_times"}, NOVEMBER, *said).reason


def test_contacts_under_consent_do_not_count_and_one_in_the_second_it_ended_does() -> None:
    rule = cap(days=7) | {"lifted_by": {"event": "consent_call", "days": 7}}
    end = ny("2026-11-16 12:00")
    first = event("consent_call", ny("2026-11-16 09:00"), valid_until=end)
    second = event("consent_call", ny("2026-11-17 09:00"), valid_until=ny("2026-11-17 10:00"))
    after = [contact(end)]
    for under in ("2026-11-16 09:00:00", "2026-11-16 11:59:59"):
        made = [contact(ny(under))]
        assert asked(rule, NOVEMBER, first, second, history=made).verdict == "allowed"
    assert asked(rule, NOVEMBER, first, second, history=after).verdict == "denied"


def test_half_hours_are_spelt_out() -> None:
    reason = asked(hours(EVERY_DAY, "07:30", "11:45"), NOVEMBER).reason
    assert "Wednesday is open 07:30-11:45" in reason


def test_midnight_is_no_closing_second() -> None:
    closed = {"boundary": "closed"}
    rule = hours(["wed"], "08:00", "24:00")
    assert asked(rule, "2026-11-18 23:59:59", readings=closed).verdict == "allowed"
    assert asked(rule, "2026-11-19 00:00:00", readings=closed).verdict == "denied"
