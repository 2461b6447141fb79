"""In which time zones a customer may be: a set, because address and phone can disagree.

All of it comes from data packages: ZIP codes (``postal.py``), regions (tables made from GeoNames),
area codes (phonenumbers, ``areas.py``, ``postal.py``), countries (tzdata). A zone too many costs an
hour of the window; a zone missing costs a call at an unlawful hour, so what is not known widens the
set.
"""

import csv
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import available_timezones

import phonenumbers
from phonenumbers.phonenumberutil import is_number_geographical
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from config.geo.areas import GEO, numbered_by_region, regions_of_phone
from config.geo.postal import area_code_of, place_of_zip

Zones = tuple[str, ...]


def candidate_zones(
    country: str,
    region: str | None,
    postal_code: str | None,
    phones: Sequence[str],
    stated: Sequence[str],
) -> Zones:
    """Every IANA zone in which the customer may be, sorted; never empty for an ISO country.

    Stated zones are actual knowledge and stand alone. Otherwise the zones of the address and of
    the phone numbers (E.164) together; when nothing says where in the country, all its zones.
    """
    if stated:
        return tuple(sorted(set(stated)))
    calling_code = _calling_code(country)
    at_home = set(_zones_of_address(country, region, postal_code))
    abroad: set[str] = set()
    for phone in phones:
        if phone.startswith(f"+{calling_code}"):
            at_home.update(_zones_of_own(phone, country))
        else:
            abroad.update(_zones_of_prefix(phone[1 : TIMEZONE_LONGEST_PREFIX + 1], calling_code))
    return tuple(sorted((at_home or set(zones_of_country(country))) | abroad))


@cache
def zones_of_country(country: str) -> Zones:
    """All zones of an ISO 3166-1 country, after the time-zone database's own ``zone.tab``."""
    return _country_table().get(country, ())


@lru_cache(maxsize=1 << 16)
def _zones_of_address(country: str, region: str | None, postal_code: str | None) -> Zones:
    zones: set[str] = set()
    place = place_of_zip(postal_code) if country == "US" else None
    if place and place.zone:
        zones.add(place.zone)
    if region and not (place and place.zone and place.state == region):
        zones.update(_zones_of_region(region))
    return tuple(zones)


def _zones_of_region(region: str) -> Zones:
    return _region_table().get(region, ())


@lru_cache(maxsize=1 << 16)
def _zones_of_own(phone: str, country: str) -> Zones:
    """Zones that a number of the customer's own country tells; none where it belongs to no place.

    Where we know the regions of area codes, the region's zones: phonenumbers knows one zone for all
    of Chile, and takes mobiles of Pernambuco for Fernando de Noronha's.
    """
    calling_code = _calling_code(country)
    if numbered_by_region(calling_code):
        regions = regions_of_phone(phone, country)
        return tuple({zone for region in regions for zone in _zones_of_region(region)})
    number = phonenumbers.parse(phone)
    if phonenumbers.number_type(
        number
    ) is phonenumbers.PhoneNumberType.MOBILE and not is_number_geographical(number):
        return ()
    return _zones_of_prefix(phone[1 : TIMEZONE_LONGEST_PREFIX + 1], calling_code)


@lru_cache(maxsize=1 << 16)
def _zones_of_prefix(digits: str, calling_code: str) -> Zones:
    """Zones of the longest known prefix of a number, and all in which its area code is in use.

    Phonenumbers names one zone for many an American area code that spans two, as Florida's 850. A
    number that only tells the customer's own calling code (toll-free, an unknown area code)
    tells nothing where that code spans zones; a foreign one widens the set by all it may mean.
    """
    for length in range(len(digits), 0, -1):
        zones = TIMEZONE_DATA.get(digits[:length])
        if zones is not None:
            vague = len(zones) > 1 and digits[:length] == calling_code
            used = area_code_of(digits)
            found = {*(() if vague else zones), *(used.zones if used else ())}
            return tuple(zone for zone in found if zone in _real())
    return ()


@cache
def _calling_code(country: str) -> str:
    return str(phonenumbers.country_code_for_region(country))


@cache
def _real() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _country_table() -> dict[str, Zones]:
    text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    table: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            table[country].append(zone)
    return {country: tuple(sorted(zones)) for country, zones in table.items()}


@cache
def _region_table() -> dict[str, Zones]:
    with (GEO / "regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["region"]: tuple(row["zones"].split(";")) for row in csv.DictReader(file)}
