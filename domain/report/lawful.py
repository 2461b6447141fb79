"""Lawful hours used: of the hours that the law left open, in how many anybody was contacted.

By the law of a country alone, for somebody who has consented to everything: what a region, a cap or
a missing consent takes away besides is not counted off.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from domain.channels import Channel
from domain.law.engine import opening_hours
from domain.law.model import RulePack
from domain.planning.limits.covered import consenting

HOURS: Final = 24

Open = Collection[tuple[date, int]]
"""Days and hours of a country's own clock."""
Openings = Callable[[str, str, date, date], Open | None]
"""By channel and country, what the law leaves open from a first to a last day; None: no law is
known of the country."""


class Made(NamedTuple):
    """Contacts in one hour of one day, by the customer's clock."""

    channel: str
    country: str
    day: date
    hour: int
    number: int


class Lawful(NamedTuple):
    """One channel in one country. Each list has the 24 hours of a day."""

    channel: str
    country: str
    open: Sequence[int]
    """On how many days of the period the law left the hour open, if only in part."""
    used: Sequence[int]
    """On how many of these somebody was contacted in it."""
    contacts: Sequence[int]
    """Contacts in hours that were open."""
    beside: int = 0
    """Contacts in hours that were closed by the country's clock: answers that are let out, or
    customers who live by another of its clocks."""

    @property
    def hours(self) -> int:
        """Lawful hours of the period."""
        return sum(self.open)

    @property
    def share(self) -> float | None:
        """Of them, the part that was used."""
        return sum(self.used) / self.hours if self.hours else None

    @property
    def each(self) -> float | None:
        """Contacts for each lawful hour."""
        return sum(self.contacts) / self.hours if self.hours else None

    @property
    def by_hour(self) -> list[float | None]:
        """Of each hour the part of its lawful days that was used; None: it was never lawful."""
        return [u / o if o else None for u, o in zip(self.used, self.open, strict=True)]


def openings(packs: Mapping[str, RulePack], actor: str) -> Openings:
    """What the law of each country leaves open."""
    return partial(_opening, packs, actor)


def used(made: Iterable[Made], law: Openings, first: date, last: date) -> list[Lawful]:
    """Of each channel and country with a contact, by what the law left open in these days."""
    found: dict[tuple[str, str], dict[tuple[date, int], int]] = defaultdict(dict)
    for one in made:
        at = found[one.channel, one.country]
        at[one.day, one.hour] = at.get((one.day, one.hour), 0) + one.number
    told = []
    for (channel, country), cells in sorted(found.items()):
        lawful = law(channel, country, first, last)
        if lawful is not None:
            told.append(_one(channel, country, cells, lawful))
    return told


def _one(channel: str, country: str, cells: Mapping[tuple[date, int], int], lawful: Open) -> Lawful:
    left, taken, number = [0] * HOURS, [0] * HOURS, [0] * HOURS
    for day, hour in lawful:
        left[hour] += 1
        contacts = cells.get((day, hour), 0)
        taken[hour] += contacts > 0
        number[hour] += contacts
    beside = sum(cells.values()) - sum(number)
    return Lawful(channel, country, left, taken, number, beside)


def _opening(
    packs: Mapping[str, RulePack], actor: str, channel: str, country: str, first: date, last: date
) -> Open | None:
    pack = packs.get(country)
    if pack is None:
        return None
    zone = ZoneInfo(pack.zone)
    since = datetime.combine(first, time.min, zone).astimezone(UTC)
    until = datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)
    request = consenting(pack, Channel(channel), actor, since)
    found: set[tuple[date, int]] = set()
    for stretch in opening_hours([pack], request, since, until):
        at = stretch.start
        while stretch.is_open and at < stretch.end:
            wall = at.astimezone(zone)
            found.add((wall.date(), wall.hour))
            at += timedelta(hours=1) - timedelta(minutes=wall.minute, seconds=wall.second)
    return found
