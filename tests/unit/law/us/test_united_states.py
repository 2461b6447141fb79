"""Regulation F and TCPA: each case with its wall clock and the reason beside it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.law.support import (
    LOS_ANGELES,
    NEW_YORK,
    ask,
    closing,
    codes,
    contact,
    event,
    judge,
    local,
    opening,
    said,
)


def ny(wall: str, fold: int = 0) -> datetime:
    return local(NEW_YORK, wall, fold)


NOON = ny("2026-11-18 12:00")  # a Wednesday


@pytest.mark.parametrize(
    ("wall", "fold", "allowed", "why"),
    [
        ("2026-11-18 07:59:59", 0, False, "before 8:00 a.m."),
        ("2026-11-18 08:00:00", 0, True, "at the opening second"),
        ("2026-11-18 20:59:59", 0, True, "the last second"),
        ("2026-11-18 21:00:00", 0, False, "at the closing second"),
        ("2026-11-22 12:00:00", 0, True, "Sundays are open"),
        ("2026-11-26 12:00:00", 0, True, "holidays are open (Thanksgiving)"),
        ("2026-03-08 07:59:59", 0, False, "the day the clocks went forward, 11:59:59Z"),
        ("2026-03-08 08:00:00", 0, True, "the day the clocks went forward, 12:00:00Z"),
        ("2026-11-01 07:59:59", 0, False, "the day the clocks went back, 12:59:59Z"),
        ("2026-11-01 08:00:00", 0, True, "the day the clocks went back, 13:00:00Z"),
        ("2026-11-01 01:30:00", 1, False, "the second 01:30 of the night"),
    ],
)
def test_hours_hold_on_the_consumers_clock(wall: str, fold: int, allowed: bool, why: str) -> None:
    assert (judge(ask(), ny(wall, fold)).verdict == "allowed") is allowed, why


def test_a_denial_says_when_where_and_why() -> None:
    answer = judge(ask(), ny("2026-11-18 21:00"))
    assert (answer.verdict, answer.rule) == ("denied", "us.regf.hours")
    assert answer.cite == "12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-2"
    assert answer.reason == (
        "Denied at 21:00:00 on Wednesday 2026-11-18 (America/New_York): contact only from 08:00 to "
        "21:00 local time at the consumer's location; Wednesday is open 08:00-21:00."
    )
    assert answer.reading == "boundary=half_open"
    assert answer.next_allowed_at == ny("2026-11-19 08:00")


@pytest.mark.parametrize(
    ("reading", "opens", "closes"),
    [("half_open", True, False), ("closed", True, True), ("open", False, False)],
)
def test_the_exact_second_is_a_reading(reading: str, opens: bool, closes: bool) -> None:
    request = ask(readings={"boundary": reading})
    assert (judge(request, ny("2026-11-18 08:00:00")).verdict == "allowed") is opens
    assert (judge(request, ny("2026-11-18 21:00:00")).verdict == "allowed") is closes
    assert judge(request, ny("2026-11-18 08:00:01")).verdict == "allowed"
    assert judge(request, ny("2026-11-18 21:00:01")).verdict == "denied"


def test_a_first_party_is_not_bound_by_regulation_f() -> None:
    answer = judge(ask(actor="first_party"), ny("2026-11-18 03:00"))
    assert (answer.verdict, answer.rule, answer.next_allowed_at) == ("allowed", "none", None)


@pytest.mark.parametrize(
    ("other", "opens", "closes", "why"),
    [
        (LOS_ANGELES, "11:00", "21:00", "Eastern and Pacific: comment 6(b)(1)(i)-2.i"),
        ("America/Denver", "10:00", "21:00", "Eastern and Mountain: comment 6(b)(1)(i)-2.ii"),
        ("Asia/Tokyo", "18:00", "21:00", "08:00 there is 18:00 the day before in New York"),
    ],
)
def test_several_zones_must_all_agree(other: str, opens: str, closes: str, why: str) -> None:
    request = ask(zones=[NEW_YORK, other])
    start, end = ny(f"2026-11-18 {opens}"), ny(f"2026-11-18 {closes}")
    assert judge(request, start - timedelta(seconds=1)).verdict == "denied", why
    assert judge(request, start).verdict == "allowed", why
    assert judge(request, end - timedelta(seconds=1)).verdict == "allowed", why
    assert judge(request, end).verdict == "denied", why
    assert closing(request, start) == end


def test_zones_that_never_agree_give_never() -> None:
    # 08:00-21:00 in Auckland is 14:00-03:00 in New York; three zones leave no common hour.
    request = ask(zones=[NEW_YORK, "Pacific/Auckland", "Asia/Kolkata", "Europe/London"])
    assert opening(request, NOON) is None
    assert judge(request, NOON).next_allowed_at is None


def calls(*days: str, outcome: str = "no_answer", **more: Any) -> list[dict[str, Any]]:
    return [contact(ny(f"{day} 10:00"), outcome=outcome, **more) for day in days]


APRIL = [f"2026-04-0{day}" for day in range(1, 8)]


def test_seven_calls_in_seven_days() -> None:
    # Comment 14(b)(2)(i)-1.i: calls on April 1 to 7 are seven; the next on April 8 is fine.
    request = ask(history=calls(*APRIL))
    answer = judge(request, ny("2026-04-07 20:59:59"))
    assert answer.rule == "us.regf.call_cap"
    assert answer.next_allowed_at == ny("2026-04-08 08:00")
    assert judge(request, ny("2026-04-08 08:00")).verdict == "allowed"


@pytest.mark.parametrize(
    ("history", "allowed", "why"),
    [
        (calls(*APRIL[1:]), True, "six calls leave one"),
        (calls(*APRIL[1:]) + calls("2026-04-07", outcome="busy"), True, "busy does not count"),
        (calls(*APRIL[1:]) + calls("2026-04-07", outcome="not_in_service"), True, "nor this"),
        (calls(*APRIL[1:]) + calls("2026-04-07", outcome="voicemail"), False, "voicemail counts"),
        (calls(*APRIL[1:]) + calls("2026-04-07", outcome="dropped"), False, "dropped counts"),
        (calls(*APRIL, account_id="A2"), True, "calls about another debt"),
        (calls(*APRIL[1:]) + calls("2026-04-07", account_id=None), False, "about no one debt"),
        (calls(*APRIL, channel="sms"), True, "texts are no calls"),
        (calls(*APRIL, channel="ringless_voicemail"), False, "ringless voicemail is a call"),
        (calls(*APRIL, direction="inbound"), True, "the consumer's own calls do not count"),
    ],
)
def test_what_counts_towards_seven(history: list[dict[str, Any]], allowed: bool, why: str) -> None:
    assert (judge(ask(history=history), ny("2026-04-07 12:00")).verdict == "allowed") is allowed, (
        why
    )


def test_calls_to_a_number_found_wrong_drop_out() -> None:
    history = calls(*APRIL, contact_point_id="old")
    wrong = event("wrong_number", ny("2026-04-07 11:00"), contact_point_id="old")
    assert judge(ask(history=history, events=[wrong]), ny("2026-04-07 12:00")).verdict == "allowed"


def test_loans_under_one_servicing_account_are_one_debt() -> None:
    history = calls(*APRIL, account_id="S9")
    request = ask(history=history, debt_type="student_loan", servicing_account="S9")
    assert judge(request, ny("2026-04-07 12:00")).rule == "us.regf.call_cap"


@pytest.mark.parametrize(
    ("asked", "on_file", "counts", "why"),
    [
        ("S9", "S9", True, "one debt"),
        ("S9", "S8", False, "another debt"),
        ("S9", None, True, "not told: it may be the same, and the count must not be short"),
        (None, "S9", True, "the loan asked about may be under any number on file"),
        (None, None, True, "nothing is told of either: they may be serviced as one"),
    ],
)
def test_a_call_about_another_loan_counts_where_it_may_be_serviced_with_this_one(
    asked: str | None, on_file: str | None, counts: bool, why: str
) -> None:
    """12 CFR 1006.14(b)(4), for the seven calls and for the conversation."""
    loan: dict[str, Any] = {"debt_type": "student_loan", "servicing_account": asked}
    about: dict[str, Any] = {"account_id": "L1", "servicing_account": on_file}
    seven = ask(**loan, history=calls(*APRIL, **about))
    assert (judge(seven, ny("2026-04-07 12:00")).rule == "us.regf.call_cap") is counts, why
    talked = [contact(ny("2026-04-07 10:00"), outcome="conversation", **about)]
    spoke = judge(ask(**loan, history=talked), ny("2026-04-07 12:00"))
    assert (spoke.rule == "us.regf.conversation_cooldown") is counts, why
    mine = calls(*APRIL, account_id="A1", servicing_account="S8")
    assert judge(ask(**loan, history=mine), ny("2026-04-07 12:00")).rule == "us.regf.call_cap"


def test_no_other_debt_is_joined_by_a_servicing_account_that_nobody_asks_about() -> None:
    other = calls(*APRIL, account_id="A2", servicing_account="S9")
    assert judge(ask(history=other), ny("2026-04-07 12:00")).verdict == "allowed"


@pytest.mark.parametrize(
    ("day", "direction", "free", "why"),
    [
        ("2026-08-14", "outbound", "2026-08-21", "comment 14(b)(2)(i)-1.ii"),
        ("2026-08-13", "inbound", "2026-08-20", "comment 14(b)(2)(ii)-1.ii: inbound counts"),
    ],
)
def test_a_conversation_is_day_one_of_seven(day: str, direction: str, free: str, why: str) -> None:
    spoke = contact(ny(f"{day} 10:00"), outcome="conversation", direction=direction)
    request = ask(history=[spoke])
    answer = judge(request, ny(f"{day} 12:00"))
    assert answer.rule == "us.regf.conversation_cooldown", why
    assert answer.next_allowed_at == ny(f"{free} 08:00"), why
    last_evening = ny(f"{free} 08:00") - timedelta(hours=11, seconds=1)
    assert judge(request, last_evening).verdict == "denied", why
    assert judge(ask(history=[spoke], channel="email"), ny(f"{day} 12:00")).verdict == "allowed"


def test_whose_calendar_day_is_a_reading() -> None:
    # 20:30 on Friday in New York is already Saturday in UTC.
    spoke = contact(ny("2026-08-14 20:30"), outcome="conversation")
    at = ny("2026-08-21 08:00")
    assert judge(ask(history=[spoke]), at).verdict == "allowed"
    answer = judge(ask(history=[spoke], readings={"us.count_zone": "utc"}), at)
    assert (answer.verdict, answer.reading) == ("denied", "us.count_zone=utc")
    assert answer.next_allowed_at == ny("2026-08-21 20:00")  # midnight in UTC


def test_consent_lifts_the_limits_for_seven_days_and_ends_at_the_next_conversation() -> None:
    spoke = contact(ny("2026-08-14 10:00"), outcome="conversation")
    consent = event("consent_call", ny("2026-08-14 10:05"))
    request = ask(history=[spoke], events=[consent])
    assert judge(request, ny("2026-08-15 10:00")).verdict == "allowed"
    again = contact(ny("2026-08-15 11:00"), outcome="conversation")
    ended = ask(history=[spoke, again], events=[consent])
    answer = judge(ended, ny("2026-08-15 12:00"))
    assert (answer.rule, answer.next_allowed_at) == (
        "us.regf.conversation_cooldown",
        ny("2026-08-22 08:00"),
    )


def test_consent_that_begins_later_is_the_next_opening() -> None:
    spoke = contact(ny("2026-08-14 10:00"), outcome="conversation")
    consent = event("consent_call", ny("2026-08-14 10:05"), valid_from=ny("2026-08-16 15:00"))
    request = ask(history=[spoke], events=[consent])
    assert opening(request, ny("2026-08-14 12:00")) == ny("2026-08-16 15:00")


def test_contacts_under_consent_do_not_count() -> None:
    consent = event("consent_call", ny("2026-04-01 09:00"))
    lapsed = ask(history=calls(*APRIL), events=[consent])
    assert judge(lapsed, ny("2026-04-08 12:00")).verdict == "allowed"
    expired = event("consent_call", ny("2026-04-01 09:00"), valid_until=ny("2026-04-01 09:30"))
    counted = ask(history=calls(*APRIL), events=[expired])
    assert judge(counted, ny("2026-04-07 12:00")).verdict == "denied"


def test_an_answer_is_free_once_and_only_while_the_closed_time_lasts() -> None:
    wrote = contact(ny("2026-11-18 22:00"), "email", "replied", direction="inbound")
    request = ask(channel="email", purpose="reply", history=[wrote])
    assert judge(request, ny("2026-11-18 22:01")).verdict == "allowed"
    assert judge(request, ny("2026-11-19 07:59")).verdict == "allowed"
    assert judge(request, ny("2026-11-19 22:00")).verdict == "denied", "a lawful day lay between"
    sent = contact(ny("2026-11-18 22:01"), "email", "sent")
    twice = ask(channel="email", purpose="reply", history=[wrote, sent])
    assert judge(twice, ny("2026-11-18 22:02")).verdict == "denied"
    other = ask(channel="whatsapp", purpose="reply", history=[wrote])
    assert judge(other, ny("2026-11-18 22:01")).verdict == "denied", "another medium"


BUSY_WEEKDAYS = [
    {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "00:00", "to": "15:00"},
    {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "17:00", "to": "24:00"},
    {"days": ["sat", "sun"], "from": "00:00", "to": "24:00"},
]


def test_times_the_consumer_called_inconvenient() -> None:
    # Comment 6(b)(1)-1.i: "busy weekdays except 3 to 5 p.m.; weekends no".
    said = event("inconvenient_time", ny("2026-11-16 12:00"), windows=BUSY_WEEKDAYS)
    request = ask(events=[said])
    answer = judge(request, ny("2026-11-18 14:59:59"))
    assert (answer.rule, answer.next_allowed_at) == (
        "us.regf.inconvenient_time",
        ny("2026-11-18 15:00"),
    )
    assert judge(request, ny("2026-11-18 15:00")).verdict == "allowed"
    assert closing(request, ny("2026-11-18 15:00")) == ny("2026-11-18 17:00")
    assert opening(request, ny("2026-11-20 17:00")) == ny("2026-11-23 15:00"), "Friday to Monday"
    withdrawn = ask(events=[said, event("inconvenient_time", NOON, windows=[])])
    assert judge(withdrawn, ny("2026-11-18 14:00")).verdict == "allowed"


@pytest.mark.parametrize(
    "narrower", [{"channel": "voice"}, {"account_id": "A1"}, {"contact_point_id": "cp1"}]
)
def test_what_was_said_of_more_is_withdrawn_by_nothing_narrower(narrower: dict[str, str]) -> None:
    said_at, wide = ny("2026-11-16 12:00"), dict[str, str]()
    for first, then, stands in ((wide, narrower, True), (narrower, wide, False)):
        stated = event("inconvenient_time", said_at, windows=BUSY_WEEKDAYS, **first)
        withdrawal = event("inconvenient_time", NOON, windows=[], **then)
        answer = judge(ask(events=[stated, withdrawal]), ny("2026-11-18 14:00"))
        assert (answer.verdict == "denied") is stands


def test_contradictory_constraints_give_never() -> None:
    always = [
        {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}
    ]
    request = ask(events=[event("inconvenient_time", NOON, windows=always)])
    assert judge(request, NOON).next_allowed_at is None
    mornings = [
        {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "07:00", "to": "21:00"}
    ]
    assert opening(ask(events=[event("inconvenient_time", NOON, windows=mornings)]), NOON) is None


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"party": "reference"}, "us.regf.third_party"),
        ({"party": "spouse"}, "none"),
        ({"party": "guarantor"}, "us.guard.surety"),
        ({"party": "guarantor", "readings": {"guard.surety": "any"}}, "none"),
        (
            {"channel": "email", "contact_point": {"id": "w", "kind": "work_email"}},
            "us.regf.work_email",
        ),
        (
            {
                "channel": "email",
                "contact_point": {"id": "w", "kind": "work_email"},
                "history": [
                    contact(
                        NOON - timedelta(days=90),
                        "email",
                        "replied",
                        direction="inbound",
                        contact_point_id="w",
                    )
                ],
            },
            "none",
        ),
        (
            {
                "contact_point": {"kind": "work"},
                "events": [event("workplace_prohibited", NOON)],
            },
            "us.regf.workplace",
        ),
        ({"events": [event("workplace_prohibited", NOON)]}, "none"),
        ({"events": [event("wrong_number", NOON, contact_point_id="cp1")]}, "us.regf.wrong_number"),
    ],
)
def test_whom_and_where(fields: dict[str, Any], rule: str) -> None:
    assert judge(ask(**fields), NOON).rule == rule


def test_a_verdict_about_the_past_is_given_by_the_law_of_then() -> None:
    assert judge(ask(), ny("2021-11-29 23:00")).verdict == "allowed"
    assert judge(ask(), ny("2021-11-30 00:00")).rule == "us.regf.hours"


def test_a_contact_after_the_instant_is_ignored() -> None:
    later = NOON + timedelta(seconds=1)
    request = ask(history=[contact(later, outcome="conversation")])
    assert judge(request, NOON).verdict == "allowed"
    assert judge(request, later).verdict == "denied"


def test_duties() -> None:
    assert said(ask(channel="sms"), NOON) == ["opt_out_line", "mini_miranda"]
    written = [contact(NOON - timedelta(days=3), "letter", "sent")]
    assert said(ask(channel="email", history=written), NOON) == [
        "opt_out_line",
        "debt_collector_notice",
    ]
    assert said(ask(), NOON) == ["mini_miranda", "identify_sender"]
    assert codes(ask(actor="first_party", channel="sms"), NOON) == []


def test_duties_of_conduct() -> None:
    assert set(codes(ask(), NOON)) - set(said(ask(), NOON)) == {
        "no_rapid_succession",
        "validation_notice",
        "same_language",
    }
