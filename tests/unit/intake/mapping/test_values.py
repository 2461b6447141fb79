"""Values as other systems write them are read by the stated marks and forms, or refused."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry.mapping.values import Cell, Marks, amount, day, fault_of_form, phone, plain

ES = Marks(",", ".")
US = Marks(".", ",")
FR = Marks(",", " ")
BARE = Marks()


@pytest.mark.parametrize(
    ("written", "marks", "read"),
    [
        ("$ 1.250.000,50", ES, "1250000.50"),
        ("R$ 1.234,56", ES, "1234.56"),
        ("R$\u00a01.234,56", ES, "1234.56"),
        ("1.234", ES, "1234"),
        ("12345", ES, "12345"),
        ("COP 48.000", ES, "48000"),
        ("48.000 COP", ES, "48000"),
        ("S/ 1,234.50", US, "1234.50"),
        ("$1,234.56", US, "1234.56"),
        ("1 234,56", FR, "1234.56"),
        ("1\u202f234,56", FR, "1234.56"),
        ("(1.234,56)", ES, "-1234.56"),
        ("1.234,56-", ES, "-1234.56"),
        ("-$ 500", ES, "-500"),
        ("$ -500", ES, "-500"),
        ("\u2212500", ES, "-500"),
        ("0,00", ES, "0.00"),
        ("", ES, ""),
        ("   ", ES, ""),
        ("450.000", BARE, "450.000"),
        (Decimal("1250000.5"), ES, "1250000.5"),
    ],
)
def test_an_amount_is_read_by_the_marks_that_are_stated(
    written: Cell, marks: Marks, read: str
) -> None:
    assert amount(written, marks) == read


@pytest.mark.parametrize(
    ("written", "marks"),
    [
        ("1234.56", ES),
        ("1.23", ES),
        ("1,234.56", ES),
        ("1.2345,00", ES),
        ("1.234.56", ES),
        ("1,234", BARE),
        ("12e5", BARE),
        ("1.5E+06", BARE),
        ("-", ES),
        ("abc123", BARE),
        ("XYZ 5", BARE),
        ("#N/A", BARE),
        ("(-5)", BARE),
        ("1 2", BARE),
        ("١٢٣", BARE),
        ("12\n13", BARE),
        (True, BARE),
        (date(2026, 1, 1), BARE),
        (Decimal(1234567890123456789), BARE),
    ],
)
def test_an_amount_that_does_not_fit_is_refused_and_not_guessed(
    written: Cell, marks: Marks
) -> None:
    with pytest.raises(ValueError, match=r"must be|is a number|must have"):
        amount(written, marks)


def test_cents_and_a_reversed_sign_are_turned() -> None:
    assert amount("125050", BARE, cents=True) == "1250.5"
    assert amount("-125050", BARE, cents=True, reversed_sign=True) == "1250.5"
    assert amount("0", BARE, reversed_sign=True) == "0"


@given(
    st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False),
    st.sampled_from([(",", "."), (".", ","), (",", " "), (".", "'"), (".", ""), (",", "")]),
)
def test_what_is_written_by_some_marks_is_read_back_by_them(
    value: Decimal, signs: tuple[str, str]
) -> None:
    decimal, thousands = signs
    whole, _, part = f"{value:,.2f}".partition(".")
    written = whole.replace(",", thousands) + decimal + part
    assert Decimal(amount(written, Marks(decimal, thousands))) == value


@pytest.mark.parametrize(
    ("written", "forms", "read"),
    [
        ("31/10/2026", ("DD/MM/YYYY",), "2026-10-31"),
        ("1/2/2026", ("D/M/YYYY",), "2026-02-01"),
        ("01/02/26", ("DD/MM/YY",), "2026-02-01"),
        ("01/02/98", ("DD/MM/YY",), "1998-02-01"),
        ("15-oct-2026", ("DD-MMM-YYYY",), "2026-10-15"),
        ("15 de octubre de 2026", ("D de MMM de YYYY",), None),
        ("5-Set-26", ("D-MMM-YY",), "2026-09-05"),
        ("15-março-2026", ("D-MMM-YYYY",), "2026-03-15"),
        ("20261031", ("YYYYMMDD",), "2026-10-31"),
        ("31/10/2026 00:00:00", ("DD/MM/YYYY",), "2026-10-31"),
        ("31/10/2026 12:00 a.m.", ("DD/MM/YYYY",), "2026-10-31"),
        ("2026-10-31T05:00:00.000", ("YYYY-MM-DD",), "2026-10-31"),
        ("46326", ("excel",), "2026-10-31"),
        (datetime(2026, 10, 31, 0, 0), ("DD/MM/YYYY",), "2026-10-31"),  # noqa: DTZ001
        (date(2026, 10, 31), ("DD/MM/YYYY",), "2026-10-31"),
        ("31/10/2026", ("MM/DD/YYYY", "DD/MM/YYYY"), "2026-10-31"),
        ("", ("DD/MM/YYYY",), ""),
    ],
)
def test_a_day_is_read_by_the_forms_that_are_stated(
    written: Cell, forms: tuple[str, ...], read: str | None
) -> None:
    if read is None:
        assert all(fault_of_form(form) for form in forms)
    else:
        assert day(written, forms) == read


@pytest.mark.parametrize(
    ("written", "forms"),
    [
        ("31/02/2026", ("DD/MM/YYYY",)),
        ("2026-10-31", ("DD/MM/YYYY",)),
        ("1/2/2026", ("DD/MM/YYYY",)),
        ("03/04/2026", ("DD/MM/YYYY", "MM/DD/YYYY")),
        ("0", ("excel",)),
        ("46326.5", ("excel",)),
        ("15-foo-2026", ("DD-MMM-YYYY",)),
        ("00/00/0000", ("DD/MM/YYYY",)),
        (True, ("DD/MM/YYYY",)),
    ],
)
def test_a_day_that_does_not_fit_is_refused(written: Cell, forms: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"must be a date|could be two days"):
        day(written, forms)


@pytest.mark.parametrize("form", ["DD/MM", "DD/MM/YYYY/DD", "%d/%m/%Y", "", "YYYY-MM-DDTHH"])
def test_a_form_that_is_none_is_told(form: str) -> None:
    assert fault_of_form(form) is not None


@pytest.mark.parametrize(
    ("written", "country", "read"),
    [
        ("300 123 4567", "CO", "+573001234567"),
        ("(301) 765-4321", "CO", "+573017654321"),
        ("573001234567", "CO", "+573001234567"),
        ("+57 300 123 4567", None, "+573001234567"),
        ("00573001234567", None, "+573001234567"),
        (Decimal(3001234567), "CO", "+573001234567"),
        ("11987654321", "BR", "+5511987654321"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("+1 212 555 0142", "CO", "+12125550142"),
        ("", "CO", ""),
    ],
)
def test_a_number_without_its_countrys_code_is_of_the_mappings_country(
    written: Cell, country: str | None, read: str
) -> None:
    assert phone(written, country) == read


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("3001234567", None),
        ("3.00123E+09", "CO"),
        ("3001234567 / 3017654321", "CO"),
        ("3001234567 3017654321", "CO"),
        ("no tiene", "CO"),
        ("0", "CO"),
        ("300-CALL-NOW", "CO"),
    ],
)
def test_what_is_no_single_number_is_refused(written: str, country: str | None) -> None:
    with pytest.raises(ValueError, match=r"must|was turned"):
        phone(written, country)


def test_a_workbooks_number_is_text_as_it_is_shown() -> None:
    assert plain(Decimal(12345)) == "12345"
    assert plain(Decimal(100)) == "100"
    with pytest.raises(ValueError, match="more than 15 figures"):
        plain(Decimal(12345678901234567))
