"""Whose authority reaches how far: by phase, age and balance of the debt, and by role."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from config.settings import ROOT
from config.strategy_files import load_strategies
from domain.agreements.settlement.offer import amount_at, discount, is_within
from domain.agreements.settlement.terms import Authority, Case, SettlementTerms
from domain.failures import Misconfigured
from domain.strategy import Phase
from tests.unit.agreements.settlement.support import TERMS, Desk, owing

TERMS_OF = SettlementTerms.model_validate(TERMS)


def case(
    balance: str = "100000", phase: str | None = "late", days: int = 70, currency: str = "COP"
) -> Case:
    return Case(currency, Decimal(balance), phase, days)


@pytest.mark.parametrize(
    ("found", "agent", "supervisor"),
    [
        (case(), 20, 40),
        (case(phase="pre-legal", days=100), 20, 40),
        (case(phase="mid", days=70), None, None),
        (case(phase=None, days=70), None, None),
        (case(days=64), None, 40),
        (case(days=65), 20, 40),
        (case(days=110), 20, 40),
        (case(days=111), None, 40),
        (case("49999.99"), None, 40),
        (case("50000"), 20, 40),
        (case("200000"), 20, 40),
        (case("200000.01"), None, 40),
        (case(currency="MXN"), None, 40),
    ],
)
def test_authority_is_by_phase_age_balance_and_role(
    found: Case, agent: int | None, supervisor: int | None
) -> None:
    assert TERMS_OF.most_for("agent", found) == agent
    assert TERMS_OF.most_for("supervisor", found) == supervisor
    assert TERMS_OF.most_for("manager", found) == Decimal("55.5")
    assert TERMS_OF.most_for("cleaner", found) is None


def test_of_several_entries_of_a_role_the_one_that_gives_most_counts() -> None:
    entries = [{"role": "agent", "max_discount": most} for most in (5, 30, 10)]
    terms = SettlementTerms.model_validate({"authority": entries})
    assert terms.most_for("agent", case()) == 30
    assert list(terms.roles(case())) == [("agent", Decimal(30))]


@pytest.mark.parametrize(
    ("balance", "percent", "currency", "amount"),
    [
        ("100.00", "20", "MXN", "80.00"),
        ("99.99", "33.33", "MXN", "66.67"),
        ("100001", "20", "CLP", "80001"),
        ("0.03", "50", "MXN", "0.02"),
    ],
)
def test_a_discount_is_rounded_so_that_never_more_is_let_go(
    balance: str, percent: str, currency: str, amount: str
) -> None:
    owed, asked = Decimal(balance), Decimal(percent)
    paid = amount_at(owed, asked, currency)
    assert paid == Decimal(amount)
    assert is_within(owed, paid, asked)
    assert discount(owed, paid) <= asked


@pytest.mark.parametrize(
    ("amount", "within"), [("80000", True), ("79999.99", False), ("80000.01", True)]
)
def test_an_amount_is_judged_to_the_cent(amount: str, within: bool) -> None:
    assert is_within(Decimal(100_000), Decimal(amount), Decimal(20)) is within


def test_nobody_has_authority_where_the_strategy_gives_none() -> None:
    desk = Desk(authority=[])
    assert desk.offer("1") == (
        "discount: nobody has authority over 1.00 % of 100000.00 COP, phase late, day 70: "
        "no role has any for this debt"
    )


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"role": "Agent", "max_discount": 5}, "role"),
    ({"role": "agent", "max_discount": 0}, "max_discount"),
    ({"role": "agent", "max_discount": 100}, "max_discount"),
    ({"role": "agent", "max_discount": 5, "balance": {"pesos": {}}}, "balance"),
    ({"role": "agent", "max_discount": 5, "balance": {"COP": {"least": 2, "most": 1}}}, "least"),
    ({"role": "agent", "max_discount": 5, "phase": ["late"]}, "phase"),
]


@pytest.mark.parametrize(("entry", "field"), WRONG)
def test_what_is_no_authority_is_refused(entry: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Authority.model_validate(entry)


def write(folder: Path, **settlement: Any) -> None:
    file = ROOT / "config" / "strategies" / "default.yaml"
    found = yaml.safe_load(file.read_text())
    (folder / "default.yaml").write_text(yaml.safe_dump({**found, "settlement": settlement}))


def test_a_strategy_file_says_who_may_give_what(tmp_path: Path) -> None:
    write(tmp_path, **TERMS)
    assert load_strategies(tmp_path)["default"].settlement == TERMS_OF


@pytest.mark.parametrize(
    ("settlement", "words"),
    [
        ({"expires_days": -1}, "expires_days"),
        ({"authority": [{"role": "agent", "max_discount": 101}]}, "max_discount"),
        (
            {"authority": [{"role": "agent", "max_discount": 5, "phases": ["later"]}]},
            "entry 1, of agent, names the phase later, which is none of this file's",
        ),
    ],
)
def test_a_strategy_file_that_is_wrong_is_told_by_file_and_field(
    tmp_path: Path, settlement: dict[str, Any], words: str
) -> None:
    write(tmp_path, **settlement)
    with pytest.raises(Misconfigured) as refused:
        load_strategies(tmp_path)
    assert "default.yaml" in str(refused.value) and words in str(refused.value)


def test_the_words_of_a_settlement_are_no_phases_purpose() -> None:
    phase = Desk().strategy.phases[0].model_dump()
    with pytest.raises(ValidationError, match="settlement_offer is of a settlement"):
        Phase.model_validate({**phase, "purposes": ["settlement_offer"]})


@pytest.mark.parametrize(
    ("days", "state"), [(64, "proposed"), (65, "offered"), (110, "offered"), (111, "proposed")]
)
def test_an_offer_is_judged_by_the_day_of_the_debt(days: int, state: str) -> None:
    desk = Desk(owing(days=days))
    assert desk.offer() is None
    assert desk.states == {"m1": state}
