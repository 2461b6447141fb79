"""The instalments that a request asks for, laid out on the calendar."""

from typing import TYPE_CHECKING

from domain.agreements.intervals import Every, after
from domain.agreements.parts import Instalment

if TYPE_CHECKING:
    from domain.facts import AgreePlan, RecordPromise


def laid_out(asked: "AgreePlan") -> tuple[Instalment, ...]:
    """The instalments of a request, as it lists them or says how they follow each other.

    It has been judged (``domain/agreements/admission.py``): it says one of the two.
    """
    if asked.instalments is not None:
        return tuple(Instalment(due_on=one.date, amount=one.amount) for one in asked.instalments)
    assert asked.amount is not None and asked.first_date is not None  # noqa: S101
    found = []
    if asked.down_payment is not None:
        down = asked.down_payment
        found.append(Instalment(due_on=down.date, amount=down.amount))
    every = asked.every or Every.MONTH
    for number in range(asked.number or 0):
        found.append(Instalment(due_on=after(asked.first_date, every, number), amount=asked.amount))
    return tuple(found)


def promised_on(asked: "RecordPromise") -> tuple[Instalment, ...]:
    """The dates and sums of a promise, by date: one, where it does not list them.

    It has been judged (``domain/ledger/admission.py``): it says one of the two.
    """
    if asked.parts is not None:
        return tuple(Instalment(due_on=one.date, amount=one.amount) for one in asked.parts)
    assert asked.amount is not None and asked.date is not None  # noqa: S101
    return (Instalment(due_on=asked.date, amount=asked.amount),)
