"""Guarantors in the proof: whose place counts, what counts for whom, and what they may be told."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lab.proof.verdict import Proof, prove
from tests.support.runs import Row, attempt_row, received_row
from tests.unit.proof.support import BOGOTA, MEXICO, at, broken

NOTICE = "Banco Andino: Usted figura como garante de una obligación. Llame al +57 601 555 0100."
STANDS: Row = {
    "creditor": "meridian",
    "account_id": "100",
    "customer_id": "g1",
    "role": "guarantor",
    "since": "2026-01-01",
    "until": None,
    "country": "CO",
    "zones": [BOGOTA],
}
WEEK = timedelta(days=7)


def notice(week: int = 1, **changes: Any) -> Row:
    return attempt_row(week, **{"customer_id": "g1", "purpose": "guarantor_notice", **changes})


def judged(*rows: Row, stands: Row | None = None, text: str = NOTICE, **more: Any) -> Proof:
    """All received, the guarantor's with these words."""
    heard = [
        received_row(row, **({"text": text} if row["customer_id"] == "g1" else {})) for row in rows
    ]
    accounts = [{"creditor": "meridian", "account_id": "100", "country": "CO", "zones": [BOGOTA]}]
    standing = [STANDS if stands is None else stands]
    return prove(rows, heard, accounts=accounts, standing=standing, **more)


def test_a_notice_and_a_reminder_a_week_apart_are_lawful() -> None:
    proof = judged(attempt_row(1), notice(2), attempt_row(3))
    assert broken(proof) == set()
    assert {check.code: check.examined for check in proof.checks}["parties"] == 1


@pytest.mark.parametrize(
    ("row", "stands"),
    [
        (notice(), {**STANDS, "customer_id": "g2"}),
        (notice(), {**STANDS, "role": "codebtor"}),
        (notice(), {**STANDS, "role": "authorized"}),
        (notice(), {**STANDS, "until": "2026-03-03"}),
        (notice(), {**STANDS, "since": "2026-03-05"}),
        (notice(), {**STANDS, "country": "PE"}),
        (notice(jurisdictions=["US"]), STANDS),
        (notice(purpose="reminder"), STANDS),
        (notice(purpose="balance_answer"), STANDS),
        (notice(purpose="promise_confirmation"), STANDS),
    ],
)
def test_who_where_when_and_what_is_judged(row: Row, stands: Row) -> None:
    assert "parties" in broken(judged(row, stands=stands))


@pytest.mark.parametrize(
    "words",
    [
        "Usted figura como garante de 1.500.000 pesos.",
        "Usted figura como garante de $ 1.500,00.",
        "Usted figura como garante. Pague: https://pay.example.com/x",
        "Pix copia e cola 00020126360014br.gov",
        "Usted figura como garante de la cuenta *0100.",
        "Usted figura como garante de la cuenta 770100.",
    ],
)
def test_what_is_owed_and_how_to_pay_is_told_to_no_guarantor(words: str) -> None:
    about: Row = {"account_id": "770100", "covers": ["meridian/770100"]}
    stands = {**STANDS, "account_id": "770100"}
    assert "parties" not in broken(judged(notice(**about), stands=stands))
    assert "parties" in broken(judged(notice(**about), stands=stands, text=words))


def test_what_was_said_of_the_account_counts_for_all_who_are_part_of_it() -> None:
    first = attempt_row(1)
    next_day = (datetime.fromisoformat(first["dispatched_at"]) + timedelta(days=1)).isoformat()
    assert "co_week" in broken(judged(first, at(notice(2), next_day)))
    assert "co_week" in broken(judged(notice(1), at(attempt_row(2), next_day)))


def test_two_debtors_with_one_guarantor_are_two_people() -> None:
    """Both are contacted in one week; the guarantor in another."""
    first = attempt_row(1)
    next_day = (datetime.fromisoformat(first["dispatched_at"]) + timedelta(days=1)).isoformat()
    about = {"account_id": "200", "covers": ["meridian/200"], "customer_id": "c200"}
    other = at(attempt_row(2, **about), next_day)
    rows = (first, other, notice(4))
    standing = [STANDS, {**STANDS, "account_id": "200"}]
    proof = prove(rows, [received_row(row) for row in rows], standing=standing)
    assert "co_week" not in broken(proof)


def test_what_was_said_to_a_guarantor_does_not_count_for_what_the_debtor_owes_beside() -> None:
    first = notice(1)
    next_day = (datetime.fromisoformat(first["dispatched_at"]) + timedelta(days=1)).isoformat()
    beside = at(attempt_row(2, account_id="200", covers=["meridian/200"]), next_day)
    assert "co_week" not in broken(judged(first, beside, attempt_row(4)))
    assert "co_week" in broken(judged(first, at(attempt_row(2), next_day), attempt_row(4)))


def test_a_guarantors_own_clock_counts_and_not_the_debtors() -> None:
    """18:30 in Mexico is 19:30 in Bogotá, where the debtor lives and nobody may be contacted."""
    evening = "2026-03-04T18:30:00-06:00"
    there = {"jurisdictions": ["MX"], "zones": [MEXICO]}
    stands = {**STANDS, "country": "MX", "zones": [MEXICO]}
    assert "hours" not in broken(judged(at(notice(), evening, **there), stands=stands))
    late = "2026-03-04T22:30:00-06:00"
    assert "hours" in broken(judged(at(notice(), late, **there), stands=stands))
