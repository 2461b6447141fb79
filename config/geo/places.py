"""In which states and cities a customer may be, whose law then holds beside the country's.

A set, for the same reason as the zones: address and phone can disagree, and what is not known
widens it.
"""

from functools import lru_cache
from typing import Final

from config.geo.areas import regions_of_phone
from config.geo.postal import area_code_of, cities, place_of_zip

Regions = tuple[str, ...]
"""ISO 3166-2 codes, and those of cities with law of their own (US-NY-NYC); sorted."""

_US: Final = "US"


def regions_of_address(country: str, region: str | None, postal_code: str | None) -> Regions:
    """The stated region, the ZIP code's if that is another, and the cities among them.

    A region whose ZIP code is not known may be each of its cities.
    """
    found = {region} if region else set()
    place = place_of_zip(postal_code) if country == _US else None
    if place:
        found |= {place.state, *([place.city] if place.city else [])}
    for city, state in cities().items():
        if state in found and not (place and place.state == state):
            found.add(city)
    return tuple(sorted(found))


@lru_cache(maxsize=1 << 16)
def regions_of_phones(country: str, phones: tuple[str, ...]) -> Regions:
    """The states, and cities, to which the area codes of these numbers (E.164) belong.

    Only numbers of the customer's own country tell one; toll-free ones tell none.
    """
    tells = _regions_of_us_phone if country == _US else regions_of_phone
    return tuple(sorted({region for phone in phones for region in tells(phone, country)}))


def _regions_of_us_phone(phone: str, country: str) -> Regions:
    code = area_code_of(phone[1:])
    return tuple(region for region in (code.state, code.city) if region) if code else ()
