"""Nobody is written to about what rounding and part payments leave."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.entry.money import LEAST, least
from domain.planning.planner import plan
from domain.planning.rules import Rules
from domain.planning.step import Status, StepKind
from domain.situation import Situation
from lab.builders.situations import NOW, rules, situation

OURS = replace(rules("CO"), least={})
ASKED = replace(rules("CO"), least={"COP": Decimal(5)})


def owing(balance: str, days: int = 10, currency: str = "COP") -> Situation:
    return situation(balance=balance, days_past_due=days, account={"currency": currency})


@given(
    st.sampled_from([*sorted(LEAST), "THB", "JPY"]),
    st.decimals(min_value="0.01", max_value=2000, places=2),
    st.integers(-4, 119),
    st.integers(0, 86400),
)
@settings(max_examples=150, deadline=None)
def test_only_a_balance_worth_a_message_is_contacted_about(
    currency: str, balance: Decimal, days: int, seconds: int
) -> None:
    now = NOW + timedelta(seconds=seconds)
    found = owing(str(balance), days, currency)
    step = plan(found, now, OURS)
    small = balance < least(currency)
    assert (step.why == "dust") is small
    assert not (small and step.kind is StepKind.CONTACT)
    if small:
        assert step.kind is StepKind.WAIT
        assert step.not_before > now
        assert step.view.status is Status.SILENCED
        assert step.summary.startswith(f"{balance} {currency} is less than anybody is written to")


@pytest.mark.parametrize(
    ("balance", "under", "contacted"),
    [
        ("999.99", OURS, False),
        ("1000.00", OURS, True),
        ("4.99", ASKED, False),
        ("5.00", ASKED, True),
        ("0.01", rules("CO"), True),
    ],
)
def test_the_operators_least_amount_goes_before_ours(
    balance: str, under: Rules, contacted: bool
) -> None:
    step = plan(owing(balance), NOW, under)
    assert (step.kind is StepKind.CONTACT) is contacted


def test_a_cent_that_a_payment_left_waits_for_the_phase_and_then_for_the_end() -> None:
    step = plan(owing("0.01", 30), NOW, OURS)
    ahead = plan(owing("0.01", 30), step.not_before, OURS)
    assert (step.why, ahead.why, ahead.phase) == ("dust", "dust", "mid")
    assert plan(owing("0.01", 121), NOW, OURS).kind is StepKind.CLOSE
    assert plan(owing("0.00", 30), NOW, OURS).why == "cured"
