"""What fell due when, and since when an account is past due once part of it has been paid.

A schedule is told with a balance (``due`` of ``account_updated``) and kept as it was told. Since
when days past due count is worked out each time, from it and the payments since: so neither their
order nor what is told twice makes a difference, and nothing that was told is written over.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from domain.agreements.parts import Instalment, total
from domain.agreements.terms import PartPayments
from domain.amounts import Money
from domain.entry.bounds import fault_of_due_date
from domain.facts import AccountUpdated
from domain.model import Instant, Model

MOST: Final = 250
"""Dates of one schedule."""


class DueSchedule(Model):
    """What fell due and was unpaid at an instant, and what has come since."""

    as_of: Instant
    instalments: tuple[Instalment, ...]
    """By date; together the balance that it was told with."""
    paid: Money = Decimal(0)
    """What has come since."""
    paid_before: Money = Decimal(0)
    """Of that, what had come by the instant that the account's present balance is from."""


def left(schedule: DueSchedule, paid: Decimal, rule: PartPayments) -> tuple[Instalment, ...]:
    """What is unpaid of each instalment, by date, once ``paid`` has come; what is paid in full left
    out. Under no rule all of it is as it was told."""
    if rule is PartPayments.NONE:
        return schedule.instalments
    newest = rule is PartPayments.NEWEST_FIRST
    order = reversed(schedule.instalments) if newest else schedule.instalments
    found, rest = [], paid
    for one in order:
        open_ = max(one.amount - rest, Decimal(0))
        rest = max(rest - one.amount, Decimal(0))
        if open_:
            found.append(Instalment(due_on=one.due_on, amount=open_))
    return tuple(sorted(found, key=lambda one: one.due_on))


def oldest_due(
    schedule: DueSchedule | None, told: date, balance: Decimal, rule: PartPayments
) -> date:
    """The due date of the oldest unpaid instalment, of an account that is told to be due since
    ``told`` and owes ``balance`` by now.

    The schedule counts while what was told since agrees with it, in money and in date; else, as
    without one, the date that was told.
    """
    if schedule is None or total(schedule.instalments) - schedule.paid != balance:
        return told
    if _oldest(schedule, schedule.paid_before, rule) != told:
        return told
    return _oldest(schedule, schedule.paid, rule)


def _oldest(schedule: DueSchedule, paid: Decimal, rule: PartPayments) -> date:
    open_ = left(schedule, paid, rule)
    return (open_ or schedule.instalments[-1:])[0].due_on


def due_of(message: AccountUpdated) -> tuple[Instalment, ...]:
    """The instalments of a message that tells what fell due."""
    return tuple(Instalment(due_on=one.date, amount=one.amount) for one in message.due or ())


def due_refused(message: AccountUpdated, today: date) -> str | None:
    """Why what a message tells of instalments cannot be, naming field and rule."""
    if message.due is None:
        return None
    if message.balance is None:
        return "due: says what the balance is made of: give balance beside it"
    if not 1 <= len(message.due) <= MOST:
        return f"due: from 1 to {MOST} instalments, they are {len(message.due)}"
    if (rule := next(_dates_refused(message, today), None)) is not None:
        return rule
    if (together := total(due_of(message))) != message.balance:
        return f"due: must come to the balance, {message.balance}, together they are {together}"
    return None


def _dates_refused(message: AccountUpdated, today: date) -> Iterator[str]:
    dates: Sequence[date] = [one.date for one in message.due or ()]
    for place, day in enumerate(dates):
        where = f"due.{place}.date"
        if (rule := fault_of_due_date(day, today)) is not None:
            yield f"{where}: {rule}"
        if day > today:
            yield f"{where}: has not fallen due, {day} lies ahead (today is {today}): leave it out"
        if place and day <= dates[place - 1]:
            before = dates[place - 1]
            yield f"{where}: must be a later day than the one before, {day} is not after {before}"
    oldest = message.oldest_due_date
    if oldest not in (None, dates[0]):
        yield f"due.0.date: must be the oldest_due_date, {oldest}, it is {dates[0]}"
