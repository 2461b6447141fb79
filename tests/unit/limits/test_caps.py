"""A person has no more contacts than the operator's caps let, over all accounts and channels."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.channels import Channel, Purpose
from domain.ledger.attempt import AttemptState, RefusalKind
from domain.planning.planner import plan
from domain.planning.step import StepKind
from lab.builders.situations import SMS, situation
from tests.unit.limits.support import dense, limited
from tests.unit.planner.support import contact, lived, local

NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
US: dict[str, Any] = {"country": "US", "zones": (NEW_YORK,), "now": NOON, "days_past_due": 20}


def ago(days: int, **fields: Any) -> Any:
    """A contact about another account of the customer's, some days back at noon."""
    at = NOON - timedelta(days=days)
    other = {"account": "shop/B7", "covers": ("shop/B7",), "attempt_id": f"b{days}{fields}"}
    return contact(at, **{**other, **fields})


def begins(day: str) -> datetime:
    return local(NEW_YORK, f"{day} 00:00")


@pytest.mark.parametrize(
    ("caps", "made", "from_day"),
    [
        ({"day": 1}, [ago(0)], "2026-11-24"),
        ({"day": 2}, [ago(0)], "2026-11-23"),
        ({"week": 1}, [ago(0)], "2026-11-30"),
        ({"week": 1}, [ago(6)], "2026-11-24"),
        ({"week": 1}, [ago(7)], "2026-11-23"),
        ({"week": 2}, [ago(5), ago(2)], "2026-11-25"),
        ({"week": 2}, [ago(5), ago(4), ago(2)], "2026-11-26"),
        ({"month": 1}, [ago(29)], "2026-11-24"),
        ({"month": 1}, [ago(30)], "2026-11-23"),
        ({"day": 1, "week": 2, "month": 2}, [ago(20), ago(3)], "2026-12-03"),
    ],
)
def test_a_contact_comes_when_all_caps_have_room(
    caps: dict[str, int], made: list[Any], from_day: str
) -> None:
    step = plan(situation(**US, contacts=tuple(made)), NOON, limited(**dense(), caps=caps))
    assert step.kind is StepKind.CONTACT
    assert step.not_before.astimezone(ZoneInfo(NEW_YORK)).date().isoformat() == from_day
    held = from_day != "2026-11-23"
    assert (step.why == "cap") is held
    assert ("the operator's cap of" in step.summary) is held


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"state": AttemptState.RESERVED}, True),
        ({"state": AttemptState.UNDELIVERED}, True),
        ({"state": AttemptState.UNKNOWN}, True),
        ({"state": AttemptState.RELEASED}, False),
        ({"state": AttemptState.REFUSED, "refusal": RefusalKind.RATE}, False),
        ({"purpose": Purpose.BALANCE_ANSWER, "touch": 0}, False),
        ({"purpose": Purpose.OPT_OUT_CONFIRMATION, "touch": 0}, False),
        ({"purpose": Purpose.PERSON, "touch": 0}, True),
        ({"purpose": None, "channel": Channel.HUMAN, "touch": 0}, True),
        ({"elsewhere": True}, True),
        ({"purpose": Purpose.PROMISE_REMINDER, "touch": 0}, True),
    ],
)
def test_what_counts(fields: dict[str, Any], *, counts: bool) -> None:
    found = situation(**US, contacts=(ago(3, **fields),))
    assert (plan(found, NOON, limited(**dense(), caps={"week": 1})).why == "cap") is counts


def test_what_went_to_a_guarantor_is_not_the_debtors() -> None:
    told = contact(
        NOON - timedelta(days=1),
        purpose=Purpose.GUARANTOR_NOTICE,
        contact_point_id="theirs",
    )
    found = situation(**US, contacts=(told,))
    assert plan(found, NOON, limited(**dense(), caps={"week": 1})).why == "touch"


def test_where_no_day_is_left_in_the_phase_the_account_says_why() -> None:
    found = situation(**{**US, "days_past_due": 97}, contacts=(ago(1),))
    step = plan(found, NOON, limited(**dense(), caps={"week": 1}))
    assert (step.kind, step.why) == (StepKind.WAIT, "cap")
    assert "the operator's cap of 1 contact a week is reached until Sun 29 Nov" in step.summary


def test_of_several_zones_the_slowest_clock_decides() -> None:
    zones = ("America/New_York", "Asia/Tokyo")
    at = local("Asia/Tokyo", "2026-11-24 00:30")  # in New York it is still the 23rd
    made = contact(at, account="shop/B7", covers=("shop/B7",))
    now = at + timedelta(hours=1)
    found = situation(**{**US, "zones": zones, "now": now}, contacts=(made,))
    step = plan(found, now, limited(**dense(), caps={"day": 1}))
    for zone in zones:
        day = at.astimezone(ZoneInfo(zone)).date()
        assert step.not_before.astimezone(ZoneInfo(zone)).date() > day


caps_ = st.fixed_dictionaries(
    {},
    optional={
        "day": st.integers(1, 2),
        "week": st.integers(1, 5),
        "month": st.integers(1, 12),
    },
).filter(bool)


@settings(max_examples=25, deadline=None)
@given(caps_, st.sampled_from([("America/New_York",), ("America/New_York", "Pacific/Honolulu")]))
def test_no_life_has_more_contacts_than_the_caps_in_any_days(
    caps: dict[str, int], zones: tuple[str, ...]
) -> None:
    found = situation(**{**US, "zones": zones, "days_past_due": 1}, points=(SMS,))
    over: dict[str, Any] = {**dense(), "caps": caps}
    steps = lived(found, NOON, limited(**over), until=NOON + timedelta(days=70))
    made = [one.not_before for one in steps if one.kind is StepKind.CONTACT]
    assert made
    for name, days in (("day", 1), ("week", 7), ("month", 30)):
        for zone in zones:
            dates = [at.astimezone(ZoneInfo(zone)).date() for at in made]
            most = max(sum(0 <= (later - first).days < days for later in dates) for first in dates)
            assert most <= caps.get(name, most)
