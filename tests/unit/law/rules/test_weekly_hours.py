"""The hours and closed weekdays of each rule outside the United States, on each day of the week.

Each rule stands alone, in the week of Monday 21 to Sunday 27 September 2026, which has no holiday
in any of these countries. ``test_us_states_alike`` has the American hours.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import pytest

from domain.law.engine import verdict
from domain.law.model import ClosedDaysRule, HoursRule
from tests.unit.law.support import (
    BOOK,
    EVERY_DAY,
    HOME,
    MADRID,
    WORKING_DAYS,
    alone,
    ask,
    home,
    local,
)

SECOND: Final = timedelta(seconds=1)
MONDAY: Final = 21

Week = Mapping[str, str]
"""Weekday to ``HH:MM-HH:MM``; a day left out is closed."""


class Hours(NamedTuple):
    """The week of a rule, and under which readings it is so."""

    week: Week
    readings: Mapping[str, str] = {}


def on(days: tuple[str, ...], hours: str, **more: str) -> Week:
    return dict.fromkeys(days, hours) | more


SHORT_SATURDAY: Final = on(WORKING_DAYS, "08:00-20:00", sat="08:00-14:00")

HOURS: Final[dict[tuple[str, str], Hours]] = {
    ("co.ley2300.hours", "art. 3"): Hours(on(WORKING_DAYS, "07:00-19:00", sat="08:00-15:00")),
    ("mx.condusef.hours", "every day"): Hours(on(EVERY_DAY, "07:00-22:00")),
    ("cl.art37.hours", "CPC art. 59"): Hours(on(EVERY_DAY[:6], "08:00-20:00")),
    ("pe.art62.hours", "art. 62.b"): Hours(on(EVERY_DAY, "07:00-20:00")),
    ("pe.guard.hours_abroad", "the same there"): Hours(on(EVERY_DAY, "07:00-20:00")),
    ("ec.art49.hours", "art. 49"): Hours(on(EVERY_DAY, "07:00-20:00")),
    ("ec.art49.hours", "one paper"): Hours(on(EVERY_DAY, "07:00-22:00"), {"ec.close": "22:00"}),
    ("br.guard.night", "at night"): Hours(on(EVERY_DAY, "07:00-22:00")),
    ("br.sp.lei15426.hours", "São Paulo"): Hours(SHORT_SATURDAY),
    ("br.al.lei7782.hours", "Alagoas"): Hours(SHORT_SATURDAY),
    ("br.es.lei10626.hours", "Espírito Santo"): Hours(on(WORKING_DAYS, "08:00-19:00")),
    ("br.rj.lei7868.hours", "Rio"): Hours(on(WORKING_DAYS, "09:00-19:00")),
    ("br.am.lei306.hours", "until 19:00"): Hours(on(WORKING_DAYS, "00:00-19:00")),
    ("br.am.guard.opening", "from 08:00 on"): Hours(on(EVERY_DAY, "08:00-24:00")),
    ("ar.guard.hours", "a guard"): Hours(on(EVERY_DAY, "09:00-19:00")),
    ("es.guard.hours", "a guard"): Hours(on(EVERY_DAY, "09:00-21:00")),
    ("gb.guard.hours", "a guard"): Hours(on(EVERY_DAY[:6], "08:00-21:00")),
}

CLOSED: Final[dict[str, tuple[str, ...]]] = {
    "co.ley2300.closed_days": ("sun",),
    "mx.condusef.working_days": ("sat", "sun"),
    "cl.art37.closed_days": ("sun",),
    "cl.ap.closed_days": (),
    "cl.nb.closed_days": (),
    "pe.art62.closed_days": ("sat", "sun"),
    "ec.art49.closed_days": ("sat", "sun"),
    "br.sp.lei15426.holidays": (),
    "br.es.lei10626.holidays": (),
    "br.rj.guard.holidays": (),
    "br.am.guard.holidays": (),
    "br.al.lei7782.closed_days": ("sun",),
    "ar.guard.closed_days": ("sat", "sun"),
    "es.guard.closed_days": ("sat", "sun"),
}


def is_open(rule_id: str, at: datetime, readings: Mapping[str, str], **asked: Any) -> bool:
    pack = alone(rule_id)
    request = ask(pack.jurisdiction, readings=readings, **asked)
    return verdict([pack], request, at).verdict == "allowed"


def clock_of(rule_id: str, day: int, wall: str) -> datetime:
    """An instant of a day of the week (Monday is 0) on the clock of the rule's jurisdiction."""
    zone = home(alone(rule_id).jurisdiction)
    midnight = wall == "24:00"
    at = local(zone, f"2026-09-{MONDAY + day} {'00:00' if midnight else wall}")
    return at + timedelta(days=1) if midnight else at


