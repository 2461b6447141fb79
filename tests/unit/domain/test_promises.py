"""When a promise is kept, broken, or still open."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.account import Promise, PromiseState
from domain.planning.reasons.promises import settle, silent_until
from domain.strategy import PromisePolicy

POLICY = PromisePolicy(grace_days=2)
BOGOTA = ("America/Bogota",)
OVER = datetime(2026, 11, 28, tzinfo=ZoneInfo("America/Bogota")).astimezone(UTC)


def promise(**fields: Any) -> Promise:
    values: dict[str, Any] = {
        "promise_id": "p",
        "amount": Decimal("50.00"),
        "due_on": date(2026, 11, 25),
        "made_at": datetime(2026, 11, 20, tzinfo=UTC),
    }
    return Promise(**{**values, **fields})


def test_it_silences_through_its_day_and_the_days_of_grace() -> None:
    assert silent_until(promise(), POLICY, BOGOTA) == OVER


def test_without_grace_it_is_over_the_next_midnight() -> None:
    over = silent_until(promise(), PromisePolicy(grace_days=0), BOGOTA)
    assert over == OVER - timedelta(days=2)


def test_in_several_zones_it_is_over_when_it_is_over_in_all_of_them() -> None:
    zones = ("America/New_York", "America/Los_Angeles")
    west = datetime(2026, 11, 28, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert silent_until(promise(), POLICY, zones) == west


@pytest.mark.parametrize(
    ("paid", "at", "state"),
    [
        ("0", OVER - timedelta(seconds=1), PromiseState.OPEN),
        ("49.99", OVER - timedelta(seconds=1), PromiseState.OPEN),
        ("50.00", OVER - timedelta(days=5), PromiseState.KEPT),
        ("60.00", OVER, PromiseState.KEPT),
        ("49.99", OVER, PromiseState.BROKEN),
        ("0", OVER + timedelta(days=9), PromiseState.BROKEN),
    ],
)
def test_it_is_kept_once_paid_and_broken_once_over(
    paid: str, at: datetime, state: PromiseState
) -> None:
    assert settle(promise(paid=Decimal(paid)), at, POLICY, BOGOTA) is state


@pytest.mark.parametrize("state", [PromiseState.KEPT, PromiseState.BROKEN])
def test_what_was_settled_stays_settled(state: PromiseState) -> None:
    settled = promise(state=state, paid=Decimal("50.00"))
    assert settle(settled, OVER + timedelta(days=1), POLICY, BOGOTA) is state
