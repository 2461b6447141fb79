"""What a denial says it counted, and since when, and when the next contact may be made."""

from datetime import datetime
from typing import Any, Final

import pytest

from domain.law.engine import verdict
from tests.unit.law.support import NEW_YORK, ask, contact, local, small_pack

NOVEMBER: Final = "2026-11-18 12:00"
DECEMBER: Final = "2026-12-30 12:00"


def ny(wall: str) -> datetime:
    return local(NEW_YORK, wall)


def cap(**period: Any) -> dict[str, Any]:
    return {"kind": "cap", "limit": 1, "unit": "person", "period": period}


WEEK: Final = cap(style="calendar", calendar="week")
SUNDAYS: Final = cap(style="calendar", calendar="week", week_starts="sun")
MONTH: Final = cap(style="calendar", calendar="month")
CALLED: Final = {"unit": "person", "counts": {"channels": ["voice"]}}


@pytest.mark.parametrize(
    ("rule", "at", "before", "said", "opens"),
    [
        (cap(days=7), NOVEMBER, "2026-11-12 09:00", "since 2026-11-12", "2026-11-19"),
        (
            cap(style="calendar", calendar="day"),
            NOVEMBER,
            "2026-11-18 00:00",
            "since 2026-11-18",
            "2026-11-19",
        ),
        (WEEK, NOVEMBER, "2026-11-16 00:00", "since 2026-11-16", "2026-11-23"),
        (WEEK, "2026-11-22 12:00", "2026-11-17 00:00", "since 2026-11-16", "2026-11-23"),
        (SUNDAYS, NOVEMBER, "2026-11-15 00:00", "since 2026-11-15", "2026-11-22"),
        (SUNDAYS, "2026-11-21 12:00", "2026-11-17 00:00", "since 2026-11-15", "2026-11-22"),
        (MONTH, NOVEMBER, "2026-11-01 00:00", "since 2026-11-01", "2026-12-01"),
        (MONTH, DECEMBER, "2026-12-01 00:00", "since 2026-12-01", "2027-01-01"),
        (
            {"kind": "cooldown", "days": 7, **CALLED},
            NOVEMBER,
            "2026-11-12 09:00",
            "day one was 2026-11-12, and 7 days must pass",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "clear_days": 2, **CALLED},
            NOVEMBER,
            "2026-11-16 09:00",
            "the last one was on 2026-11-16, and 2 clear days must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "hours": 48, **CALLED},
            NOVEMBER,
            "2026-11-17 00:00",
            "the last one was on 2026-11-17, and 48 hours must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "hours": 150, **CALLED},
            NOVEMBER,
            "2026-11-12 18:00",
            "the last one was on 2026-11-12, and 150 hours must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "spacing", "clear_days": 6, **CALLED},
            NOVEMBER,
            "2026-11-12 00:00",
            "the last one was on 2026-11-12, and 6 clear days must lie between",
            "2026-11-19",
        ),
        (
            {"kind": "one_channel", "period": {"days": 7}, **CALLED},
            NOVEMBER,
            "2026-11-12 09:00",
            "another channel was used on 2026-11-12",
            "2026-11-19",
        ),
    ],
)
def test_a_denial_names_what_it_counted(
    rule: dict[str, Any], at: str, before: str, said: str, opens: str
) -> None:
    # Older contacts: three days before it, and long before.
    called = ny(before)
    older = [ny("2026-08-01 12:00")]
    request = ask("ZZ", channel="sms", history=[contact(then) for then in (called, *older)])
    answer = verdict([small_pack(rule)], request, ny(at))
    assert answer.verdict == "denied"
    assert said in answer.reason
    if rule["kind"] == "cap":
        assert "1 counted" in answer.reason
    assert answer.next_allowed_at == ny(f"{opens} 00:00")
