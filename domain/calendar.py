"""Days as the customer lives them. A customer may be in several zones at once."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_SAID_WITHOUT_YEAR: Final = timedelta(days=300)
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def local_date(now: datetime, zones: Sequence[str]) -> date:
    """The customer's date; where zones disagree, the earlier one, so that nothing is hastened."""
    dates = [now.astimezone(ZoneInfo(zone)).date() for zone in zones]
    return dates[0] if len(dates) == 1 else min(dates)


def day_start(day: date, zones: Sequence[str]) -> datetime:
    """The first instant (UTC) at which ``day`` has begun in every zone."""
    return _day_start(day, tuple(zones))


@lru_cache(maxsize=16_384)
def _day_start(day: date, zones: tuple[str, ...]) -> datetime:
    starts = (datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC) for zone in zones)
    return max(starts)


def days_past_due(due: date, now: datetime, zones: Sequence[str]) -> int:
    """Whole local days since the oldest unpaid due date; negative before it."""
    return (local_date(now, zones) - due).days


def reaches(due: date, days: int, zones: Sequence[str]) -> datetime:
    """The instant (UTC) at which an account becomes ``days`` past due in every zone."""
    return day_start(due + timedelta(days=days), zones)


@lru_cache(maxsize=4_096)
def is_zone(name: str) -> bool:
    """Say whether the time-zone data have a zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def shown_zone(zones: Sequence[str] | None) -> str:
    """The zone by whose clock people are shown an instant: the first of a customer's that exists.
    Where none does (``needs_a_person``), UTC."""
    return next(filter(is_zone, zones or ()), "UTC")


def wall(at: datetime, zones: Sequence[str], now: datetime | None = None) -> str:
    """An instant as the customer's clock shows it: ``Mon 23 Nov 07:00 America/Bogota``.

    With its year where it is so far from ``now`` that a day and a month could be of another one.
    """
    far = now is not None and abs(at - now) > _SAID_WITHOUT_YEAR
    zone = shown_zone(zones)
    shown = at.astimezone(ZoneInfo(zone))
    # strftime takes as long as all the rest together.
    day = f"{_DAYS[shown.weekday()]} {shown.day:02} {_MONTHS[shown.month - 1]}"
    year = f" {shown:%Y}" if far else ""
    return f"{day}{year} {shown.hour:02}:{shown.minute:02} {zone}"


def stable_fraction(*parts: str | int) -> float:
    """A number in [0, 1) that is always the same for the same parts; spreads plans over a day."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
