"""Places at the borders of time zones, each by a source other than the tables' own."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from config.geo.places import whereabouts
from config.geo.tables import known_elsewhere, rows, zones_of_country, zones_of_region

WITH_PACKS = ("AR", "BR", "CL", "CO", "EC", "ES", "GB", "MX", "PE", "US")


def clocks(zones: tuple[str, ...]) -> set[tuple[float, float]]:
    """Hours from UTC in January and July 2026, by which zones are alike or not."""
    at = [datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 7)]
    return {tuple(hours(when, zone) for when in at) for zone in zones}  # type: ignore[misc]


def hours(at: datetime, zone: str) -> float:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset.total_seconds() / 3600


# Ley de los Husos Horarios en los Estados Unidos Mexicanos (DOF 28 October 2022), arts. 3 to 5; the
# border municipalities keep the summer time of the United States. Postal codes of those, from the
# tax administration's catalogue c_CodigoPostal ("Tiempo del Centro en Frontera", satcfdi 26.10.1).
BORDER = {
    "CHH": ["32000", "32100", "32200", "32300", "32400", "32500", "32600", "32700", "31800"],
    "COA": ["26000", "26100", "26200", "26300", "26400", "26500", "26600", "27500"],
    "NLE": ["65000"],
    "TAM": ["87300", "87400", "87500", *(f"{prefix}00" for prefix in range(880, 890))],
}


@pytest.mark.parametrize(
    ("state", "code"), [(state, code) for state, codes in BORDER.items() for code in codes]
)
def test_the_border_of_mexico_may_be_on_summer_time(state: str, code: str) -> None:
    found = whereabouts("MX", None, code, ["+525512345671"])
    assert found.regions_of_address == (f"MX-{state}",)
    summers = {summer - winter for winter, summer in clocks(found.zones)}
    assert summers == {0, 1}, "and the rest of the state has none"


@pytest.mark.parametrize(
    ("region", "expected", "why"),
    [
        ("MX-BCN", {(-8, -7)}, "Baja California: as California, all year"),
        ("MX-SON", {(-7, -7)}, "Sonora: as Arizona, no summer time"),
        ("MX-SIN", {(-7, -7)}, "Sinaloa: Pacific"),
        ("MX-CMX", {(-6, -6)}, "the capital: Central"),
        ("MX-ROO", {(-5, -5), (-6, -6)}, "Quintana Roo: Southeast, since February 2015"),
        ("MX-CHH", {(-6, -6), (-7, -6), (-6, -5)}, "Chihuahua: three clocks since 30 October 2022"),
        ("MX-TAM", {(-6, -6), (-6, -5)}, "Tamaulipas and its border"),
        ("BR-AC", {(-5, -5)}, "Acre: Lei 12.876/2013"),
        ("BR-AM", {(-4, -4), (-5, -5), (-3, -3)}, "Amazonas, its west, and a town by Pará"),
        ("BR-MT", {(-4, -4), (-3, -3)}, "Mato Grosso, and a town by Goiás"),
        ("BR-PE", {(-3, -3), (-2, -2)}, "Pernambuco, with Fernando de Noronha"),
        ("CL-MA", {(-3, -3), (-3, -4)}, "Magallanes: no winter time"),
        ("CL-AI", {(-3, -3)}, "Aysén: Decreto 92 of 2025"),
        ("CL-VS", {(-3, -4), (-5, -6)}, "Valparaíso, with Easter Island"),
        ("EC-W", {(-6, -6)}, "Galápagos"),
        ("EC-G", {(-5, -5)}, "Guayas"),
        ("ES-GC", {(0, 1)}, "the Canaries, an hour behind"),
        ("ES-TF", {(0, 1)}, "the Canaries, an hour behind"),
        ("ES-M", {(1, 2)}, "Madrid"),
        ("ES-ML", {(1, 2)}, "Melilla"),
    ],
)
def test_the_clocks_of_a_region(region: str, expected: set[tuple[float, float]], why: str) -> None:
    assert clocks(zones_of_region(region)) == expected, why


@pytest.mark.parametrize(
    ("code", "zones", "why"),
    [
        ("37402", {"America/New_York"}, "Chattanooga"),
        ("37405", {"America/New_York", "America/Chicago"}, "Chattanooga too: the sources disagree"),
        ("47713", {"America/Chicago"}, "Evansville"),
        ("49801", {"America/Menominee"}, "Iron Mountain"),
        ("57501", {"America/Chicago"}, "Pierre"),
        ("57701", {"America/Denver"}, "Rapid City"),
        ("67735", {"America/Denver"}, "Goodland"),
        ("79901", {"America/Denver"}, "El Paso"),
        ("83544", {"America/Los_Angeles"}, "Orofino"),
        ("97914", {"America/Boise"}, "Ontario"),
        ("89883", {"America/Denver", "America/Los_Angeles"}, "West Wendover: 49 CFR part 71"),
        ("36867", {"America/Chicago", "America/New_York"}, "Phenix City lives by Georgia's clock"),
        ("86040", {"America/Denver", "America/Phoenix"}, "Page"),
        ("86502", {"America/Denver", "America/Phoenix"}, "the Navajo Nation has summer time"),
    ],
)
def test_zip_codes_at_the_borders_of_zones(code: str, zones: set[str], why: str) -> None:
    assert set(whereabouts("US", None, code, []).zones) == zones, why


def test_countries_with_one_clock_need_no_postal_codes() -> None:
    """Argentina has twelve zones by name; its postal codes are read for the law of the capital."""
    alike = {country for country in WITH_PACKS if len(clocks(zones_of_country(country))) == 1}
    assert alike == {"AR", "CO", "GB", "PE"}
    read = {row["prefix"][:2] for row in rows("postal.csv")} | {"US"}
    assert read >= set(WITH_PACKS) - alike


def test_every_region_with_a_row_has_zones_of_its_country() -> None:
    for row in rows("regions.csv"):
        country, zones = row["region"][:2], set(row["zones"].split(";"))
        # Islands that are countries of their own, and regions on two sides of a line that moved.
        foreign = zones - set(zones_of_country(country))
        assert not foreign or country not in set(WITH_PACKS) - {"US"}, row


def test_what_another_source_adds_is_in_the_tables_and_says_which() -> None:
    areas = {row["prefix"]: set(row["regions"].split(";")) for row in rows("areas.csv")}
    for region, zones in known_elsewhere("regions").items():
        assert zones <= set(zones_of_region(region))
    for prefix, regions in known_elsewhere("areas").items():
        assert regions <= areas[prefix]
    for code, zones in known_elsewhere("zips").items():
        assert zones < set(whereabouts("US", None, code, []).zones)
    assert all(row["source"] for row in rows("known.csv"))
