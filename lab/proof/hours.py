"""The hours of the law, typed from the statutes a second time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final

import holidays


@dataclass(frozen=True)
class Hours:
    """When a country or state allows contact, half open; None is a day without any."""

    weekday: tuple[time, time] | None
    saturday: tuple[time, time] | None
    sunday: tuple[time, time] | None
    on_holidays: bool
    cite: str
    channels: frozenset[str] | None = None
    """The only channels it speaks of; None: all."""
    clock: str | None = None
    """A zone whose clock counts as well as those of the customer's zones."""

    def open_on(self, day: date, code: str) -> tuple[time, time] | None:
        """The window of a local day."""
        if not self.on_holidays and day in public_holidays(code, day.year):
            return None
        return (*[self.weekday] * 5, self.saturday, self.sunday)[day.weekday()]

    def allow(self, wall: datetime, code: str) -> bool:
        """Whether the wall-clock time lies in the window of its day."""
        window = self.open_on(wall.date(), code)
        return window is not None and window[0] <= wall.time() < window[1]

    def clocks(self, zones: Sequence[str]) -> tuple[str, ...]:
        """The zones in which it must be open."""
        return tuple(dict.fromkeys([*zones, *([self.clock] if self.clock else [])]))


CALLS: Final = frozenset({"voice", "human"})


_CHILE: Final = Hours(
    weekday=(time(8), time(20)),
    saturday=(time(8), time(20)),
    sunday=None,
    on_holidays=False,
    cite="Ley 19.496, art. 37",
)

HOURS: Final[Mapping[str, Hours]] = {
    "US": Hours(
        weekday=(time(8), time(21)),
        saturday=(time(8), time(21)),
        sunday=(time(8), time(21)),
        on_holidays=True,
        cite="12 CFR 1006.6(b)(1)(i)",
    ),
    "CO": Hours(
        weekday=(time(7), time(19)),
        saturday=(time(8), time(15)),
        sunday=None,
        on_holidays=False,
        cite="Ley 2300 de 2023, art. 3",
    ),
    "MX": Hours(
        weekday=(time(7), time(22)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="CONDUSEF, DOF 7 Oct 2014, working days as PROFECO reads it",
    ),
    "US-DC": Hours(
        weekday=(time(8), time(21)),
        saturday=(time(8), time(21)),
        sunday=(time(8), time(21)),
        on_holidays=True,
        cite="D.C. Law 24-154, (k), Eastern time",
        channels=CALLS | {"sms"},
        clock="America/New_York",
    ),
    "CL": _CHILE,
    "CL-AP": _CHILE,
    "CL-NB": _CHILE,
    "PE": Hours(
        weekday=(time(7), time(20)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Ley 29571, art. 62.b",
        clock="America/Lima",
    ),
    "EC": Hours(
        weekday=(time(7), time(20)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Ley Orgánica de Defensa del Consumidor, art. 49",
    ),
    "BR": Hours(
        weekday=(time(7), time(22)),
        saturday=(time(7), time(22)),
        sunday=(time(7), time(22)),
        on_holidays=True,
        cite="guard: the night's rest, CDC art. 71",
    ),
    "BR-SP": Hours(
        weekday=(time(8), time(20)),
        saturday=(time(8), time(14)),
        sunday=None,
        on_holidays=False,
        cite="Lei 15.426/2014 (SP)",
        channels=CALLS,
    ),
    "BR-ES": Hours(
        weekday=(time(8), time(19)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Lei 10.626/2017 (ES)",
        channels=CALLS,
    ),
    "BR-RJ": Hours(
        weekday=(time(9), time(19)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Lei 7.868/18 (RJ); holidays: guard",
        channels=CALLS,
    ),
    "BR-AM": Hours(
        weekday=(time(8), time(19)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="Lei 306/16 (AM); opening and holidays: guard",
        channels=CALLS,
    ),
    "BR-AL": Hours(
        weekday=(time(8), time(20)),
        saturday=(time(8), time(14)),
        sunday=None,
        on_holidays=False,
        cite="Lei 7.782/2016 (AL)",
        channels=CALLS | {"sms"},
    ),
    "AR": Hours(
        weekday=(time(9), time(19)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="guard: no legal hours known",
    ),
    "ES": Hours(
        weekday=(time(9), time(21)),
        saturday=None,
        sunday=None,
        on_holidays=False,
        cite="guard: by analogy, LGDCU art. 96.2",
    ),
    "GB": Hours(
        weekday=(time(8), time(21)),
        saturday=(time(8), time(21)),
        sunday=None,
        on_holidays=True,
        cite="guard: CONC 7.9.4R, no unreasonable times",
    ),
}
"""Strict readings. A state's stand beside its country's, and one that is not named has none."""


@cache
def public_holidays(code: str, year: int) -> frozenset[date]:
    """Holidays of a country or state, with Colombia's of 9 July (Ley 2578 de 2026) in any library.

    Easter Sunday in Peru's is the library's alone; no Sunday is open there.
    """
    country, _, state = code.partition("-")
    found = set(holidays.country_holidays(country, subdiv=state or None, years=year))
    if country == "CO" and year >= 2026:
        ninth = date(year, 7, 9)
        found.add(ninth + timedelta(days=-ninth.weekday() % 7))
    return frozenset(found)
