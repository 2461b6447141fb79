"""The hours of every law, at their edges."""

from datetime import date

import pytest

from lab.proof.hours import public_holidays
from lab.proof.verdict import Proof, prove
from tests.support.runs import attempt_row, received_row
from tests.unit.proof.support import (
    BOGOTA,
    BUENOS_AIRES,
    EAST,
    GUAYAQUIL,
    LIMA,
    MEXICO,
    SANTIAGO,
    SAO_PAULO,
    WEST,
    at,
    broken,
)


def of(country: str, zones: list[str], when: str) -> Proof:
    """The proof over one received attempt."""
    row = at(attempt_row(), when, jurisdictions=[country], zones=zones)
    return prove([row], [received_row(row, at=when)])


@pytest.mark.parametrize(
    ("country", "zones", "when"),
    [
        ("CO", [BOGOTA], "2026-03-04T06:59:59-05:00"),
        ("CO", [BOGOTA], "2026-03-04T19:00:00-05:00"),
        ("CO", [BOGOTA], "2026-03-07T07:30:00-05:00"),
        ("CO", [BOGOTA], "2026-03-07T15:00:00-05:00"),
        ("CO", [BOGOTA], "2026-03-08T11:00:00-05:00"),
        ("CO", [BOGOTA], "2026-03-23T11:00:00-05:00"),
        ("CO", [BOGOTA], "2026-07-13T11:00:00-05:00"),
        ("CO", [BOGOTA, "Europe/Madrid"], "2026-03-04T15:00:00-05:00"),
        ("MX", [MEXICO], "2026-03-04T06:59:59-06:00"),
        ("MX", [MEXICO], "2026-03-04T22:00:00-06:00"),
        ("MX", [MEXICO], "2026-03-07T11:00:00-06:00"),
        ("MX", [MEXICO], "2026-03-08T11:00:00-06:00"),
        ("MX", [MEXICO], "2026-09-16T11:00:00-06:00"),
        ("US", [EAST], "2026-03-04T07:59:59-05:00"),
        ("US", [EAST], "2026-03-04T21:00:00-05:00"),
        ("US", [EAST, WEST], "2026-03-04T10:59:59-05:00"),
        ("US-MA", [EAST], "2026-03-04T21:00:00-05:00"),
        ("FR", ["Europe/Paris"], "2026-03-04T11:00:00+01:00"),
        ("CL", [SANTIAGO], "2026-11-18T07:59:59-03:00"),
        ("CL", [SANTIAGO], "2026-11-21T20:00:00-03:00"),
        ("CL", [SANTIAGO], "2026-11-22T11:00:00-03:00"),
        ("CL", [SANTIAGO], "2026-12-08T11:00:00-03:00"),
        ("CL", [SANTIAGO, "America/Punta_Arenas"], "2026-07-15T19:00:00-04:00"),
        ("CL-NB", [SANTIAGO], "2026-08-20T11:00:00-04:00"),
        ("PE", [LIMA], "2026-11-18T06:59:59-05:00"),
        ("PE", [LIMA], "2026-11-18T20:00:00-05:00"),
        ("PE", [LIMA], "2026-11-21T11:00:00-05:00"),
        ("PE", [LIMA], "2026-10-08T11:00:00-05:00"),
        ("PE", ["Europe/Madrid"], "2026-11-18T12:00:00+01:00"),
        ("PE", [LIMA, "Europe/Madrid"], "2026-11-18T14:00:00-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-18T06:59:59-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-18T20:00:00-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-21T11:00:00-05:00"),
        ("EC", [GUAYAQUIL], "2026-05-25T11:00:00-05:00"),
        ("EC", [GUAYAQUIL, "Pacific/Galapagos"], "2026-11-18T07:59:59-05:00"),
        ("BR", [SAO_PAULO], "2026-11-18T06:59:59-03:00"),
        ("BR", [SAO_PAULO], "2026-11-18T22:00:00-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-11-18T20:00:00-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-11-21T14:00:00-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-11-22T11:00:00-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-09-16T11:00:00-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-18T08:59:59-03:00"),
        ("AR-C", [BUENOS_AIRES], "2026-11-18T19:00:00-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-21T11:00:00-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-23T11:00:00-03:00"),
        ("ES", ["Europe/Madrid"], "2026-11-18T08:59:59+01:00"),
        ("ES", ["Europe/Madrid"], "2026-11-18T21:00:00+01:00"),
        ("ES", ["Europe/Madrid"], "2026-11-21T11:00:00+01:00"),
        ("ES", ["Europe/Madrid"], "2026-10-12T11:00:00+02:00"),
        ("ES", ["Europe/Madrid", "Atlantic/Canary"], "2026-11-18T09:59:59+01:00"),
        ("GB", ["Europe/London"], "2026-11-18T07:59:59+00:00"),
        ("GB", ["Europe/London"], "2026-11-21T21:00:00+00:00"),
        ("GB", ["Europe/London"], "2026-11-22T11:00:00+00:00"),
        ("US-DC", [WEST], "2026-11-18T18:00:00-08:00"),
    ],
)
def test_outside_the_hours(country: str, zones: list[str], when: str) -> None:
    proof = of(country, zones, when)
    assert broken(proof) == {"hours"}
    assert proof.unlawful


