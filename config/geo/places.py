"""Where a customer may be: the zones whose clocks and the regions whose law hold for them.

Sets, because address and telephone can disagree, and then both hold. A zone too many costs an hour
of the window; a zone missing costs a call at an unlawful hour: so what is not known widens the
sets, and never narrows them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from config.geo.areas import phone_tells
from config.geo.postal import postal_code_tells
from config.geo.tables import (
    SOMEWHERE,
    PlaceHint,
    Regions,
    Zones,
    has_regional_law,
    regions_of_country,
    with_cities,
    zones_of_country,
    zones_of_region,
)
from config.geo.united_states import MILITARY
from config.geo.zones import best_known_first, stand_alone


class Whereabouts(NamedTuple):
    """Where a customer may be; every tuple is in a settled order."""

    zones: Zones
    """Candidate zones, the one most people live in first; never empty for an ISO country."""
    regions_of_address: Regions
    """Regions and cities where the address puts them; all of the country if nothing tells any."""
    regions_of_phones: Regions
    """The same of the area codes of their numbers."""


def whereabouts(
    country: str,
    region: str | None,
    postal_code: str | None,
    phones: Sequence[str],
    stated: Sequence[str] = (),
) -> Whereabouts:
    """Where the customer may be, by address, telephone numbers (E.164) and the zones they state.

    Stated zones of the country are actual knowledge and outweigh those of numbers; those of an
    address that lies in none of them hold as well, and with a zone of another country all do. An
    area code or postal code that no table knows may be anywhere in the country, unless the address
    says where.
    """
    address = _address_tells(country, region, postal_code)
    numbers = [phone_tells(phone, country) for phone in phones]
    at_home = [told for told in numbers if not told.abroad]
    lost = not address.zones and not all(told.known for told in (address, *at_home))
    zones = address.zones.union(*(told.zones for told in at_home))
    if lost or not zones:
        zones = frozenset(zones_of_country(country))
    zones = zones.union(*(told.zones for told in numbers if told.abroad))
    if stated and not stand_alone(country, stated):
        zones = zones.union(stated)
    elif stated:
        # Whoever states another place than the address does not know it: both hold.
        elsewhere = address.zones if address.zones.isdisjoint(stated) else frozenset()
        zones = elsewhere.union(stated)
    by_phone: frozenset[str] = frozenset().union(*(told.regions for told in at_home))
    by_address = address.regions
    if lost or not (by_address or by_phone):
        by_address = _everywhere(country)
    return Whereabouts(best_known_first(zones), tuple(sorted(by_address)), tuple(sorted(by_phone)))


def _address_tells(country: str, region: str | None, postal_code: str | None) -> PlaceHint:
    """The stated region and the postal code's, if that is another; both if they disagree.

    A region whose postal code does not say where in it may be each of its cities.
    """
    code = postal_code_tells(country, postal_code)
    if region in MILITARY:
        return code if code.regions else SOMEWHERE
    if region is None:
        return code
    if not code.regions:
        return PlaceHint(with_cities(frozenset({region})), frozenset(zones_of_region(region)))
    if region not in code.regions:
        stated = _address_tells(country, region, None)
        return PlaceHint(code.regions | stated.regions, code.zones | stated.zones)
    if country == "US":
        return code
    return _address_tells(country, region, None)


def _everywhere(country: str) -> frozenset[str]:
    """All regions and cities of a country some part of which has law of its own."""
    known = regions_of_country(country) if has_regional_law(country) else frozenset()
    return with_cities(known)
