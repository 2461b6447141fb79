"""How much of the hours that the law left open was used."""

from datetime import date, timedelta

import pytest

from config.rule_packs import load_packs
from domain.report.lawful import Made, Open, openings, used

PACKS = load_packs().packs
LAW = openings(PACKS, "third_party")
MONDAY, SUNDAY = date(2026, 11, 2), date(2026, 11, 8)
COUNTRIES = sorted(code for code in PACKS if len(code) == 2)


def test_colombias_week_is_twelve_hours_by_five_days_and_seven_on_saturday() -> None:
    """Ley 2300 of 2023: 7 to 19, on Saturdays 8 to 15; 2 November 2026 is a holiday there."""
    found = LAW("sms", "CO", MONDAY, SUNDAY)
    assert found is not None
    by_day = {
        MONDAY + timedelta(days=n): sorted(h for d, h in found if d == MONDAY + timedelta(days=n))
        for n in range(7)
    }
    assert by_day[MONDAY] == by_day[SUNDAY] == []
    assert by_day[MONDAY + timedelta(days=1)] == list(range(7, 19))
    assert by_day[MONDAY + timedelta(days=5)] == list(range(8, 15))
    assert len(found) == 4 * 12 + 7


def test_used_is_what_lies_in_them_and_the_rest_is_beside() -> None:
    tuesday = MONDAY + timedelta(days=1)
    made = [
        Made("sms", "CO", tuesday, 7, 30),
        Made("sms", "CO", tuesday, 7, 5),
        Made("sms", "CO", tuesday, 18, 1),
        Made("sms", "CO", tuesday + timedelta(days=1), 7, 2),
        Made("sms", "CO", tuesday, 19, 4),
        Made("sms", "CO", SUNDAY, 12, 3),
        Made("email", "XX", tuesday, 12, 9),
    ]
    [one] = used(made, LAW, MONDAY, SUNDAY)
    assert (one.channel, one.country) == ("sms", "CO")
    assert (one.hours, sum(one.used), sum(one.contacts), one.beside) == (55, 3, 38, 7)
    assert one.share == pytest.approx(3 / 55)
    assert one.each == pytest.approx(38 / 55)
    assert one.by_hour[7] == pytest.approx(2 / 4), "of four days on which seven is lawful, two"
    assert one.by_hour[8] == 0
    assert one.by_hour[18] == pytest.approx(1 / 4)
    assert one.by_hour[19] is None, "never lawful"


def test_where_nothing_is_lawful_there_is_no_share() -> None:
    def closed(*_: object) -> Open:
        return ()

    [one] = used([Made("sms", "CO", MONDAY, 9, 1)], closed, MONDAY, SUNDAY)
    assert (one.hours, one.share, one.each, one.beside) == (0, None, None, 1)


@pytest.mark.parametrize("country", COUNTRIES)
def test_of_every_country_with_a_law_some_hours_of_the_day_are_open(country: str) -> None:
    found = LAW("voice", country, date(2026, 11, 1), date(2026, 11, 30))
    assert found
    hours = {hour for _, hour in found}
    assert min(hours) >= 6 and max(hours) <= 21
