"""What orders in bulk do to an account's planning (``domain/bulk/order.py``)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from domain.bulk.kinds import BulkKind
from domain.bulk.order import BulkOrder
from domain.calendar import wall
from domain.planning.frame import Frame
from domain.planning.step import Status, Step

HOLD: Final = "bulk_hold"
"""Why an account is silent that is on hold with many others."""
CEASE: Final = "bulk_cease"
"""Why an account is silent of which nothing may leave."""

LOOK: Final = timedelta(days=7)
"""How long an account waits for an order to be lifted, at most and a little more: whoever lifts it
tells them all, and none should stand still for ever that was not reached. A million accounts look
again less than twice in a second."""
_SPREAD: Final = timedelta(days=1)


def standing(frame: Frame) -> BulkOrder | None:
    """The order that keeps the account silent now: a cease, or else the hold that lasts longest."""
    if not frame.situation.orders:
        return None
    phase = frame.phase_name
    found = [
        one
        for one in frame.situation.orders
        if one.kind is not BulkKind.REPLAN and one.stands(frame.now, phase)
    ]
    return min(found, key=_weight, default=None)


def ceased(frame: Frame) -> Step | None:
    """Nothing leaves until it is lifted."""
    order = standing(frame)
    return _wait(frame, order) if order is not None and order.kind is BulkKind.CEASE else None


def held(frame: Frame) -> Step | None:
    """Nothing is begun until it is over."""
    order = standing(frame)
    return _wait(frame, order) if order is not None and order.kind is BulkKind.HOLD else None


def silenced(frame: Frame) -> Step | None:
    """Either."""
    return ceased(frame) or held(frame)


def told(order: BulkOrder) -> str:
    """What it is, and why, in words."""
    return f"{order.kind.value} of many accounts, order {order.order_id} ({order.reason})"


def wants_a_plan(orders: Iterable[BulkOrder], now: datetime, phase: str) -> bool:
    """Whether the account was last planned before an order that has it plan anew."""
    return any(
        one.kind is BulkKind.REPLAN and one.stale and one.stands(now, phase) for one in orders
    )


def over_since(frame: Frame) -> datetime | None:
    """Since when an order keeps the account silent no more; None: for more than a day, or none."""
    ends = (
        one.ended(frame.now) for one in frame.situation.orders if one.kind is not BulkKind.REPLAN
    )
    return max((at for at in ends if at is not None), default=None)


def _weight(order: BulkOrder) -> tuple[bool, bool, float, int]:
    until = 0.0 if order.until is None else -order.until.timestamp()
    return order.kind is not BulkKind.CEASE, order.until is not None, until, order.order_id


def _wait(frame: Frame, order: BulkOrder) -> Step:
    zones, now = frame.zones, frame.now
    back = order.back_at(frame.place)
    until = now + LOOK + _SPREAD * frame.place if back is None else back
    end = "it is lifted" if order.until is None else wall(order.until, zones, now)
    why = HOLD if order.kind is BulkKind.HOLD else CEASE
    words = "On hold" if order.kind is BulkKind.HOLD else "Nobody is contacted (cease)"
    sentence = f"{words} by order {order.order_id} ({order.reason}) until {end}"
    step = frame.wait(until, why, sentence, Status.ON_HOLD)
    return step.model_copy(update={"rule": f"bulk.{order.order_id}"})
