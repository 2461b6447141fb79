"""What is typed for a payment plan, as it is asked of the account."""

from decimal import Decimal
from typing import Any

import pytest

from domain.agreements.intervals import Every
from domain.failures import BadInput
from workers.cli.agreements.commands import planned, promised

ROW = {"balance": Decimal("100000.00"), "currency": "COP"}
PESOS = {"balance": Decimal(100000), "currency": "CLP"}


def typed(row: dict[str, Any] = ROW, **given: Any) -> dict[str, Any]:
    names = ("listed", "number", "first", "amount", "down")
    every = given.pop("every", Every.MONTH)
    values = {"listed": [], **dict.fromkeys(names[1:]), **given}
    return planned(row, *(values[name] for name in names), every=every)


def test_each_instalment_is_typed_by_date_and_amount() -> None:
    assert typed(listed=["2026-12-01=50000.00", "2027-01-01=50000"]) == {
        "instalments": [
            {"date": "2026-12-01", "amount": "50000.00"},
            {"date": "2027-01-01", "amount": "50000"},
        ]
    }


def test_an_amount_of_each_is_asked_as_it_is_typed() -> None:
    given: dict[str, Any] = {
        "number": 3,
        "first": "2026-12-01",
        "amount": "20000.00",
        "down": "2026-11-25=5000",
    }
    assert typed(**given, every=Every.WEEK) == {
        "number": 3,
        "first_date": "2026-12-01",
        "every": "week",
        "amount": "20000.00",
        "down_payment": {"date": "2026-11-25", "amount": "5000"},
    }


@pytest.mark.parametrize(
    ("row", "down", "amounts"),
    [
        (ROW, None, ["33333.33", "33333.33", "33333.34"]),
        (ROW, "2026-11-25=10000", ["10000", "30000.00", "30000.00", "30000.00"]),
        (PESOS, None, ["33333", "33333", "33334"]),
    ],
)
def test_without_an_amount_it_is_the_whole_balance_in_equal_parts(
    row: dict[str, Any], down: str | None, amounts: list[str]
) -> None:
    asked = typed(row, number=3, first="2027-01-31", down=down)
    assert [one["amount"] for one in asked["instalments"]] == amounts
    assert [one["date"] for one in asked["instalments"]][-3:] == [
        "2027-01-31",
        "2027-02-28",
        "2027-03-31",
    ]
    assert sum(Decimal(one["amount"]) for one in asked["instalments"]) == row["balance"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "give --number and --first, or --instalment for each one"),
        ({"number": 3}, "give --number and --first"),
        ({"listed": ["2026-12-01=5"], "number": 3}, "--instalment: lists them all: give it alone"),
        ({"listed": ["2026-12-01"]}, "--instalment: must be DATE=AMOUNT such as"),
        ({"number": 3, "first": "2026-12-01", "down": "=5"}, "--down: must be DATE=AMOUNT"),
        ({"number": 3, "first": "soon"}, "--first must be a date such as 2026-12-01"),
        (
            {"number": 3, "first": "2026-12-01", "down": "2026-11-25=much"},
            "an amount a number such as 1234.50",
        ),
        ({"number": 250, "first": "9999-12-01"}, "--first must be a date"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_asked(
    given: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        typed(**given)
    assert words in str(refused.value)


def test_a_promise_is_typed_as_an_amount_and_a_date_or_by_its_parts() -> None:
    assert promised("200", "2026-12-04", []) == {"amount": "200", "date": "2026-12-04"}
    assert promised(None, None, ["200:2026-12-04", "300.50:2026-12-15"]) == {
        "parts": [
            {"amount": "200", "date": "2026-12-04"},
            {"amount": "300.50", "date": "2026-12-15"},
        ]
    }


@pytest.mark.parametrize(
    ("amount", "date", "parts", "words"),
    [
        (None, None, [], "give --amount and --date, or --part for each of several dates"),
        ("5", None, [], "give --amount and --date"),
        (None, "2026-12-04", [], "give --amount and --date"),
        ("5", None, ["5:2026-12-04"], "--part: lists all of it"),
        (None, "2026-12-04", ["5:2026-12-04"], "--part: lists all of it"),
        (None, None, ["2026-12-04"], "--part: must be AMOUNT:DATE such as 200:2026-12-04"),
        (None, None, [":2026-12-04"], "--part: must be AMOUNT:DATE"),
        (None, None, ["5:"], "--part: must be AMOUNT:DATE"),
    ],
)
def test_a_promise_that_cannot_be_read_is_refused_in_words(
    amount: str | None, date: str | None, parts: list[str], words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        promised(amount, date, parts)
    assert str(refused.value).startswith(words)
