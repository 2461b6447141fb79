"""When a promise to pay is kept, and when broken."""

from collections.abc import Sequence
from datetime import datetime

from domain.account import Promise, PromiseState
from domain.agreements.parts import InstalmentState, Part, standing
from domain.strategy import PromisePolicy


def parts_of(
    promise: Promise, now: datetime, policy: PromisePolicy, zones: Sequence[str]
) -> tuple[Part, ...]:
    """Each date of a promise as it stands: what has come counts for the oldest first."""
    return standing(promise.instalments, promise.paid, policy.grace_days, now, zones)


def silent_until(promise: Promise, policy: PromisePolicy, zones: Sequence[str]) -> datetime:
    """The first instant after the next unpaid date and its grace, in every zone of the customer;
    where all is paid, after the last."""
    parts = parts_of(promise, promise.made_at, policy, zones)
    return next((one for one in parts if one.open), parts[-1]).missed_at


def broken_since(promise: Promise, policy: PromisePolicy, zones: Sequence[str]) -> datetime:
    """From when a broken promise was broken: of several dates nobody can tell afterwards by which,
    for what came later pays the oldest; so it is when it was found."""
    if promise.parts and promise.settled_at is not None:
        return promise.settled_at
    return silent_until(promise, policy, zones)


def settle(
    promise: Promise, now: datetime, policy: PromisePolicy, zones: Sequence[str]
) -> PromiseState:
    """Kept as soon as all of it is paid, broken once one date and its grace have passed without
    what was promised by then, else open."""
    if promise.state is not PromiseState.OPEN:
        return promise.state
    if promise.paid >= promise.amount:
        return PromiseState.KEPT
    missed = InstalmentState.MISSED
    if any(one.state is missed for one in parts_of(promise, now, policy, zones)):
        return PromiseState.BROKEN
    return PromiseState.OPEN
