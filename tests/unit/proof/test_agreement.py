"""Where the two records contradict each other."""

import pytest

from lab.proof.verdict import prove
from tests.support.runs import Row, attempt_row, received_row
from tests.unit.proof.support import broken


def test_a_message_that_is_no_attempt() -> None:
    row = attempt_row()
    assert broken(prove([], [received_row(row)])) == {"unrecorded"}
    assert broken(prove([], [received_row(row, attempt=None)])) == {"unrecorded"}


@pytest.mark.parametrize(
    ("until", "breaks"),
    [
        ("2026-03-04T15:00:00+00:00", set()),
        ("2026-03-04T10:00:00-05:00", set()),
        ("2026-03-04T16:00:00+00:00", {"unrecorded"}),
        (None, {"unrecorded"}),
    ],
)
def test_what_comes_after_the_end_of_a_run_may_be_younger_than_the_ledgers_export(
    until: str | None, breaks: set[str]
) -> None:
    """A server goes on for a moment, while the ledger is being written out."""
    late = received_row(attempt_row(), at="2026-03-04T15:00:20+00:00")
    assert broken(prove([], [late], until=until)) == breaks


@pytest.mark.parametrize(
    "change", [{"channel": "email"}, {"provider": "other"}, {"account": "meridian/999"}]
)
def test_a_message_that_is_not_what_the_ledger_says(change: Row) -> None:
    row = attempt_row()
    assert broken(prove([row], [received_row(row, **change)])) == {"unrecorded"}


def test_a_delivery_that_nobody_received() -> None:
    assert broken(prove([attempt_row()], [])) == {"unheard"}


def test_an_acceptance_without_receipt_that_nobody_received__passes() -> None:
    assert prove([attempt_row(state="accepted")], []).holds


def test_dispatch_before_reservation() -> None:
    row = attempt_row(reserved_at="2026-03-04T15:00:02.5+00:00")
    assert broken(prove([row], [received_row(row)])) == {"order"}


def test_received_before_dispatch() -> None:
    row = attempt_row(dispatched_at="2026-03-04T15:00:30+00:00")
    proof = prove([row], [received_row(row, at="2026-03-04T15:00:10+00:00")])
    assert broken(proof) == {"order"}


def test_received_without_a_dispatch_on_record() -> None:
    row = attempt_row()
    assert broken(prove([row | {"dispatched_at": None}], [received_row(row)])) == {"order"}


@pytest.mark.parametrize("when", ["2026-03-04T14:59:58+00:00", "2026-03-04T19:00:00+00:00"])
def test_accepted_outside_its_window(when: str) -> None:
    row = attempt_row(reserved_at=when, dispatched_at=when)
    assert broken(prove([row], [received_row(row, at=when)])) == {"window"}


@pytest.mark.parametrize("state", ["reserved", "released", "refused"])
def test_a_message_whose_attempt_does_not_count_as_made(state: str) -> None:
    row = attempt_row(state=state)
    assert broken(prove([row], [received_row(row)])) == {"state"}
