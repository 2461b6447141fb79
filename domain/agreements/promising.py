"""Which promises are refused, and in which words."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from domain.agreements.parts import Instalment, total
from domain.agreements.schedule import promised_on
from domain.facts import RecordPromise
from domain.planning.reasons.dust import dust
from domain.strategy import PromisePolicy


def form_refused(asked: RecordPromise) -> str | None:
    """It says an amount and a date, or lists its parts, and not both."""
    named = {"amount": asked.amount, "date": asked.date}
    given = [name for name, value in named.items() if value is not None]
    if asked.parts is not None:
        if given:
            return f"parts: lists all of it, so {', '.join(given)} must not be given beside it"
        return None if asked.parts else "parts: must not be empty: give amount and date, or parts"
    lacking = [name for name in named if name not in given]
    return f"{lacking[0]}: is missing: give amount and date, or parts" if lacking else None


def promise_refused(
    asked: RecordPromise,
    currency: str,
    balance: Decimal,
    today: date,
    policy: PromisePolicy,
    least: Mapping[str, Decimal] | None,
) -> str | None:
    """Why a promise cannot be recorded, naming field and rule; None when it can.

    Its form and the amounts by themselves have been judged.
    """
    parts = promised_on(asked)
    if (rule := _number_refused(asked, policy)) is not None:
        return rule
    if (promised := total(parts)) > balance:
        if asked.parts is None:
            return f"amount: must not be more than the balance, {balance} {currency}"
        return (
            f"parts: all of them together must not be more than the balance, {balance} {currency}, "
            f"they are {promised}"
        )
    before: date | None = None
    for where, one in _placed(asked, parts):
        if one.amount < balance and (why := dust(one.amount, currency, least)):
            return f"{where}amount: {why}"
        if one.due_on < today:
            return f"{where}date: must not lie in the past, {one.due_on} does (today is {today})"
        if before is not None and one.due_on <= before:
            return (
                f"{where}date: must be a later day than the one before, {one.due_on} is not after "
                f"{before}"
            )
        if (ahead := (one.due_on - today).days) > policy.max_days:
            return f"{where}date: at most {policy.max_days} days ahead, {one.due_on} is {ahead}"
        before = one.due_on
    return None


def _placed(
    asked: RecordPromise, parts: tuple[Instalment, ...]
) -> Iterator[tuple[str, Instalment]]:
    """Each part, and where it stands in the request."""
    for place, one in enumerate(parts):
        yield ("" if asked.parts is None else f"parts.{place}."), one


def _number_refused(asked: RecordPromise, policy: PromisePolicy) -> str | None:
    if asked.parts is None:
        return None
    number, most = len(asked.parts), policy.max_parts
    if most == 1:
        return "parts: a promise is of one date here: give amount and date, or agree a payment plan"
    if not 2 <= number <= most:
        return (
            f"parts: from 2 to {most}, they are {number}: one is amount and date, more are a "
            "payment plan"
        )
    return None
