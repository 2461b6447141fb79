"""What may be written as an amount, at every door, and what is too little to ask for."""

import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from activities.orders import RecordOrder
from domain.account import AccountFacts
from domain.entry.money import LEAST, currencies, decimals, fault, least, most, written
from domain.facts import MESSAGE, Start
from domain.ledger.admission import refusal
from domain.strategy import PromisePolicy
from lab.builders.intake_files import row
from tests.unit.intake.test_row import check

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
DUE = "2026-11-10"

WRITTEN = [
    ("COP", "450000", None),
    ("COP", "450000.00", None),
    ("COP", "0.5", None),
    ("COP", "450.000", "at most 2 decimals; if the point stands between thousands"),
    ("COP", "10.000", "leave it away (450000, not 450.000)"),
    ("COP", "1.234.567", "plain number"),
    ("USD", "0.555", "at most 2 decimals"),
    ("USD", "1_000", "plain number"),
    ("USD", "\u0663", "plain number"),
    ("USD", "\uff11\uff12", "plain number"),
    ("USD", "+10", "plain number"),
    ("USD", ".5", "plain number"),
    ("USD", "10.", "plain number"),
    ("USD", "1e3", "plain number|exponent"),
    ("USD", "1E+3", "plain number|exponent"),
    ("CLP", "45000.00", None),
    ("CLP", "45000.50", "whole: CLP has no cents"),
    ("CLP", "45.000", "leave it away"),
    ("JPY", "1.5", "whole: JPY has no cents"),
    ("KWD", "1.234", "at most 2 decimals"),
    ("USD", "100000000", None),
    ("USD", "100000000.01", "not be more than 100000000 USD"),
    ("COP", "9999999999999999.99", "not be more than 100000000000 COP"),
    ("THB", "1000000000001", "not be more than 1000000000000 THB"),
]


@pytest.mark.parametrize(("currency", "text", "rule"), WRITTEN)
def test_a_file_refuses_what_can_be_read_two_ways(
    currency: str, text: str, rule: str | None
) -> None:
    found = check(**row(currency=currency, balance=text))
    if rule is None:
        assert not isinstance(found, list)
        return
    assert isinstance(found, list)
    assert [name for name, _ in found] == ["balance"]
    assert any(part in found[0][1] for part in rule.split("|"))


def said(kind: str, currency: str, text: str) -> dict[str, Any]:
    """A message that carries the amount, as another system sends it."""
    facts = {
        "creditor": "b",
        "account_id": "A",
        "customer_id": "C",
        "currency": currency,
        "balance": text,
        "oldest_due_date": DUE,
    }
    amounts: dict[str, dict[str, Any]] = {
        "payment_received": {"amount": text},
        "account_updated": {"balance": text},
        "record_promise": {"amount": text, "date": "2026-11-28"},
        "account_opened": {"facts": facts},
    }
    return {"id": "m-1", "kind": kind, **amounts[kind]}


@pytest.mark.parametrize(
    "kind", ["payment_received", "account_updated", "record_promise", "account_opened"]
)
@pytest.mark.parametrize(("currency", "text", "rule"), WRITTEN)
def test_every_other_door_keeps_the_same_rule(
    kind: str, currency: str, text: str, rule: str | None
) -> None:
    try:
        message = MESSAGE.validate_python(said(kind, currency, text))
    except ValueError:
        assert rule is not None
        return
    account = None if kind == "account_opened" else (currency, most(currency), True)
    refused = refusal(message, account, NOW, PromisePolicy(), ("UTC",))
    if rule is None:
        assert refused is None
    else:
        assert refused is not None
        assert any(part in refused for part in rule.split("|"))
        assert refused.startswith(("amount: ", "balance: "))


@pytest.mark.parametrize(
    "kind", ["payment_received", "account_updated", "record_promise", "account_opened"]
)
@pytest.mark.parametrize(("currency", "text", "rule"), WRITTEN)
def test_an_amount_is_judged_as_it_was_written_also_after_a_workflow_has_read_it(
    kind: str, currency: str, text: str, rule: str | None
) -> None:
    try:
        read = MESSAGE.validate_python(said(kind, currency, text))
    except ValueError:
        return  # no shape, as ever
    order = RecordOrder(creditor="b", account_id="A", messages=(read,))
    handed_on = RecordOrder.model_validate_json(to_json(order)).messages[0]
    message = MESSAGE.validate_python(handed_on)
    assert message == read
    account = None if kind == "account_opened" else (currency, most(currency), True)
    refused = refusal(message, account, NOW, PromisePolicy(), ("UTC",))
    assert (refused is None) is (rule is None)


