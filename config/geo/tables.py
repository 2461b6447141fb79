"""The tables of ``config/geo``, read once: where a region is, and what a prefix tells.

Where each row comes from is said in ``config/geo/README.md``; ``lab/geo_tables.py`` makes them.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from config.settings import ROOT

GEO: Final = ROOT / "config" / "geo"

Zones = tuple[str, ...]
"""IANA names."""

Regions = tuple[str, ...]
"""ISO 3166-2 codes, and those of cities with law of their own (US-NY-NYC); sorted."""


class PlaceHint(NamedTuple):
    """What an address or a telephone number says of where the customer may be.

    ``known`` is false for a place in the country of which no table knows where it is: it may be
    anywhere, which is more than saying nothing.
    """

    regions: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    known: bool = True
    abroad: bool = False
    """Of a number of another country: it widens what is known and tells nothing of home."""


NOTHING: Final = PlaceHint()
"""Of what belongs to no place: no address, a mobile of Chile, a toll-free number."""

SOMEWHERE: Final = PlaceHint(known=False)
"""Of a place in the country that no table knows."""


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a file of ``config/geo``."""
    with (GEO / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def known_elsewhere(table: str) -> dict[str, set[str]]:
    """What another source says of ``regions``, ``areas`` or ``zips``; it is added to the rest."""
    known = (row for row in rows("known.csv") if row["table"] == table)
    return {row["key"]: set(row["values"].split(";")) for row in known}


@cache
def zones_of_country(country: str) -> Zones:
    """All zones of an ISO 3166-1 country by name, after the time-zone database's ``zone.tab``."""
    return _country_zones().get(country, ())


@cache
def zones_of_region(region: str) -> Zones:
    """All zones of an ISO 3166-2 region; of one that no table knows, those of its country."""
    return _region_zones().get(region) or zones_of_country(region[:2])


@cache
def cities() -> dict[str, str]:
    """Each city with law of its own, and its region."""
    return {row["jurisdiction"]: f"US-{row['state']}" for row in rows("cities.csv")}


def with_cities(regions: frozenset[str]) -> frozenset[str]:
    """These regions, and the cities with law of their own in them."""
    return regions | {city for city, region in cities().items() if region in regions}


@cache
def regions_of_country(country: str) -> frozenset[str]:
    """The ISO 3166-2 codes of a country that are known; none where no table has the country."""
    return _regions().get(country, frozenset())


@cache
def has_regional_law(country: str) -> bool:
    """Whether a rule pack holds in only a part of a country."""
    return any((ROOT / "config" / "law").glob(f"{country.lower()}-*.yaml"))


@cache
def countries_of_zones() -> dict[str, frozenset[str]]:
    """Each zone of ``zone.tab`` and the countries that have it."""
    found: dict[str, set[str]] = defaultdict(set)
    for country, zones in _country_zones().items():
        for zone in zones:
            found[zone].add(country)
    return {zone: frozenset(countries) for zone, countries in found.items()}


@cache
def _country_zones() -> dict[str, Zones]:
    text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    table: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            table[country].append(zone)
    return {country: tuple(sorted(zones)) for country, zones in table.items()}


@cache
def _region_zones() -> dict[str, Zones]:
    return {row["region"]: tuple(row["zones"].split(";")) for row in rows("regions.csv")}


@cache
def _regions() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = defaultdict(set)
    for row in rows("admin1.csv"):
        table[row["iso_3166_2"][:2]].add(row["iso_3166_2"])
    return {country: frozenset(regions) for country, regions in table.items()}
