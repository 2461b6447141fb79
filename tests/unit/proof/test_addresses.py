"""A person is whoever holds the handset: breaches that no customer's id shows."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.proof.handsets import handset
from lab.proof.verdict import Proof, prove
from tests.support.runs import Row, attempt_row, received_row
from tests.unit.proof.support import at, broken

PHONE = "+13125550100"
US = {"jurisdictions": ["US"], "zones": ["America/Chicago"]}
FIRST = "2026-03-04T16:00:00+00:00"


def two(hours: float, *, to: tuple[str, str] = (PHONE, PHONE), **second: object) -> Proof:
    """The proof over two messages so many hours apart; the second one is changed as told."""
    later = (datetime.fromisoformat(FIRST) + timedelta(hours=hours)).isoformat()
    rows = [at(attempt_row(1, **US), FIRST), at(attempt_row(2, **US, **second), later)]
    text = ["Your payment of 5 is due", "Your payment of 6 is due"]
    received = [
        received_row(row, to=place, text=words)
        for row, place, words in zip(rows, to, text, strict=True)
    ]
    return prove(rows, received)


OTHER: Row = {"customer_id": "c2", "account_id": "200", "covers": ["meridian/200"]}
NOTICE: Row = {"purpose": "final_notice", "phase": "late"}
NUMBERS = [
    ("+5215512345678", "+525512345678"),
    ("whatsapp:+5215512345678", "00525512345678"),
    ("+5491123456789", "+54 11 2345-6789"),
    ("+5511987654321", "+551187654321"),
    ("+1 (312) 555-0100", "+13125550100"),
    ("+44 (0)20 7946 0000", "+442079460000"),
    ("Ana@Example.com", "ana@example.com"),
]


@pytest.mark.parametrize(("one", "other"), NUMBERS)
def test_the_spellings_of_one_handset(one: str, other: str) -> None:
    assert handset(one) == handset(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+525512345678", "+525512345679"),
        ("+5511923456789", "+551123456789"),  # a landline, and a mobile that is not its own
        ("ana@example.com", "ana@example.org"),
    ],
)
def test_two_handsets_are_two(one: str, other: str) -> None:
    assert handset(one) != handset(other)


@given(st.text(max_size=30))
def test_a_handset_has_one_name_whatever_was_written(address: str) -> None:
    assert handset(handset(address)) == handset(address) or "@" not in address
    assert handset(f" {address} ") == handset(address)


@pytest.mark.parametrize(("one", "other"), NUMBERS)
def test_one_purpose_twice_under_two_customers_in_two_spellings(one: str, other: str) -> None:
    assert broken(two(3, to=(one, other), **OTHER)) == {"address", "repeat"}


@pytest.mark.parametrize(
    ("hours", "change", "found"),
    [
        (3, OTHER, {"address", "repeat"}),
        (3, OTHER | NOTICE | {"phase": "mid"}, {"address", "words"}),
        (23.9, {}, {"repeat"}),
        (24.1, {}, set()),
        (23.9, OTHER, {"repeat"}),
        (3, {"customer_id": "c2"}, {"touch", "address", "repeat"}),
        (3, {"customer_id": "c2", "purpose": "opt_out_confirmation"}, set()),
        (30, OTHER, set()),
    ],
)
def test_a_repeat_to_one_address(hours: float, change: Row, found: set[str]) -> None:
    assert broken(two(hours, **change)) == found


def test_the_same_words_under_another_purpose_and_phase() -> None:
    """Links and amounts aside: they differ with each message."""
    proof = two(3, **NOTICE)
    assert broken(proof) == {"words"}
    assert "as reminder of early" in proof.double[0]
    assert "as final_notice of late" in proof.double[0]


@pytest.mark.parametrize("text", ["", "Final notice: 5 is due, see https://pay.example.com/a"])
def test_other_words__or_none__pass(text: str) -> None:
    rows = [at(attempt_row(1, **US), FIRST), at(attempt_row(2, **US, **NOTICE), FIRST)]
    received = [received_row(rows[0], text="Your payment is due"), received_row(rows[1], text=text)]
    assert "words" not in broken(prove(rows, received))


# --- caps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "found"), [(0, {"co_day", "address"}), (3, {"co_week"}), (7, set())]
)
def test_a_customer_under_another_id_is_still_one_person_to_the_law(
    days: int, found: set[str]
) -> None:
    moment = datetime.fromisoformat(FIRST) + timedelta(days=days, hours=1)
    first = at(attempt_row(1), FIRST)
    again = at(attempt_row(2, customer_id="c2", purpose="second_notice"), moment.isoformat())
    received = [received_row(first, to=PHONE), received_row(again, to=PHONE)]
    assert broken(prove([first, again], received)) == found


def test_a_handset_that_two_customers_share_is_one_persons_to_the_law() -> None:
    moment = datetime.fromisoformat(FIRST) + timedelta(days=3)
    rows = [at(attempt_row(1), FIRST), at(attempt_row(2, **OTHER), moment.isoformat())]
    shared = [received_row(row, to=PHONE) for row in rows]
    assert broken(prove(rows, shared)) == {"co_week"}
    assert prove(rows, [received_row(row) for row in rows]).holds
