"""What the form can express beyond the packs shipped so far: each kind of rule on a small pack."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.law.engine import closed_by, closes_at, duties, next_opening, verdict
from domain.law.plan import UnknownJurisdictionError
from tests.unit.law.support import (
    EVERY_DAY,
    NEW_YORK,
    WORKING_DAYS,
    ask,
    contact,
    event,
    hours,
    small_pack,
)
from tests.unit.law.us_support import NOON, ny


def opens(rule: dict[str, Any], at: datetime = NOON, **fields: Any) -> datetime | None:
    return next_opening([small_pack(rule)], ask("ZZ", **fields), at)


LETTERS = {"channels": ["sms", "email"]}


@pytest.mark.parametrize(
    ("measure", "expected"),
    [({"clear_days": 2}, ny("2026-11-21 00:00")), ({"hours": 48}, ny("2026-11-20 18:00"))],
)
def test_spacing(measure: dict[str, int], expected: datetime) -> None:
    rule = {"kind": "spacing", "unit": "person", **LETTERS, **measure}
    history = [contact(ny("2026-11-18 18:00"), "email", "sent", account_id="A2")]
    at = ny("2026-11-18 18:00:01")
    assert opens(rule, at, channel="sms", history=history) == expected
    assert opens(rule, expected - timedelta(seconds=1), channel="sms", history=history) == expected
    assert opens(rule, at, channel="voice", history=history) == at
    assert opens(rule, at, channel="sms", history=[history[0] | {"channel": "voice"}]) == at


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"style": "calendar", "calendar": "day"}, "2026-11-19"),
        ({"style": "calendar", "calendar": "week"}, "2026-11-23"),
        ({"style": "calendar", "calendar": "week", "week_starts": "sun"}, "2026-11-22"),
        ({"style": "calendar", "calendar": "month"}, "2026-12-01"),
        ({"style": "rolling", "days": 7}, "2026-11-25"),
        ({"style": "rolling", "days": 30}, "2026-12-18"),
    ],
)
def test_periods(period: dict[str, Any], expected: str) -> None:
    rule = {"kind": "cap", "limit": 1, "unit": "person", "period": period}
    history = [contact(ny("2026-11-18 09:00"))]
    free = ny(f"{expected} 00:00")
    assert opens(rule, history=history) == free
    assert opens(rule, free - timedelta(seconds=1), history=history) == free


def test_a_cap_by_mechanism_and_one_by_number() -> None:
    cap = {"kind": "cap", "limit": 1, "unit": "person", "period": {"days": 7}}
    history = [contact(NOON - timedelta(hours=1), "sms", contact_point_id="cp2")]
    mechanism = cap | {"counts": {"same_channel": True}}
    assert opens(mechanism, channel="voice", history=history) == NOON
    assert opens(mechanism, channel="sms", history=history) != NOON
    number = cap | {"contact_points": ["mobile"], "counts": {"same_contact_point": True}}
    assert opens(number, history=history) == NOON
    assert opens(number, history=[contact(NOON, "sms")]) != NOON, "unknown number counts"
    assert opens(number, history=[contact(NOON, "sms", contact_point_id="cp1")]) != NOON


def test_a_cap_before_and_after_consent() -> None:
    week = {"kind": "cap", "unit": "debt", "period": {"days": 7}, "channels": ["email"]}
    before = week | {"limit": 1, "unless_event": ["opt_in"]}
    after = week | {"limit": 2, "if_event": ["opt_in"]}
    pack = small_pack(before, after)
    sent = [contact(NOON - timedelta(hours=n), "email", "sent") for n in (1, 2)]
    agreed = [event("opt_in", NOON - timedelta(days=30))]
    at_most: list[tuple[int, list[dict[str, Any]], bool]] = [
        (0, [], True),
        (1, [], False),
        (1, agreed, True),
        (2, agreed, False),
    ]
    for number, events, allowed in at_most:
        request = ask("ZZ", channel="email", history=sent[:number], events=events)
        assert (verdict([pack], request, NOON).verdict == "allowed") is allowed


def test_a_breathing_space_ends_as_its_notice_says() -> None:
    rule = {
        "kind": "stop",
        "event": "breathing_space",
        "types": [None, "standard"],
        "days": 60,
        "purposes": ["collection", "reply"],
    }
    registered = ny("2026-11-10 15:00")

    def after(**more: Any) -> datetime | None:
        return opens(rule, events=[event("breathing_space", registered, **more)])

    assert after() == ny("2027-01-10 00:00"), "registration and 61 local days"
    assert after(days=10) == ny("2026-11-21 00:00")
    assert after(ends_at=ny("2026-11-30 10:30")) == ny("2026-11-30 10:30")
    assert after(type="mental_health") == NOON, "that is another rule's"
    assert opens(rule, purpose="notice", events=[event("breathing_space", registered)]) == NOON


def test_a_stop_far_away_still_has_an_end() -> None:
    rule = {"kind": "stop", "event": "breathing_space"}
    ends = ny("2029-11-10 15:00")
    pack = small_pack(rule, hours(["mon"], "08:00", "09:00"))
    request = ask("ZZ", events=[event("breathing_space", NOON, ends_at=ends)])
    assert next_opening([pack], request, NOON) == ny("2029-11-12 08:00")


def test_an_oral_stop_lasts_ten_days() -> None:
    rule = {
        "kind": "stop",
        "event": "workplace_prohibited",
        "in_writing": [False],
        "contact_points": ["work"],
        "days": 10,
    }
    said = [event("workplace_prohibited", NOON, in_writing=False)]
    assert opens(rule, events=said, contact_point={"kind": "work"}) == ny("2026-11-29 00:00")
    assert opens(rule, events=said) == NOON


def test_a_stop_that_begins_after_some_hours() -> None:
    rule = {"kind": "stop", "event": "attorney", "grace_hours": 72}
    noticed = [event("attorney", NOON)]
    begins = NOON + timedelta(hours=72)
    assert opens(rule, begins - timedelta(seconds=1), events=noticed) is not None
    assert opens(rule, begins, events=noticed) is None


def test_a_rule_of_a_city_that_begins_on_a_day() -> None:
    old = {"kind": "cap", "limit": 2, "unit": "debt", "period": {"days": 7}}
    new = old | {"limit": 1, "effective": {"from": "2026-09-01"}}
    pack = small_pack(old | {"effective": {"until": "2026-09-01"}}, new)
    request = ask("ZZ", history=[contact(ny("2026-08-31 10:00"))])
    assert verdict([pack], request, ny("2026-08-31 23:59:59")).verdict == "allowed"
    answer = verdict([pack], request, ny("2026-09-01 00:00"))
    assert (answer.rule, answer.next_allowed_at) == ("zz.rule1", ny("2026-09-07 00:00"))


def test_a_denial_outweighs_a_review_and_the_longest_denial_is_named() -> None:
    ban = {"kind": "ban", "channels": ["voice"], "outcome": "review"}
    pack = small_pack(
        ban,
        hours(EVERY_DAY, "13:00", "21:00"),
        {"kind": "cap", "limit": 1, "unit": "debt", "period": {"days": 7}},
    )
    request = ask("ZZ", history=[contact(NOON - timedelta(hours=1))])
    answer = verdict([pack], request, NOON)
    assert (answer.verdict, answer.rule, answer.next_allowed_at) == ("denied", "zz.rule2", None)
    alone = verdict([pack], ask("ZZ"), ny("2026-11-18 14:00"))
    assert (alone.verdict, alone.rule) == ("review", "zz.rule0")
    assert "To be reviewed by a person" in alone.reason


def test_an_opening_is_found_on_the_way_through_several_rules() -> None:
    pack = small_pack(
        hours(EVERY_DAY, "08:00", "21:00"),
        {"kind": "closed_days", "weekdays": ["sun"], "calendars": ["here"]},
        {"kind": "cap", "limit": 1, "unit": "debt", "period": {"days": 4}},
        calendars={
            "here": {
                "country": "US",
                "add": [{"date": "2026-11-23", "name": "Town day", "cite": "Law 2"}],
                "remove": [{"date": "2026-11-26", "name": "Thanksgiving", "cite": "Law 2"}],
            }
        },
    )
    request = ask("ZZ", history=[contact(NOON - timedelta(hours=1))])
    # The cap ends on Sunday; Monday is the town's day.
    assert next_opening([pack], request, NOON) == ny("2026-11-24 08:00")
    assert verdict([pack], ask("ZZ"), ny("2026-11-26 12:00")).verdict == "allowed"


def test_a_switched_rule() -> None:
    rule = {
        **hours(EVERY_DAY, "08:00", "20:00"),
        "by_reading": {
            "ec.close": {
                "22:00": {"windows": [{"days": list(EVERY_DAY), "from": "08:00", "to": "22:00"}]}
            },
            "pe.media": {"calls": {"channels": ["voice", "visit"]}},
        },
    }
    pack, nine = small_pack(rule), ny("2026-11-18 21:00")
    assert verdict([pack], ask("ZZ"), nine).reading == "ec.close=20:00"
    assert verdict([pack], ask("ZZ", channel="sms"), nine).reading == "ec.close=20:00, pe.media=all"
    lax = ask("ZZ", channel="sms", readings={"pe.media": "calls"})
    assert verdict([pack], lax, nine).reading == "pe.media=calls"
    both = ask("ZZ", readings={"ec.close": "22:00", "pe.media": "calls"})
    assert verdict([pack], both, nine).verdict == "allowed"


def test_of_an_allowed_contact_only_the_default_is_asked() -> None:
    """A reading of three values: what the third would do is not what the choice changed."""
    wednesday, saturday = ny("2026-11-18 12:00"), ny("2026-11-21 12:00")
    pack = small_pack(
        {
            "kind": "closed_days",
            "weekdays": ["sat"],
            "by_reading": {
                "br.state": {"address": {"weekdays": ["sun"]}, "ddd": {"weekdays": ["wed"]}}
            },
        }
    )
    asked = ask("ZZ", readings={"br.state": "address"})
    assert verdict([pack], asked, saturday).reading == "br.state=address"
    assert verdict([pack], asked, wednesday).reading is None


def test_an_operators_reading_holds_until_the_request_chooses() -> None:
    rule = {
        "kind": "closed_days",
        "weekdays": ["sat"],
        "by_reading": {"mx.days": {"all": {"binds": False}}},
    }
    pack = small_pack(rule, readings={"mx.days": "all"})
    saturday = ny("2026-11-21 12:00")
    assert verdict([pack], ask("ZZ"), saturday).verdict == "allowed"
    strict = ask("ZZ", readings={"mx.days": "mon_fri"})
    assert verdict([pack], strict, saturday).verdict == "denied"


def test_hours_end_no_answer_that_passes_in_closed_time() -> None:
    closed = {"kind": "closed_days", "weekdays": ["wed"], "reply": "once"}
    night = {**hours(EVERY_DAY, "08:00", "11:00"), "reply": "once"}
    wrote = [contact(NOON, "sms", "replied", direction="inbound")]
    request = ask("ZZ", channel="sms", purpose="reply", history=wrote)
    for pack in (small_pack(closed), small_pack(night)):
        assert verdict([pack], request, NOON).verdict == "allowed"
        assert closes_at([pack], request, NOON) is None


def test_hours_that_come_into_force_close_then() -> None:
    rule = {**hours(EVERY_DAY, "08:00", "11:00"), "effective": {"from": "2026-11-20"}}
    assert closes_at([small_pack(rule)], ask("ZZ"), NOON) == ny("2026-11-20 00:00")


def test_what_happened_in_the_very_second_counts_and_what_came_later_does_not() -> None:
    cap = {"kind": "cap", "limit": 1, "unit": "debt", "period": {"days": 7}}
    later = contact(NOON + timedelta(hours=1))
    assert opens(cap, history=[later]) == NOON
    assert opens(cap, history=[contact(NOON), later]) == ny("2026-11-25 00:00")


def test_a_missing_pack_is_named() -> None:
    with pytest.raises(UnknownJurisdictionError, match="'US-MA'; loaded: ZZ"):
        verdict(
            [small_pack(hours(EVERY_DAY, "08:00", "21:00"))],
            ask("ZZ", jurisdictions=["ZZ", "US-MA"]),
            NOON,
        )


def test_duties_may_depend_on_events() -> None:
    duty = {"kind": "duty", "code": "ask_for_consent", "unless_event": ["opt_in"]}
    pack = small_pack(duty)
    assert [d.code for d in duties([pack], ask("ZZ"), NOON)] == ["ask_for_consent"]
    assert duties([pack], ask("ZZ", events=[event("opt_in", NOON)]), NOON) == ()


@pytest.mark.parametrize(
    ("past", "is_first"),
    [
        ({}, False),
        ({"outcome": "conversation", "direction": "inbound"}, True),
        ({"account_id": "A2"}, True),
    ],
)
def test_the_first_contact_about_a_debt_is_our_own(past: dict[str, str], is_first: bool) -> None:
    pack = small_pack({"kind": "duty", "code": "who", "contact": "first"})
    asked = ask("ZZ", history=[contact(NOON - timedelta(days=1), **past)])
    assert [duty.code for duty in duties([pack], asked, NOON)] == ["who"] * is_first


def test_a_rule_that_goes_out_of_force_opens_then() -> None:
    ban = {"kind": "ban", "effective": {"until": "2026-12-01"}}
    assert opens(ban) == ny("2026-12-01 00:00")
    assert opens(ban, ny("2026-12-01 00:00")) == ny("2026-12-01 00:00")


def test_a_stop_of_some_days_has_ended_when_it_has_in_every_zone() -> None:
    rule = {"kind": "stop", "event": "dispute", "days": 3}
    zones = [NEW_YORK, "America/Los_Angeles"]
    # 00:30 on the 18th in New York is still the 17th in Los Angeles.
    said = [event("dispute", ny("2026-11-18 00:30"))]
    assert opens(rule, events=said, zones=zones) == ny("2026-11-22 00:00")
    assert opens(rule, events=said, zones=zones[1:]) == ny("2026-11-21 03:00")


def test_a_stop_of_one_contact_point_and_a_request_that_names_none() -> None:
    rule = {"kind": "stop", "event": "opt_out"}
    said = [event("opt_out", NOON, contact_point_id="cp9")]
    assert opens(rule, events=said) == NOON
    assert opens(rule, events=said, contact_point=None) is None
    assert opens(rule | {"unknown_point": False}, events=said, contact_point=None) == NOON


def test_consent_to_one_number_is_none_to_another() -> None:
    rule = {"kind": "consent", "events": ["number_check"], "inbound": True}
    checked = [event("number_check", NOON, contact_point_id="cp9")]
    wrote = [contact(NOON, "sms", "replied", direction="inbound", contact_point_id="cp9")]
    assert opens(rule, channel="sms", events=checked) is None
    assert opens(rule, channel="sms", history=wrote) is None
    there = {"kind": "mobile", "id": "cp9"}
    assert opens(rule, channel="sms", events=checked, contact_point=there) == NOON
    assert opens(rule, channel="sms", history=wrote, contact_point=there) == NOON


def test_what_ends_consent() -> None:
    lift = {"event": "consent_call", "days": 7}
    rule = {
        "kind": "cap",
        "limit": 1,
        "unit": "debt",
        "period": {"days": 7},
        "channels": ["voice"],
        "lifted_by": lift,
    }
    consent = event("consent_call", NOON)
    given = contact(NOON, outcome="conversation", direction="inbound")
    before = contact(NOON - timedelta(hours=2))
    later = NOON + timedelta(hours=1)
    assert opens(rule, later, history=[before, given], events=[consent]) == later, "as given"
    ended = [consent, event("opt_out", NOON + timedelta(minutes=5), channel="voice")]
    assert opens(rule, later, history=[before], events=ended) != later, "an opt-out ends it"
    both = [consent, event("opt_out", NOON, channel="voice")]
    assert opens(rule, later, history=[before], events=both) != later, "in doubt, the last word"
    talked = contact(NOON + timedelta(minutes=5), outcome="conversation", direction="inbound")
    assert opens(rule, later, history=[before, talked], events=[consent]) != later
    other = talked | {"account_id": "A2"}
    assert opens(rule, later, history=[before, other], events=[consent]) == later, "another debt"


def test_consent_to_one_call() -> None:
    lift = {"event": "consent_call", "days": 7, "until_conversation": False, "contacts": 1}
    call = {"channels": ["voice"], "unit": "debt", "lifted_by": lift}
    rule = {"kind": "cap", "limit": 1, "period": {"days": 7}, **call}
    before = contact(NOON - timedelta(hours=2))
    asked = event("consent_call", NOON)
    later = NOON + timedelta(hours=1)
    assert opens(rule, later, history=[before], events=[asked]) == later
    spoke = contact(NOON + timedelta(minutes=5), outcome="conversation")
    text = contact(NOON + timedelta(minutes=5), "sms", "sent")
    assert opens(rule, later, history=[before, text], events=[asked]) == later, "a text is no call"
    assert opens(rule, later, history=[before, spoke], events=[asked]) == ny("2026-11-25 00:00")
    used = ny("2026-11-18 12:05:01")
    assert opens(rule, used, history=[before, spoke], events=[asked]) == ny("2026-11-25 00:00")
    at_once = event("consent_call", NOON + timedelta(minutes=5))
    assert opens(rule, later, history=[before, spoke], events=[at_once]) == later, (
        "given in the call, under the same time, it is for the next"
    )
    assert opens(rule, later, history=[spoke], events=[asked]) == later, "it does not count itself"
    again = event("consent_call", NOON + timedelta(minutes=10))
    assert opens(rule, later, history=[before, spoke], events=[asked, again]) == later
    cooldown = {"kind": "cooldown", "days": 7, "counts": {"outcomes": ["conversation"]}, **call}
    assert opens(cooldown, later, history=[spoke], events=[asked]) == ny("2026-11-25 00:00")


def test_a_cap_by_kind_of_address() -> None:
    cap = {"kind": "cap", "limit": 1, "unit": "debt", "period": {"days": 7}}
    rule = cap | {"contact_points": ["work"], "counts": {"contact_points": ["work"]}}
    office = {"kind": "work", "id": "w1"}
    free = ny("2026-11-25 00:00")

    def after(**last: Any) -> datetime | None:
        return opens(rule, contact_point=office, history=[contact(NOON, **last)])

    assert after(contact_point_kind="mobile") == NOON
    assert after(contact_point_kind="work") == free
    assert after() == free, "to an address of a kind not known, which may have been this one"
    assert opens(rule, history=[contact(NOON, contact_point_kind="work")]) == NOON


def test_what_was_said_of_one_place_holds_there_alone() -> None:
    windows = [{"days": list(EVERY_DAY), "from": "00:00", "to": "24:00"}]
    said = event("inconvenient_time", NOON, windows=windows, contact_point_id="cp1")
    stated = {"kind": "stated_times"}
    assert opens(stated, events=[said]) is None
    assert opens(stated, events=[said], contact_point=None) is None, "it may be that place"
    assert opens(stated, events=[said], contact_point={"id": "cp2"}) == NOON
    elsewhere = event("inconvenient_time", NOON, windows=[], contact_point_id="cp2")
    assert opens(stated, events=[said, elsewhere]) is None
    taken_back = event("inconvenient_time", NOON, windows=[])
    said_before = said | {"at": NOON - timedelta(seconds=1)}
    assert opens(stated, events=[taken_back, said_before]) == NOON
    assert opens(stated, events=[said, taken_back]) is None, "in one instant what closes is last"
    calls = event("inconvenient_time", NOON, windows=[], channel="voice")
    assert opens(stated, events=[said, calls]) is None, "said of every channel"
    night = hours(WORKING_DAYS, "00:00", "00:01") | {"authorized_hours": ["separate"]}
    agreed = event(
        "authorized_hours", NOON, windows=windows, contact_point_id="cp1", instrument="separate"
    )
    assert opens(night, events=[agreed]) == NOON
    assert opens(night, events=[agreed], contact_point=None) == ny("2026-11-19 00:00")


def test_consent_to_one_address_lifts_nothing_for_another() -> None:
    ban = {"kind": "ban", "unless_event": ["opt_in"]}
    said = event("opt_in", NOON, contact_point_id="cp1")
    assert opens(ban, events=[said]) == NOON
    assert opens(ban, events=[said], contact_point={"id": "cp2"}) is None
    assert opens(ban, events=[said], contact_point=None) is None


def test_what_was_said_about_another_debt_does_not_bind_this_one() -> None:
    windows = [{"days": list(EVERY_DAY), "from": "00:00", "to": "24:00"}]
    said = event("inconvenient_time", NOON, windows=windows, account_id="A2")
    assert opens({"kind": "stated_times"}, events=[said]) == NOON
    assert opens({"kind": "stated_times"}, events=[said | {"account_id": "A1"}]) is None


def test_notices_about_another_debt_use_up_none_of_this_ones() -> None:
    leave = [{"purpose": "notice", "limit": 1}]
    rule = {"kind": "stop", "event": "cease", "leaves": leave}
    sent = [contact(NOON, "letter", "sent", account_id="A2")]
    asked: dict[str, Any] = {
        "purpose": "notice",
        "events": [event("cease", NOON)],
        "history": sent,
    }
    assert opens(rule, **asked) == NOON
    assert opens(rule | {"any_account": True}, **asked) is None


def test_openings_may_lie_weeks_apart() -> None:
    mondays = hours(["mon"], "08:00", "09:00")
    assert opens(mondays, ny("2026-11-23 09:00")) == ny("2026-11-30 08:00")
    holiday = {"kind": "closed_days", "calendars": ["here"]}
    days = [{"date": f"2026-12-{day:02}", "name": "Rest", "cite": "Law 2"} for day in range(1, 32)]
    pack = small_pack(mondays, holiday, calendars={"here": {"country": "US", "add": days}})
    assert next_opening([pack], ask("ZZ"), ny("2026-11-30 09:00")) == ny("2027-01-04 08:00")


def test_what_closes_a_contact_whatever_the_hour_is_told_the_longest_first() -> None:
    """Hours and closed days are no part of it, nor is what forbids nothing."""
    review = {"kind": "ban", "channels": ["voice"], "outcome": "review"}
    stop = {"kind": "stop", "event": "cease"}
    cap = {"kind": "cap", "limit": 1, "unit": "debt", "period": {"days": 7}}
    pack = small_pack(hours(EVERY_DAY, "13:00", "21:00"), cap, review, stop, stop)
    quiet = ask("ZZ", channel="sms")
    assert closed_by([pack], quiet, NOON) == (), "it is closed until one o'clock, and that is all"
    made = NOON - timedelta(hours=1)
    called = ask("ZZ", history=[contact(made)], events=[event("cease", made)])
    found = [(rule.id, until) for rule, until in closed_by([pack], called, NOON)]
    assert found == [
        ("zz.rule3", None),
        ("zz.rule4", None),
        ("zz.rule2", None),  # a review, after the bans that last as long
        ("zz.rule1", ny("2026-11-25 00:00")),
    ]
    reviewed = closed_by([small_pack(cap, review, stop)], called, NOON)
    assert [rule.id for rule, _ in reviewed] == ["zz.rule2", "zz.rule1", "zz.rule0"]
