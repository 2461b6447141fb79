"""The demo portfolio: repeatable, acceptable, and nobody's."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from config.geo.atlas import ATLAS
from config.geo.places import whereabouts
from domain.entry.intake import IntakeRow
from domain.failures import BadInput
from lab.demo.portfolio import CREDITORS, SAMPLE, portfolio, write_portfolio

TODAY = date(2026, 2, 28)
NOBODYS = {
    "US": re.compile(r"\+1[2-9]\d\d55501\d\d"),
    "CO": re.compile(r"\+57399\d{7}"),
    "MX": re.compile(r"\+52000\d{7}"),
}


@pytest.fixture(scope="module")
def rows() -> list[IntakeRow]:
    """All that the sample can give, each row accepted by intake."""
    made = portfolio(SAMPLE, accounts=400, today=TODAY, seed=1)
    return [IntakeRow.model_validate(row, context={"today": TODAY, "atlas": ATLAS}) for row in made]


def test_the_same_arguments_give_the_same_file(tmp_path: Path) -> None:
    one, two, other = tmp_path / "1.csv", tmp_path / "2.csv", tmp_path / "3.csv"
    assert write_portfolio(SAMPLE, one, accounts=60, today=TODAY, seed=7) == 60
    write_portfolio(SAMPLE, two, accounts=60, today=TODAY, seed=7)
    write_portfolio(SAMPLE, other, accounts=60, today=TODAY, seed=8)
    assert one.read_bytes() == two.read_bytes() != other.read_bytes()


def test_contact_data_comes_from_reserved_ranges_only(rows: list[IntakeRow]) -> None:
    for row in rows:
        assert all(NOBODYS[row.country].fullmatch(phone) for phone in row.phones())
        assert row.email is None or re.search(r"@example\.(com|org|net)$", row.email)


def test_no_two_customers_share_an_address(rows: list[IntakeRow]) -> None:
    owners: dict[str, set[str]] = {}
    for row in rows:
        for point in row.points():
            owners.setdefault(point.address, set()).add(row.customer_id)
    assert {len(found) for found in owners.values()} == {1}


def test_it_has_the_variety_that_a_demo_needs(rows: list[IntakeRow]) -> None:
    accounts = Counter(row.customer_id for row in rows)
    several = sum(count > 1 for count in accounts.values()) / len(accounts)
    assert 0.18 < several < 0.3
    assert {row.country for row in rows} == {"US", "CO", "MX"}
    assert {row.currency for row in rows} == {"USD", "COP", "MXN"}
    assert {row.creditor for row in rows} == set(CREDITORS)
    assert {row.locale for row in rows} == {"en-US", "es-US", "es-CO", "es-MX"}
    assert {(), ("sms",), ("email",), ("sms", "email")} <= {row.consents for row in rows}
    assert 0.3 < sum(row.preferred_channel is not None for row in rows) / len(rows) < 0.7
    assert 0 < sum(bool(row.timezone) for row in rows) / len(rows) < 0.2
    by_customer = Counter((row.customer_id, row.creditor) for row in rows)
    assert max(by_customer.values()) > 1
    assert len(accounts) < len({(row.customer_id, row.creditor) for row in rows})
    zones = {
        zone
        for r in rows
        for zone in whereabouts(r.country, r.region, r.postal_code, r.phones(), r.timezone).zones
    }
    assert {"America/Bogota", "America/Hermosillo", "America/Cancun", "America/Phoenix"} <= zones


def test_days_past_due_follow_the_months_of_the_source(rows: list[IntakeRow]) -> None:
    days = [(TODAY - row.oldest_due_date).days for row in rows]
    assert min(days) >= -30
    assert max(days) <= 110
    # Some reach the day of their hand-off only after a demo of 120 days.
    assert sum(day < 0 for day in days) > len(days) / 20
    for lowest, highest in ((1, 30), (31, 60), (61, 90), (91, 120)):
        assert any(lowest <= day <= highest for day in days)


def test_balances_are_those_of_the_source(rows: list[IntakeRow]) -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        source = {int(row["ID"]): row["BILL_AMT1"] for row in csv.DictReader(file)}
    assert len(source) == 400
    for row in rows:
        if row.currency == "COP":
            assert row.balance == int(source[int(row.account_id[3:])]) * 130


def test_more_accounts_than_the_source_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="400 usable"):
        write_portfolio(SAMPLE, tmp_path / "x.csv", accounts=401, today=TODAY, seed=1)
