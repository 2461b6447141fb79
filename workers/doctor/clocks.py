"""Whether two clocks agree, asked over a network that takes its time."""

from datetime import datetime, timedelta
from typing import Final

from workers.doctor.findings import Finding, fault, ok, warning

NOTABLE: Final = timedelta(seconds=1)
TOO_MUCH: Final = timedelta(seconds=30)
"""A window that opens by one clock and not by the other: contacts before or after lawful hours, and
webhooks that look replayed."""
_TODO: Final = "let a time service (chrony, systemd-timesyncd) keep both machines' clocks"


def agree(whose: str, said: datetime, before: datetime, after: datetime) -> Finding:
    """Whether ``said`` lies between our own moments before and after asking.

    What lies between them is no difference: the answer was made somewhere in that time.
    """
    late, early = said - after, before - said
    off = max(late, early, timedelta())
    side = "behind" if late > early else "ahead of"
    words = f"this machine's clock is {off.total_seconds():.1f} s {side} {whose}'s"
    if off > TOO_MUCH:
        return fault(words, _TODO)
    if off > NOTABLE:
        return warning(words, _TODO)
    return ok(f"this machine's clock and {whose}'s agree within a second")
