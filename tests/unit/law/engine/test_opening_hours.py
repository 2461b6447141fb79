"""The stretches that a drawn week is made of, and small things that verdicts and openings say."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.law.engine import next_opening, opening_hours, verdict
from tests.unit.law.support import BOOK, EVERY_DAY, ask, contact, hours, small_pack
from tests.unit.law.us_support import NOON

BOGOTA = ZoneInfo("America/Bogota")
OPEN, HOURS, CLOSED = None, "co.ley2300.hours", "co.ley2300.closed_days"

# Ley 2300 of 2023 art. 3: 7:00-19:00 from Monday to Friday, 8:00-15:00 on Saturdays, never on
# Sundays and holidays. 2 November 2026 is All Saints', moved to the Monday (Ley 51 of 1983).
WEEK = [
    ("02 00:00", "03 00:00", CLOSED),
    ("03 00:00", "03 07:00", HOURS),
    ("03 07:00", "03 19:00", OPEN),
    ("03 19:00", "04 07:00", HOURS),
    ("04 07:00", "04 19:00", OPEN),
    ("04 19:00", "05 07:00", HOURS),
    ("05 07:00", "05 19:00", OPEN),
    ("05 19:00", "06 07:00", HOURS),
    ("06 07:00", "06 19:00", OPEN),
    ("06 19:00", "07 08:00", HOURS),
    ("07 08:00", "07 15:00", OPEN),
    ("07 15:00", "08 00:00", HOURS),
    ("08 00:00", "09 00:00", CLOSED),
]


def november(text: str) -> datetime:
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BOGOTA)


def stretches(since: str, until: str) -> list[tuple[datetime, datetime, str | None]]:
    packs, request = BOOK.packs_for(("CO",)), ask("CO", zones=["America/Bogota"])
    found = opening_hours(packs, request, november(since), november(until))
    assert all(one.is_open is (one.rule is None) for one in found)
    assert all(one.is_open is (one.why == "") for one in found)
    return [(one.start, one.end, one.rule) for one in found]


def test_a_week_of_colombia_is_cut_where_the_statute_cuts_it() -> None:
    wanted = [(november(start), november(end), rule) for start, end, rule in WEEK]
    assert stretches("02 00:00", "09 00:00") == wanted


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        ("03 07:00", "03 19:00", [("03 07:00", "03 19:00", OPEN)]),
        ("03 08:15", "03 09:00", [("03 08:15", "03 09:00", OPEN)]),
        ("03 18:59", "03 19:01", [("03 18:59", "03 19:00", OPEN), ("03 19:00", "03 19:01", HOURS)]),
        ("03 07:00", "03 07:00", []),
    ],
)
def test_nothing_lies_outside_the_time_asked_about(
    since: str, until: str, wanted: list[tuple[str, str, str | None]]
) -> None:
    assert stretches(since, until) == [(november(a), november(b), rule) for a, b, rule in wanted]


def test_of_a_review_and_one_denial_the_denial_is_named_though_it_ends_sooner() -> None:
    ban = {"kind": "ban", "channels": ["voice"], "outcome": "review"}
    pack = small_pack(ban, {"kind": "cap", "limit": 1, "unit": "debt", "period": {"days": 7}})
    request = ask("ZZ", history=[contact(NOON - timedelta(hours=1))])
    answer = verdict([pack], request, NOON)
    assert (answer.verdict, answer.rule) == ("denied", "zz.rule1")


def test_a_microsecond_past_an_opening_second_the_next_one_is_the_first() -> None:
    pack = small_pack(hours(EVERY_DAY, "08:00", "21:00"))
    late = NOON + timedelta(microseconds=1)
    assert next_opening([pack], ask("ZZ"), NOON) == NOON
    assert next_opening([pack], ask("ZZ"), late) == NOON + timedelta(seconds=1)


def test_the_reason_tells_the_wall_clock_to_the_second() -> None:
    at = november("03 07:34") + timedelta(seconds=56)
    request = ask("CO", zones=["America/Bogota"])
    said = verdict(BOOK.packs_for(("CO",)), request, at).reason
    assert "07:34:56 on Tuesday 2026-11-03 (America/Bogota)" in said
