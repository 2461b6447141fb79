"""How instalments follow each other on the calendar, and how a sum is divided into them."""

import calendar
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum


class Every(StrEnum):
    """How far apart instalments are."""

    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    MONTH = "month"
    """On the same day of each month; on the last of one that is shorter."""


def after(first: date, every: Every, steps: int) -> date:
    """The date that many steps after the first.

    Raises OverflowError or ValueError beyond the calendar.
    """
    if every is not Every.MONTH:
        return first + timedelta(weeks=steps * (1 if every is Every.WEEK else 2))
    months = first.year * 12 + first.month - 1 + steps
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(first.day, last))


def equal_parts(total: Decimal, number: int, decimals: int) -> tuple[Decimal, ...]:
    """A sum in equal parts, rounded down; the last one takes the rest."""
    part = (total / number).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN)
    return (*[part] * (number - 1), total - part * (number - 1))
