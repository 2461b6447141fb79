"""The second of opening and of closing: a reading, unless the text names the closed band."""

from datetime import timedelta
from typing import Final

import pytest

from domain.law.engine import verdict
from domain.law.model import HoursRule
from tests.unit.law.support import BOOK, alone, ask, home, judge, local

SECOND: Final = timedelta(seconds=1)

NAMED_BANDS: Final = {
    # Ley 29571, art. 62.b: "entre las 20:00 y las 07:00"; the guard abroad follows it.
    "pe.art62.hours": ("07:00", "20:00"),
    "pe.guard.hours_abroad": ("07:00", "20:00"),
    # Fla. Stat. 559.72(17): "between the hours of 9 p.m. and 8 a.m.".
    "us.fl.hours": ("08:00", "21:00"),
    "us.fl.email_hours": ("08:00", "21:00"),
    # RCW 19.16.250(13)(c), and the Attorney General's page.
    "us.wa.hours": ("08:00", "21:00"),
    # Our own word: "at night, from 22:00 to 07:00".
    "br.guard.night": ("07:00", "22:00"),
}
HOURS: Final = {
    rule.id: pack
    for pack in BOOK.packs.values()
    for rule in pack.rules
    if isinstance(rule, HoursRule)
}


def opened(rule_id: str, wall: str, boundary: str) -> bool:
    """Whether the rule alone is open, on Wednesday 20 November 2024."""
    pack = alone(rule_id)
    channel = "email" if rule_id == "us.fl.email_hours" else "voice"
    party = "spouse" if rule_id == "us.ma.household_hours" else "debtor"
    readings = {"boundary": boundary}
    request = ask(pack.jurisdiction, channel=channel, party=party, readings=readings)
    at = local(home(pack.jurisdiction), f"2024-11-20 {wall}")
    return verdict([pack], request, at).verdict == "allowed"


@pytest.mark.parametrize("boundary", ["half_open", "closed", "open"])
@pytest.mark.parametrize("rule_id", NAMED_BANDS)
def test_a_band_that_the_text_names_leaves_nothing_to_the_reading(
    rule_id: str, boundary: str
) -> None:
    opens, closes = NAMED_BANDS[rule_id]
    assert opened(rule_id, opens, boundary)
    assert not opened(rule_id, closes, boundary)


def _edges(rule_id: str) -> tuple[str, str]:
    (rule,) = alone(rule_id).rules
    assert isinstance(rule, HoursRule)
    window = next(window for window in rule.windows if "wed" in window.days)
    return window.opens, window.closes


@pytest.mark.parametrize("rule_id", sorted(HOURS.keys() - NAMED_BANDS.keys()))
def test_everywhere_else_the_reading_decides(rule_id: str) -> None:
    opens, closes = _edges(rule_id)
    for boundary in ("half_open", "closed", "open"):
        # Midnight is no opening and no closing.
        if opens != "00:00":
            assert opened(rule_id, opens, boundary) is (boundary != "open")
        if closes != "24:00":
            assert opened(rule_id, closes, boundary) is (boundary == "closed")


def test_perus_closing_second_is_closed_until_seven_in_the_morning() -> None:
    at = local(home("PE"), "2026-11-18 20:00:00")
    answer = judge(ask("PE", readings={"boundary": "closed"}), at)
    assert (answer.verdict, answer.reading) == ("denied", None)
    assert answer.next_allowed_at == local(home("PE"), "2026-11-19 07:00:00")
    assert judge(ask("PE", readings={"boundary": "closed"}), at - SECOND).verdict == "allowed"
