"""Promises of several dates: which may be recorded, when they are kept or broken, what is said."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import Promise, PromiseState, promised
from domain.agreements.parts import Instalment
from domain.agreements.plan import PaymentPlan, PlanState
from domain.agreements.plan import settle as settle_plan
from domain.channels import Purpose
from domain.entry.money import LEAST
from domain.facts import MESSAGE
from domain.ledger import life
from domain.ledger.admission import refusal
from domain.planning.planner import plan as next_of
from domain.planning.reasons.promises import settle, silent_until
from domain.planning.rules import Rules
from domain.planning.step import Status, StepKind
from domain.situation import Situation
from domain.strategy import PromisePolicy
from lab.builders.situations import rules, situation
from tests.unit.planner.support import contact, local

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""22:00 on the 22nd in Bogota."""
TODAY = date(2026, 11, 22)
BOGOTA = ("America/Bogota",)
POLICY = PromisePolicy(grace_days=2, max_days=60, max_parts=3)
NEW_YORK = "America/New_York"
NOON = local(NEW_YORK, "2026-11-23 12:00")
DATES = (date(2026, 12, 1), date(2026, 12, 10), date(2026, 12, 20))


def listed(*parts: tuple[int, str]) -> dict[str, Any]:
    """By days ahead and amount."""
    return {
        "parts": [{"date": str(TODAY + timedelta(days=d)), "amount": amount} for d, amount in parts]
    }


def asked(told: dict[str, Any], policy: PromisePolicy = POLICY) -> str | None:
    message = MESSAGE.validate_python({"kind": "record_promise", "id": "p", **told})
    return refusal(message, ("COP", Decimal(100_000), True), NOW, policy, BOGOTA, LEAST)


def promise(*amounts: str, paid: str = "0", **fields: Any) -> Promise:
    parts = tuple(
        Instalment(due_on=due, amount=Decimal(amount))
        for due, amount in zip(DATES, amounts, strict=False)
    )
    values = {"promise_id": "p", "made_at": NOON - timedelta(days=1), "paid": Decimal(paid)}
    return Promise.model_validate({**values, **promised(parts), **fields})


def american(*found: Promise, **fields: Any) -> Situation:
    plain = {"country": "US", "zones": (NEW_YORK,), "now": NOON, "promises": found}
    return situation(**{**plain, **fields})


def reminding(days: int | None) -> Rules:
    found = rules("US")
    policy = found.strategy.promise.model_copy(update={"remind_days": days, "grace_days": 2})
    return replace(found, strategy=found.strategy.model_copy(update={"promise": policy}))


def day(step: Any) -> str:
    return f"{(step.not_before - timedelta(hours=5)):%Y-%m-%d}"


# --- what may be recorded -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (listed((0, "40000"), (60, "60000")), None),
        (listed((1, "20000"), (2, "20000"), (3, "20000")), None),
        ({"amount": "100000", "date": str(TODAY)}, None),
        ({}, "amount: is missing: give amount and date, or parts"),
        ({"amount": "5000"}, "date: is missing: give amount and date, or parts"),
        ({"date": str(TODAY)}, "amount: is missing: give amount and date, or parts"),
        (
            {**listed((1, "20000"), (2, "20000")), "amount": "40000"},
            "parts: lists all of it, so amount must not be given beside it",
        ),
        (
            {**listed((1, "20000"), (2, "20000")), "amount": "40000", "date": str(TODAY)},
            "parts: lists all of it, so amount, date must not be given beside it",
        ),
        ({"parts": []}, "parts: must not be empty: give amount and date, or parts"),
        (
            listed((1, "20000")),
            "parts: from 2 to 3, they are 1: one is amount and date, more are a payment plan",
        ),
        (
            listed(*((ahead, "10000") for ahead in range(4))),
            "parts: from 2 to 3, they are 4: one is amount and date, more are a payment plan",
        ),
        (
            listed((5, "20000"), (5, "20000")),
            "parts.1.date: must be a later day than the one before, 2026-11-27 is not after "
            "2026-11-27",
        ),
        (
            listed((1, "20000"), (9, "20000"), (5, "20000")),
            "parts.2.date: must be a later day than the one before, 2026-11-27 is not after "
            "2026-12-01",
        ),
        (
            listed((-1, "20000"), (5, "20000")),
            "parts.0.date: must not lie in the past, 2026-11-21 does (today is 2026-11-22)",
        ),
        (
            listed((1, "20000"), (61, "20000")),
            "parts.1.date: at most 60 days ahead, 2027-01-22 is 61",
        ),
        (
            listed((1, "60000"), (2, "40000.01")),
            "parts: all of them together must not be more than the balance, 100000 COP, they are "
            "100000.01",
        ),
        (
            listed((1, "20000"), (2, "999.99")),
            "parts.1.amount: 999.99 COP is less than anybody is written to about (1000 COP)",
        ),
        (
            listed((1, "20000"), (2, "20.000")),
            "parts.1.amount: must have at most 2 decimals; if the point stands between thousands, "
            "leave it away (450000, not 450.000)",
        ),
    ],
)
def test_a_promise_is_refused_with_what_and_where(told: dict[str, Any], words: str | None) -> None:
    assert asked(told) == words


