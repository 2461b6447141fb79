"""Since when an account is past due once part of what fell due has been paid."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.agreements.arrears import DueSchedule, left, oldest_due
from domain.agreements.parts import Instalment, total
from domain.agreements.terms import PartPayments
from domain.entry.money import LEAST
from domain.facts import MESSAGE
from domain.ledger import life
from domain.ledger.admission import refusal
from domain.situation import Situation
from domain.strategy import PromisePolicy
from lab.builders.situations import situation

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
BOGOTA = ("America/Bogota",)
OLD, MIDDLE, NEW = date(2026, 9, 30), date(2026, 10, 30), date(2026, 11, 20)
OLDEST, NEWEST, NONE = PartPayments.OLDEST_FIRST, PartPayments.NEWEST_FIRST, PartPayments.NONE
THREE = ((OLD, "100.00"), (MIDDLE, "100.00"), (NEW, "50.00"))


def schedule(paid: str = "0", before: str = "0", parts: Any = THREE) -> DueSchedule:
    instalments = tuple(Instalment(due_on=due, amount=Decimal(sum_)) for due, sum_ in parts)
    sums = {"paid": Decimal(paid), "paid_before": Decimal(before)}
    return DueSchedule(as_of=NOW, instalments=instalments, **sums)


def told(*parts: tuple[date, str], **fields: Any) -> dict[str, Any]:
    listed = [{"date": str(due), "amount": amount} for due, amount in parts or THREE]
    together = sum(Decimal(amount) for _, amount in parts or THREE)
    values = {"kind": "account_updated", "id": "u1", "due": listed, "balance": str(together)}
    return {**values, **fields}


def pay(identity: str, amount: str, at: datetime) -> dict[str, Any]:
    paid_at = at.isoformat()
    return {"kind": "payment_received", "id": identity, "amount": amount, "paid_at": paid_at}


def lived(messages: Sequence[tuple[dict[str, Any], datetime]]) -> Situation:
    began = NOW - timedelta(days=2)
    owes = {"balance": Decimal("250.00"), "oldest_due_date": OLD, "balance_as_of": began}
    found = situation(now=NOW, account=owes)
    taken = set[str]()
    for said, at in messages:
        if said["id"] not in taken:
            found = life.received(found, MESSAGE.validate_python(said), at)
        taken.add(said["id"])
    return found


# --- the rule -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "by_rule"),
    [
        ("0", {OLDEST: OLD, NEWEST: OLD, NONE: OLD}),
        ("99.99", {OLDEST: OLD, NEWEST: OLD, NONE: OLD}),
        ("100.00", {OLDEST: MIDDLE, NEWEST: OLD, NONE: OLD}),
        ("199.99", {OLDEST: MIDDLE, NEWEST: OLD, NONE: OLD}),
        ("200.00", {OLDEST: NEW, NEWEST: OLD, NONE: OLD}),
        ("249.99", {OLDEST: NEW, NEWEST: OLD, NONE: OLD}),
    ],
)
def test_days_past_due_count_from_the_oldest_that_the_rule_leaves_unpaid(
    paid: str, by_rule: dict[PartPayments, date]
) -> None:
    owed = Decimal("250.00") - Decimal(paid)
    for rule, due in by_rule.items():
        assert oldest_due(schedule(paid), OLD, owed, rule) == due, rule


@pytest.mark.parametrize(
    ("rule", "open_"),
    [
        (OLDEST, [(MIDDLE, "80.00"), (NEW, "50.00")]),
        (NEWEST, [(OLD, "100.00"), (MIDDLE, "30.00")]),
        (NONE, [(OLD, "100.00"), (MIDDLE, "100.00"), (NEW, "50.00")]),
    ],
)
def test_a_payment_pays_the_oldest_or_the_newest_first(
    rule: PartPayments, open_: list[tuple[date, str]]
) -> None:
    found = left(schedule(), Decimal("120.00"), rule)
    assert [(one.due_on, str(one.amount)) for one in found] == open_


def test_without_a_schedule_the_date_is_the_one_that_was_told() -> None:
    assert oldest_due(None, OLD, Decimal("1.00"), OLDEST) == OLD


@pytest.mark.parametrize(
    ("known", "date_told", "owed"),
    [
        (schedule("100.00"), OLD, "149.99"),  # another balance is told since: fees, a credit
        (schedule("100.00"), NEW, "150.00"),  # another date is told since
        (schedule("100.00", "100.00"), OLD, "150.00"),  # of then, when this had moved it already
    ],
)
def test_what_was_told_since_and_says_otherwise_stands(
    known: DueSchedule, date_told: date, owed: str
) -> None:
    assert oldest_due(known, date_told, Decimal(owed), OLDEST) == date_told


def test_newer_figures_that_say_the_same_leave_the_schedule_in_force() -> None:
    agrees = schedule("200.00", "100.00")
    assert oldest_due(agrees, MIDDLE, Decimal("50.00"), OLDEST) == NEW


# --- properties -----------------------------------------------------------------------------------

cents = st.integers(min_value=1, max_value=50_000).map(lambda one: Decimal(one) / 100)
schedules = st.lists(cents, min_size=1, max_size=6).map(
    lambda amounts: DueSchedule(
        as_of=NOW,
        instalments=tuple(
            Instalment(due_on=OLD + timedelta(days=place), amount=amount)
            for place, amount in enumerate(amounts)
        ),
    )
)


@given(schedules, cents, st.sampled_from([OLDEST, NEWEST]))
def test_what_is_left_and_what_was_paid_are_what_was_due(
    found: DueSchedule, paid: Decimal, rule: PartPayments
) -> None:
    whole = total(found.instalments)
    open_ = left(found, paid, rule)
    assert total(open_) + min(paid, whole) == whole
    assert list(open_) == sorted(open_, key=lambda one: one.due_on)
    assert all(one.amount > 0 for one in open_)


def _due(found: DueSchedule, paid: Decimal, rule: PartPayments) -> date:
    known = found.model_copy(update={"paid": paid})
    owed = total(found.instalments) - paid
    return oldest_due(known, found.instalments[0].due_on, owed, rule)


@given(schedules, cents, cents)
def test_oldest_first_never_counts_more_days_than_newest_first_nor_that_than_no_rule(
    found: DueSchedule, paid: Decimal, more: Decimal
) -> None:
    assert _due(found, paid, OLDEST) >= _due(found, paid, NEWEST) >= _due(found, paid, NONE)
    for rule in PartPayments:
        # More money never makes an account older, nor younger than the last that fell due.
        assert _due(found, paid, rule) <= _due(found, paid + more, rule)
        assert _due(found, paid, rule) <= found.instalments[-1].due_on


@given(st.data())
def test_the_order_of_arrival_and_what_comes_twice_make_no_difference(data: st.DataObject) -> None:
    minutes = data.draw(st.lists(st.integers(-90, 90), min_size=1, max_size=5))
    at = NOW + timedelta(hours=3)
    facts = [
        pay(f"y{place}", data.draw(st.sampled_from(["40.00", "60.00"])), NOW + timedelta(minutes=m))
        for place, m in enumerate(minutes)
    ]
    facts.append(told(as_of=NOW.isoformat()))
    shuffled = data.draw(st.permutations([*facts, *facts]))
    one = lived([(said, at) for said in facts])
    other = lived([(said, at) for said in shuffled])
    assert one.schedule == other.schedule
    assert one.account.balance == other.account.balance
    for rule in PartPayments:
        assert one.due_date(rule) == other.due_date(rule)


# --- lived ----------------------------------------------------------------------------------------


def test_a_payment_that_does_not_cure_moves_the_account() -> None:
    after = NOW + timedelta(hours=1)
    found = lived([(told(), NOW), (pay("y1", "120.00", after), after)])
    assert (found.due_date(OLDEST), found.account.balance) == (MIDDLE, Decimal("130.00"))
    assert found.due_date(NONE) == found.account.oldest_due_date == OLD


def test_a_payment_from_before_the_schedule_is_in_it_already() -> None:
    before = pay("y1", "120.00", NOW - timedelta(hours=1))
    found = lived([(told(), NOW), (before, NOW + timedelta(hours=1))])
    assert (found.due_date(OLDEST), found.account.balance) == (OLD, Decimal("250.00"))


def test_an_older_schedule_does_not_take_the_place_of_a_newer_one() -> None:
    newer, older = told((MIDDLE, "90.00")), told(id="u0", as_of=(NOW - timedelta(1)).isoformat())
    found = lived([(newer, NOW), (older, NOW + timedelta(hours=1))])
    assert found.due_date(OLDEST) == MIDDLE
    assert found.schedule is not None and found.schedule.as_of == NOW


def test_the_first_of_what_fell_due_is_the_oldest_due_date() -> None:
    found = lived([(told((MIDDLE, "90.00"), (NEW, "60.00")), NOW)])
    assert (found.account.oldest_due_date, found.account.balance) == (MIDDLE, Decimal("150.00"))


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (told(), None),
        (told((TODAY, "5.00")), None),
        (told(oldest_due_date=str(OLD)), None),
        (told(balance=None), "due: says what the balance is made of: give balance beside it"),
        (told(due=[]), "due: from 1 to 250 instalments, they are 0"),
        (told(balance="250.01"), "due: must come to the balance, 250.01, together they are 250.00"),
        (told((OLD, "5.00"), (OLD, "6.00")), "due.1.date: must be a later day than the one befo"),
        (told((TODAY + timedelta(1), "5.00")), "due.0.date: has not fallen due, 2026-11-24 lies"),
        (told((date(1989, 12, 31), "5.00")), "due.0.date: must not be before 1990-01-01"),
        (
            told((OLD, "5.00"), (MIDDLE, "6.000"), balance="11.00"),
            "due.1.amount: must have at most 2 decimals",
        ),
        (
            told(oldest_due_date=str(NEW)),
            "due.0.date: must be the oldest_due_date, 2026-11-20, it is 2026-09-30",
        ),
    ],
)
def test_what_fell_due_is_refused_with_what_and_where(
    message: dict[str, Any], words: str | None
) -> None:
    message = {name: value for name, value in message.items() if value is not None}
    read = MESSAGE.validate_python(message)
    standing = ("COP", Decimal(250), True)
    found = refusal(read, standing, NOW, PromisePolicy(), BOGOTA, LEAST)
    assert found == words if words is None else (found or "").startswith(words), found
