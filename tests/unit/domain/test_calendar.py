"""Days as customers live them: summer time, several zones, days that are missing."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from domain.calendar import (
    day_start,
    days_past_due,
    local_date,
    reaches,
    stable_fraction,
    wall,
)

NY, LA, BOGOTA = "America/New_York", "America/Los_Angeles", "America/Bogota"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zones", "day"),
    [
        ("2026-11-23 04:59", (NY,), date(2026, 11, 22)),
        ("2026-11-23 05:00", (NY,), date(2026, 11, 23)),
        ("2026-11-23 05:00", (NY, LA), date(2026, 11, 22)),
        ("2026-11-23 08:00", (NY, LA), date(2026, 11, 23)),
        ("2026-07-01 04:00", (NY,), date(2026, 7, 1)),
    ],
)
def test_where_zones_disagree_the_earlier_date_counts(
    at: str, zones: tuple[str, ...], day: date
) -> None:
    assert local_date(utc(at), zones) == day


@pytest.mark.parametrize(
    ("day", "zones", "start"),
    [
        (date(2026, 11, 23), (BOGOTA,), "2026-11-23 05:00"),
        (date(2026, 11, 23), (BOGOTA, LA), "2026-11-23 08:00"),
        (date(2026, 3, 8), (NY,), "2026-03-08 05:00"),  # the clocks go forward at 02:00
        (date(2026, 3, 9), (NY,), "2026-03-09 04:00"),
        (date(2026, 11, 1), (NY,), "2026-11-01 04:00"),  # and back at 02:00
        (date(2026, 11, 2), (NY,), "2026-11-02 05:00"),
    ],
)
def test_a_day_has_begun_when_it_has_begun_everywhere(
    day: date, zones: tuple[str, ...], start: str
) -> None:
    assert day_start(day, zones) == utc(start)


@pytest.mark.parametrize(
    "zone", ["Africa/Cairo", "America/Asuncion", "America/Santiago", "Asia/Beirut"]
)
def test_a_day_whose_midnight_is_missing_still_begins_once(zone: str) -> None:
    first = date(2022, 1, 1)
    starts = [day_start(first + timedelta(days=n), (zone,)) for n in range(800)]
    gaps = {b - a for a, b in pairwise(starts)}
    assert gaps <= {timedelta(hours=hours) for hours in (23, 24, 25)}
    for n, start in enumerate(starts):
        assert local_date(start, (zone,)) == first + timedelta(days=n)
        assert local_date(start - timedelta(seconds=1), (zone,)) < first + timedelta(days=n)


@pytest.mark.parametrize(
    ("at", "days"),
    [("2026-11-23 04:59", -1), ("2026-11-23 05:00", 0), ("2026-11-24 05:00", 1)],
)
def test_days_past_due_change_at_the_customers_midnight(at: str, days: int) -> None:
    assert days_past_due(date(2026, 11, 23), utc(at), (BOGOTA,)) == days


@pytest.mark.parametrize("zones", [(NY,), (NY, LA), (BOGOTA,), ("Pacific/Honolulu", NY)])
@pytest.mark.parametrize("days", [-5, 1, 31, 61, 91, 121])
def test_the_instant_at_which_a_day_is_reached_is_the_first_of_that_day(
    zones: tuple[str, ...], days: int
) -> None:
    due = date(2026, 10, 15)
    at = reaches(due, days, zones)
    assert days_past_due(due, at, zones) == days
    assert days_past_due(due, at - timedelta(seconds=1), zones) == days - 1


def test_an_instant_is_shown_on_the_customers_clock() -> None:
    assert wall(utc("2026-11-23 12:00"), (BOGOTA, NY)) == "Mon 23 Nov 07:00 America/Bogota"


def test_a_place_in_the_day_is_stable_and_spread_evenly() -> None:
    places = [stable_fraction("bank/A1", step) for step in range(2000)]
    assert places == [stable_fraction("bank/A1", step) for step in range(2000)]
    assert all(0 <= place < 1 for place in places)
    tenths = [sum(n / 10 <= place < (n + 1) / 10 for place in places) for n in range(10)]
    assert all(140 < count < 260 for count in tenths), tenths
    assert stable_fraction("a", "bc") != stable_fraction("ab", "c")


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-11-30 05:00", "Mon 30 Nov 00:00 America/Bogota"),
        ("2027-09-01 05:00", "Wed 01 Sep 00:00 America/Bogota"),
        ("2027-11-30 05:00", "Tue 30 Nov 2027 00:00 America/Bogota"),
        ("2200-01-01 05:00", "Wed 01 Jan 2200 00:00 America/Bogota"),
        ("2025-11-30 05:00", "Sun 30 Nov 2025 00:00 America/Bogota"),
    ],
)
def test_an_instant_far_off_is_told_with_its_year(at: str, shown: str) -> None:
    assert wall(utc(at), (BOGOTA,), utc("2026-11-28 12:00")) == shown
