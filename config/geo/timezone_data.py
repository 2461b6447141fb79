"""The time-zone data that this program decides by: the pinned package's, never the machine's.

``zoneinfo`` looks in the machine's own files first, which may be years old: by those of 2022 a
customer in Mexico may be called at 06:30. So ``use_pinned`` runs before any zone is made, in every
process: the packages that processes start from (``config``, ``workers``) call it when imported.
"""

import zoneinfo
from typing import Final

import tzdata

from domain.failures import Misconfigured

OLDEST: Final = "2026a"
"""The oldest release we decide by; ``pyproject.toml`` asks for the package that holds it."""


OLDEST_HOLIDAYS: Final = "0.80"
"""The same of the holidays."""


def use_pinned() -> None:
    """Let zones be read from the package ``tzdata`` alone, whatever ``PYTHONTZPATH`` says."""
    if zoneinfo.TZPATH:
        zoneinfo.reset_tzpath(())
        zoneinfo.ZoneInfo.clear_cache()


def versions() -> str:
    """Which data decide about clocks and holidays, in words."""
    from importlib import metadata  # noqa: PLC0415 - slow, and only needed here

    return f"time zones {tzdata.IANA_VERSION}, holidays {metadata.version('holidays')}"


def refuse_old_holidays() -> None:
    """Raise Misconfigured where the holidays are too old to decide by.

    Apart from ``refuse_old``, since to load them takes longer than ``--help`` may.
    """
    from importlib import metadata  # noqa: PLC0415 - slow, and only needed where the law is

    found = metadata.version("holidays")
    if _release(found) < _release(OLDEST_HOLIDAYS):
        raise Misconfigured(
            f"the holidays are of {found}, those of {OLDEST_HOLIDAYS} at least are "
            "needed: a country that has a new holiday since would be called on it. Install the "
            "pinned dependencies again (make setup), or upgrade the Python package holidays"
        )


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


def refuse_old() -> None:
    """Raise Misconfigured where the time-zone data are too old to decide by."""
    if tzdata.IANA_VERSION < OLDEST:
        raise Misconfigured(
            f"the time-zone data are of {tzdata.IANA_VERSION}, those of {OLDEST} at least are "
            "needed: a country that has changed its clocks since would be called at unlawful "
            "hours. Install the pinned dependencies again (make setup), or upgrade the Python "
            "package tzdata"
        )
