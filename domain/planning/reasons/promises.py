"""When a promise to pay is kept, and when broken."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.account import Promise, PromiseState
from domain.calendar import day_start
from domain.strategy import PromisePolicy


def silent_until(promise: Promise, policy: PromisePolicy, zones: Sequence[str]) -> datetime:
    """The first instant after the promised day and its grace, in every zone of the customer."""
    return day_start(promise.due_on + timedelta(days=policy.grace_days + 1), zones)


def settle(
    promise: Promise, now: datetime, policy: PromisePolicy, zones: Sequence[str]
) -> PromiseState:
    """Kept as soon as the amount is paid, broken once date and grace have passed, else open."""
    if promise.state is not PromiseState.OPEN:
        return promise.state
    if promise.paid >= promise.amount:
        return PromiseState.KEPT
    if now >= silent_until(promise, policy, zones):
        return PromiseState.BROKEN
    return PromiseState.OPEN
