"""The demo's guarantors: invented, of the debtor's country, where a law names them."""

import csv
from datetime import date
from pathlib import Path

from domain.entry.party import PARTY_COLUMNS
from lab.demo.guarantors import WHERE, write_parties
from lab.demo.portfolio import SAMPLE, write_portfolio

DAY = date(2026, 3, 4)


def files(folder: Path, seed: int = 1) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows of a portfolio and of its parties."""
    accounts, parties = folder / "portfolio.csv", folder / "parties.csv"
    write_portfolio(SAMPLE, accounts, accounts=100, today=DAY, seed=seed)
    write_parties(accounts, parties, seed=seed)
    read = []
    for one in (accounts, parties):
        with one.open(encoding="utf-8", newline="") as file:
            read.append(list(csv.DictReader(file)))
    return read[0], read[1]


def test_each_stands_for_an_account_of_somebody_in_their_own_country(tmp_path: Path) -> None:
    accounts, parties = files(tmp_path)
    debts = {(row["creditor"], row["account_id"]): row for row in accounts}
    assert len(parties) > 5
    assert {row["role"] for row in parties} == {"guarantor", "codebtor"}
    for row in parties:
        assert tuple(row) == PARTY_COLUMNS
        debtor = debts[row["creditor"], row["account_id"]]
        assert row["country"] == debtor["country"]
        assert row["country"] in WHERE


def test_nobody_of_them_has_an_address_or_an_id_of_a_debtors(tmp_path: Path) -> None:
    accounts, parties = files(tmp_path)
    for column in ("mobile", "email", "whatsapp", "customer_id"):
        theirs = [row[column] for row in parties if row[column]]
        assert len(set(theirs)) == len(theirs)
        assert not {*theirs} & {row[column] for row in accounts}


def test_one_seed_makes_one_file(tmp_path: Path) -> None:
    assert files(tmp_path) == files(tmp_path)
    assert files(tmp_path)[1] != files(tmp_path, seed=2)[1]
