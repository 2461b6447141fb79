"""What a telephone number tells of where its owner may be.

What a library answers where it has no entry of its own is a default, not knowledge: a number
counts only as far as a table has its area code.
"""

from functools import cache, lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.phonenumberutil import is_number_geographical
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from config.geo.tables import NOTHING, SOMEWHERE, PlaceHint, rows, with_cities, zones_of_region
from config.geo.united_states import area_code_of
from config.geo.zones import canonical


@lru_cache(maxsize=1 << 16)
def phone_tells(phone: str, country: str) -> PlaceHint:
    """Where in ``country`` an E.164 number puts the customer, or in which zones abroad.

    A foreign number tells zones, all it may mean, and no region.
    """
    calling_code = str(phonenumbers.country_code_for_region(country))
    number = phonenumbers.parse(phone)
    if not phone.startswith(f"+{calling_code}") or _is_a_neighbours(number, country):
        return PlaceHint(zones=_zones_of_prefix(phone[1:])[1], abroad=True)
    if country == "US":
        return _american(phone, number)
    if _numbered_by_region(calling_code):
        return _by_region(phone, number, country, calling_code)
    return _by_zone(phone, number, calling_code)


def _is_a_neighbours(number: PhoneNumber, country: str) -> bool:
    """Whether it is another country's that shares the calling code: Jamaica's, for the US."""
    return phonenumbers.region_code_for_number(number) not in (country, None)


def _american(phone: str, number: PhoneNumber) -> PlaceHint:
    """By the area code; beside the zones in which ZIP codes use it, what phonenumbers says.

    The two name different zones for many an area code that spans two, as Florida's 850.
    """
    code = area_code_of(phone[1:])
    if code is None:
        return _of_no_table(number)
    matched, zones = _zones_of_prefix(phone[1:])
    beside = zones if len(matched) >= len("1850") else frozenset()
    return PlaceHint(frozenset({code.state, *code.cities}), code.zones | beside)


def _by_region(phone: str, number: PhoneNumber, country: str, calling_code: str) -> PlaceHint:
    """The regions of its area code and their zones, and a zone that phonenumbers has for it.

    For an area that it describes, and for it alone: phonenumbers knows one zone for all of Chile,
    and takes what it does not know of Mexico for the capital's.
    """
    # Argentina writes a 9 between country and area code of mobiles.
    local = phone[1 + len(calling_code) :]
    mobile = phonenumbers.country_mobile_token(int(calling_code))
    digits = f"{calling_code}{local.removeprefix(mobile)}"
    for length in range(min(len(digits), _longest()), len(calling_code), -1):
        regions = _area_codes().get(digits[:length])
        if regions is not None:
            break
    else:
        return _of_no_table(number)
    matched, zones = _zones_of_prefix(digits)
    told = {zone for region in regions for zone in zones_of_region(region)}
    knows = len(matched) >= length and digits[:length] in _described()
    beside = zones if knows else frozenset()
    return PlaceHint(with_cities(frozenset(regions)), frozenset(told | beside))


def _by_zone(phone: str, number: PhoneNumber, calling_code: str) -> PlaceHint:
    """The zones that phonenumbers has for a number that belongs to a place."""
    matched, zones = _zones_of_prefix(phone[1:])
    if not is_number_geographical(number) or len(matched) <= len(calling_code):
        return _of_no_table(number)
    return PlaceHint(zones=zones)


def _of_no_table(number: PhoneNumber) -> PlaceHint:
    """A mobile of Chile or a toll-free number says nothing; an area code unknown, somewhere."""
    unknown = phonenumbers.number_type(number) is PhoneNumberType.UNKNOWN
    return SOMEWHERE if unknown or is_number_geographical(number) else NOTHING


@cache
def _numbered_by_region(calling_code: str) -> bool:
    return any(prefix.startswith(calling_code) for prefix in _area_codes())


def _zones_of_prefix(digits: str) -> tuple[str, frozenset[str]]:
    """The longest prefix that phonenumbers has a zone for, and its zones."""
    for length in range(min(len(digits), TIMEZONE_LONGEST_PREFIX), 0, -1):
        zones = TIMEZONE_DATA.get(digits[:length])
        if zones is not None:
            # Under their names of today: the library still has Asia/Calcutta.
            return digits[:length], frozenset(map(canonical, zones))
    return "", frozenset()


@cache
def _area_codes() -> dict[str, tuple[str, ...]]:
    return {row["prefix"]: tuple(row["regions"].split(";")) for row in rows("areas.csv")}


@cache
def _described() -> frozenset[str]:
    """The area codes that phonenumbers describes. Its own table of them takes 100 MB."""
    return frozenset(row["prefix"] for row in rows("described.csv"))


@cache
def _longest() -> int:
    return max(map(len, _area_codes()))
