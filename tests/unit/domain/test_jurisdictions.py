"""Whose law may hold for a customer."""

from typing import Any

import pytest

from domain.account import Customer
from domain.jurisdictions import jurisdictions, reading_that_binds


def customer(country: str, **places: Any) -> Customer:
    zones = ("America/New_York",)
    return Customer(customer_id="C1", locale="en-US", country=country, zones=zones, **places)


@pytest.mark.parametrize(
    ("places", "codes", "why"),
    [
        ({}, ["US"], "nothing known"),
        ({"region": "US-MA"}, ["US", "US-MA"], "the stated region alone"),
        (
            {"regions_of_address": ("US-MA",), "regions_of_phones": ("US-MA",)},
            ["US", "US-MA"],
            "address and phone agree",
        ),
        (
            {"regions_of_address": ("US-MA",), "regions_of_phones": ("US-NY", "US-NY-NYC")},
            ["US", "US-NY", "US-NY-NYC", "US-MA"],
            "they disagree: both, where they live last",
        ),
        (
            {"regions_of_address": ("US-NY",), "regions_of_phones": ("US-NY", "US-NY-NYC")},
            ["US", "US-NY", "US-NY-NYC"],
            "a state before its city",
        ),
    ],
)
def test_every_region_told_binds(places: dict[str, Any], codes: list[str], why: str) -> None:
    assert jurisdictions(customer("US", **places), {}) == tuple(codes), why


@pytest.mark.parametrize(
    ("reading", "address", "phones", "codes"),
    [
        ("both", ("BR-SP",), ("BR-RJ",), ["BR", "BR-RJ", "BR-SP"]),
        ("address", ("BR-SP",), ("BR-RJ",), ["BR", "BR-SP"]),
        ("ddd", ("BR-SP",), ("BR-RJ",), ["BR", "BR-RJ"]),
        ("address", (), ("BR-RJ",), ["BR", "BR-RJ"]),
        ("ddd", ("BR-SP",), (), ["BR", "BR-SP"]),
    ],
)
def test_brazils_state_is_a_reading(
    reading: str, address: tuple[str, ...], phones: tuple[str, ...], codes: list[str]
) -> None:
    who = customer("BR", regions_of_address=address, regions_of_phones=phones)
    assert jurisdictions(who, {"br.state": reading}) == tuple(codes)
    if reading == "both":
        assert jurisdictions(who, {}) == tuple(codes), "the default"


@pytest.mark.parametrize(
    ("readings", "code", "told", "why"),
    [
        ({}, "BR-SP", "br.state=both", "by the area code alone it would not bind"),
        ({}, "BR-RJ", "br.state=both", "by the address alone it would not bind"),
        ({"br.state": "ddd"}, "BR-RJ", "br.state=ddd", "chosen by the operator"),
        ({}, "BR", None, "the country binds under every reading"),
    ],
)
def test_the_reading_by_which_a_state_binds_is_named(
    readings: dict[str, str], code: str, told: str | None, why: str
) -> None:
    who = customer("BR", regions_of_address=("BR-SP",), regions_of_phones=("BR-RJ",))
    assert reading_that_binds(who, readings, code) == told, why
    agreed = customer("BR", regions_of_address=("BR-SP",), regions_of_phones=("BR-SP",))
    assert reading_that_binds(agreed, readings, "BR-SP") is None, "address and number agree"


def test_no_reading_chooses_among_american_states() -> None:
    who = customer("US", regions_of_address=("US-MA",), regions_of_phones=("US-FL",))
    assert reading_that_binds(who, {}, "US-FL") is None