def test_every_rule_is_here() -> None:
    rules = {
        rule.id: rule.kind
        for pack in BOOK.packs.values()
        if not pack.jurisdiction.startswith("US")
        for rule in pack.rules
        if isinstance(rule, HoursRule | ClosedDaysRule)
    }
    assert {rule for rule, kind in rules.items() if kind == "hours"} == {rule for rule, _ in HOURS}
    assert {rule for rule, kind in rules.items() if kind == "closed_days"} == CLOSED.keys()


@pytest.mark.parametrize(("rule_id", "named"), HOURS)
def test_hours_hold_to_the_second_on_each_day(rule_id: str, named: str) -> None:
    week, readings = HOURS[rule_id, named]
    for number, day in enumerate(EVERY_DAY):
        opens, _, closes = week.get(day, "").partition("-")
        if not opens:
            shut = [clock_of(rule_id, number, f"{hour:02}:00") for hour in range(24)]
            assert not any(is_open(rule_id, at, readings) for at in shut), day
            continue
        first, end = clock_of(rule_id, number, opens), clock_of(rule_id, number, closes)
        assert is_open(rule_id, first, readings), f"{day} at {opens}"
        assert is_open(rule_id, end - SECOND, readings), f"{day} before {closes}"
        if opens != "00:00":
            assert not is_open(rule_id, first - SECOND, readings), f"{day} before {opens}"
        if closes != "24:00":
            assert not is_open(rule_id, end, readings), f"{day} at {closes}"


@pytest.mark.parametrize("rule_id", CLOSED)
def test_closed_weekdays_are_closed_from_midnight_to_midnight(rule_id: str) -> None:
    for number, day in enumerate(EVERY_DAY):
        first = clock_of(rule_id, number, "00:00")
        last = clock_of(rule_id, number, "24:00") - SECOND
        closed = {is_open(rule_id, at, {}) for at in (first, first + timedelta(hours=12), last)}
        assert closed == {day not in CLOSED[rule_id]}, day


BOGOTAS: Final = {"co.zone": "bogota"}


@pytest.mark.parametrize(
    ("rule_id", "wall", "readings", "opened", "why"),
    [
        ("pe.art62.closed_days", "2026-11-22 23:00", {}, False, "Sunday in Lima, Monday there"),
        ("pe.art62.closed_days", "2026-11-20 19:00", {}, True, "Friday in Lima, Saturday there"),
        ("pe.art62.hours", "2026-11-18 19:59:59", {}, True, "by Lima's clock"),
        ("pe.art62.hours", "2026-11-18 20:00", {}, False, "by Lima's clock"),
        ("pe.guard.hours_abroad", "2026-11-18 13:59:59", {}, True, "19:59:59 there"),
        ("pe.guard.hours_abroad", "2026-11-18 14:00", {}, False, "20:00 there"),
        ("co.ley2300.closed_days", "2026-11-16 19:00", {}, True, "a holiday; Tuesday there"),
        ("co.ley2300.closed_days", "2026-11-16 19:00", BOGOTAS, False, "a holiday in Bogotá"),
        ("co.ley2300.closed_days", "2026-11-21 19:00", {}, False, "Saturday; Sunday there"),
        ("co.ley2300.closed_days", "2026-11-21 19:00", BOGOTAS, True, "Saturday in Bogotá"),
        ("co.ley2300.hours", "2026-11-18 12:59:59", {}, True, "18:59:59 there"),
        ("co.ley2300.hours", "2026-11-18 13:00", {}, False, "19:00 there"),
        ("co.ley2300.hours", "2026-11-18 18:59:59", BOGOTAS, True, "by Bogotá's clock"),
    ],
)
def test_whose_clock_it_is_for_a_debtor_in_madrid(
    rule_id: str, wall: str, readings: Mapping[str, str], opened: bool, why: str
) -> None:
    home = HOME[rule_id[:2].upper()]
    assert is_open(rule_id, local(home, wall), readings, zones=[MADRID]) is opened, why
