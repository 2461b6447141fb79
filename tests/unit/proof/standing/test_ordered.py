"""The proof sees what was contacted inside the time of an order in bulk."""

from typing import Any

import pytest

from lab.proof.verdict import prove
from tests.support.runs import Row, attempt_row, received_row
from tests.unit.proof.support import at, broken

NOON = "2026-03-04T17:00:00+00:00"
EARLIER, LATER = "2026-03-04T16:00:00+00:00", "2026-03-04T18:00:00+00:00"


def order(kind: str = "hold", since: str = EARLIER, until: str | None = None, **more: Any) -> Row:
    told = {"order": 1, "kind": kind, "creditor": None, "countries": None}
    return {**told, "at": since, "until": until, **more}


def proved(*orders: Row, purpose: str = "reminder", **changes: Any) -> bool:
    """Whether it is seen."""
    row = at(attempt_row(1), NOON, purpose=purpose, **changes)
    account = {"creditor": row["creditor"], "account_id": row["account_id"], "country": "CO"}
    proof = prove([row], [received_row(row)], accounts=[account], orders=orders)
    return "ordered" in broken(proof)


@pytest.mark.parametrize("kind", ["hold", "cease"])
def test_a_contact_inside_its_time_is_seen(kind: str) -> None:
    assert proved(order(kind))
    assert proved(order(kind, EARLIER, LATER))
    assert proved(order(kind, NOON))
    assert not proved(order(kind, EARLIER, NOON))
    assert not proved(order(kind, LATER))
    assert not proved(order("replan"))


def test_only_of_whom_it_covers() -> None:
    own = attempt_row(1)["creditor"]
    assert proved(order(creditor=own))
    assert proved(order(countries=["MX", "CO"]))
    assert not proved(order(creditor="another"))
    assert not proved(order(countries=["MX"]))
    assert not proved(order(creditor=own, countries=["MX"]))


def test_an_account_that_is_only_spoken_of_beside_another_is_seen_too() -> None:
    assert proved(order(creditor="beside"), covers=["beside/A9"])


@pytest.mark.parametrize(
    ("purpose", "under_hold"),
    [
        ("balance_answer", False),
        ("opt_out_confirmation", False),
        ("promise_question", False),
        ("payment_thanks", True),
        ("person", True),
    ],
)
def test_answers_leave_under_a_hold_and_not_under_a_cease(purpose: str, under_hold: bool) -> None:
    assert proved(order(), purpose=purpose) is under_hold
    assert proved(order("cease"), purpose=purpose)


def test_where_nothing_is_known_of_orders_nothing_is_examined() -> None:
    row = at(attempt_row(1), NOON)
    proof = prove([row], [received_row(row)])
    [check] = [one for one in proof.checks if one.code == "ordered"]
    assert check.mark == "not_examined"
