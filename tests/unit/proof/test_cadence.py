"""Two messages about one account keep the distance that the strategy asks for."""

from datetime import datetime, timedelta

import pytest

from lab.proof.verdict import Proof, prove
from tests.support.runs import MIN_DAYS, Row, attempt_row, received_row
from tests.unit.proof.support import at, broken

US = {"jurisdictions": ["US"], "zones": ["America/Chicago"]}
FIRST = "2026-03-04T16:00:00+00:00"
OWN = {"account_id": "200", "covers": ["meridian/200"]}
BOTH = {"covers": ["meridian/100", "meridian/200"]}


def apart(days: float, first: Row, second: Row, *, arrived: bool = True) -> Proof:
    later = (datetime.fromisoformat(FIRST) + timedelta(days=days)).isoformat()
    rows = [
        at(attempt_row(1, **US) | first, FIRST),
        at(attempt_row(2, **US, purpose="other") | second, later),
    ]
    received = [received_row(row) for row in (rows if arrived else rows[1:])]
    return prove(rows, received, min_days=MIN_DAYS)


@pytest.mark.parametrize(
    ("days", "first", "second", "found"),
    [
        (3, {}, {}, True),
        (4, {}, {}, False),
        (3, {}, {"phase": "mid"}, True),
        (4, {}, {"phase": "mid"}, False),  # early asks for 4, mid for 5
        (4, {"phase": "mid"}, {"phase": "mid"}, True),
        (5, {"phase": "late"}, {"phase": "pre-legal"}, True),
        (6, {"phase": "late"}, {"phase": "pre-legal"}, False),
        (3, BOTH, OWN, True),  # the first spoke of the second's account as well
        (3, OWN, BOTH, True),
        (3, {}, OWN, False),  # two accounts, each spoken of once
        (3, {}, {"customer_id": "c9"}, True),  # one account under another customer's id
        (1, {}, {"purpose": "opt_out_confirmation"}, False),
        (1, {}, {"purpose": "plan_reminder"}, False),
        (0.1, {}, {"purpose": "plan_missed"}, True),
        (3, {"purpose": "plan_missed"}, {}, True),
        (1, {}, {"purpose": "payment_thanks"}, False),
        (1, {}, {"purpose": "person"}, False),  # the strategy does not bind people
        (3, {"purpose": "person"}, {}, True),  # what they wrote keeps the machine away
    ],
)
def test_local_days_between_two_messages(days: int, first: Row, second: Row, found: bool) -> None:
    assert broken(apart(days, first, second)) == ({"too_close"} if found else set())


def test_days_are_local_ones() -> None:
    """10:00 in Chicago, then 09:48 four local days later: less than four times 24 hours."""
    assert apart(3.95, {}, {}).holds
    assert broken(apart(3.2, {}, {})) == {"too_close"}


def test_a_message_that_takes_up_one_that_did_not_arrive__passes() -> None:
    lost = {"state": "undelivered"}
    assert apart(0.1, lost, {"purpose": "reminder", "channel": "email"}, arrived=False).holds


def test_one_message_about_two_accounts_that_comes_too_soon_is_one_breach() -> None:
    (told,) = apart(2, BOTH, BOTH).double
    assert "meridian/100, meridian/200 came 2 local days apart, of 4 at least" in told


def test_the_distance_is_kept_across_what_lies_between() -> None:
    """A milder phase in between does not make the two beside it any further apart."""
    rows = [
        at(attempt_row(n, **US, phase=phase, purpose=f"p{n}"), f"2026-03-0{day}T16:00:00+00:00")
        for n, (day, phase) in enumerate(((4, "late"), (6, "mild"), (8, "late")), start=1)
    ]
    proof = prove(rows, [received_row(row) for row in rows], min_days={"late": 6, "mild": 1})
    (told,) = proof.of("too_close")
    assert "(a001), then the p3" in told
