"""Amounts, dates and lists as people of a place write them (Babel)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_currency

_CENTS_OUT_OF_USE: Final = frozenset({"COP", "CRC"})
"""ISO gives them two decimals, daily life none (CLDR cashDigits, which Babel does not carry)."""


@lru_cache
def parse_locale(tag: str) -> Locale | None:
    """The Babel locale of ``es-CO`` or ``es_CO``; a region unknown to Babel falls back to language.

    None when not even the language is known.
    """
    parts = tag.replace("-", "_").split("_")
    for candidate in ("_".join(parts), parts[0]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return None


def money(amount: Decimal, currency: str, locale: Locale) -> str:
    """``amount`` with its currency, without decimals nobody uses: ``$450.000``, ``R$ 1.234,56``."""
    if currency in _CENTS_OUT_OF_USE and amount == amount.to_integral_value():
        whole = locale.currency_formats["standard"].pattern.replace(".00", "")
        return format_currency(amount, currency, format=whole, locale=locale, currency_digits=False)
    return format_currency(amount, currency, locale=locale)


def spoken_money(amount: Decimal, currency: str, locale: Locale) -> str:
    """``amount`` as it is said aloud: ``450.000 pesos colombianos``, ``12.50 US dollars``."""
    whole = amount == amount.to_integral_value()
    return format_currency(
        amount,
        currency,
        format="#,##0" if whole else None,
        locale=locale,
        currency_digits=not whole,
        format_type="name",
    )


def total(
    amounts: Iterable[tuple[str, Decimal]],
    locale: Locale,
    written: Callable[[Decimal, str, Locale], str] = money,
) -> str:
    """Sum of ``(currency, amount)`` pairs, by currency: ``$450.000 y US$20,00``."""
    ordered = sorted(amounts)
    sums = (
        written(sum((amount for _, amount in group), Decimal(0)), currency, locale)
        for currency, group in groupby(ordered, key=lambda pair: pair[0])
    )
    return enumeration(list(sums), locale)


def enumeration(items: Sequence[str], locale: Locale) -> str:
    """``a, b y c``."""
    return format_list(items, locale=locale) if items else ""


def day(value: date, locale: Locale) -> str:
    """Day and month in words: ``12 de julio``, ``July 12``."""
    return format_skeleton("MMMMd", value, locale=locale)


def long_day(value: date, locale: Locale) -> str:
    """Day, month and year: ``12 de julio de 2026``."""
    return format_date(value, "long", locale=locale)
