"""Wall clocks across daylight saving, and what peers get wrong about them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.law.engine import closes_at, next_opening, verdict
from domain.law.local_time import day_of, second, timeline
from domain.law.model import RulePack
from tests.unit.law.support import (
    BOGOTA,
    EVERY_DAY,
    MEXICO,
    NEW_YORK,
    WORKING_DAYS,
    ask,
    hours,
    local,
    small_pack,
)

SANTIAGO = "America/Santiago"


def opens(pack: RulePack, zone: str, at: datetime) -> datetime | None:
    return next_opening([pack], ask("ZZ", zones=[zone]), at)


@pytest.mark.parametrize(
    ("zone", "asked", "days", "opening", "expected", "peer"),
    [
        (NEW_YORK, "2026-03-07 20:00", EVERY_DAY, "09:00", "2026-03-08 09:00", "Sunday 10:00"),
        (NEW_YORK, "2026-10-31 20:00", EVERY_DAY, "08:00", "2026-11-01 08:00", "Sunday 07:00"),
        (SANTIAGO, "2026-04-04 20:00", EVERY_DAY, "08:00", "2026-04-05 08:00", "5 April 07:00"),
        (MEXICO, "2026-09-11 12:00", WORKING_DAYS, "19:00", "2026-09-11 19:00", "Sunday 19:00"),
    ],
)
def test_the_next_opening_where_a_peer_was_wrong(
    zone: str, asked: str, days: tuple[str, ...], opening: str, expected: str, peer: str
) -> None:
    pack = small_pack(hours(days, opening, "20:00"))
    assert opens(pack, zone, local(zone, asked)) == local(zone, expected), f"peer said {peer}"


def test_a_window_inside_the_skipped_hour_does_not_exist_that_day() -> None:
    pack = small_pack(hours(EVERY_DAY, "02:00", "03:00"))
    before = local(NEW_YORK, "2026-03-07 12:00")
    assert opens(pack, NEW_YORK, before) == local(NEW_YORK, "2026-03-09 02:00")


def test_a_window_that_opens_in_the_skipped_hour_opens_after_it() -> None:
    pack = small_pack(hours(EVERY_DAY, "02:30", "04:00"))
    before = local(NEW_YORK, "2026-03-07 12:00")
    assert opens(pack, NEW_YORK, before) == datetime(2026, 3, 8, 7, tzinfo=UTC)  # 03:00 EDT


def test_a_window_in_the_repeated_hour_opens_twice() -> None:
    pack = small_pack(hours(EVERY_DAY, "01:00", "01:30"))
    request = ask("ZZ")
    first = local(NEW_YORK, "2026-11-01 01:00", fold=0)
    second_time = local(NEW_YORK, "2026-11-01 01:00", fold=1)
    assert closes_at([pack], request, first) == first + timedelta(minutes=30)
    assert next_opening([pack], request, first + timedelta(minutes=30)) == second_time
    assert next_opening([pack], request, second_time + timedelta(minutes=30)) == local(
        NEW_YORK, "2026-11-02 01:00"
    )


def test_a_window_around_the_repeated_hour_is_an_hour_longer() -> None:
    pack = small_pack(hours(EVERY_DAY, "00:30", "02:30"))
    start = local(NEW_YORK, "2026-11-01 00:30")
    assert closes_at([pack], ask("ZZ"), start) == start + timedelta(hours=3)


@pytest.mark.parametrize(
    ("zone", "day", "start", "why"),
    [
        ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z", "midnight is skipped: 01:00 CDT"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "the first of two midnights"),
        (SANTIAGO, "2026-09-06", "2026-09-06T04:00:00Z", "midnight is skipped: 01:00 -03"),
        (SANTIAGO, "2026-04-05", "2026-04-05T04:00:00Z", "after Saturday's second 23:00 hour"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "the day Samoa left out"),
        (BOGOTA, "2026-11-18", "2026-11-18T05:00:00Z", "nothing special"),
    ],
)
def test_where_a_local_day_starts(zone: str, day: str, start: str, why: str) -> None:
    expected = second(datetime.fromisoformat(start))
    line = timeline(zone)
    number = day_of(datetime.fromisoformat(day).date())
    assert line.day_start(number) == expected, why
    assert line.local_day(expected) >= number > line.local_day(expected - 1), why


def test_hours_in_a_fixed_zone_are_that_zones() -> None:
    # The District of Columbia's clock is Eastern wherever the consumer is.
    pack = small_pack({**hours(EVERY_DAY, "08:00", "21:00"), "zone": NEW_YORK})
    request = ask("ZZ", zones=["America/Los_Angeles"])
    at = local(NEW_YORK, "2026-11-18 20:59:59")
    assert verdict([pack], request, at).verdict == "allowed"
    assert verdict([pack], request, at + timedelta(seconds=1)).verdict == "denied"


def test_hours_round_the_clock_never_close() -> None:
    pack = small_pack(hours(EVERY_DAY, "00:00", "24:00"))
    for boundary in ("half_open", "closed", "open"):
        request = ask("ZZ", readings={"boundary": boundary})
        assert closes_at([pack], request, local(NEW_YORK, "2026-11-18 12:00")) is None
        assert opens(pack, NEW_YORK, local(NEW_YORK, "2026-11-19 00:00")) is not None


def test_hours_to_midnight_run_on_into_the_next_day() -> None:
    pack = small_pack(hours(WORKING_DAYS, "18:00", "24:00"), hours(EVERY_DAY, "00:00", "24:00"))
    late = small_pack(
        {
            "kind": "hours",
            "windows": [
                {"days": ["wed"], "from": "18:00", "to": "24:00"},
                {"days": ["thu"], "from": "00:00", "to": "02:00"},
            ],
        }
    )
    at = local(NEW_YORK, "2026-11-18 19:00")
    assert closes_at([pack], ask("ZZ"), at) == local(NEW_YORK, "2026-11-19 00:00")
    assert closes_at([late], ask("ZZ"), at) == local(NEW_YORK, "2026-11-19 02:00")


def test_an_instant_between_two_seconds() -> None:
    pack = small_pack(hours(EVERY_DAY, "08:00", "21:00"))
    request = ask("ZZ")
    eight = local(NEW_YORK, "2026-11-18 08:00")
    almost = eight - timedelta(milliseconds=1)
    assert verdict([pack], request, almost).next_allowed_at == eight
    assert next_opening([pack], request, eight + timedelta(milliseconds=1)) == eight + timedelta(
        seconds=1
    )
    last = local(NEW_YORK, "2026-11-18 21:00") - timedelta(milliseconds=1)
    assert verdict([pack], request, last).verdict == "allowed"
    assert next_opening([pack], request, last) == local(NEW_YORK, "2026-11-19 08:00")


def test_any_offset_is_the_same_instant() -> None:
    pack = small_pack(hours(EVERY_DAY, "08:00", "21:00"))
    tokyo = local(NEW_YORK, "2026-11-18 08:00").astimezone(ZoneInfo("Asia/Tokyo"))
    assert verdict([pack], ask("ZZ"), tokyo).verdict == "allowed"
