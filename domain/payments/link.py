"""A creditor's own address to pay at, with whose debt, how much and until when, signed.

Whoever serves the address checks the signature before it shows anything: nobody can ask for another
account, or change what is to be paid.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from urllib.parse import quote

PLACES: Final = ("account", "amount", "currency", "expires", "signature")
NEEDED: Final = frozenset({"account", "amount", "expires", "signature"})
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


class Payment(NamedTuple):
    """What is to be paid."""

    creditor: str
    account_id: str
    amount: Decimal
    currency: str
    expires: datetime
    """From this instant on the address is to show nothing any more."""


def fault_of_pattern(pattern: str) -> str | None:
    """Which rule an address with places breaks; None: none."""
    named = _PLACE.findall(pattern)
    if unknown := sorted(set(named) - set(PLACES)):
        return f"has places that are none of {', '.join(PLACES)}: {', '.join(unknown)}"
    if missing := sorted(NEEDED - set(named)):
        return f"lacks the places {', '.join(missing)}"
    bare = _PLACE.sub("", pattern)
    if not re.fullmatch(r"https://[^\s<>\"'\\{}/?#@]+[/?][^\s<>\"'\\{}]*", bare):
        return "must be one https address with its places in braces, none of them in the host"
    return None if "{" not in pattern.split("/", 3)[2] else "must have no places in the host"


def signature(key: str, payment: Payment) -> str:
    """HMAC-SHA256, in hexadecimal digits, of `creditor`, `account`, `amount`, `currency` and
    `expires`, as they stand in the address, with a line feed between each."""
    said = (payment.creditor, *_values(payment).values())
    return hmac.digest(key.encode(), "\n".join(said).encode(), hashlib.sha256).hex()


def filled(pattern: str, key: str, payment: Payment) -> str:
    """The address of one payment."""
    values = _values(payment) | {"signature": signature(key, payment)}
    return _PLACE.sub(lambda place: quote(values[place[1]], safe=""), pattern)


def _values(payment: Payment) -> dict[str, str]:
    return {
        "account": payment.account_id,
        "amount": f"{payment.amount:f}",
        "currency": payment.currency,
        "expires": str(int(payment.expires.astimezone(UTC).timestamp())),
    }