def test_a_strategy_may_want_one_date_alone() -> None:
    one_alone = POLICY.model_copy(update={"max_parts": 1})
    assert asked({"amount": "5000", "date": str(TODAY)}, one_alone) is None
    assert asked(listed((1, "20000"), (2, "20000")), one_alone) == (
        "parts: a promise is of one date here: give amount and date, or agree a payment plan"
    )


def test_recorded_it_is_all_of_its_parts_by_the_last_of_its_dates() -> None:
    told = {"kind": "record_promise", "id": "p", **listed((1, "20000"), (9, "30000.50"))}
    found = life.received(situation(now=NOW), MESSAGE.validate_python(told), NOW)
    [made] = found.promises
    assert (made.amount, made.due_on) == (Decimal("50000.50"), TODAY + timedelta(days=9))
    assert [one.amount for one in made.instalments] == [Decimal(20000), Decimal("30000.50")]


# --- kept or broken -------------------------------------------------------------------------------


def at(text: str) -> datetime:
    return local(NEW_YORK, text)


@pytest.mark.parametrize(
    ("paid", "when", "state"),
    [
        ("0", at("2026-12-03 23:59"), PromiseState.OPEN),
        ("0", at("2026-12-04 00:00"), PromiseState.BROKEN),
        ("19.99", at("2026-12-04 00:00"), PromiseState.BROKEN),
        ("20.00", at("2026-12-04 00:00"), PromiseState.OPEN),
        ("20.00", at("2026-12-12 23:59"), PromiseState.OPEN),
        ("20.00", at("2026-12-13 00:00"), PromiseState.BROKEN),
        ("49.99", at("2026-12-13 00:00"), PromiseState.BROKEN),
        ("50.00", at("2026-11-24 00:00"), PromiseState.KEPT),
        ("50.00", at("2026-12-13 00:00"), PromiseState.KEPT),
    ],
)
def test_it_is_kept_when_all_came_and_broken_by_the_first_grace_that_ends_unpaid(
    paid: str, when: datetime, state: PromiseState
) -> None:
    found = promise("20.00", "30.00", paid=paid)
    assert settle(found, when, PromisePolicy(grace_days=2), (NEW_YORK,)) is state


sums = st.integers(1, 5_000).map(lambda one: Decimal(one) / 100)


@given(
    st.lists(sums, min_size=1, max_size=3),
    sums,
    st.integers(0, 40),
    st.integers(0, 4),
)
def test_it_is_judged_as_a_plan_is_that_may_miss_no_instalment(
    amounts: list[Decimal], paid: Decimal, days: int, grace: int
) -> None:
    one = promise(*(str(amount) for amount in amounts), paid=str(paid))
    plan = PaymentPlan(
        plan_id="p",
        agreed_at=one.made_at,
        instalments=one.instalments,
        grace_days=grace,
        broken_after=1,
        paid=paid,
    )
    now = NOON + timedelta(days=days)
    owes = american(balance="1000000.00").account
    became = settle_plan(plan, owes, now, (NEW_YORK,))
    same = {PlanState.ACTIVE: "open", PlanState.KEPT: "kept", PlanState.BROKEN: "broken"}
    assert settle(one, now, PromisePolicy(grace_days=grace), (NEW_YORK,)) == same[became]


