"""The column `due`: what fell due when, in one cell, and every rule that it must keep."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.agreements.arrears import due_refused
from domain.entry.intake import COLUMNS, IntakeRow
from domain.facts import AccountUpdated
from domain.failures import BadInput
from lab.builders.intake_files import AS_OF, row, write_csv
from tests.unit.intake.test_row import check
from workers.intake.files import check as checked
from workers.intake.files import records

OWED: dict[str, object] = {"balance": "450000", "oldest_due_date": "2025-09-30"}
"""Three instalments, as of 21 November 2025."""
GOOD = "2025-09-30=150000;2025-10-30=150000;2025-11-20=150000"


def due(cell: object, **cells: object) -> IntakeRow | list[tuple[str, str]]:
    return check(**OWED | cells, due=cell)


@pytest.mark.parametrize(
    "cell",
    [
        GOOD,
        " 2025-09-30 = 150000.00 ; 2025-10-30=150000.00 ;2025-11-20=150000.0; ",
        [
            {"date": "2025-09-30", "amount": "150000"},
            {"amount": 150000, "date": "2025-10-30"},
            {"date": "2025-11-20", "amount": "150000.00"},
        ],
    ],
)
def test_instalments_are_read_from_a_cell_or_a_list(cell: object) -> None:
    made = due(cell)
    assert isinstance(made, IntakeRow)
    assert made.due is not None
    found = [(one.due_on.isoformat(), int(one.amount)) for one in made.due]
    assert found == [("2025-09-30", 150000), ("2025-10-30", 150000), ("2025-11-20", 150000)]


@pytest.mark.parametrize("cell", ["", "   ", None])
def test_an_empty_cell_tells_nothing_of_it(cell: object) -> None:
    made = due(cell)
    assert isinstance(made, IntakeRow)
    assert made.due is None


FORM = "must list what fell due as date=amount"


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (";", FORM),
        ("450000", FORM),
        ("2025-09-30:450000", FORM),
        ("2025-09-30=150000,2025-10-30=300000", "part 1: must be written out as a plain number"),
        ("30/09/2025=450000", "part 1: must be a date such as"),
        ("2025-09-30=150000;2025-10-32=300000", "part 2: must be a day that exists"),
        ("2025-09-30=987.000", "part 1: must have at most 2 decimals"),
        ("2025-09-30=$450000", "part 1: must be written out as a plain number"),
        ("2025-09-30=450000;2025-10-30=0", "part 2: must be more than nothing"),
        ("2025-09-30=-450000", "part 1: must not be negative"),
        ("2025-09-30=1=2", "part 1: must be written out as a plain number"),
        ("2025-10-30=150000;2025-09-30=300000", "part 2: must be a later day than the part before"),
        ("2025-09-30=150000;2025-09-30=300000", "part 2: must be a later day than the part before"),
        ("2025-09-30=150000;2025-11-22=300000", "part 2: must have fallen due"),
        ("1989-12-31=450000", "part 1: must not be before 1990-01-01"),
        ("2025-09-30=150000;2025-10-30=150000", "must come to the balance"),
        ("2025-09-29=150000;2025-10-30=300000", "must begin with the oldest_due_date"),
        (";".join(["2025-09-30=1"] * 251), "must list at most 250 instalments"),
        ([], FORM),
        (450000, FORM),
        ({"2025-09-30": "450000"}, FORM),
        (["2025-09-30=450000"], FORM),
        ([{"date": "2025-09-30"}], FORM),
        ([{"date": "2025-09-30", "amount": "450000", "paid": "0"}], FORM),
        ([{"date": 20250930, "amount": "450000"}], "part 1: must be a date such as"),
        ([{"date": "2025-09-30", "amount": True}], "part 1: must be a decimal number"),
        ([{"date": "2025-09-30", "amount": None}], "part 1: must be a decimal number"),
    ],
)
def test_what_is_no_schedule_is_refused_by_its_part_and_never_quoted(cell: Any, rule: str) -> None:
    found = due(cell)
    assert isinstance(found, list), "it is taken"
    [(field, told)] = found
    assert (field, told[: len(rule)]) == ("due", rule)
    assert not any(value in told for value in ("300000", "987", "2025-09-29"))


def test_decimals_are_those_of_the_currency() -> None:
    cells = {"country": "CL", "currency": "CLP", "region": "", "postal_code": ""}
    found = due("2025-09-30=450000.50", balance="450000", **cells)
    assert found == [("due", "part 1: must be whole: CLP has no cents")]


def test_beside_a_cell_that_is_wrong_only_that_is_told() -> None:
    found = due(GOOD, balance="-1")
    assert isinstance(found, list)
    assert [field for field, _ in found] == ["balance"]


@given(
    st.lists(
        st.tuples(st.dates(date(1990, 1, 1), date(2025, 11, 21)), st.integers(1, 10**7)),
        min_size=1,
        max_size=8,
        unique_by=lambda one: one[0],
    )
)
def test_what_a_file_may_tell_a_message_may_tell_too(parts: list[tuple[date, int]]) -> None:
    parts.sort()
    balance, oldest = sum(amount for _, amount in parts), parts[0][0]
    told = [{"date": str(day), "amount": str(amount)} for day, amount in parts]
    made = due(told, balance=str(balance), oldest_due_date=str(oldest))
    assert isinstance(made, IntakeRow)
    figures = {"balance": str(balance), "oldest_due_date": str(oldest)}
    message = AccountUpdated.model_validate({"id": "u", "due": told, **figures})
    assert due_refused(message, AS_OF.date()) is None


def test_the_column_may_be_absent_and_stand_anywhere(tmp_path: Path) -> None:
    cells = {name: str(value) for name, value in OWED.items()}
    for place, columns in enumerate([COLUMNS, ("due", *COLUMNS), (*COLUMNS, "due")]):
        path = write_csv(tmp_path / f"{place}.csv", [row(due=GOOD, **cells)], columns)
        [found] = [checked(one, AS_OF.date()) for one in records(path)]
        assert isinstance(found, IntakeRow)
        assert (found.due is not None) is ("due" in columns)


def test_a_file_of_lines_of_json_may_have_it_as_a_list(tmp_path: Path) -> None:
    told = {**row(), **OWED, "due": [{"date": "2025-09-30", "amount": "450000"}]}
    path = tmp_path / "accounts.jsonl"
    path.write_text(json.dumps(told) + "\n", "utf-8")
    [found] = [checked(one, AS_OF.date()) for one in records(path)]
    assert isinstance(found, IntakeRow)
    assert found.due is not None


def test_a_column_that_is_nearly_it_is_refused_with_what_may_be_meant(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row()], (*COLUMNS, "dues"))
    with pytest.raises(BadInput, match="unknown column 'dues'; did you mean due"):
        list(records(path))
