"""Wall clocks held to the time-zone data themselves, at each change and around it."""

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import is_zone
from domain.law.local_time import DAY, SpanTable, Timeline, day_of, second
from tests.unit.law.support import local

# (zone, the first second of the new offset, what happens)
CHANGES = [
    ("America/New_York", "2026-03-08T07:00:00Z", "an hour is skipped"),
    ("America/New_York", "2026-11-01T06:00:00Z", "an hour is repeated"),
    ("America/Santiago", "2026-04-05T03:00:00Z", "at midnight, back into the day before"),
    ("America/Havana", "2026-03-08T05:00:00Z", "at midnight, a day that begins at 01:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "half an hour"),
    ("Antarctica/Troll", "2026-03-29T01:00:00Z", "two hours"),
    ("Asia/Kathmandu", "1985-12-31T18:30:00Z", "a quarter of an hour, for good"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z", "a whole day is skipped"),
    ("America/Los_Angeles", "2027-03-14T10:00:00Z", "far into the day of UTC"),
    ("Europe/London", "2026-10-25T01:00:00Z", "to UTC itself"),
    ("America/St_Johns", "2010-03-14T03:31:00Z", "a minute past midnight"),
]


def shown(zone: str, at: int) -> tuple[int, int]:
    """Day and second of the wall clock, as the time-zone data have it."""
    wall = datetime.fromtimestamp(at, ZoneInfo(zone))
    return day_of(wall.date()), wall.hour * 3600 + wall.minute * 60 + wall.second


@pytest.mark.parametrize(("zone", "change", "what"), CHANGES)
def test_the_wall_clock_around_a_change(zone: str, change: str, what: str) -> None:
    clock, at = Timeline(zone), second(datetime.fromisoformat(change))
    around = {at + away for away in (-7200, -2, -1, 0, 1, 2, 7200)}
    hourly = set(range(at - 2 * DAY, at + 2 * DAY, 3600))
    for instant in around | hourly:
        assert clock.wall(instant) == shown(zone, instant), what
        assert clock.local_day(instant) == shown(zone, instant)[0], what
    assert any(start == at for start, _, _ in clock.segments(at // DAY)), what


@pytest.mark.parametrize(("zone", "change", "what"), CHANGES)
def test_a_day_is_cut_into_stretches_without_a_gap(zone: str, change: str, what: str) -> None:
    clock, day = Timeline(zone), second(datetime.fromisoformat(change)) // DAY
    for utc_day in (day - 1, day, day + 1):
        segments = clock.segments(utc_day)
        assert [segments[0][0], segments[-1][1]] == [utc_day * DAY, (utc_day + 1) * DAY], what
        assert all(left[1] == right[0] for left, right in pairwise(segments))
        assert all(start < end for start, end, _ in segments), what
        assert len(segments) == 1 + (utc_day == day), what


@pytest.mark.parametrize(
    ("zone", "day", "first"),
    [
        ("America/Bogota", "2026-11-22", "2026-11-22 00:00"),
        ("Pacific/Kiritimati", "2026-11-22", "2026-11-22 00:00"),  # fourteen hours before UTC
        ("Pacific/Pago_Pago", "2026-11-22", "2026-11-22 00:00"),  # eleven behind
        ("America/Havana", "2026-03-08", "2026-03-08 01:00"),  # midnight is skipped
        ("America/Santiago", "2026-04-04", "2026-04-04 00:00"),  # its last hour comes twice
        ("Pacific/Apia", "2011-12-30", "2011-12-31 00:00"),  # a day that never was
    ],
)
def test_the_first_second_of_a_day(zone: str, day: str, first: str) -> None:
    assert Timeline(zone).day_start(day_of(date.fromisoformat(day))) == second(local(zone, first))


def test_hours_that_run_through_the_midnight_of_utc() -> None:
    zone = "America/Los_Angeles"  # 8:00 to 21:00 there is 16:00 to 05:00 in UTC
    table = SpanTable(zone, lambda _: ((8 * 3600, 21 * 3600),))
    opens, closes = (second(local(zone, f"2026-11-23 {hour}")) for hour in ("08:00", "21:00"))
    for at in (opens, (opens // DAY + 1) * DAY - 1, (opens // DAY + 1) * DAY, closes - 1):
        assert (table.inside(at), table.next_start(at), table.next_end(at)) == (True, at, closes)
    for at in (opens - 1, closes):
        assert (table.inside(at), table.next_end(at)) == (False, at)
    assert table.next_start(opens - 1) == opens
    assert table.next_start(closes) == opens + DAY


def test_a_window_of_whole_days_ends_with_the_local_day() -> None:
    zone = "America/Bogota"
    monday = day_of(date(2026, 11, 23))
    table = SpanTable(zone, lambda day: ((0, DAY),) if day == monday else ())
    first, after = (second(local(zone, f"2026-11-{day} 00:00")) for day in (23, 24))
    found = [table.inside(at) for at in (first - 1, first, after - 1, after)]
    assert found == [False, True, True, False]
    assert table.next_end(first) == after


def test_a_zone_is_known_by_its_name() -> None:
    assert is_zone("America/Bogota")
    assert not any(map(is_zone, ("America/Bogotá", "", "Mars", "../etc/passwd")))
