"""Candidate zones: what is known narrows them, what is not widens them."""

import pytest

from config.geo.areas import GEO, regions_of_phone
from config.geo.zones import candidate_zones, zones_of_country
from domain.intake import countries
from lab.geo_tables import tables

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
LOS_ANGELES = "America/Los_Angeles"
SANTIAGO, SAO_PAULO, GUAYAQUIL = "America/Santiago", "America/Sao_Paulo", "America/Guayaquil"
CHILE = ["America/Coyhaique", "America/Punta_Arenas", SANTIAGO, "Pacific/Easter"]
AMAZON = ["America/Manaus", "America/Santarem"]
SPAIN = ["Africa/Ceuta", "Atlantic/Canary", "Europe/Madrid"]


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
        ("US", "US-FL", None, [], [], [CHICAGO, NEW_YORK]),  # the panhandle is Central
        ("US", "US-FL", "32501", [], [], [CHICAGO]),  # Pensacola
        ("US", "US-FL", "33101", ["+13055550142"], [], [NEW_YORK]),  # Miami by both
        ("US", None, None, ["+18505550142"], [], [CHICAGO, NEW_YORK]),  # 850 spans both
        (
            "US",
            "US-MA",
            None,
            ["+18505550142"],
            [],
            [CHICAGO, NEW_YORK],
        ),  # one is presumed, all hold
        ("US", "US-WA", "98101", ["+12065550142"], [], [LOS_ANGELES]),
        ("US", "US-WA", "98101", ["+12125550142"], [], [LOS_ANGELES, NEW_YORK]),
        ("US", "US-DC", "20001", ["+12025550142"], [], [NEW_YORK]),
        (
            "US",
            "US-WA",
            "98101",
            ["+12125550142"],
            [LOS_ANGELES],
            [LOS_ANGELES],
        ),  # known to be there
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
        ("CL", "CL-RM", None, [], [], [SANTIAGO]),
        ("CL", "CL-MA", None, [], [], ["America/Punta_Arenas", SANTIAGO]),
        ("CL", "CL-VS", None, [], [], [SANTIAGO, "Pacific/Easter"]),
        ("CL", None, None, ["+56612212345"], [], ["America/Punta_Arenas", SANTIAGO]),
        # Chile's mobiles belong to no place: all four clocks.
        ("CL", None, None, ["+56961234567"], [], CHILE),
        ("CL", "CL-RM", None, ["+56961234567"], [], [SANTIAGO]),
        ("PE", "PE-LIM", None, ["+51912345678"], [], ["America/Lima"]),
        ("EC", "EC-W", None, [], [], ["Pacific/Galapagos"]),
        ("EC", "EC-P", None, ["+593991234567"], [], [GUAYAQUIL]),
        ("EC", None, None, ["+59322123456"], [], [GUAYAQUIL]),
        ("EC", None, None, ["+593991234567"], [], [GUAYAQUIL, "Pacific/Galapagos"]),
        ("BR", "BR-SP", None, [], [], [SAO_PAULO]),
        ("BR", "BR-AM", None, [], [], ["America/Eirunepe", *AMAZON]),
        ("BR", "BR-SP", None, ["+5568991234567"], [], ["America/Rio_Branco", SAO_PAULO]),
        # A mobile of Recife: the island of Noronha has its area code, and is an hour ahead.
        (
            "BR",
            None,
            None,
            ["+5581991234567"],
            [],
            ["America/Bahia", "America/Noronha", "America/Recife"],
        ),
        ("AR", "AR-C", None, ["+5491143211234"], [], ["America/Argentina/Buenos_Aires"]),
        ("ES", None, None, ["+34922123456"], [], ["Atlantic/Canary"]),
        ("ES", None, None, ["+34612345678"], [], SPAIN),
        ("ES", "ES-TF", None, [], [], SPAIN),
        ("GB", "GB-SCT", None, ["+447400123456"], [], ["Europe/London"]),
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


@pytest.mark.parametrize("country", ["US", "CO", "MX", "CL", "PE", "EC", "BR", "AR", "ES", "GB"])
def test_an_address_that_says_only_the_country_gives_all_its_zones(country: str) -> None:
    assert candidate_zones(country, None, None, [], []) == zones_of_country(country)


@pytest.mark.parametrize("region", [None, "US-ZZ", "US-AE"])
def test_nothing_known_gives_every_zone_of_the_country(region: str | None) -> None:
    zones = candidate_zones("US", region, "09001", ["+18005550142"], [])
    assert zones == zones_of_country("US")
    assert {NEW_YORK, "Pacific/Honolulu", "America/Adak"} <= set(zones)


def test_every_country_that_a_row_may_name_has_a_zone() -> None:
    assert [country for country in countries() if not zones_of_country(country)] == []


def test_the_tables_are_what_the_data_packages_say() -> None:
    """Fails after an update of their data: run ``python -m lab.geo_tables``."""
    for name, text in tables().items():
        assert text == (GEO / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize(
    ("country", "phone", "regions", "why"),
    [
        ("BR", "+5511961234567", ("BR-SP",), "11 is São Paulo, on mobiles too"),
        ("BR", "+5527999123456", ("BR-ES",), "27 is Vitória"),
        ("BR", "+5521987654321", ("BR-RJ",), "21 is Rio de Janeiro"),
        ("BR", "+5592991234567", ("BR-AM",), "92 is Manaus"),
        ("BR", "+5582991234567", ("BR-AL",), "82 is Maceió"),
        ("BR", "+5561991234567", ("BR-DF", "BR-GO"), "61 is Brasília and what lies around it"),
        ("BR", "+5508001234567", (), "toll-free tells nothing"),
        ("BR", "+12125550142", (), "a number of another country tells no Brazilian state"),
        ("AR", "+541143211234", ("AR-B", "AR-C"), "11 is the city and its suburbs"),
        ("AR", "+5491143211234", ("AR-B", "AR-C"), "so it is with the 9 of a mobile"),
        ("AR", "+543514123456", ("AR-X",), "351 is Córdoba"),
        ("CL", "+56582212345", ("CL-AP",), "58 is Arica"),
        ("CL", "+56961234567", (), "Chile's mobiles have no area code"),
        ("CO", "+573101234567", (), "no table, nothing told"),
    ],
)
def test_what_an_area_code_tells(
    country: str, phone: str, regions: tuple[str, ...], why: str
) -> None:
    assert regions_of_phone(phone, country) == regions, why
