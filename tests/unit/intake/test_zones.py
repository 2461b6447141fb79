"""Candidate zones: what is known narrows them, what is not widens them."""

from zoneinfo import available_timezones

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from config.geo.areas import phone_tells
from config.geo.places import whereabouts
from config.geo.tables import GEO, countries_of_zones, rows, zones_of_country
from config.geo.zones import best_known_first, canonical
from domain.entry.intake import countries
from lab.geo_tables import tables

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
LOS_ANGELES = "America/Los_Angeles"
SANTIAGO, SAO_PAULO, GUAYAQUIL = "America/Santiago", "America/Sao_Paulo", "America/Guayaquil"
CHILE = ["America/Coyhaique", "America/Punta_Arenas", SANTIAGO, "Pacific/Easter"]
AMAZON = ["America/Manaus", "America/Santarem"]
RECIFE = ["America/Bahia", "America/Noronha", "America/Recife"]
CANCUN = ["America/Cancun", "America/Merida", "America/Mexico_City"]
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
        ("US", "US-TN", "37201", ["+12125550142"], [DENVER], [CHICAGO, DENVER]),
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
        (
            "MX",
            "MX-CMX",
            None,
            ["+529980000001"],
            [],
            ["America/Cancun", "America/Merida", "America/Mexico_City"],
        ),
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
        ("ES", "ES-TF", None, [], [], ["Atlantic/Canary"]),
        ("ES", "ES-CE", None, [], [], ["Africa/Ceuta", "Europe/Madrid"]),
        ("ES", "ES-CN", None, ["+34612345678"], [], ["Atlantic/Canary"]),
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
    found = whereabouts(country, region, postal_code, phones, stated).zones
    assert sorted(found) == sorted(zones)


BORDER = ["America/Matamoros", "America/Monterrey"]
"""Matamoros has the summer time of the United States, the rest of the state none."""


@pytest.mark.parametrize(
    ("country", "postal_code", "phones", "zones", "why"),
    [
        ("MX", None, ["+526631234567"], ["America/Tijuana"], "Tijuana's younger area code"),
        ("MX", None, ["+526641234567"], ["America/Tijuana"], "its older one"),
        ("MX", None, ["+528681234567"], BORDER, "Matamoros"),
        ("MX", None, ["+528971234567"], BORDER, "Ciudad Río Bravo"),
        ("MX", None, ["+528911234567"], BORDER, "Ciudad Díaz Ordaz"),
        ("MX", None, ["+528621234567"], BORDER, "Coahuila"),
        ("MX", None, ["+528731234567"], BORDER, "Nuevo León"),
        ("MX", None, ["+528671234567"], BORDER, "Nuevo Laredo"),
        (
            "MX",
            None,
            ["+526561234567"],
            ["America/Chihuahua", "America/Ciudad_Juarez", "America/Ojinaga"],
            "Chihuahua has three clocks since October 2022",
        ),
        (
            "MX",
            None,
            ["+526621234567"],
            ["America/Hermosillo", "America/Mazatlan"],
            "Sonora; phonenumbers says Mazatlan, and both are kept",
        ),
        ("MX", None, ["+525512345671"], ["America/Mexico_City"], "the capital"),
        ("MX", None, ["+528011234567"], "all", "an area code that nobody knows"),
        ("MX", None, ["+525512345671", "+528011234567"], "all", "nor beside one that is known"),
        ("MX", "06600", ["+528011234567"], ["America/Mexico_City"], "but the address says where"),
        ("MX", "22000", ["+525512345671"], ["America/Mexico_City", "America/Tijuana"], "Tijuana"),
        ("MX", "1000", [], ["America/Mexico_City"], "01000 without its zero"),
        ("MX", "83000", [], ["America/Hermosillo"], "Hermosillo"),
        ("MX", "77500", [], ["America/Cancun", "America/Merida"], "Cancún"),
        ("MX", "88000", [], BORDER, "Nuevo Laredo"),
        ("BR", "69900", ["+5511991234567"], ["America/Rio_Branco", SAO_PAULO], "Acre"),
        ("BR", "69900-000", [], ["America/Rio_Branco"], "Acre"),
        ("BR", "1310100", [], [SAO_PAULO], "01310-100 without its zero"),
        ("BR", "53990-000", [], RECIFE, "Fernando de Noronha"),
        ("ES", "35001", ["+34912345678"], ["Atlantic/Canary", "Europe/Madrid"], "Las Palmas"),
        ("ES", "38001", [], ["Atlantic/Canary"], "Santa Cruz de Tenerife"),
        ("ES", "8001", ["+34912345678"], ["Europe/Madrid"], "08001, Barcelona"),
        ("ES", "51001", [], ["Africa/Ceuta", "Europe/Madrid"], "Ceuta"),
        ("ES", "52001", [], ["Africa/Ceuta"], "Melilla"),
        ("CL", "2770000", [], [SANTIAGO, "Pacific/Easter"], "Easter Island"),
        ("CL", "6200000", [], CHILE[:3], "Punta Arenas"),
        ("CL", "8340457", ["+56961234567"], [SANTIAGO], "Santiago"),
        ("EC", "200101", ["+59322123456"], [GUAYAQUIL, "Pacific/Galapagos"], "Galápagos"),
        ("EC", None, ["+59353012345"], [GUAYAQUIL, "Pacific/Galapagos"], "5: Manabí or Galápagos"),
        ("EC", None, ["+59342123456"], [GUAYAQUIL], "4: Guayas"),
        ("EC", "90105", [], [GUAYAQUIL], "090105 without its zero"),
        ("US", "2139", ["+14155550142"], [LOS_ANGELES, NEW_YORK], "02139 without its zero"),
        ("US", "601", [], ["America/Puerto_Rico"], "00601 without its zeros"),
        ("US", "2139O", ["+14155550142"], "all", "what cannot be read never narrows"),
        ("US", "00000", ["+14155550142"], "all", "nor does what nobody knows"),
        ("US", None, ["+14652345601"], "all", "an area code younger than the tables"),
        ("US", None, ["+12125550142", "+14652345601"], "all", "nor beside one that is known"),
        ("US", "02139", ["+14652345601"], [NEW_YORK], "but the address says where"),
    ],
)
def test_what_is_not_known_widens(
    country: str, postal_code: str | None, phones: list[str], zones: list[str] | str, why: str
) -> None:
    found = whereabouts(country, None, postal_code, phones).zones
    assert sorted(found) == sorted(zones_of_country(country) if zones == "all" else zones), why


