"""Openings that the pattern of a week rules out for months, found without walking there."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.law.engine import closes_at, next_opening, verdict
from domain.law.local_time import NEVER, timeline
from domain.law.terms import WEEKDAYS, Window, week_of
from domain.law.weekly import ALWAYS, CommonWeek, closed_on, minutes_of, next_shown
from tests.unit.law.support import (
    EVERY_DAY,
    LONDON,
    LOS_ANGELES,
    NEW_YORK,
    ask,
    event,
    hours,
    local,
    opening,
    small_pack,
)

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
KOLKATA: Final = "Asia/Kolkata"
LORD_HOWE: Final = "Australia/Lord_Howe"
"""Half an hour ahead in summer, not an hour."""
AT: Final = local(NEW_YORK, "2026-11-18 12:00")


def stated(*spans: tuple[str, str], days: Any = EVERY_DAY) -> dict[str, Any]:
    windows = [{"days": list(days), "from": opens, "to": closes} for opens, closes in spans]
    return event("inconvenient_time", AT - DAY, windows=windows)


def test_hours_that_never_meet_are_told_from_hours_that_meet_while_clocks_differ() -> None:
    """New York's last hour is London's first but for the weeks in which only one has changed."""
    evening = stated(("00:00", "17:00"), ("18:00", "24:00"))
    # 17:00-18:00 in New York is 22:00 in London, and 21:00 where New York is an hour ahead.
    late = small_pack(hours(EVERY_DAY, "08:00", "22:00"), {"kind": "stated_times"})
    there = ask("ZZ", zones=[NEW_YORK], events=[evening])
    assert next_opening([late], there, AT) == local(NEW_YORK, "2026-11-18 17:00")
    half = small_pack(
        hours(EVERY_DAY, "08:00", "21:30") | {"zone": LONDON},
        hours(EVERY_DAY, "17:00", "18:00") | {"zone": NEW_YORK},
    )
    # Between 14 and 28 March 2027 London is only four hours ahead.
    for asked in (ask("ZZ"), ask("ZZ", purpose="reply")):
        for at in (AT, local(NEW_YORK, "2027-03-11 12:00")):
            assert next_opening([half], asked, at) == local(NEW_YORK, "2027-03-14 17:00")
    narrow = small_pack(
        hours(EVERY_DAY, "08:00", "20:59") | {"zone": LONDON},
        hours(EVERY_DAY, "17:00", "18:00") | {"zone": NEW_YORK},
    )
    assert next_opening([narrow], ask("ZZ"), AT) is None


def test_a_rule_that_comes_into_force_or_ends_is_waited_for() -> None:
    shut = hours(["mon"], "08:00", "09:00") | {"effective": {"until": "2027-06-01"}}
    other = hours(["tue"], "08:00", "09:00")
    assert next_opening([small_pack(shut, other)], ask("ZZ"), AT) == local(
        NEW_YORK, "2027-06-01 08:00"
    )
    begins = other | {"effective": {"from": "2026-11-25"}}
    mondays = hours(["mon"], "08:00", "09:00")
    pack = small_pack(mondays, begins)
    assert next_opening([pack], ask("ZZ"), AT) == local(NEW_YORK, "2026-11-23 08:00")
    assert next_opening([pack], ask("ZZ"), local(NEW_YORK, "2026-11-23 09:00")) is None


def test_the_last_second_of_a_search_is_searched() -> None:
    """It looks 400 days ahead, through what never meets: there both rules end."""
    mondays, tuesdays = (hours([day], "08:00", "09:00") for day in ("mon", "tue"))
    pack = small_pack(
        *(rule | {"effective": {"until": "2027-06-01"}} for rule in (mondays, tuesdays))
    )
    alone = small_pack(
        {"kind": "closed_days", "weekdays": EVERY_DAY, "effective": {"until": "2027-06-01"}}
    )
    end = local(NEW_YORK, "2027-06-01 00:00")
    for one in (pack, alone):
        assert next_opening([one], ask("ZZ"), end - 400 * DAY) == end
        assert next_opening([one], ask("ZZ"), end - 400 * DAY - timedelta(seconds=1)) is None


def test_what_an_answer_is_free_of_closes_no_week() -> None:
    morning = hours(EVERY_DAY, "08:00", "09:00")
    free = hours(["mon"], "10:00", "11:00") | {"reply": "once"}
    pack = small_pack(morning, free, {"kind": "stated_times"})
    but_sundays = stated(("07:00", "09:30"), days=["mon", "tue", "wed", "thu", "fri", "sat"])
    wrote = {"at": AT, "channel": "voice", "direction": "inbound", "outcome": "replied"}
    answer = ask("ZZ", purpose="reply", events=[but_sundays], history=[wrote])
    assert next_opening([pack], answer, AT) == local(NEW_YORK, "2026-11-22 08:00")
    assert next_opening([pack], ask("ZZ", events=[but_sundays], history=[wrote]), AT) is None


def test_a_rule_that_is_set_aside_closes_no_week() -> None:
    morning = hours(EVERY_DAY, "08:00", "09:00")
    aside = hours(["mon"], "10:00", "11:00") | {"unless_event": ["opt_in"]}
    pack = small_pack(morning, aside, {"kind": "stated_times"})
    but_sundays = stated(("07:00", "09:30"), days=["mon", "tue", "wed", "thu", "fri", "sat"])
    consent = event("opt_in", AT - DAY)
    found = next_opening([pack], ask("ZZ", events=[but_sundays, consent]), AT)
    assert found == local(NEW_YORK, "2026-11-22 08:00")
    assert next_opening([pack], ask("ZZ", events=[but_sundays]), AT) is None


def test_an_answer_is_free_of_a_spell_and_of_no_other() -> None:
    closed = {"kind": "stated_times", "reply": "same_spell"}
    pack = small_pack(hours(EVERY_DAY, "08:00", "09:00"), closed)
    morning = stated(("08:00", "09:00"))
    wrote: dict[str, Any] = {
        "at": local(NEW_YORK, "2026-11-19 08:30"),
        "channel": "voice",
        "direction": "inbound",
        "outcome": "replied",
    }
    asked = ask("ZZ", purpose="reply", events=[morning], history=[wrote])
    assert next_opening([pack], asked, wrote["at"]) == wrote["at"]
    assert next_opening([pack], asked, local(NEW_YORK, "2026-11-19 09:00")) is None


@pytest.mark.parametrize("zones", [[NEW_YORK], [NEW_YORK, LOS_ANGELES], [NEW_YORK, KOLKATA]])
def test_a_day_stated_whole_never_opens(zones: list[str]) -> None:
    request = ask("US", zones=zones, events=[stated(("00:00", "24:00"))])
    assert opening(request, AT) is None
    parts = [stated(("00:00", "13:00")), stated(("12:30", "24:00"))]
    assert opening(ask("US", zones=zones, events=parts), AT) is None
    weekdays = [
        stated(("00:00", "24:00"), days=WEEKDAYS[:4]),
        stated(("00:00", "24:00"), days=WEEKDAYS[4:]),
    ]
    assert opening(ask("US", zones=zones, events=weekdays), AT) is None


clocks = st.integers(0, 96).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
spans = st.tuples(clocks, clocks).filter(lambda pair: pair[0] < pair[1])
windows = st.tuples(spans, st.sets(st.sampled_from(WEEKDAYS), min_size=1)).map(
    lambda made: Window.model_validate(
        {"days": sorted(made[1]), "from": made[0][0], "to": made[0][1]}
    )
)


@settings(deadline=None, max_examples=20)
@given(
    shut=st.lists(windows, min_size=1, max_size=4),
    zones=st.lists(
        st.sampled_from([NEW_YORK, LOS_ANGELES, LONDON, KOLKATA, LORD_HOWE]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    opens=st.integers(6, 12),
    length=st.integers(1, 10),
)
def test_the_opening_is_the_first_edge_at_which_all_is_open(
    shut: list[Window], zones: list[str], opens: int, length: int
) -> None:
    """Nothing opens but where some window begins or ends, so that only those are tried."""
    day = hours(EVERY_DAY, f"{opens:02}:00", f"{opens + length:02}:00")
    pack = small_pack(day, {"kind": "stated_times"})
    said = event("inconvenient_time", AT - DAY, windows=shut)
    request = ask("ZZ", zones=zones, events=[said])
    found = next_opening([pack], request, AT)
    edges = {f"{opens:02}:00", "00:00", *(window.closes for window in shut)} - {"24:00"}

    def lawful(at: datetime) -> bool:
        return verdict([pack], request, at).verdict == "allowed"

    tried = [AT]
    for days in range(400):
        date = f"{AT + days * DAY:%Y-%m-%d}"
        tried += [
            local(zone, f"{date} {edge}", fold)
            for zone in zones
            for edge in edges
            for fold in (0, 1)
        ]
    # An hour that is skipped or repeated opens where the clock is changed.
    tried += [
        datetime.fromtimestamp(timeline(zone).next_change(int(AT.timestamp()) + days * 86_400), UTC)
        for zone in zones
        for days in range(0, 400, 20)
    ]
    first = next((at for at in sorted(tried) if at >= AT and lawful(at)), None)
    assert found == first


@given(st.lists(windows, min_size=1, max_size=4), st.integers(0, 7 * 1_440 - 1))
def test_the_minutes_of_a_week_are_those_inside_a_window(hours: list[Window], at: int) -> None:
    day, minute = divmod(at, 1_440)
    clock = f"{minute // 60:02}:{minute % 60:02}"
    inside = any(WEEKDAYS[day] in w.days and w.opens <= clock < w.closes for w in hours)
    assert bool(minutes_of(week_of(tuple(hours))) >> at & 1) is inside


@settings(deadline=None, max_examples=60)
@given(
    patterns=st.lists(
        st.tuples(
            st.sampled_from([NEW_YORK, LONDON, KOLKATA]),
            st.lists(windows, min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=3,
    ),
    ahead=st.integers(0, 7 * 86_400 - 1),
    days=st.integers(1, 9),
)
def test_the_next_second_that_may_be_open_is_now_or_begins_a_minute(
    patterns: list[tuple[str, list[Window]]], ahead: int, days: int
) -> None:
    at = int(AT.timestamp()) + ahead  # No clock is changed in the weeks after.
    end = at + days * 86_400
    weeks = [(timeline(zone), minutes_of(week_of(tuple(hours)))) for zone, hours in patterns]

    def open_at(instant: int) -> bool:
        shown = ((minutes, *zone.wall(instant)) for zone, minutes in weeks)
        return all(m >> (day + 3) % 7 * 1_440 + clock // 60 & 1 for m, day, clock in shown)

    tried = (at, *range(at - at % 60 + 60, end, 60))
    first = next((instant for instant in tried if open_at(instant)), end)
    assert CommonWeek(weeks).next_open(at, end) == (first, end)


@settings(deadline=None, max_examples=60)
@given(
    zone=st.sampled_from([NEW_YORK, LONDON, KOLKATA, LORD_HOWE, "Africa/Monrovia"]),
    hours=st.lists(windows, max_size=3),
    changed=st.sampled_from(["1972-01-03", "2026-12-05", "2027-03-10", "2027-03-31", "2027-11-03"]),
    ahead=st.integers(0, 7 * 86_400),
)
def test_the_next_second_at_which_a_clock_shows_some_minutes(
    zone: str, hours: list[Window], changed: str, ahead: int
) -> None:
    """Also in weeks in which it is changed, and where it stood on odd seconds."""
    minutes, line = minutes_of(week_of(tuple(hours))), timeline(zone)
    at = int(datetime.fromisoformat(changed + "T00:00Z").timestamp()) + ahead

    def shown(instant: int) -> bool:
        day, clock = line.wall(instant)
        return bool(minutes >> (day + 3) % 7 * 1_440 + clock // 60 & 1)

    tried = [
        instant
        for begin in (at, line.next_change(at))
        for instant in (begin, *range(begin - line.wall(begin)[1] % 60 + 60, at + 8 * 86_400, 60))
    ]
    first = min(filter(shown, tried), default=NEVER)
    assert next_shown(line, minutes, at) == first


def test_a_minute_that_a_clock_leaves_out_is_not_shown_at_its_change() -> None:
    """New York's is put from 02:00 to 03:00 on 14 March 2027."""
    minutes, line = closed_on([6]) & minutes_of((((7_200, 9_000),),) * 7), timeline(NEW_YORK)
    before = int(local(NEW_YORK, "2027-03-13 12:00").timestamp())
    shown = int(local(NEW_YORK, "2027-03-21 02:00").timestamp())
    assert next_shown(line, minutes, before) == shown


