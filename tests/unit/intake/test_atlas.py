"""Regions that exist, and those that a row may not name."""

import holidays
import pytest

from config.geo.atlas import ATLAS, COMPLETE
from config.geo.tables import regions_of_country
from config.settings import ROOT


@pytest.mark.parametrize(
    ("country", "code", "near"),
    [
        ("US", "US-ZZ", ""),
        ("US", "US-MS1", "US-MS"),
        ("MX", "MX-BC", "MX-BCN"),
        ("CO", "CO-ANTI", "CO-ANT"),
        ("BR", "BR-SPA", "BR-SP"),
        ("ES", "ES-CANA", "ES-CN"),
        ("GB", "GB-ZZZ", ""),
        ("PE", "PE-LI", "PE-LIM"),
    ],
)
def test_a_region_that_does_not_exist_is_refused_with_near_ones(
    country: str, code: str, near: str
) -> None:
    with pytest.raises(ValueError, match=rf"is no region of {country} \(ISO 3166-2\)") as refused:
        ATLAS.region(country, code)
    assert near in str(refused.value)
    assert str(refused.value).count(f"{country}-") <= 3


@pytest.mark.parametrize(
    "code",
    [
        *("US-MA", "US-DC", "US-PR", "US-AE", "MX-CMX", "MX-DIF", "CL-NB", "ES-CN", "ES-GC"),
        *("GB-ENG", "GB-SCT", "GB-LND", "PE-LMA", "BR-DF", "AR-C", "EC-W", "CO-SAP"),
    ],
)
def test_one_that_exists_is_taken(code: str) -> None:
    assert ATLAS.region(code[:2], code) == code


def test_of_other_countries_the_form_is_enough() -> None:
    assert ATLAS.region("DE", "DE-ZZ") == "DE-ZZ"


def test_every_country_with_a_rule_pack_is_complete() -> None:
    packs = {path.stem.upper() for path in (ROOT / "config" / "law").glob("*.yaml")}
    assert {code[:2] for code in packs} == COMPLETE
    assert {code for code in packs if len(code.split("-")) == 2} <= {
        region for country in COMPLETE for region in regions_of_country(country)
    }


@pytest.mark.parametrize("country", sorted(COMPLETE))
def test_a_second_source_names_no_region_that_is_missing(country: str) -> None:
    """Those of which the package holidays has holidays of their own; some are cities, by name."""
    known = {code.split("-")[1] for code in regions_of_country(country)}
    listed = {code for code in holidays.country_holidays(country).subdivisions if len(code) <= 3}
    assert listed <= known
