"""Amounts of money: what may be written, and from which sum on a debt is worth a message.

One rule for every door (files, starts, signals, requests): a point before the decimals and no other
mark; no more decimals than the currency has; no exponent; no more than a debt can be. ``450.000``
is refused and not read as 450: in half of the world it means 450000.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Final

from babel.core import get_global
from babel.numbers import get_currency_precision, get_territory_currencies

from domain.amounts import spelling

KEPT: Final = 2
"""Decimals that are kept, of any currency."""

MOST: Final = Decimal(10) ** 12
"""No debt of a person is larger, in any currency without an entry in ``LEAST``."""

_TIMES: Final = Decimal(10) ** 8
"""No debt of a person is so many times the least that is worth a message: 100 million dollars."""

LEAST: Final[Mapping[str, Decimal]] = MappingProxyType(
    {
        code: Decimal(amount)
        for code, amount in (
            ("ARS", 100),
            ("BOB", 1),
            ("BRL", 1),
            ("CAD", 1),
            ("CLP", 100),
            ("COP", 1000),
            ("CRC", 100),
            ("DOP", 10),
            ("EUR", 1),
            ("GBP", 1),
            ("GTQ", 1),
            ("HNL", 10),
            ("MXN", 10),
            ("NIO", 10),
            ("PEN", 1),
            ("PYG", 1000),
            ("USD", 1),
            ("UYU", 10),
            ("VES", 100),
        )
    }
)
"""Below these sums a debt is dust, what rounding and part payments leave: powers of ten between
about ten cents and a dollar. An operator's own table goes before (CONTRAPUNTO_LEAST_AMOUNTS)."""

_WHOLE: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"}
    | {"VUV", "XAF", "XOF", "XPF"}
)
"""Currencies without decimals in ISO 4217 (list one, minor unit 0). CLDR's own figure is another
thing: it is 0 also where cents are only out of use."""

_PLAIN: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")


@cache
def currencies() -> frozenset[str]:
    """The ISO 4217 codes of all currencies in use, funds included."""
    known = {
        code
        for country in get_global("territory_currencies")
        for code in get_territory_currencies(country, tender=True, non_tender=True)
    }
    return frozenset(known - {"XXX"})  # ISO 4217 for "no currency"


def decimals(currency: str | None) -> int:
    """How many decimals an amount may have: those of ISO 4217, of which two are kept."""
    return 0 if currency in _WHOLE else KEPT


def most(currency: str | None) -> Decimal:
    """What no debt in this currency exceeds."""
    return LEAST[currency] * _TIMES if currency is not None and currency in LEAST else MOST


def least(currency: str, chosen: Mapping[str, Decimal] = LEAST) -> Decimal:
    """The smallest debt that is worth a message: the operator's, ours, or one whole unit.

    Never less than the smallest amount that does not read as nothing.
    """
    smallest = Decimal(1).scaleb(-min(decimals(currency), get_currency_precision(currency)))
    return max(smallest, chosen.get(currency, LEAST.get(currency, Decimal(1))))


def written(value: object) -> Decimal:
    """The amount that a text or a whole number says; raises ValueError with the rule it breaks.

    Which decimals its currency has, and how large it may be, ``fault`` says.
    """
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = spelling(Decimal(value) if isinstance(value, int) else value)
    if not isinstance(value, str):
        raise ValueError("must be a decimal number such as 1234.50")
    if value.startswith("-"):
        raise ValueError("must not be negative")
    if _PLAIN.fullmatch(value):
        return Decimal(value)
    if re.fullmatch(r"[0-9]+\.[0-9]{3,}", value):
        raise ValueError(_too_many_decimals(value, KEPT))
    if re.fullmatch(r"[0-9]{17,}(\.[0-9]*)?", value):
        raise ValueError("must have at most 16 digits before the point")
    raise ValueError(
        "must be written out as a plain number such as 1234.50: a point before the decimals, no "
        "separators between thousands, no currency sign, no exponent"
    )


def fault(amount: Decimal, currency: str | None) -> str | None:
    """Which rule an amount breaks as it was written; None when it keeps them all.

    ``currency`` is None where it is not known. The sign is the caller's affair: a balance may be
    below nothing, a payment may not.
    """
    kept, said = decimals(currency), spelling(amount)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        return "must be a number"
    # More zeros than the currency has decimals say nothing else, as long as they are no thousands.
    if -exponent > KEPT or amount != round(amount, kept):
        return _too_many_decimals(str(abs(amount)), kept, currency)
    try:
        written(said.removeprefix("-"))
    except ValueError as error:
        return str(error)
    if abs(amount) > most(currency):
        return f"must not be more than {most(currency)} {currency or ''}".rstrip()
    return None


def _too_many_decimals(value: str, kept: int, currency: str | None = None) -> str:
    rule = (
        f"must have at most {kept} decimals" if kept else f"must be whole: {currency} has no cents"
    )
    if _THOUSANDS.fullmatch(value):
        rule += "; if the point stands between thousands, leave it away (450000, not 450.000)"
    return rule
