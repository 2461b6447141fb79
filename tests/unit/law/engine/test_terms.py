"""Windows of a week, and what may stand in a request."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from domain.law.terms import Window, week_of
from tests.unit.law.support import ask

HOUR = 3600


def windows(*hours: tuple[str, str]) -> tuple[Window, ...]:
    made: list[dict[str, Any]] = [{"days": ["tue"], "from": a, "to": b} for a, b in hours]
    return tuple(map(Window.model_validate, made))


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([("08:00", "12:00"), ("13:00", "17:00")], [(8, 12), (13, 17)]),
        ([("13:00", "17:00"), ("08:00", "12:00")], [(8, 12), (13, 17)]),
        ([("08:00", "12:00"), ("12:00", "17:00")], [(8, 17)]),  # they touch
        ([("08:00", "12:00"), ("10:00", "11:00")], [(8, 12)]),  # one holds the other
        ([("08:00", "12:00"), ("11:00", "24:00")], [(8, 24)]),
    ],
)
def test_windows_of_a_day_are_sorted_and_joined(
    hours: list[tuple[str, str]], expected: list[tuple[int, int]]
) -> None:
    tuesday = tuple((opens * HOUR, closes * HOUR) for opens, closes in expected)
    assert week_of(windows(*hours)) == ((), tuesday, (), (), (), (), ())


@pytest.mark.parametrize("hours", [("12:00", "12:00"), ("22:00", "06:00")])
def test_a_window_ends_after_it_begins(hours: tuple[str, str]) -> None:
    with pytest.raises(ValidationError, match="'to' must be later than 'from'"):
        windows(hours)


@pytest.mark.parametrize("year", [1899, 2200])
def test_an_instant_is_of_our_time(year: int) -> None:
    with pytest.raises(ValidationError, match="must be of the years 1900 to 2199"):
        ask(at=datetime(year, 6, 1, tzinfo=UTC))
