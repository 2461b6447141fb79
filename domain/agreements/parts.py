"""Dates and sums in a row, and where each stands by what has been paid: the oldest first.

Payment plans and promises of several dates are judged by this alone. Nothing of a part is kept but
its date and amount: its state follows from the payments and the calendar.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.amounts import Money
from domain.calendar import day_start
from domain.model import Instant, Model


class InstalmentState(StrEnum):
    """Where an instalment is, by the payments since the agreement and the customer's calendar."""

    DUE = "due"
    """Its date is not over."""
    LATE = "late"
    """Its date is over, its grace is not."""
    MISSED = "missed"
    """Its grace is over."""
    PAID = "paid"


class Instalment(Model):
    """One part of what was agreed."""

    due_on: date
    """The last day, on the customer's calendar, on which it is paid in time."""
    amount: Money


class Part(Model):
    """An instalment as it stands."""

    number: int
    """From 1; a down payment is the first."""
    due_on: date
    amount: Money
    open: Money
    """What is still to be paid of it."""
    ends: Instant
    """When its date is over, in every zone of the customer."""
    missed_at: Instant
    """When its grace is over."""
    state: InstalmentState


def standing(
    instalments: Sequence[Instalment],
    paid: Decimal,
    grace_days: int,
    now: datetime,
    zones: Sequence[str],
) -> tuple[Part, ...]:
    """Instalments, by date, as they stand at an instant when ``paid`` has come for all of them."""
    left, found = paid, []
    for number, one in enumerate(instalments, start=1):
        open_ = max(one.amount - left, Decimal(0))
        left = max(left - one.amount, Decimal(0))
        ends = day_start(one.due_on + timedelta(days=1), zones)
        missed_at = day_start(one.due_on + timedelta(days=grace_days + 1), zones)
        if open_ == 0:
            state = InstalmentState.PAID
        elif now < ends:
            state = InstalmentState.DUE
        else:
            state = InstalmentState.LATE if now < missed_at else InstalmentState.MISSED
        told = {"open": open_, "ends": ends, "missed_at": missed_at, "state": state}
        found.append(Part(number=number, due_on=one.due_on, amount=one.amount, **told))
    return tuple(found)


def covered(instalments: Sequence[Instalment], paid: Decimal) -> Iterator[Instalment]:
    """Those that ``paid`` pays in full, the oldest first."""
    left = paid
    for one in instalments:
        left -= one.amount
        if left < 0:
            return
        yield one


def total(instalments: Sequence[Instalment]) -> Decimal:
    """All of them together."""
    return sum((one.amount for one in instalments), Decimal(0))
