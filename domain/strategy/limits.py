"""What an operator sets beside the law: caps of a person, quiet times, what can be made in a day.

None of it opens anything: the law is asked all the same. Answers to what a customer asked, and the
confirmation of a stop, neither count nor are held: who asks is answered.
"""

import re
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from domain.calendar import is_zone
from domain.channels import Channel
from domain.law.terms import WEEKDAYS, Week, Weekday
from domain.model import Strict

WEEK_DAYS: Final = 7
MONTH_DAYS: Final = 30

OWN: Final = "own"
"""In the place of a country: the customer's own."""

_HOURS: Final = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")
_DAY: Final = 86_400


class Caps(Strict):
    """How often a person may be contacted at most: over all channels, all their accounts and all
    creditors, and whoever else has their telephone. A contact counts from its reservation on,
    people's own, too, unless it certainly reached no provider; people are not held by it."""

    day: Annotated[int, Field(ge=1)] | None = None
    """In one day of the customer's calendar."""
    week: Annotated[int, Field(ge=1)] | None = None
    """In any seven days of the customer's calendar that follow each other, not from Monday on: so
    no Sunday and Monday together have twice as many."""
    month: Annotated[int, Field(ge=1)] | None = None
    """In any thirty days of the customer's calendar that follow each other."""

    @property
    def windows(self) -> tuple[tuple[int, int, str], ...]:
        """What may be done in how many days, and what those are called."""
        named = ((self.day, 1, "day"), (self.week, WEEK_DAYS, "week"))
        all_ = (*named, (self.month, MONTH_DAYS, "month"))
        return tuple((most, days, name) for most, days, name in all_ if most is not None)


def _hours(text: str) -> str:
    found = _HOURS.fullmatch(text)
    if found is None or found[1] >= found[2]:
        raise ValueError(
            'must be hours such as "20:00-24:00", the end later than the beginning (a night is two '
            "entries, split at 24:00)"
        )
    return text


class QuietHours(Strict):
    """Hours on some days of the week."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    """`mon` to `sun`; left out: every day."""
    hours: Annotated[str, AfterValidator(_hours)]
    """From when until when, such as `"20:00-24:00"`; the end is not quiet any more."""


def _country(code: str) -> str:
    if code != OWN and not re.fullmatch("[A-Z]{2}", code):
        raise ValueError(f"must be a country's two capital letters (ISO 3166-1), or `{OWN}`")
    return code


class Quiet(Strict):
    """When nobody is contacted, by the customer's clock: where nobody knows in which of several
    zones they live, it is quiet once one of the clocks says so. It cuts the law's hours further,
    and widens nothing."""

    hours: tuple[QuietHours, ...] = ()
    """Hours of the week."""
    dates: tuple[date, ...] = ()
    """Whole days, such as `2026-12-24`."""
    holidays: tuple[Annotated[str, AfterValidator(_country)], ...] = ()
    """Whole days: the national holidays of these countries (ISO 3166-1), for all customers; `own`:
    those of the customer's country."""

    @property
    def open_week(self) -> Week | None:
        """The hours of the week that are not quiet; None: all."""
        if not self.hours:
            return None
        quiet: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
        for one in self.hours:
            opens, _, closes = one.hours.partition("-")
            for day in one.days:
                quiet[WEEKDAYS.index(day)].append((_second(opens), _second(closes)))
        return tuple(tuple(_between(sorted(day))) for day in quiet)


def _second(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 3_600 + int(minutes) * 60


def _between(quiet: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of a day."""
    left, at = [], 0
    for opens, closes in quiet:
        if opens > at:
            left.append((at, opens))
        at = max(at, closes)
    return [*left, (at, _DAY)] if at < _DAY else left


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError("must be a time zone (IANA), such as America/Bogota")
    return name


class Capacity(Strict):
    """How many contacts can be made in a day: by the whole operation, for all creditors, of all
    strategies that name the channel, which therefore have to name the same number and zone. A
    reservation counts, unless it was given back or certainly refused. When a day is full a contact
    takes another way that opens by the next day, unless the customer asked for this one, or waits;
    of those that wait, whoever has been due for more days goes earlier in the day."""

    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """Where the operation's day begins (IANA), such as `America/Bogota`."""
    channels: Annotated[dict[Channel, Annotated[int, Field(ge=0)]], Field(min_length=1)]
    """Contacts a day by channel; `human`: how many people's turns (`person` of a phase) are asked
    for in a day. A channel that is not named has no limit."""