@pytest.mark.parametrize("phone", ["+18092345606", "+16582345610", "+13672345605", "+447700900608"])
def test_a_number_of_another_country_says_nothing_of_home(phone: str) -> None:
    """Jamaica, Quebec and the Dominican Republic share the calling code of the United States."""
    assert set(whereabouts("US", None, None, [phone]).zones) > set(zones_of_country("US"))
    assert NEW_YORK in whereabouts("US", "US-NY", None, [phone]).zones


@pytest.mark.parametrize(
    ("country", "stated", "zones"),
    [
        ("CO", ["Asia/Tokyo"], ["America/Bogota", "Asia/Tokyo"]),
        ("CO", ["America/Bogota"], ["America/Bogota"]),
        ("US", ["America/Panama"], [NEW_YORK, "America/Panama"]),
        ("US", [CHICAGO, "America/Panama"], [CHICAGO, NEW_YORK, "America/Panama"]),
        ("US", [CHICAGO, DENVER], [CHICAGO, DENVER, NEW_YORK]),
    ],
)
def test_a_stated_zone_that_the_address_is_not_in_does_not_stand_alone(
    country: str, stated: list[str], zones: list[str]
) -> None:
    region = {"CO": "CO-DC", "US": "US-NY"}[country]
    assert sorted(whereabouts(country, region, None, [], stated).zones) == zones


@pytest.mark.parametrize(
    ("country", "postal_code", "phone", "stated", "zones"),
    [
        ("US", "02139", "+16175551234", LOS_ANGELES, {NEW_YORK, LOS_ANGELES}),
        ("US", "02139", "+14155551234", NEW_YORK, {NEW_YORK}),
        ("US", None, "+14155551234", NEW_YORK, {NEW_YORK}),
        (
            *("MX", "22000", "+526631234567", "America/Mexico_City"),
            {"America/Mexico_City", "America/Tijuana"},
        ),
        ("MX", "06000", "+526631234567", "America/Mexico_City", {"America/Mexico_City"}),
        ("ES", "35001", None, "Europe/Madrid", {"Atlantic/Canary", "Europe/Madrid"}),
    ],
)
def test_a_stated_zone_outweighs_a_number_and_is_kept_beside_an_address(
    country: str, postal_code: str, phone: str | None, stated: str, zones: set[str]
) -> None:
    found = whereabouts(country, None, postal_code, [phone] if phone else [], [stated])
    assert set(found.zones) == zones


