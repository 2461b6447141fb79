"""Amounts and dates as people of each place write them."""

from datetime import date
from decimal import Decimal

import pytest

from config.wording import formats


@pytest.mark.parametrize(
    ("tag", "amount", "currency", "written"),
    [
        ("es-CO", "450000", "COP", "$450.000"),
        ("es_CO", "450000.50", "COP", "$450.000,50"),
        ("es-CO", "20", "USD", "US$20,00"),
        ("es-MX", "1234.5", "MXN", "$1,234.50"),
        ("es-MX", "20", "USD", "USD20.00"),
        ("es-CL", "45990", "CLP", "$45.990"),
        ("es", "450000", "COP", "450.000\u00a0COP"),
        ("es-ZZ", "99", "EUR", "99,00\u00a0€"),
        ("en-US", "1234.5", "USD", "$1,234.50"),
        ("en", "0", "USD", "$0.00"),
        ("pt-BR", "1234.5", "BRL", "R$\u00a01.234,50"),
        ("pt", "1234.5", "BRL", "R$\u00a01.234,50"),
    ],
)
def test_money(tag: str, amount: str, currency: str, written: str) -> None:
    locale = formats.parse_locale(tag)
    assert locale is not None
    assert formats.money(Decimal(amount), currency, locale) == written


@pytest.mark.parametrize(
    ("tag", "short", "long"),
    [
        ("es-CO", "12 de julio", "12 de julio de 2026"),
        ("es-MX", "12 de julio", "12 de julio de 2026"),
        ("en-US", "July 12", "July 12, 2026"),
        ("pt-BR", "12 de julho", "12 de julho de 2026"),
    ],
)
def test_dates(tag: str, short: str, long: str) -> None:
    locale = formats.parse_locale(tag)
    assert locale is not None
    assert formats.day(date(2026, 7, 12), locale) == short
    assert formats.long_day(date(2026, 7, 12), locale) == long


def test_totals_are_kept_apart_by_currency() -> None:
    locale = formats.parse_locale("es-CO")
    assert locale is not None
    owed = [("COP", Decimal(1000)), ("USD", Decimal(20)), ("COP", Decimal(500))]
    assert formats.total(owed, locale) == "$1.500 y US$20,00"


@pytest.mark.parametrize("tag", ["xx", "", "not a locale", "../es"])
def test_an_unknown_language_has_no_locale(tag: str) -> None:
    assert formats.parse_locale(tag) is None
