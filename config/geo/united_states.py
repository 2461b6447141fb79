"""ZIP codes and telephone area codes of the United States: the state, city and zones of each.

From the package zipcodes, which knows for every ZIP code its county, zone and area codes, and from
``younger.csv``, which has the younger area codes. The law itself says of which counties a city with
rules of its own is made (``config/geo/cities.csv``).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple
from zoneinfo import available_timezones

import phonenumbers
import zipcodes

from config.geo.tables import known_elsewhere, rows, with_cities, zones_of_region

MILITARY: Final = frozenset({"US-AA", "US-AE", "US-AP"})
"""States of the postal service for ships and bases, which are anywhere; not of ISO 3166-2."""

_US: Final = "US"


class Place(NamedTuple):
    """Where a ZIP code is: ISO 3166-2, a city with law of its own, and its IANA zones.

    More than one where another source names another. Military addresses have none, nor has a ZIP
    code whose zone the package does not know.
    """

    state: str
    city: str | None
    zones: frozenset[str]


class AreaCode(NamedTuple):
    """What an area code tells: its state, the cities with law of their own it may be in, its zones.

    One that is younger than the table of ZIP codes may be anywhere in its state.
    """

    state: str
    cities: frozenset[str]
    zones: frozenset[str]


def place_of_zip(zip_code: str) -> Place | None:
    """The place of a ZIP code, ``37201`` or ``37201-1234``; None if it is not known."""
    return _places().get(zip_code[:5])


def zip_codes() -> Iterator[dict[str, Any]]:
    """All entries of the package, a tenth at a time: its list of all stays in memory for good."""
    for first in "0123456789":
        yield from zipcodes.similar_to(first)  # type: ignore[no-untyped-call]


def area_code_of(digits: str) -> AreaCode | None:
    """What a number tells, given its digits from the calling code on; None outside the US.

    Toll-free numbers, and those of other countries that share the calling code, tell nothing.
    """
    return _area_codes().get(digits[1:4]) if digits.startswith("1") else None


@cache
def _places() -> dict[str, Place]:
    counties = {(row["state"], row["county"]): row["jurisdiction"] for row in rows("cities.csv")}
    beside = known_elsewhere("zips")
    real = available_timezones()
    one_of: dict[Place, Place] = {}
    found = {}
    for entry in zip_codes():
        place = Place(
            f"{_US}-{entry['state']}",
            counties.get((entry["state"], entry["county"])),
            frozenset({entry["timezone"]} & real | beside.get(entry["zip_code"], set())),
        )
        found[entry["zip_code"]] = one_of.setdefault(place, place)
    return found


@cache
def _area_codes() -> dict[str, AreaCode]:
    users: dict[str, Counter[Place]] = defaultdict(Counter)
    for entry in zip_codes():
        for code in entry["area_codes"]:
            users[code][_places()[entry["zip_code"]]] += 1
    younger = {row["area_code"]: row["state"] for row in rows("younger.csv")}
    table: dict[str, AreaCode] = {}
    for code in (f"{number}" for number in range(200, 1000)):
        number = phonenumbers.parse(f"+1{code}5550142")
        if phonenumbers.region_code_for_number(number) == _US:
            if code in users:
                table[code] = _told_by(users[code])
            elif code in younger:
                table[code] = _younger(younger[code])
    return table


def _told_by(places: Counter[Place]) -> AreaCode:
    """An area code belongs to one state; ZIP codes at a border name their neighbours' too.

    So the state that names it most often has it, and its city if that is most of it.
    """
    states: Counter[str] = Counter()
    for place, number in places.items():
        states[place.state] += number
    state, total = states.most_common(1)[0]
    inside = [(place, number) for place, number in places.items() if place.state == state]
    here: Counter[str | None] = Counter()
    for place, number in inside:
        here[place.city] += number
    city = {city for city, number in here.items() if city and 2 * number > total}
    return AreaCode(
        state, frozenset(city), frozenset(zone for place, _ in inside for zone in place.zones)
    )


def _younger(state: str) -> AreaCode:
    """An area code that may be anywhere in its state."""
    inside = with_cities(frozenset({state})) - {state}
    return AreaCode(state, inside, frozenset(zones_of_region(state)))
