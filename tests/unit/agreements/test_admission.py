"""Both sides of every rule of what payment plan may be agreed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.agreements.plan import PlanState
from domain.agreements.schedule import laid_out
from domain.agreements.terms import PlanTerms, Reageing
from domain.entry.money import LEAST
from domain.facts import MESSAGE, AgreePlan
from domain.ledger import life
from domain.ledger.admission import refusal
from domain.strategy import PromisePolicy
from lab.builders.situations import situation

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""22:00 on the 22nd in Bogota."""
TODAY = date(2026, 11, 22)
BOGOTA = ("America/Bogota",)
TERMS = PlanTerms(
    fewest_instalments=2,
    most_instalments=4,
    longest_days=100,
    first_within_days=30,
    smallest_payment={"COP": Decimal(2000)},
)


def asked(told: dict[str, Any], *, terms: PlanTerms = TERMS, currency: str = "COP") -> str | None:
    message = MESSAGE.validate_python({"kind": "agree_plan", "id": "plan-1", **told})
    standing = (currency, Decimal(100_000), True)
    policy = PromisePolicy()
    return refusal(message, standing, NOW, policy, BOGOTA, LEAST, terms=terms)


def listed(*parts: tuple[int, str]) -> dict[str, Any]:
    """Instalments by how many days ahead they are."""
    made = [{"date": str(TODAY + timedelta(days=days)), "amount": sum_} for days, sum_ in parts]
    return {"instalments": made}


def spaced(**changes: Any) -> dict[str, Any]:
    told = {"number": 3, "amount": "20000.00", "first_date": "2026-12-01", "every": "month"}
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


DOWN = {"date": "2026-11-22", "amount": "5000.00"}


@pytest.mark.parametrize(
    "told",
    [
        listed((0, "2000.00"), (100, "98000.00")),
        listed((30, "50000"), (60, "50000")),
        listed(*((days, "25000") for days in (1, 2, 3, 4))),
        spaced(),
        spaced(every=None),
        spaced(down_payment=DOWN),
        spaced(number=1, down_payment=DOWN),
        spaced(every="week", first_date="2026-11-22"),
    ],
)
def test_a_plan_within_the_limits_is_agreed(told: dict[str, Any]) -> None:
    assert asked(told) is None


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "number: is missing: give instalments, or number, amount and first_date"),
        (spaced(amount=None), "amount: is missing"),
        (spaced(first_date=None), "first_date: is missing"),
        (
            {**listed((1, "2000"), (2, "2000")), "number": 2, "every": "week"},
            "instalments: lists them all, so number, every must not be given beside it",
        ),
        (listed(), "instalments: from 2 to 4, the down payment included, they are 0"),
        (listed((1, "2000")), "instalments: from 2 to 4, the down payment included, they are 1"),
        (spaced(number=4, down_payment=DOWN), "instalments: from 2 to 4, the down payment"),
        (spaced(number=10**30), "instalments: from 2 to 4"),
        (spaced(number=-1), "instalments: from 2 to 4"),
        (
            listed((2, "2000"), (2, "2000")),
            "instalments: must be in the order of their dates, each on a later day, 2026-11-24 is "
            "not after 2026-11-24",
        ),
        (
            spaced(down_payment={"date": "2026-12-02", "amount": "5000"}),
            "instalments: must be in the order of their dates",
        ),
        (
            listed((-1, "2000"), (2, "2000")),
            "instalments: none may lie in the past, 2026-11-21 does (today is 2026-11-22)",
        ),
        (
            listed((31, "2000"), (40, "2000")),
            "instalments: the first at most 30 days ahead, 2026-12-23 is 31",
        ),
        (
            listed((1, "2000"), (101, "2000")),
            "instalments: the last at most 100 days ahead, 2027-03-03 is 101",
        ),
        (listed((1, "1999.99"), (2, "2000")), "amount: each at least 2000 COP, 1999.99 is less"),
        (
            listed((1, "50000.01"), (2, "50000")),
            "amount: all of them together must not be more than the balance, 100000 COP, they are "
            "100000.01",
        ),
        (listed((1, "2e3"), (2, "2000")), "instalments.amount: must be written out"),
        (spaced(amount="20.000"), "amount: must have at most 2 decimals"),
        (spaced(down_payment={**DOWN, "amount": "1e4"}), "down_payment.amount: must be written"),
        (spaced(first_date="9999-12-31"), "first_date: the last instalment must not lie beyond"),
        (spaced(first_date="2199-12-30", number=2), "first_date: the last instalment must not"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_it(told: dict[str, Any], words: str) -> None:
    refused = asked(told)
    assert refused is not None and words in refused, refused


def test_where_no_smallest_payment_is_named_it_is_what_anybody_is_written_to_about() -> None:
    told = listed((1, "999.99"), (2, "2000"))
    refused = asked(told, terms=PlanTerms())
    assert refused is not None and refused.startswith("amount: 999.99 COP is less than anybody")
    assert asked(listed((1, "1000"), (2, "2000")), terms=PlanTerms()) is None


def test_a_currency_without_cents_has_none_in_a_plan() -> None:
    refused = asked(spaced(amount="2000.50"), currency="CLP")
    assert refused == "amount: must be whole: CLP has no cents"


def test_limits_that_leave_no_room_are_no_strategy() -> None:
    with pytest.raises(ValidationError, match="must not be more than most_instalments"):
        PlanTerms(fewest_instalments=5, most_instalments=4)


@pytest.mark.parametrize(
    ("reageing", "after"),
    [(Reageing.NONE, None), (Reageing.ON_AGREEMENT, 0), (Reageing.AFTER_PAYMENTS, 5)],
)
def test_a_plan_keeps_the_terms_of_its_day(reageing: Reageing, after: int | None) -> None:
    terms = PlanTerms(grace_days=9, broken_after=4, reageing=reageing, reage_after=5)
    message = MESSAGE.validate_python({"kind": "agree_plan", "id": "plan-1", **spaced()})
    [plan] = life.received(situation(now=NOW), message, NOW, terms).plans
    assert (plan.grace_days, plan.broken_after, plan.reaged_after) == (9, 4, after)
    assert (plan.plan_id, plan.agreed_at, plan.state) == ("plan-1", NOW, PlanState.ACTIVE)


def test_a_down_payment_comes_first_and_the_others_follow_by_the_month() -> None:
    message = AgreePlan.model_validate(
        {"id": "p", **spaced(first_date="2027-01-31", down_payment=DOWN)}
    )
    assert [(str(one.due_on), str(one.amount)) for one in laid_out(message)] == [
        ("2026-11-22", "5000.00"),
        ("2027-01-31", "20000.00"),
        ("2027-02-28", "20000.00"),
        ("2027-03-31", "20000.00"),
    ]


@pytest.mark.parametrize(
    ("active", "plan", "words"),
    [
        (None, None, "plan: there is no active payment plan"),
        ("p2", "p1", "plan: p1 is not the active one, which is p2"),
        ("p2", "p2", None),
        ("p2", None, None),
    ],
)
def test_only_the_active_plan_is_cancelled(
    active: str | None, plan: str | None, words: str | None
) -> None:
    told = {"kind": "cancel_plan", "id": "c", "plan": plan}
    message = MESSAGE.validate_python(told)
    standing = ("COP", Decimal(100_000), True)
    assert refusal(message, standing, NOW, PromisePolicy(), BOGOTA, plan=active) == words
