"""Which requests for a payment plan are refused, and in which words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from domain.agreements.intervals import Every, after
from domain.agreements.parts import Instalment
from domain.agreements.schedule import laid_out
from domain.agreements.terms import PlanTerms
from domain.calendar import local_date
from domain.entry.bounds import LATEST
from domain.entry.money import fault
from domain.facts import AgreePlan, CancelPlan
from domain.planning.reasons.dust import dust


def plan_refused(
    asked: AgreePlan,
    currency: str,
    balance: Decimal,
    now: datetime,
    terms: PlanTerms,
    zones: Sequence[str],
    least: Mapping[str, Decimal] | None,
) -> str | None:
    """Why a plan cannot be agreed, naming field and rule; None when it can."""
    rule = _form_refused(asked) or _number_refused(asked, terms)
    if rule is not None:
        return rule
    if (last := _last_date(asked)) is None or last > LATEST.date():
        return f"first_date: the last instalment must not lie beyond {LATEST:%Y-%m-%d}"
    for field, amount in _amounts(asked):
        if (why := fault(amount, currency)) is not None:
            return f"{field}: {why}"
    parts, today = laid_out(asked), local_date(now, zones)
    return _dates_refused(parts, today, terms) or _sums_refused(
        parts, currency, balance, terms, least
    )


def cancel_refused(asked: CancelPlan, active: str | None) -> str | None:
    """Why a plan cannot be cancelled; ``active``: the id of the one that is active."""
    if active is None:
        return "plan: there is no active payment plan"
    if asked.plan not in (None, active):
        return f"plan: {asked.plan} is not the active one, which is {active}"
    return None


def _form_refused(asked: AgreePlan) -> str | None:
    """It lists its instalments, or says how they follow each other, and not both."""
    named = {
        name: getattr(asked, name)
        for name in ("down_payment", "number", "amount", "first_date", "every")
    }
    given = [name for name, value in named.items() if value is not None]
    if asked.instalments is not None and given:
        return f"instalments: lists them all, so {', '.join(given)} must not be given beside it"
    if asked.instalments is None:
        lacking = [name for name in ("number", "amount", "first_date") if named[name] is None]
        if lacking:
            return f"{lacking[0]}: is missing: give instalments, or number, amount and first_date"
    return None


def _number_refused(asked: AgreePlan, terms: PlanTerms) -> str | None:
    # Before they are laid out: nobody lays out a thousand million.
    if asked.instalments is not None:
        number = len(asked.instalments)
    else:
        number = (asked.number or 0) + (asked.down_payment is not None)
    if not terms.fewest_instalments <= number <= terms.most_instalments:
        return (
            f"instalments: from {terms.fewest_instalments} to {terms.most_instalments}, "
            f"the down payment included, they are {number}"
        )
    return None


def _last_date(asked: AgreePlan) -> date | None:
    """The latest date it names or comes to; None: beyond any calendar."""
    if asked.instalments is not None:
        return max(one.date for one in asked.instalments)
    assert asked.first_date is not None and asked.number is not None  # noqa: S101
    try:
        steps = max(asked.number - 1, 0)
        last = after(asked.first_date, asked.every or Every.MONTH, steps)
    except (ValueError, OverflowError):
        return None
    down = asked.down_payment
    return last if down is None else max(last, down.date)


def _amounts(asked: AgreePlan) -> Iterator[tuple[str, Decimal]]:
    for one in asked.instalments or ():
        yield "instalments.amount", one.amount
    if asked.down_payment is not None:
        yield "down_payment.amount", asked.down_payment.amount
    if asked.amount is not None:
        yield "amount", asked.amount


def _dates_refused(parts: Sequence[Instalment], today: date, terms: PlanTerms) -> str | None:
    first, last = parts[0].due_on, parts[-1].due_on
    for earlier, later in pairwise(parts):
        if later.due_on <= earlier.due_on:
            return (
                "instalments: must be in the order of their dates, each on a later day, "
                f"{later.due_on} is not after {earlier.due_on}"
            )
    if first < today:
        return f"instalments: none may lie in the past, {first} does (today is {today})"
    bounds = (
        ("first", first, terms.first_within_days),
        ("last", last, terms.longest_days),
    )
    for which, due, most in bounds:
        if (ahead := (due - today).days) > most:
            return f"instalments: the {which} at most {most} days ahead, {due} is {ahead}"
    return None


def _sums_refused(
    parts: Sequence[Instalment],
    currency: str,
    balance: Decimal,
    terms: PlanTerms,
    least: Mapping[str, Decimal] | None,
) -> str | None:
    smallest = terms.smallest_payment.get(currency)
    for one in parts:
        if smallest is not None and one.amount < smallest:
            return f"amount: each at least {smallest} {currency}, {one.amount} is less"
        if smallest is None and (why := dust(one.amount, currency, least)):
            return f"amount: {why}"
    total = sum((one.amount for one in parts), Decimal(0))
    if total > balance:
        return (
            f"amount: all of them together must not be more than the balance, {balance} "
            f"{currency}, they are {total}"
        )
    return None
