"""A debt too small to write about: what rounding and part payments leave."""

from collections.abc import Mapping
from decimal import Decimal

from domain.entry.money import least


def dust(balance: Decimal, currency: str, chosen: Mapping[str, Decimal] | None) -> str | None:
    """Why nobody is contacted about this balance; None where it is worth a message, or nothing.

    ``chosen``: the operator's least amounts by currency, before ours; None: any sum is asked for.
    """
    if chosen is None or balance <= 0:
        return None
    smallest = least(currency, chosen)
    if balance >= smallest:
        return None
    return f"{balance} {currency} is less than anybody is written to about ({smallest} {currency})"
