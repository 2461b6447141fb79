"""How a case is written that one rule alone decides, on both sides of its boundary."""

from datetime import datetime, timedelta
from typing import Any, Final

from tests.unit.law.support import event

SECOND: Final = timedelta(seconds=1)
DAY: Final = timedelta(days=1)

Case = tuple[dict[str, Any], datetime, dict[str, Any], datetime]
"""Fields and instant forbidden; fields and instant allowed."""


def stopped(kind: str, at: datetime, fields: dict[str, Any] | None = None, **more: Any) -> Case:
    """Forbidden from the second of the event on, allowed where it is not on file."""
    asked = fields or {}
    return {**asked, "events": [event(kind, at, **more)]}, at, asked, at


def changed(at: datetime, forbidden: dict[str, Any], allowed: dict[str, Any]) -> Case:
    """Forbidden and allowed at the same instant, for different requests."""
    return forbidden, at, allowed, at


def timed(fields: dict[str, Any], forbidden: datetime, allowed: datetime) -> Case:
    """The same request at two instants."""
    return fields, forbidden, fields, allowed
