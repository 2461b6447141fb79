"""What a person makes of a message: its language, and what it says they owe."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import unescape
from typing import Final, Literal

import phonenumbers

Language = Literal["en", "es", "pt"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS: Final[dict[Language, frozenset[str]]] = {
    "en": _words(
        "the your you is are of to and by please payment pay balance account due reply from dear "
        "hello owe amount this with we have for on"
    ),
    "es": _words(
        "el la los su usted es de y por favor pago pagar saldo cuenta vencida responda hola "
        "estimado estimada con una tiene del para le en que hoy pendiente"
    ),
    "pt": _words(
        "o a os seu sua você voce é da do e por favor pagamento pagar saldo conta vencida responda "
        "olá ola prezado com uma tem para em não nao está hoje pendente fatura"
    ),
}

_SYMBOLS: Final = {"R$": "BRL", "US$": "USD", "MX$": "MXN", "COL$": "COP", "CO$": "COP", "€": "EUR"}
_CODES: Final = ("USD", "COP", "MXN", "BRL", "EUR", "PEN", "CLP", "ARS")
_BY_REGION: Final = {"US": "USD", "PR": "USD", "CO": "COP", "MX": "MXN", "BR": "BRL"}
_MARK: Final = "|".join([*(re.escape(s) for s in _SYMBOLS), r"\$", *_CODES])
_NUMBER: Final = r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_SPOKEN: Final = {
    "us dollars": "USD",
    "dólares estadounidenses": "USD",
    "dólares americanos": "USD",
    "colombian pesos": "COP",
    "pesos colombianos": "COP",
    "mexican pesos": "MXN",
    "pesos mexicanos": "MXN",
    "brazilian reals": "BRL",
    "reales brasileños": "BRL",
    "reais brasileiros": "BRL",
}
"""Currencies as a voice reads them aloud."""
_ALOUD: Final = re.compile(rf"({_NUMBER}) ({'|'.join(_SPOKEN)})\b", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    rf"(?<![A-Z])(?P<before>{_MARK}) ?(?P<number>{_NUMBER})(?: ?(?P<code>{'|'.join(_CODES)})\b)?"
    rf"|(?<![\d.,])(?P<number2>{_NUMBER}) ?(?P<after>(?:{'|'.join(_CODES)})\b|€)"
)


@dataclass(frozen=True)
class Amount:
    """Money as a message names it."""

    value: Decimal
    currency: str
    guessed: bool = field(default=False, compare=False)
    """The text says only `$` and the address does not tell where; a bank would know better."""


def language_of(text: str) -> Language:
    """The language whose small words the text has most of; English if it has none."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {lang: sum(word in known for word in words) for lang, known in _WORDS.items()}
    if re.search(r"[ãõçê]|ção", text.lower()):
        counts["pt"] += 2
    if re.search(r"[ñ¿¡]|ción", text.lower()):
        counts["es"] += 2
    return max(counts, key=lambda lang: counts[lang])


def plain(html: str) -> str:
    """HTML as its reader sees it, roughly."""
    text = re.sub(r"(?is)<(script|style|head)\b.*?</\1>", " ", html)
    text = re.sub(r"(?i)<br\s*/?>|</(p|div|tr|h\d|li)>", "\n", text)
    text = unescape(re.sub(r"<[^>]+>", " ", text))
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def region_of(address: str) -> str | None:
    """The country of a telephone number."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        return None


def amount_in(text: str, address: str = "") -> Amount | None:
    """The first amount of money in a text, with its separators and its `$` read as locals do."""
    text = re.sub(r"[\u00a0\u202f\u2009]", " ", text)
    if aloud := _ALOUD.search(text):
        return Amount(_value(aloud[1]), _SPOKEN[aloud[2].lower()])
    found = _AMOUNT.search(text)
    if not found:
        return None
    written = found["number"] or found["number2"]
    value = _value(written)
    if value <= 0:
        return None
    currency = _named_currency(found, text, address)
    if currency is not None:
        return Amount(value, currency)
    return Amount(value, _likely_currency(text, written), guessed=True)


def _value(written: str) -> Decimal:
    digits = re.sub(r"[' ]", "", written)
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return Decimal(digits)
    # Three digits after the only separator group thousands: no currency here has three decimals.
    if len(digits) - last - 1 == 3:
        return Decimal(re.sub(r"[.,]", "", digits))
    return Decimal(re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :])


def _named_currency(found: re.Match[str], text: str, address: str) -> str | None:
    marks: Sequence[str | None] = (found["code"], found["before"], found["after"])
    for mark in marks:
        if mark in _CODES:
            return mark
        if mark in _SYMBOLS:
            return _SYMBOLS[mark]
    if region := region_of(address):
        return _BY_REGION.get(region, "USD")
    if code := re.search(rf"\b({'|'.join(_CODES)})\b", text):
        return code[1]
    return None


def _likely_currency(text: str, written: str) -> str:
    language = language_of(text)
    if language == "en":
        return "USD"
    if language == "pt":
        return "BRL"
    return "COP" if re.search(r"\.\d{3}|,\d{1,2}$", written) else "MXN"