@pytest.mark.parametrize(
    ("country", "zones", "when"),
    [
        ("CO", [BOGOTA], "2026-03-04T07:00:00-05:00"),
        ("CO", [BOGOTA], "2026-03-04T18:59:59.9-05:00"),
        ("CO", [BOGOTA], "2026-03-07T08:00:00-05:00"),
        ("MX", [MEXICO], "2026-03-04T21:59:59-06:00"),
        ("US", [EAST], "2026-03-08T08:00:00-04:00"),
        ("US", [EAST], "2026-07-04T20:59:59-04:00"),
        ("US", [EAST, WEST], "2026-03-04T11:00:00-05:00"),
        ("CL", [SANTIAGO], "2026-11-18T08:00:00-03:00"),
        ("CL", [SANTIAGO], "2026-11-21T19:59:59-03:00"),
        ("CL", [SANTIAGO], "2026-08-20T11:00:00-04:00"),
        ("PE", [LIMA], "2026-11-18T07:00:00-05:00"),
        ("PE", [LIMA], "2026-11-18T19:59:59-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-18T07:00:00-05:00"),
        ("EC", [GUAYAQUIL], "2026-11-18T19:59:59-05:00"),
        ("BR", [SAO_PAULO], "2026-11-22T07:00:00-03:00"),
        ("BR-SP", [SAO_PAULO], "2026-11-22T21:59:59-03:00"),
        ("BR-AL", ["America/Maceio"], "2026-11-21T13:59:59-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-18T09:00:00-03:00"),
        ("AR", [BUENOS_AIRES], "2026-11-18T18:59:59-03:00"),
        ("ES", ["Europe/Madrid"], "2026-11-18T20:59:59+01:00"),
        ("GB", ["Europe/London"], "2026-11-21T20:59:59+00:00"),
        ("GB", ["Europe/London"], "2026-12-25T11:00:00+00:00"),
        ("US-DC", [WEST], "2026-11-18T17:59:59-08:00"),
    ],
)
def test_inside_the_hours(country: str, zones: list[str], when: str) -> None:
    assert of(country, zones, when).holds


@pytest.mark.parametrize(
    ("state", "when"),
    [
        ("SP", "2026-11-18T20:00:00-03:00"),
        ("SP", "2026-11-21T14:00:00-03:00"),
        ("SP", "2026-11-22T11:00:00-03:00"),
        ("SP", "2026-07-09T11:00:00-03:00"),
        ("ES", "2026-11-18T19:00:00-03:00"),
        ("ES", "2026-11-21T11:00:00-03:00"),
        ("RJ", "2026-11-18T08:59:59-03:00"),
        ("RJ", "2026-04-23T11:00:00-03:00"),
        ("AM", "2026-11-18T07:59:59-03:00"),
        ("AM", "2026-11-18T19:00:00-03:00"),
    ],
)
def test_brazilian_states_bind_calls(state: str, when: str) -> None:
    for channel, found in (("voice", {"hours"}), ("human", {"hours"}), ("sms", set())):
        codes = ["BR", f"BR-{state}"]
        row = at(attempt_row(), when, jurisdictions=codes, zones=[SAO_PAULO], channel=channel)
        assert broken(prove([row], [received_row(row, at=when, channel=channel)])) == found


def test_the_hours_bind_an_attempt_that_nobody_received() -> None:
    row = at(attempt_row(state="undelivered"), "2026-03-08T11:00:00-05:00")
    assert broken(prove([row], [])) == {"hours"}


def test_the_portfolios_own_country_and_zones_count_too() -> None:
    row = attempt_row(jurisdictions=["US"], zones=[BOGOTA])
    sunday = at(row, "2026-03-08T11:00:00-05:00")
    account = {"creditor": "meridian", "account_id": "100", "country": "CO", "zones": [BOGOTA]}
    received = [received_row(sunday)]
    assert prove([sunday], received).holds
    assert broken(prove([sunday], received, accounts=[account])) == {"hours"}


def test_no_zone_is_never_lawful() -> None:
    row = attempt_row(zones=[])
    assert broken(prove([row], [received_row(row)])) == {"hours"}


def test_chiquinquira_is_a_holiday_from_2026_on_whatever_the_library_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    public_holidays.cache_clear()
    monkeypatch.setattr("holidays.country_holidays", lambda *_, **__: [])
    try:
        assert public_holidays("CO", 2025) == set()
        assert public_holidays("CO", 2026) == {date(2026, 7, 13)}
        assert public_holidays("CO", 2027) == {date(2027, 7, 12)}
        assert public_holidays("CO", 2029) == {date(2029, 7, 9)}
    finally:
        public_holidays.cache_clear()