@pytest.mark.parametrize(
    ("stated", "known"),
    [
        ("US/Pacific", LOS_ANGELES),
        ("US/Michigan", "America/Detroit"),
        ("Brazil/East", SAO_PAULO),
        ("Mexico/General", "America/Mexico_City"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("GB", "Europe/London"),
        ("Japan", "Asia/Tokyo"),
        ("Europe/Guernsey", "Europe/Guernsey"),  # a country of its own
        ("America/Bogota", "America/Bogota"),
    ],
)
def test_other_names_of_a_zone_become_the_one_that_is_known(stated: str, known: str) -> None:
    assert canonical(stated) == known


NO_PLACES = [
    *("UTC", "UCT", "Zulu", "Universal", "Greenwich", "GMT", "GMT0", "GMT+0", "GMT-0", "Factory"),
    *("EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "WET", "CET", "MET", "EET"),
    *("Etc/UTC", "Etc/GMT+5", "Etc/GMT-5", "Etc/GMT", "Etc/Zulu"),
]


@pytest.mark.parametrize("stated", NO_PLACES)
def test_an_offset_is_no_place(stated: str) -> None:
    with pytest.raises(ValueError, match="must be the zone of a place"):
        canonical(stated)


@pytest.mark.parametrize(
    "stated",
    ["localtime", "posix/America/Bogota", "EDT", "PST", "GMT-8", "utc", "-05:00", "zone.tab"],
)
def test_a_zone_that_the_database_does_not_have_is_refused(stated: str) -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        canonical(stated)


def test_every_name_of_the_database_is_a_place_that_is_known_or_refused() -> None:
    refused = set()
    for name in available_timezones():
        try:
            assert canonical(canonical(name)) == canonical(name)
        except ValueError:
            refused.add(name)
    assert set(NO_PLACES) <= refused
    assert {name for name in refused if "/" in name} == {
        name for name in available_timezones() if name.startswith("Etc/")
    }


@pytest.mark.parametrize(
    ("zones", "shown"),
    [
        (["America/Detroit", NEW_YORK, "America/Adak"], NEW_YORK),
        (["Europe/Guernsey", "Europe/Jersey", "Europe/London"], "Europe/London"),
        (["America/Araguaina", "America/Bahia", SAO_PAULO], SAO_PAULO),
        (["America/Bahia_Banderas", "America/Mexico_City"], "America/Mexico_City"),
        (["Africa/Ceuta", "Atlantic/Canary", "Europe/Madrid"], "Europe/Madrid"),
        (CHILE, SANTIAGO),
        (["Pacific/Galapagos", GUAYAQUIL], GUAYAQUIL),
        (["America/Argentina/Catamarca", "America/Argentina/Buenos_Aires"], None),
    ],
)
def test_the_zone_that_is_shown_is_the_one_most_people_live_in(
    zones: list[str], shown: str | None
) -> None:
    assert best_known_first(frozenset(zones))[0] == (shown or "America/Argentina/Buenos_Aires")


def test_one_clock_is_listed_under_one_name() -> None:
    assert best_known_first(frozenset({"Europe/Guernsey", "Europe/London"})) == ("Europe/London",)
    assert best_known_first(frozenset({"Europe/Guernsey"})) == ("Europe/Guernsey",)
    assert whereabouts("US", "US-NY", None, ["+447400123456"]).zones == (NEW_YORK, "Europe/London")


def test_every_zone_of_the_tables_has_the_name_of_today() -> None:
    names = {zone for zones in TIMEZONE_DATA.values() for zone in zones}
    assert {canonical(name) for name in names} <= set(countries_of_zones())
    assert whereabouts("CO", "CO-DC", None, ["+911123456789"]).zones[0] == "Asia/Kolkata"
    for row in rows("regions.csv"):
        assert set(row["zones"].split(";")) <= set(countries_of_zones()), row
    assert {row["zone"] for row in rows("zones.csv")} <= set(countries_of_zones())


def test_quintana_roo_is_not_on_the_time_of_the_capital() -> None:
    zones = whereabouts("MX", "MX-ROO", None, []).zones
    assert "America/Cancun" in zones
    assert "America/Mexico_City" not in zones


@pytest.mark.parametrize("country", ["US", "CO", "MX", "CL", "PE", "EC", "BR", "AR", "ES", "GB"])
def test_an_address_that_says_only_the_country_gives_all_its_zones(country: str) -> None:
    found = whereabouts(country, None, None, []).zones
    assert sorted(found) == list(zones_of_country(country))


@pytest.mark.parametrize("region", [None, "US-ZZ", "US-AE"])
def test_nothing_known_gives_every_zone_of_the_country(region: str | None) -> None:
    zones = whereabouts("US", region, "09001", ["+18005550142"]).zones
    assert sorted(zones) == list(zones_of_country("US"))
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
    assert sorted(phone_tells(phone, country).regions) == list(regions), why
