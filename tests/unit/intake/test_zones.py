"""Candidate zones: what is known narrows them, what is not widens them."""

import pytest

from config.zones import GEO, candidate_zones, zones_of_country
from domain.intake import countries
from workers.regions import region_zones, table

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "phones", "stated", "zones"),
    [
        ("US", "US-TN", None, [], [], [CHICAGO, NEW_YORK]),
        ("US", "US-TN", "37201", [], [], [CHICAGO]),
        ("US", None, "37201-1234", [], [], [CHICAGO]),
        ("US", "US-NY", "37201", [], [], [CHICAGO, NEW_YORK]),  # ZIP and state disagree
        ("US", "US-TN", "37201", ["+12125550142"], [], [CHICAGO, NEW_YORK]),
        ("US", "US-MA", None, ["+12125550142", "+13125550142"], [], [CHICAGO, NEW_YORK]),
        ("US", "US-NE", None, [], [], [CHICAGO, DENVER]),
        ("US", "US-AZ", None, [], [], [DENVER, "America/Phoenix"]),
        ("US", "US-TN", "37201", ["+12125550142"], [DENVER], [DENVER]),
        ("US", "US-NY", None, ["+18005550142"], [], [NEW_YORK]),  # toll-free tells nothing
        ("US", None, None, ["+12125550142"], [], [NEW_YORK]),
        ("US", "US-PR", "00901", [], [], ["America/Puerto_Rico"]),
        ("PR", None, None, [], [], ["America/Puerto_Rico"]),
        ("MX", "MX-SON", None, [], [], ["America/Hermosillo"]),
        ("MX", "MX-BCN", None, [], [], ["America/Tijuana"]),
        ("MX", "MX-CMX", None, ["+520001234567"], [], ["America/Mexico_City"]),
        ("MX", None, None, ["+526640000001"], [], ["America/Tijuana"]),
        ("MX", "MX-CMX", None, ["+529980000001"], [], ["America/Cancun", "America/Mexico_City"]),
        ("CO", "CO-DC", None, ["+573990000001"], [], ["America/Bogota"]),
        ("CO", None, None, ["+12125550142"], [], ["America/Bogota", NEW_YORK]),
        ("CO", "CO-XXX", "", [], [], ["America/Bogota"]),
    ],
)
def test_zones_of_a_customer(
    country: str,
    region: str | None,
    postal_code: str | None,
    phones: list[str],
    stated: list[str],
    zones: list[str],
) -> None:
    assert candidate_zones(country, region, postal_code, phones, stated) == tuple(zones)


def test_quintana_roo_is_not_on_the_time_of_the_capital() -> None:
    zones = candidate_zones("MX", "MX-ROO", None, [], [])
    assert "America/Cancun" in zones
    assert "America/Mexico_City" not in zones


@pytest.mark.parametrize("region", [None, "US-ZZ", "US-AE"])
def test_nothing_known_gives_every_zone_of_the_country(region: str | None) -> None:
    zones = candidate_zones("US", region, "09001", ["+18005550142"], [])
    assert zones == zones_of_country("US")
    assert {NEW_YORK, "Pacific/Honolulu", "America/Adak"} <= set(zones)


def test_every_country_that_a_row_may_name_has_a_zone() -> None:
    assert [country for country in countries() if not zones_of_country(country)] == []


def test_the_table_of_regions_is_what_the_data_packages_say() -> None:
    """Fails after an update of their data: run ``python -m workers.regions``."""
    assert table(region_zones()) == (GEO / "regions.csv").read_text(encoding="utf-8")
