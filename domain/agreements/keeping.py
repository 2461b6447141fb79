"""How a customer has kept what they promised, counted over the record.

A fact like any other: for people who look at a customer, and for whoever tells customers apart by
it. It says nothing of a promise that is still open, or that a payment plan took the place of.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from domain.account import Payment, Promise, PromiseState
from domain.agreements.parts import covered
from domain.model import Model


class Keeping(Model):
    """Promises by what came of them, and their parts: a promise of one date is one part."""

    kept: int = 0
    """Promises of which all has come."""
    broken: int = 0
    """Promises of which a date passed, with its grace, without what was promised by then."""
    open: int = 0
    """Promises that may still be kept."""
    replaced: int = 0
    """Promises that a payment plan took the place of."""
    parts_kept: int = 0
    """Parts that came: all of a kept promise, of any other those that were paid in full before it
    was settled, the oldest first."""
    parts_broken: int = 0
    """Parts that broke a promise: one of each that is broken. Those after it were never due."""


def keeping(promises: Iterable[Promise]) -> Keeping:
    """Count promises, each once, whose ``paid`` is what had come when it was settled, or has by
    now (``as_settled``)."""
    found = list(promises)
    states = [one.state for one in found]
    return Keeping(
        kept=states.count(PromiseState.KEPT),
        broken=states.count(PromiseState.BROKEN),
        open=states.count(PromiseState.OPEN),
        replaced=states.count(PromiseState.REPLACED),
        parts_kept=sum(_parts_kept(one) for one in found),
        parts_broken=states.count(PromiseState.BROKEN),
    )


def _parts_kept(promise: Promise) -> int:
    if promise.state is PromiseState.KEPT:
        return len(promise.instalments)
    return sum(1 for _ in covered(promise.instalments, promise.paid))


def as_settled(promise: Promise, payments: Sequence[Payment]) -> Promise:
    """A promise with what had come for it when it was settled, of all ``payments`` on its account:
    what comes later pays the debt, and keeps no promise."""
    until = promise.settled_at
    since = (
        one.amount
        for one in payments
        if one.paid_at >= promise.made_at and (until is None or one.paid_at <= until)
    )
    return promise.model_copy(update={"paid": sum(since, Decimal(0))})