@given(st.lists(sums, min_size=2, max_size=3), sums, st.integers(0, 40), st.integers(0, 4))
def test_while_it_is_open_it_is_silent_until_the_instant_at_which_it_breaks(
    amounts: list[Decimal], paid: Decimal, days: int, grace: int
) -> None:
    one = promise(*(str(amount) for amount in amounts), paid=str(paid))
    policy, zones = PromisePolicy(grace_days=grace), (NEW_YORK,)
    if settle(one, NOON + timedelta(days=days), policy, zones) is not PromiseState.OPEN:
        return
    over = silent_until(one, policy, zones)
    before = over - timedelta(seconds=1)
    assert settle(one, before, policy, zones) is PromiseState.OPEN
    assert settle(one, over, policy, zones) is PromiseState.BROKEN


# --- what is said ---------------------------------------------------------------------------------


def test_it_silences_until_the_grace_of_the_next_unpaid_date_ends() -> None:
    found = american(promise("20.00", "30.00"))
    step = next_of(found, NOON, reminding(None))
    assert (step.kind, step.why, step.view.status) == (StepKind.WAIT, "promise", Status.PROMISED)
    assert step.not_before == local(NEW_YORK, "2026-12-04 00:00")
    assert step.summary.startswith(
        "Promise to pay (0 of 2 paid): 20.00 COP by 01 Dec, silent until its grace ends"
    )


def test_a_part_that_comes_early_silences_until_the_next() -> None:
    found = american(promise("20.00", "30.00", paid="25.00"))
    step = next_of(found, NOON, reminding(None))
    assert step.not_before == local(NEW_YORK, "2026-12-13 00:00")
    assert step.summary.startswith("Promise to pay (1 of 2 paid): 25.00 COP by 10 Dec, silent")


def test_each_part_is_remembered_once() -> None:
    wanting, found = reminding(2), american(promise("20.00", "30.00"))
    first = next_of(found, NOON, wanting)
    assert (first.purpose, day(first)) == (Purpose.PROMISE_REMINDER, "2026-11-29")
    said = contact(local(NEW_YORK, "2026-11-29 12:00"), purpose=Purpose.PROMISE_REMINDER)
    paid = american(promise("20.00", "30.00", paid="20.00"), contacts=(said,))
    second = next_of(paid, local(NEW_YORK, "2026-12-01 12:00"), wanting)
    assert (second.purpose, day(second)) == (Purpose.PROMISE_REMINDER, "2026-12-08")
    again = contact(local(NEW_YORK, "2026-12-08 12:00"), purpose=Purpose.PROMISE_REMINDER)
    both = american(promise("20.00", "30.00", paid="20.00"), contacts=(said, again))
    assert next_of(both, local(NEW_YORK, "2026-12-08 13:00"), wanting).kind is StepKind.WAIT


def test_a_part_that_is_paid_is_not_remembered() -> None:
    found = american(promise("20.00", "30.00", paid="20.00"))
    step = next_of(found, NOON, reminding(2))
    assert (step.purpose, day(step)) == (Purpose.PROMISE_REMINDER, "2026-12-08")


def test_that_it_is_broken_is_said_once_also_when_money_comes_late() -> None:
    over = local(NEW_YORK, "2026-12-04 00:00")
    broken: dict[str, Any] = {"state": PromiseState.BROKEN, "settled_at": over}
    now = local(NEW_YORK, "2026-12-04 12:00")
    step = next_of(american(promise("20.00", "30.00", **broken)), now, reminding(None))
    assert step.purpose is Purpose.PROMISE_BROKEN
    said = contact(local(NEW_YORK, "2026-12-04 13:00"), purpose=Purpose.PROMISE_BROKEN)
    late = american(promise("20.00", "30.00", paid="20.00", **broken), contacts=(said,))
    then = next_of(late, local(NEW_YORK, "2026-12-05 12:00"), reminding(None))
    assert then.purpose is Purpose.REMINDER
