"""What is due of a plan, and when it is kept or broken."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Account, AccountStatus
from domain.agreements.intervals import Every, after, equal_parts
from domain.agreements.parts import Instalment, InstalmentState
from domain.agreements.plan import (
    PaymentPlan,
    PlanState,
    counted_from,
    settle,
)

BOGOTA = ("America/Bogota",)
AGREED = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DATES = (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1))
DUE, LATE, MISSED, PAID = InstalmentState


def plan(paid: str = "0", **fields: Any) -> PaymentPlan:
    values: dict[str, Any] = {
        "plan_id": "plan-1",
        "agreed_at": AGREED,
        "instalments": [Instalment(due_on=due, amount=Decimal("30.00")) for due in DATES],
        "grace_days": 3,
        "broken_after": 2,
        "paid": Decimal(paid),
    }
    return PaymentPlan(**{**values, **fields})


def account(**fields: Any) -> Account:
    values: dict[str, Any] = {
        "creditor": "bank",
        "account_id": "A1",
        "customer_id": "C1",
        "currency": "COP",
        "balance": Decimal("100.00"),
        "oldest_due_date": date(2026, 11, 1),
    }
    return Account(**{**values, **fields})


def midnight(day: date, zone: str = "America/Bogota") -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


# --- instalments ----------------------------------------------------------------------------------

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
AFTER_FIRST = midnight(DATES[0] + DAY)
FIRST_MISSED = midnight(DATES[0] + 4 * DAY)


@pytest.mark.parametrize(
    ("at", "paid", "states"),
    [
        (AFTER_FIRST - SECOND, "0", (DUE, DUE, DUE)),
        (AFTER_FIRST, "0", (LATE, DUE, DUE)),
        (FIRST_MISSED - SECOND, "0", (LATE, DUE, DUE)),
        (FIRST_MISSED, "0", (MISSED, DUE, DUE)),
        (FIRST_MISSED, "29.99", (MISSED, DUE, DUE)),
        (FIRST_MISSED, "30.00", (PAID, DUE, DUE)),
        (AGREED, "60.00", (PAID, PAID, DUE)),
        (AGREED, "95.00", (PAID, PAID, PAID)),
        (midnight(DATES[2] + 9 * DAY), "45.00", (PAID, MISSED, MISSED)),
    ],
)
def test_an_instalment_is_due_late_missed_or_paid(
    at: datetime, paid: str, states: tuple[InstalmentState, ...]
) -> None:
    assert tuple(one.state for one in plan(paid).parts(at, BOGOTA)) == states


def test_what_is_paid_goes_to_the_oldest_first() -> None:
    assert [one.open for one in plan("45.00").parts(AGREED, BOGOTA)] == [
        Decimal(0),
        Decimal("15.00"),
        Decimal("30.00"),
    ]


def test_a_day_is_over_when_it_is_over_in_every_zone() -> None:
    zones = ("America/New_York", "America/Los_Angeles")
    west = midnight(DATES[0] + DAY, "America/Los_Angeles")
    assert plan().parts(west - SECOND, zones)[0].state is DUE
    assert plan().parts(west, zones)[0].state is LATE


@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=12),
    st.integers(0, 10**8),
)
def test_no_cent_is_lost_between_the_instalments(cents: list[int], paid: int) -> None:
    parts = plan(
        instalments=[
            Instalment(due_on=after(DATES[0], Every.MONTH, number), amount=Decimal(one) / 100)
            for number, one in enumerate(cents)
        ],
        paid=str(Decimal(paid) / 100),
    ).parts(AGREED, BOGOTA)
    left = max(sum(cents) - paid, 0)
    assert sum(one.open for one in parts) == Decimal(left) / 100
    half = [one for one in parts if 0 < one.open < one.amount]
    assert len(half) <= 1, "only one is paid in part: whatever comes goes to the oldest"


# --- kept and broken ------------------------------------------------------------------------------

SECOND_MISSED = midnight(DATES[1] + 4 * DAY)
LAST_MISSED = midnight(DATES[2] + 4 * DAY)


@pytest.mark.parametrize(
    ("at", "paid", "state"),
    [
        (AGREED, "0", PlanState.ACTIVE),
        (FIRST_MISSED, "0", PlanState.ACTIVE),
        (SECOND_MISSED - SECOND, "0", PlanState.ACTIVE),
        (SECOND_MISSED, "0", PlanState.BROKEN),
        (SECOND_MISSED, "59.99", PlanState.ACTIVE),
        (SECOND_MISSED, "30.00", PlanState.ACTIVE),
        (LAST_MISSED - SECOND, "60.00", PlanState.ACTIVE),
        (LAST_MISSED, "89.99", PlanState.BROKEN),
        (AGREED, "90.00", PlanState.KEPT),
        (LAST_MISSED, "90.00", PlanState.KEPT),
    ],
)
def test_a_plan_is_kept_once_paid_and_broken_once_too_much_is_missed(
    at: datetime, paid: str, state: PlanState
) -> None:
    assert settle(plan(paid), account(), at, BOGOTA) is state


def test_how_many_may_be_missed_is_what_was_agreed() -> None:
    assert settle(plan(broken_after=1), account(), FIRST_MISSED, BOGOTA) is PlanState.BROKEN
    assert settle(plan(broken_after=3), account(), SECOND_MISSED, BOGOTA) is PlanState.ACTIVE


@pytest.mark.parametrize("state", [PlanState.KEPT, PlanState.BROKEN, PlanState.CANCELLED])
def test_what_has_ended_stays_ended(state: PlanState) -> None:
    assert settle(plan("90.00", state=state), account(), LAST_MISSED, BOGOTA) is state


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"balance": Decimal(0)}, PlanState.KEPT),
        ({"status": AccountStatus.CLOSED}, PlanState.ACTIVE),
        ({"since": AGREED - DAY}, PlanState.BROKEN),
        ({"since": AGREED + DAY}, PlanState.CANCELLED),
    ],
    ids=["nothing is owed", "closed, perhaps for a day", "of this delinquency", "of one before"],
)
def test_the_account_decides_too(fields: dict[str, Any], state: PlanState) -> None:
    assert settle(plan(), account(**fields), LAST_MISSED, BOGOTA) is state


# --- re-ageing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reaged_after", "paid", "state", "due"),
    [
        (None, "60.00", PlanState.ACTIVE, date(2026, 11, 1)),
        (0, "0", PlanState.ACTIVE, DATES[0]),
        (0, "30.00", PlanState.ACTIVE, DATES[1]),
        (0, "30.00", PlanState.BROKEN, DATES[1]),
        (0, "90.00", PlanState.KEPT, DATES[2]),
        (0, "60.00", PlanState.CANCELLED, date(2026, 11, 1)),
        (2, "59.99", PlanState.ACTIVE, date(2026, 11, 1)),
        (2, "60.00", PlanState.ACTIVE, DATES[2]),
    ],
)
def test_days_past_due_count_as_the_plan_says(
    reaged_after: int | None, paid: str, state: PlanState, due: date
) -> None:
    found = plan(paid, reaged_after=reaged_after, state=state)
    assert counted_from([found], date(2026, 11, 1), None) == due


def test_a_later_due_date_of_the_creditors_stands() -> None:
    assert counted_from([plan(reaged_after=0)], date(2026, 12, 20), None) == date(2026, 12, 20)


def test_a_plan_of_an_earlier_delinquency_re_ages_nothing() -> None:
    kept = plan("90.00", reaged_after=0, state=PlanState.KEPT)
    assert counted_from([kept], date(2026, 12, 20), AGREED + DAY) == date(2026, 12, 20)
    assert counted_from([kept], date(2026, 12, 20), AGREED) == DATES[2]


# --- the calendar ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "steps", "day"),
    [
        (Every.WEEK, 0, "2027-01-31"),
        (Every.WEEK, 2, "2027-02-14"),
        (Every.TWO_WEEKS, 2, "2027-02-28"),
        (Every.MONTH, 1, "2027-02-28"),
        (Every.MONTH, 2, "2027-03-31"),
        (Every.MONTH, 13, "2028-02-29"),
        (Every.MONTH, 11, "2027-12-31"),
    ],
)
def test_instalments_follow_each_other_on_the_calendar(every: Every, steps: int, day: str) -> None:
    assert after(date(2027, 1, 31), every, steps) == date.fromisoformat(day)


@given(st.integers(1, 10**9), st.integers(1, 60), st.sampled_from([0, 2]))
def test_equal_parts_make_up_the_sum(cents: int, number: int, decimals: int) -> None:
    total = Decimal(cents).scaleb(-decimals)
    parts = equal_parts(total, number, decimals)
    assert (sum(parts), len(parts), len(set(parts[:-1])) <= 1) == (total, number, True)
    assert all(part == round(part, decimals) for part in parts)
    assert parts[-1] >= parts[0]
