"""When hours and closed days next close, where a rule itself begins or ends, and by which event."""

from datetime import datetime
from typing import Any

from domain.law.engine import closes_at
from tests.unit.law.support import EVERY_DAY, ask, event, hours, small_pack
from tests.unit.law.us_support import ny


def closes(at: datetime, *rules: dict[str, Any], **fields: Any) -> datetime | None:
    return closes_at([small_pack(*rules)], ask("ZZ", **fields), at)


DECEMBER = {"effective": {"from": "2026-12-01"}}
NOVEMBER = {"effective": {"until": "2026-12-01"}}
BY_DAY = hours(EVERY_DAY, "08:00", "20:00")
UNTIL_MIDNIGHT = hours(EVERY_DAY, "08:00", "24:00")
FROM_MIDNIGHT = hours(EVERY_DAY, "00:00", "20:00")


def test_a_ban_to_come_is_no_closing_hour() -> None:
    ban = {"kind": "ban", "channels": ["voice"]} | DECEMBER
    assert closes(ny("2026-11-18 12:00"), ban) is None


def test_hours_to_come_close_as_they_begin() -> None:
    assert closes(ny("2026-11-18 12:00"), BY_DAY | DECEMBER) == ny("2026-12-01 00:00")


def test_hours_that_begin_open_close_at_their_first_closing() -> None:
    first = ny("2026-12-01 20:00")
    assert closes(ny("2026-11-18 12:00"), FROM_MIDNIGHT | DECEMBER) == first
    assert closes(ny("2026-11-30 23:59:59"), FROM_MIDNIGHT | DECEMBER) == first
    assert closes(ny("2026-12-01 00:00"), FROM_MIDNIGHT | DECEMBER) == first


def test_hours_that_close_as_they_end_do_not_close() -> None:
    assert closes(ny("2026-11-30 12:00"), UNTIL_MIDNIGHT | NOVEMBER) is None
    assert closes(ny("2026-11-29 12:00"), UNTIL_MIDNIGHT | NOVEMBER) == ny("2026-11-30 00:00")
    assert closes(ny("2026-11-30 12:00"), BY_DAY | NOVEMBER) == ny("2026-11-30 20:00")
    assert closes(ny("2026-12-01 00:00"), BY_DAY | NOVEMBER) is None


def test_hours_that_an_event_sets_aside_do_not_close() -> None:
    lifted = BY_DAY | {"unless_event": ["opt_in"]}
    noon = ny("2026-11-18 12:00")
    assert closes(noon, lifted) == ny("2026-11-18 20:00")
    assert closes(noon, lifted, events=[event("opt_in", noon)]) is None


def test_of_two_times_called_inconvenient_the_earlier_closes() -> None:
    said = [
        event("inconvenient_time", ny("2026-11-12 09:00"), windows=[{"days": ["wed"], **clocks}])
        for clocks in ({"from": "17:00", "to": "18:00"}, {"from": "15:00", "to": "16:00"})
    ]
    noon = ny("2026-11-18 12:00")
    assert closes(noon, {"kind": "stated_times"}, events=said) == ny("2026-11-18 15:00")