def test_a_day_that_is_open_whole_opens_no_other() -> None:
    pack = small_pack(hours(["mon"], "00:00", "24:00"))
    assert verdict([pack], ask("ZZ"), AT).verdict == "denied"
    assert next_opening([pack], ask("ZZ"), AT) == local(NEW_YORK, "2026-11-23 00:00")
    monday = local(NEW_YORK, "2026-11-23 12:00")
    assert closes_at([pack], ask("ZZ"), monday) == local(NEW_YORK, "2026-11-24 00:00")


@pytest.mark.parametrize(
    ("span", "minutes"),
    [
        ((0, 60), {0}),
        ((0, 61), {0, 1}),  # open at the very second of closing, as one reading has it
        ((59, 60), {0}),
        ((61, 120), {1}),  # closed at the very second of opening, as another has it
        ((3_600, 7_200), {*range(60, 120)}),
        ((86_399, 86_400), {1_439}),
    ],
)
def test_a_minute_is_open_where_some_second_of_it_is(
    span: tuple[int, int], minutes: set[int]
) -> None:
    for day in range(7):
        week = tuple((span,) if one == day else () for one in range(7))
        assert minutes_of(week) == sum(1 << day * 1_440 + minute for minute in minutes)


def test_closed_weekdays_leave_the_other_days_minutes() -> None:
    assert closed_on(range(7)) == ALWAYS
    assert closed_on([5, 6]) == ((1 << 2_880) - 1) << 7_200


def test_a_clock_on_odd_seconds_skips_nothing() -> None:
    """Before 1972 Liberia was 44 minutes and 30 seconds behind."""
    liberia = timeline("Africa/Monrovia")
    at = int(datetime(1971, 6, 1, tzinfo=UTC).timestamp())
    assert liberia.offset(at) % 60 != 0
    assert CommonWeek([(liberia, 0)]).next_open(at, at + 60) == (at, at + 60)
    assert CommonWeek([(timeline(LONDON), 0)]).next_open(at, at + 60) == (at + 60, at + 60)