def test_a_start_carries_its_balance_on_as_it_was_written() -> None:
    start = Start.model_validate({"creditor": "b", "account_id": "A", "balance": "1_000"})
    again = Start.model_validate(start.model_dump(mode="json", exclude_none=True))
    given = again.model_dump(exclude_none=True)
    rest = {"customer_id": "C", "currency": "USD", "oldest_due_date": DUE}
    facts = AccountFacts.model_validate({**given, **rest})
    assert facts.balance == 1000
    assert "plain number" in str(fault(facts.balance, "USD"))
    assert pickle.loads(pickle.dumps(facts)).model_dump(mode="json")["balance"] == "1_000"  # noqa: S301


@pytest.mark.parametrize(
    ("balance", "promised", "taken"),
    [
        ("450000", "0.5", False),
        ("450000", "999", False),
        ("450000", "1000", True),
        ("450000", "450000", True),
        ("900", "899", False),
        ("900", "900", True),
    ],
)
def test_a_part_too_small_to_write_about_is_not_promised(
    balance: str, promised: str, taken: bool
) -> None:
    message = MESSAGE.validate_python(said("record_promise", "COP", promised))
    refused = refusal(
        message, ("COP", Decimal(balance), True), NOW, PromisePolicy(), ("UTC",), LEAST
    )
    assert (refused is None) is taken
    assert taken or "less than anybody is written to about (1000 COP)" in (refused or "")


def test_blanks_around_an_amount_are_a_cells_and_no_messages() -> None:
    assert not isinstance(check(**row(currency="USD", balance=" 10 ")), list)
    message = MESSAGE.validate_python(said("payment_received", "USD", " 10 "))
    assert refusal(message, ("USD", Decimal(20), True), NOW, PromisePolicy(), ("UTC",))


@pytest.mark.parametrize("number", [10, 10.5, "10.50", "0.01"])
def test_plain_numbers_and_texts_are_read_as_ever(number: Any) -> None:
    message = MESSAGE.validate_python(said("payment_received", "USD", number))
    assert refusal(message, ("USD", Decimal(20), True), NOW, PromisePolicy(), ("UTC",)) is None
    assert type(getattr(message, "amount", None)) is Decimal


def test_a_start_names_a_currency_in_use() -> None:
    opened = MESSAGE.validate_python(said("account_opened", "ZZZ", "10"))
    refused = refusal(opened, None, NOW, PromisePolicy(), ("UTC",))
    assert refused is not None
    assert refused.startswith("currency: ")


def test_a_payment_for_an_account_not_known_yet_is_judged_by_what_it_says() -> None:
    for currency in ("COP", None):
        message = said("payment_received", "COP", "10.000") | {"currency": currency}
        taken = MESSAGE.validate_python(message)
        refused = refusal(taken, None, NOW, PromisePolicy(), ("UTC",))
        assert refused is not None
        assert refused.startswith("amount: ")


def test_whoever_owes_nothing_owes_zero() -> None:
    message = MESSAGE.validate_python(said("account_updated", "USD", "-3.50"))
    refused = refusal(message, ("USD", Decimal(5), True), NOW, PromisePolicy(), ("UTC",))
    assert refused is not None
    assert refused.startswith("balance: must not be negative")


@given(st.decimals(min_value=0, max_value=10**8, places=2), st.sampled_from(sorted(currencies())))
def test_what_a_currency_can_have_is_taken_as_it_is_written(amount: Decimal, currency: str) -> None:
    kept = round(amount, decimals(currency))
    if kept <= most(currency):
        assert fault(written(str(kept)), currency) is None
        assert written(str(kept)) == kept


@given(st.integers(min_value=1, max_value=999), st.integers(min_value=0, max_value=999))
def test_thousands_set_apart_by_a_point_are_never_taken_for_decimals(high: int, low: int) -> None:
    text = f"{high}.{low:03d}"
    with pytest.raises(ValueError, match="at most 2 decimals"):
        written(text)
    assert fault(Decimal(text), "COP") is not None


def test_the_least_amount_is_never_one_that_reads_as_nothing() -> None:
    nothing = {code: Decimal(0) for code in currencies()}
    for code in currencies():
        assert least(code) >= Decimal(1).scaleb(-decimals(code))
        assert least(code, nothing) > 0
    assert least("CLP", nothing) == 1
    assert least("BRL", nothing) == Decimal("0.01")
    assert least("COP") == LEAST["COP"] == 1000
    assert least("COP", {"COP": Decimal(5000)}) == 5000
    assert least("THB") == 1
