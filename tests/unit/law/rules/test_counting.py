"""Each limit counts what the table says (``counting``), for as long, and nothing else.

Each rule stands alone, on the request of its case, after contacts of Thursday 12 November 2026.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from domain.law.engine import verdict
from domain.law.model import CapRule, CooldownRule, OneChannelRule, SpacingRule
from domain.law.terms import ContactOutcome, Direction, LawPointKind, Medium
from tests.unit.law.rules.test_every_rule_decides import CASES
from tests.unit.law.support import BOOK, MADRID, alone, ask, contact, event, home, local
from tests.unit.law.tables.counting import ABROAD, COUNTS, WEEKS, Count

SECOND: Final = timedelta(seconds=1)
DAY: Final = timedelta(days=1)
POINT: Final = "cp1"


def clock(rule_id: str, wall: str) -> datetime:
    """An instant of November 2026 on the clock of the rule's jurisdiction."""
    return local(home(alone(rule_id).jurisdiction), f"2026-11-{wall}")


def forbids(
    rule_id: str,
    count: Count,
    then: datetime,
    made: int,
    *said: dict[str, Any],
    zones: Sequence[str] | None = None,
    **changed: Any,
) -> bool:
    """Whether the rule alone forbids its case after so many contacts, all with fields changed."""
    pack = alone(rule_id)
    fields = CASES[rule_id][0]
    point = {"kind": "mobile", **fields.get("contact_point", {}), "id": POINT}
    first = (count.channels.split()[0], count.outcomes.split()[0])
    made_then = contact(
        clock(rule_id, "12 10:00"), *first, contact_point_id=POINT, contact_point_kind="unknown"
    )
    history = [{**made_then, **changed}] * made
    events = [*fields.get("events", []), *said]
    if zones is not None:
        fields = {**fields, "zones": zones}
    more = {"history": history, "contact_point": point, "readings": count.readings}
    request = ask(pack.jurisdiction, **{**fields, **more, "events": events})
    return verdict([pack], request, then).verdict != "allowed"


def counts(rule_id: str, count: Count, *said: dict[str, Any], **changed: Any) -> bool:
    """Whether contacts with fields changed count on the evening of their day."""
    return forbids(rule_id, count, clock(rule_id, "12 20:00"), count.limit, *said, **changed)


def test_every_limit_is_here() -> None:
    kinds = CapRule | CooldownRule | SpacingRule | OneChannelRule
    rules = (rule for pack in BOOK.packs.values() for rule in pack.rules)
    assert {rule.id for rule in rules if isinstance(rule, kinds)} == {rule for rule, _ in COUNTS}


@pytest.mark.parametrize(("rule_id", "named"), COUNTS)
def test_how_many_and_for_how_long(rule_id: str, named: str) -> None:
    count = COUNTS[rule_id, named]
    noon = clock(rule_id, "12 12:00")
    for day in (noon, noon + (count.days - 1) * DAY):
        assert forbids(rule_id, count, day, count.limit)
        assert not forbids(rule_id, count, day, count.limit - 1)
    first_free = clock(rule_id, "12 00:00") + count.days * DAY
    assert forbids(rule_id, count, first_free - SECOND, count.limit)
    assert not forbids(rule_id, count, first_free, count.limit)


@pytest.mark.parametrize(("rule_id", "named"), COUNTS)
def test_which_contacts_count(rule_id: str, named: str) -> None:
    count = COUNTS[rule_id, named]
    assert {c for c in Medium if counts(rule_id, count, channel=c)} == set(count.channels.split())
    assert {o for o in ContactOutcome if counts(rule_id, count, outcome=o)} == set(
        count.outcomes.split()
    )
    ways = {way for way in Direction if counts(rule_id, count, direction=way)}
    assert ways == set(count.directions.split())
    begun = {o for o in ContactOutcome if counts(rule_id, count, outcome=o, direction="inbound")}
    inbound = count.outcomes if count.inbound is None else count.inbound
    assert begun == (set(inbound.split()) if "inbound" in count.directions else set())
    kinds = {kind for kind in LawPointKind if counts(rule_id, count, contact_point_kind=kind)}
    assert kinds == set(count.points.split())


@pytest.mark.parametrize(("rule_id", "named"), COUNTS)
def test_whose_contacts_count(rule_id: str, named: str) -> None:
    count = COUNTS[rule_id, named]
    assert counts(rule_id, count, account_id=None), "of no one debt, so of each"
    assert counts(rule_id, count, account_id="A2") is not count.per_debt
    assert counts(rule_id, count, contact_point_id=None)
    assert counts(rule_id, count, contact_point_id="cp2") is not count.one_point
    wrong = event("wrong_number", clock(rule_id, "12 09:00"), contact_point_id="cp2")
    wrongly = counts(rule_id, count, wrong, contact_point_id="cp2")
    assert wrongly is not (count.one_point or count.no_wrong_numbers)


@pytest.mark.parametrize(("rule_id", "named"), COUNTS)
def test_whose_days_count(rule_id: str, named: str) -> None:
    """Made at 21:00 in America: on the same day there, on the next in UTC."""
    count = COUNTS[rule_id, named]
    late = clock(rule_id, "12 21:00")
    morning = clock(rule_id, "12 10:00") + count.days * DAY
    assert not forbids(rule_id, count, morning, count.limit, at=late)
    of_utc = count._replace(readings={**count.readings, "us.count_zone": "utc"})
    assert forbids(rule_id, of_utc, morning, count.limit, at=late) is count.at_utc


@pytest.mark.parametrize(("rule_id", "named"), ABROAD)
def test_whose_days_count_for_a_debtor_abroad(rule_id: str, named: str) -> None:
    """Made at 19:00 in Bogotá: on the next day in Madrid."""
    count = COUNTS[rule_id, named]
    at = clock(rule_id, "12 19:00")
    morning = clock(rule_id, "12 10:00") + count.days * DAY
    assert forbids(rule_id, count, morning, count.limit, at=at, zones=[MADRID])
    bogota = count._replace(readings={**count.readings, ABROAD[rule_id, named]: "bogota"})
    assert not forbids(rule_id, bogota, morning, count.limit, at=at, zones=[MADRID])


@pytest.mark.parametrize(("rule_id", "named"), WEEKS)
def test_which_week(rule_id: str, named: str) -> None:
    count = COUNTS[rule_id, named]
    reading, first = WEEKS[rule_id, named]
    begins = clock(rule_id, f"{first} 00:00")
    assert forbids(rule_id, count, begins, count.limit), "the seven days before count"
    calendar = count._replace(readings={**count.readings, reading: "calendar"})
    assert forbids(rule_id, calendar, begins - SECOND, count.limit)
    assert not forbids(rule_id, calendar, begins, count.limit), "a new week"
    assert forbids(rule_id, calendar, begins + 7 * DAY - SECOND, count.limit, at=begins)
    assert not forbids(rule_id, calendar, begins + 7 * DAY, count.limit, at=begins)


def test_by_default_the_weekly_cap_alone_says_that_channels_may_not_change() -> None:
    count = COUNTS["co.ley2300.one_channel", "literal"]._replace(readings={})
    assert not forbids("co.ley2300.one_channel", count, clock("co.ley2300.hours", "13 10:00"), 1)
