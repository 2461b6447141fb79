"""The signed address to pay at."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.payments.link import Payment, fault_of_pattern, filled, signature

PATTERN = "https://pay.example.com/{account}?a={amount}&c={currency}&e={expires}&s={signature}"
PAYMENT = Payment(
    *("bank", "A/1 &ñ", Decimal("150000.50"), "COP"), datetime(2026, 12, 1, tzinfo=UTC)
)
KEY = "a-long-random-text"


def test_the_address_says_what_is_to_be_paid_and_until_when_and_is_signed() -> None:
    parts = urlsplit(filled(PATTERN, KEY, PAYMENT))
    asked = parse_qs(parts.query)
    assert (parts.hostname, parts.path) == ("pay.example.com", "/A%2F1%20%26%C3%B1")
    assert (asked["a"], asked["c"], asked["e"]) == (["150000.50"], ["COP"], ["1796083200"])
    assert asked["s"] == [signature(KEY, PAYMENT)]


def test_the_signature_is_reckoned_as_the_guide_says() -> None:
    import hashlib
    import hmac

    said = "bank\nA/1 &ñ\n150000.50\nCOP\n1796083200"
    expected = hmac.new(KEY.encode(), said.encode(), hashlib.sha256).hexdigest()
    assert signature(KEY, PAYMENT) == expected


@pytest.mark.parametrize(
    "other",
    [
        PAYMENT._replace(creditor="bank2"),
        PAYMENT._replace(account_id="A2"),
        PAYMENT._replace(amount=Decimal("150000.51")),
        PAYMENT._replace(currency="USD"),
        PAYMENT._replace(expires=PAYMENT.expires + timedelta(seconds=1)),
    ],
)
def test_whatever_is_changed_the_signature_is_another(other: Payment) -> None:
    assert signature(KEY, other) != signature(KEY, PAYMENT)
    assert signature(f"{KEY}!", PAYMENT) != signature(KEY, PAYMENT)


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        (PATTERN.replace("https", "http"), "https"),
        (PATTERN.replace("&s={signature}", ""), "lacks the places signature"),
        (PATTERN.replace("{expires}", "1"), "lacks the places expires"),
        (PATTERN + "&n={name}", "none of"),
        ("https://{account}.example.com/?a={amount}&e={expires}&s={signature}", "host"),
        ("https://me@pay.example.com/{account}?a={amount}&e={expires}&s={signature}", "https"),
        (PATTERN + "{", "braces"),
        (PATTERN + " ", "https"),
    ],
)
def test_an_address_that_cannot_be_signed_or_followed_is_refused(pattern: str, rule: str) -> None:
    assert fault_of_pattern(PATTERN) is None
    assert rule in (fault_of_pattern(pattern) or "")
