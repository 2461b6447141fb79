"""The days on which the tests are begun are what their names say, whatever day it is."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendar import NEW_YORK, WEEKDAYS, begins, main, todays

TODAY = st.dates(date(2026, 1, 1), date(2033, 12, 31))


@settings(max_examples=20, deadline=None)
@given(TODAY)
def test_every_beginning_is_ahead(today: date) -> None:
    end = datetime.combine(today, time.max, UTC)
    assert all(end < begin < end + timedelta(days=366 * 8) for begin in begins(today).values())


@settings(max_examples=20, deadline=None)
@given(TODAY)
def test_each_is_the_day_that_its_name_says(today: date) -> None:
    known = begins(today)
    assert [known[name].weekday() for name in WEEKDAYS] == list(range(7))
    assert f"{known['leap-day']:%m-%d}" == "02-29"
    assert f"{known['new-years-eve']:%m-%d}" == "12-31"
    assert f"{known['last-minute-of-a-year']:%m-%d %H:%M}" == "12-31 23:59"


@pytest.mark.parametrize(
    ("today", "forward", "back"),
    [
        (date(2026, 11, 28), date(2027, 3, 14), date(2027, 11, 7)),
        (date(2027, 3, 13), date(2027, 3, 14), date(2027, 11, 7)),
        (date(2027, 3, 14), date(2028, 3, 12), date(2027, 11, 7)),
    ],
)
def test_clocks_change_when_the_united_states_change_them(
    today: date, forward: date, back: date
) -> None:
    known = begins(today)
    assert known["clocks-forward-in-the-us"].astimezone(NEW_YORK).date() == forward
    assert known["clocks-back-in-the-us"].astimezone(NEW_YORK).date() == back


def test_the_holiday_is_one_of_colombia() -> None:
    assert begins(date(2026, 11, 28))["holiday-in-colombia"].date() == date(2026, 12, 8)


def test_all_have_their_turn() -> None:
    first = date(2026, 11, 28)
    assert {todays(first + timedelta(days=n)) for n in range(140)} == set(begins(first))


def test_who_works_on_weekdays_sees_all_of_them() -> None:
    first = date(2026, 11, 28)
    days = (first + timedelta(days=n) for n in range(280))
    assert {todays(day) for day in days if day.weekday() < 5} == set(begins(first))


def test_a_day_that_is_none_is_told_with_those_there_are() -> None:
    with pytest.raises(SystemExit, match=r"'nonsense' is no instant, and none of monday, .*today"):
        main(["nonsense"])
