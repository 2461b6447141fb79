"""The calendars of the packs, 2024 to 2027, against the statutes worked out separately.

Saturdays and Sundays on which contact is closed anyway are compared too.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from domain.law.local_time import Holidays, day_of
from tests.unit.law.support import BOOK

EASTER = {
    2024: date(2024, 3, 31),
    2025: date(2025, 4, 20),
    2026: date(2026, 4, 5),
    2027: date(2027, 3, 28),
}
DAY = timedelta(days=1)
YEARS = tuple(EASTER)


def days(year: int, text: str) -> set[date]:
    """Days written ``month-day``."""
    pairs = (word.split("-") for word in text.split())
    return {date(year, int(month), int(day)) for month, day in pairs}


def next_monday(day: date) -> date:
    return day + -day.weekday() % 7 * DAY


def colombia(year: int) -> set[date]:
    """Ley 51 de 1983: fixed days, and days that move to Monday; 9 July from 2026 (Ley 2578)."""
    easter = EASTER[year]
    moved = days(year, "1-6 3-19 6-29 8-15 10-12 11-1 11-11" + (" 7-9" if year >= 2026 else ""))
    moved |= {easter + after * DAY for after in (39, 60, 68)}
    fixed = days(year, "1-1 5-1 7-20 8-7 12-8 12-25") | {easter - 3 * DAY, easter - 2 * DAY}
    return fixed | {next_monday(day) for day in moved}


def mexico(year: int) -> set[date]:
    """Ley Federal del Trabajo, art. 74; 1 October when the presidency changes."""
    mondays = {
        date(year, month, 1 + (7 - date(year, month, 1).weekday()) % 7) + weeks * 7 * DAY
        for month, weeks in ((2, 0), (3, 2), (11, 2))
    }
    return mondays | days(year, "1-1 5-1 9-16 12-25" + (" 10-1" if year % 6 == 2 else ""))


def chile(year: int) -> set[date]:
    """Holy Saturday too; 29 June and 12 October move out of midweek; bridges in September."""
    easter = EASTER[year]
    found = days(year, "1-1 5-1 5-21 7-16 8-15 9-18 9-19 10-31 11-1 12-8 12-25")
    found |= {easter - 2 * DAY, easter - DAY}
    found |= days(year, "6-20" if year in (2024, 2025) else "6-21")  # the winter solstice
    for day in (date(year, 6, 29), date(year, 10, 12)):
        # Tuesday to Thursday: the Monday before; Friday: the Monday after.
        shift = {1: -1, 2: -2, 3: -3, 4: 3}.get(day.weekday(), 0)
        found.add(day + shift * DAY)
    bridge = {1: "9-17", 2: "9-20", 5: "9-17"}.get(date(year, 9, 18).weekday())
    return found | (days(year, bridge) if bridge else set())


def peru(year: int) -> set[date]:
    """DLeg 713, art. 6, in the text of Ley 31822; each on its own date."""
    easter = EASTER[year]
    return days(year, "1-1 5-1 6-7 6-29 7-23 7-28 7-29 8-6 8-30 10-8 11-1 12-8 12-9 12-25") | {
        easter - 3 * DAY,
        easter - 2 * DAY,
    }


def brazil(year: int) -> set[date]:
    """Twenty November is national since 2024."""
    return days(year, "1-1 4-21 5-1 9-7 10-12 11-2 11-15 11-20 12-25") | {EASTER[year] - 2 * DAY}


# Tuesday moves to Monday, Wednesday and Thursday to Friday, a weekend to the nearest working day;
# closed on both. Christmas and New Year move from a weekend only. Two in a row push each other on.
ECUADOR = {
    2024: "1-1 2-12 2-13 3-29 5-1 5-3 5-24 8-9 8-10 10-9 10-11 11-1 11-2 11-3 11-4 12-25",
    2025: "1-1 3-3 3-4 4-18 5-1 5-2 5-23 5-24 8-10 8-11 10-9 10-10 11-2 11-3 11-4 12-25",
    2026: "1-1 2-16 2-17 4-3 5-1 5-24 5-25 8-10 10-9 11-2 11-3 12-25",
    2027: "1-1 2-8 2-9 3-26 4-30 5-1 5-24 8-9 8-10 10-8 10-9 11-1 11-2 11-3 12-24 12-25 12-31",
}


def ecuador(year: int) -> set[date]:
    return days(year, ECUADOR[year])


CALENDARS: dict[tuple[str, str], Callable[[int], set[date]]] = {
    ("CO", "ley51"): colombia,
    ("MX", "lft74"): mexico,
    ("CL", "national"): chile,
    ("CL-AP", "regional"): lambda year: chile(year) | days(year, "6-7"),
    ("CL-NB", "regional"): lambda year: chile(year) | days(year, "8-20"),
    ("PE", "dleg713"): peru,
    ("EC", "national"): ecuador,
    ("BR-SP", "state"): lambda year: brazil(year) | days(year, "7-9"),
    # Our Lady of Penha: the Monday eight days after Easter.
    ("BR-ES", "state"): lambda year: brazil(year) | {EASTER[year] + 8 * DAY},
    # Carnival Tuesday and Saint George.
    ("BR-RJ", "state"): lambda year: brazil(year) | days(year, "4-23") | {EASTER[year] - 47 * DAY},
    ("BR-AM", "state"): lambda year: brazil(year) | days(year, "9-5"),
    ("BR-AL", "state"): lambda year: brazil(year) | days(year, "6-24 6-29 9-16 11-30"),
}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("pack", "name"), CALENDARS)
def test_a_calendar_is_the_statutes(pack: str, name: str, year: int) -> None:
    calendar = Holidays(BOOK.packs[pack].calendars[name])
    first = date(year, 1, 1)
    found = {
        day
        for day in (first + n * DAY for n in range(366))
        if day.year == year and calendar.name(day_of(day))
    }
    assert found == CALENDARS[pack, name](year)


def test_every_calendar_that_closes_a_day_is_compared() -> None:
    # Spain's and Argentina's close days of a guard, which is no statute's list.
    closing = {
        (pack.jurisdiction, name)
        for pack in BOOK.packs.values()
        for name in pack.calendars
        if any(name in getattr(rule, "calendars", ()) for rule in pack.rules)
        if pack.jurisdiction[:2] not in ("AR", "ES", "US")
    }
    assert closing == CALENDARS.keys()
