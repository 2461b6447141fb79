"""CONDUSEF and PROFECO: each case with its wall clock and the reason beside it."""

import pytest

from tests.unit.law.support import MEXICO, ask, codes, event, judge, local


@pytest.mark.parametrize(
    ("zone", "wall", "default", "every_day", "why"),
    [
        (MEXICO, "2026-11-18 06:59:59", False, False, "before 07:00"),
        (MEXICO, "2026-11-18 07:00:00", True, True, "at the opening second"),
        (MEXICO, "2026-11-18 21:59:59", True, True, "the last second"),
        (MEXICO, "2026-11-18 22:00:00", False, False, "at the closing second"),
        (MEXICO, "2026-11-21 12:00:00", False, True, "Saturday"),
        (MEXICO, "2026-11-22 12:00:00", False, True, "Sunday"),
        (MEXICO, "2026-11-16 12:00:00", False, True, "Monday, Revolution Day"),
        (MEXICO, "2026-07-15 07:00:00", True, True, "no daylight saving since 2022: 13:00Z"),
        ("America/Tijuana", "2026-07-15 07:00:00", True, True, "the border has it: 14:00Z"),
        ("America/Tijuana", "2026-07-15 06:59:59", False, False, "a second before"),
        (MEXICO, "2014-10-07 23:00:00", True, True, "the day before the rules were in force"),
        (MEXICO, "2014-10-08 00:00:00", False, False, "the first day of the rules"),
    ],
)
def test_hours_and_working_days(
    zone: str, wall: str, default: bool, every_day: bool, why: str
) -> None:
    at = local(zone, wall)
    assert (judge(ask("MX", zones=[zone]), at).verdict == "allowed") is default, why
    lax = ask("MX", zones=[zone], readings={"mx.days": "all"})
    assert (judge(lax, at).verdict == "allowed") is every_day, why


def test_the_reading_that_decided_is_named() -> None:
    saturday = local(MEXICO, "2026-11-21 12:00")
    answer = judge(ask("MX"), saturday)
    assert (answer.rule, answer.reading) == ("mx.condusef.working_days", "mx.days=mon_fri")
    assert answer.next_allowed_at == local(MEXICO, "2026-11-23 07:00")
    assert judge(ask("MX", readings={"mx.days": "all"}), saturday).reading == "mx.days=all"


@pytest.mark.parametrize(
    ("party", "rule"),
    [
        ("debtor", "none"),
        ("guarantor", "none"),
        ("spouse", "mx.condusef.third_parties"),
        ("reference", "mx.condusef.third_parties"),
        ("third_party", "mx.condusef.third_parties"),
    ],
)
def test_only_who_owes(party: str, rule: str) -> None:
    assert judge(ask("MX", party=party), local(MEXICO, "2026-11-18 12:00")).rule == rule


def test_a_wrong_number_is_a_third_partys() -> None:
    at = local(MEXICO, "2026-11-18 12:00")
    wrong = event("wrong_number", at, contact_point_id="cp1")
    assert judge(ask("MX", events=[wrong]), at).rule == "mx.condusef.wrong_number"
    assert judge(ask("MX", contact_point={"id": "cp2"}, events=[wrong]), at).verdict == "allowed"


def test_duties() -> None:
    at = local(MEXICO, "2026-11-18 12:00")
    assert codes(ask("MX"), at) == [
        "caller_number_visible",
        "identify_sender",
        "pay_creditor_only",
        "no_minors_or_elderly",
        "no_court_like_papers",
        "written_agreement",
        "given_contacts_only",
    ]
    assert codes(ask("MX", channel="email", actor="first_party"), at) == [
        "identify_sender",
        "no_court_like_papers",
        "written_agreement",
        "given_contacts_only",
    ]
