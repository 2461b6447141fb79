"""How a customer has kept what they promised."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Payment, Promise, PromiseState, promised
from domain.agreements.keeping import Keeping, as_settled, keeping
from domain.agreements.parts import Instalment

MADE = datetime(2026, 11, 20, tzinfo=UTC)
SETTLED = MADE + timedelta(days=20)


def promise(state: str, *amounts: str, paid: str = "0", **fields: Any) -> Promise:
    parts = tuple(
        Instalment(due_on=date(2026, 12, 1) + timedelta(days=place), amount=Decimal(amount))
        for place, amount in enumerate(amounts or ("50.00",))
    )
    values = {"promise_id": "p", "made_at": MADE, "paid": paid, "state": state}
    return Promise.model_validate({**values, **promised(parts), **fields})


def pay(amount: str, days: int) -> Payment:
    return Payment(payment_id="y", amount=Decimal(amount), paid_at=MADE + timedelta(days=days))


@pytest.mark.parametrize(
    ("promises", "found"),
    [
        ([], Keeping()),
        ([promise("kept", paid="50")], Keeping(kept=1, parts_kept=1)),
        ([promise("broken", paid="49.99")], Keeping(broken=1, parts_broken=1)),
        ([promise("open")], Keeping(open=1)),
        ([promise("replaced", paid="10")], Keeping(replaced=1)),
        ([promise("kept", "20", "30", paid="50")], Keeping(kept=1, parts_kept=2)),
        (
            [promise("broken", "20", "30", "40", paid="20")],
            Keeping(broken=1, parts_kept=1, parts_broken=1),
        ),
        ([promise("open", "20", "30", paid="25")], Keeping(open=1, parts_kept=1)),
        (
            [promise("kept", paid="50"), promise("broken", "20", "30", paid="0")],
            Keeping(kept=1, broken=1, parts_kept=1, parts_broken=1),
        ),
    ],
)
def test_promises_and_parts_are_counted_by_what_came_of_them(
    promises: list[Promise], found: Keeping
) -> None:
    assert keeping(promises) == found


def test_what_came_after_it_was_broken_kept_nothing() -> None:
    broken = promise("broken", "20", "30", settled_at=SETTLED)
    late = as_settled(broken, [pay("19.99", 3), pay("40", 21)])
    assert (late.paid, keeping([late]).parts_kept) == (Decimal("19.99"), 0)


def test_what_came_before_it_was_made_is_none_of_it() -> None:
    assert as_settled(promise("open"), [pay("50", -1), pay("5", 0)]).paid == Decimal(5)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*PromiseState]),
            st.lists(st.integers(1, 9), min_size=1, max_size=3),
            st.integers(0, 30),
        )
    )
)
def test_every_promise_is_one_thing_and_no_part_is_two(drawn: list[Any]) -> None:
    promises = [promise(state, *map(str, sums), paid=str(paid)) for state, sums, paid in drawn]
    found = keeping(promises)
    assert found.kept + found.broken + found.open + found.replaced == len(promises)
    settled = [one for one in promises if one.state is not PromiseState.BROKEN or one.paid == 0]
    counted = keeping(settled)
    parts = sum(len(one.instalments) for one in settled)
    assert counted.parts_kept + counted.parts_broken <= parts
