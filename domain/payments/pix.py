"""The Pix code of a payment: the BR Code, which is copied into a bank's app, or drawn as a QR.

Banco Central do Brasil, Manual de Padrões para Iniciação do Pix; EMVCo, Merchant-Presented Mode
1.1. Each field is its number, its length in two digits and its value; the last is a checksum of all
before it.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field, field_validator

from domain.model import Strict

CURRENCY: Final = "BRL"
_GUI: Final = "br.gov.bcb.pix"
_NO_TXID: Final = "***"
_TXID: Final = re.compile(r"[A-Za-z0-9]{1,25}")
_KEYS: Final = re.compile(
    r"[0-9]{11}|[0-9]{14}|\+55[0-9]{10,11}"
    r"|[a-z0-9.!#$&'*+/=?^_`{|}~-]+@[a-z0-9.-]+"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_MOST_KEY: Final = 77
_MOST_AMOUNT: Final = Decimal("9999999999.99")


class PixReceiver(Strict):
    """Who is paid."""

    key: Annotated[str, Field(max_length=_MOST_KEY)]
    """The receiver's Pix key: a CPF or CNPJ (digits), a telephone (`+55...`), a mailbox in lower
    case, or a random key."""
    name: Annotated[str, Field(min_length=1, max_length=25)]
    """What the payer's bank shows; accents are taken away."""
    city: Annotated[str, Field(min_length=1, max_length=15)]
    """Where the receiver is; the same."""

    @field_validator("key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        if not _KEYS.fullmatch(value):
            raise ValueError("must be a CPF, CNPJ, +55 telephone, mailbox or random Pix key")
        return value

    @field_validator("name", "city")
    @classmethod
    def _plain(cls, value: str) -> str:
        plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().strip()
        if not plain or not plain.isprintable():
            raise ValueError("must have letters that can be written without accents")
        return plain


def br_code(receiver: PixReceiver, amount: Decimal, reference: str) -> str | None:
    """The code of one payment; None for an amount that no code can say.

    ``reference``: what the receiver's statement shows as txid, where it can be one.
    """
    if not Decimal("0.01") <= amount <= _MOST_AMOUNT or amount != round(amount, 2):
        return None
    txid = reference if _TXID.fullmatch(reference) else _NO_TXID
    fields = (
        ("00", "01"),
        ("26", _field("00", _GUI) + _field("01", receiver.key)),
        ("52", "0000"),
        ("53", "986"),
        ("54", f"{amount:.2f}"),
        ("58", "BR"),
        ("59", receiver.name),
        ("60", receiver.city),
        ("62", _field("05", txid)),
    )
    said = "".join(_field(*one) for one in fields) + "6304"
    return said + checksum(said)


def checksum(said: str) -> str:
    """CRC-16/CCITT-FALSE (polynomial 1021, from FFFF), in four hexadecimal digits."""
    register = 0xFFFF
    for octet in said.encode("ascii"):
        register ^= octet << 8
        for _ in range(8):
            carried = register & 0x8000
            register = (register << 1) & 0xFFFF
            if carried:
                register ^= 0x1021
    return f"{register:04X}"


def _field(number: str, value: str) -> str:
    return f"{number}{len(value):02d}{value}"
