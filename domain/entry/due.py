"""What fell due when, as a file writes it: in one cell, or in JSON as a list.

No message repeats a value: rejects are shown on screens and in logs.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from domain.agreements.arrears import MOST
from domain.agreements.parts import Instalment, total
from domain.entry.bounds import fault_of_due_date
from domain.entry.days import a_day
from domain.entry.money import fault, written

_FORM: Final = (
    "must list what fell due as date=amount, several with ;, such as "
    "2026-09-30=150000.00;2026-10-30=150000.00"
)
_KEYS: Final = {"date", "amount"}


def a_schedule(value: object) -> tuple[Instalment, ...]:
    """The instalments that a cell lists; raises ValueError with the rule that is broken."""
    listed = list(_parted(value)) if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise ValueError(_FORM)
    if len(listed) > MOST:
        raise ValueError(f"must list at most {MOST} instalments")
    return tuple(_instalment(one, place) for place, one in enumerate(listed, start=1))


def _parted(cell: str) -> Iterator[dict[str, str]]:
    for part in cell.split(";"):
        if not part.strip():
            continue
        day, equals, amount = part.partition("=")
        if not equals:
            raise ValueError(_FORM)
        yield {"date": day.strip(), "amount": amount.strip()}


def _instalment(told: object, place: int) -> Instalment:
    if not isinstance(told, Mapping) or set(told) != _KEYS:
        raise ValueError(_FORM)
    try:
        day, amount = a_day(told["date"]), written(told["amount"])
    except ValueError as error:
        raise ValueError(f"part {place}: {error}") from None
    if amount <= 0:
        raise ValueError(f"part {place}: must be more than nothing")
    return Instalment(due_on=day, amount=amount)


def fault_of_schedule(
    parts: Sequence[Instalment],
    today: date | None,
    currency: str | None,
    balance: Decimal | None,
    oldest: date | None,
) -> str | None:
    """Which rule a schedule breaks beside the other cells of its row; None for one that is not
    known, for its own rule is broken."""
    before: date | None = None
    for place, one in enumerate(parts, start=1):
        rule = fault(one.amount, currency) or fault_of_due_date(one.due_on, today)
        if rule is None and today is not None and one.due_on > today:
            rule = "must have fallen due: what lies ahead is left out"
        if rule is None and before is not None and one.due_on <= before:
            rule = "must be a later day than the part before"
        if rule is not None:
            return f"part {place}: {rule}"
        before = one.due_on
    if balance is not None and total(parts) != balance:
        return "must come to the balance: its parts together are another sum"
    if oldest is not None and parts[0].due_on != oldest:
        return "must begin with the oldest_due_date"
    return None
