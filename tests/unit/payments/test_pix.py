"""The Pix code, held to codes that others have made."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.payments.pix import PixReceiver, br_code, checksum

EMPRESA = PixReceiver(key="+5511943214321", name="EMPRESA", city="BRASILIA")


@pytest.mark.parametrize(
    "code",
    [
        # The catalogue of CRC algorithms gives this of CRC-16/IBM-3740 ("CCITT-FALSE").
        "12345678929B1",
        # Codes that others have published; one gives a length wrongly, which no checksum sees.
        "00020126360014BR.GOV.BCB.PIX0114+5511943214321520400005303986540566.66"
        "5802BR5907EMPRESA6008BRASILIA62080503***6304170E",
        "00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-"
        "81776a1d8a995204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB",
        "00020126330014BR.GOV.BCB.PIX011157946663234520400005303986540"
        "41.005802BR5925CLENILTON CRUZ DE ALENCAR6006MANAUS62070503***6304FA88",
    ],
)
def test_the_checksum_is_the_one_that_others_reckon(code: str) -> None:
    assert checksum(code[:-4]) == code[-4:]


def fields(code: str) -> dict[str, str]:
    """A code taken apart, as a bank's app does."""
    found: dict[str, str] = {}
    while code:
        length = int(code[2:4])
        found[code[:2]], code = code[4 : 4 + length], code[4 + length :]
    return found


def test_a_code_says_who_is_paid_how_much_and_for_what() -> None:
    code = br_code(EMPRESA, Decimal("66.66"), "A100200")
    assert code is not None
    read = fields(code)
    assert fields(read["26"]) == {"00": "br.gov.bcb.pix", "01": "+5511943214321"}
    assert (read["00"], read["53"], read["54"], read["58"]) == ("01", "986", "66.66", "BR")
    assert (read["59"], read["60"], fields(read["62"])) == (
        "EMPRESA",
        "BRASILIA",
        {"05": "A100200"},
    )
    assert list(read) == sorted(read)


@given(
    amount=st.decimals(Decimal("0.01"), Decimal("9999999999.99"), places=2),
    reference=st.text(max_size=40),
    name=st.from_regex(r"[A-Z][A-Z ]{0,23}[A-Z]", fullmatch=True),
)
def test_every_code_can_be_taken_apart_and_its_checksum_holds(
    amount: Decimal, reference: str, name: str
) -> None:
    receiver = EMPRESA.model_copy(update={"name": name})
    code = br_code(receiver, amount, reference)
    assert code is not None
    assert code.isascii()
    read = fields(code)
    assert Decimal(read["54"]) == amount
    assert read["63"] == checksum(code[:-4])
    txid = fields(read["62"])["05"]
    assert txid in (reference, "***")
    assert txid.isalnum() or txid == "***"


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "10000000000"])
def test_of_some_amounts_there_is_no_code(amount: str) -> None:
    assert br_code(EMPRESA, Decimal(amount), "A1") is None


@pytest.mark.parametrize("reference", ["A-1", "A 1", "á1", "A" * 26, "", "١"])
def test_what_can_be_no_txid_is_none(reference: str) -> None:
    code = br_code(EMPRESA, Decimal(1), reference)
    assert code is not None
    assert "0503***" in code


def test_accents_are_taken_away() -> None:
    receiver = PixReceiver(key="12345678901", name="Associação União", city="São Paulo")
    assert (receiver.name, receiver.city) == ("Associacao Uniao", "Sao Paulo")


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "123"},
        {"key": "+5411943214321"},
        {"key": "A@B.C"},
        {"name": "N" * 26},
        {"name": "銀行"},
        {"city": "C" * 16},
    ],
)
def test_what_no_bank_would_take_is_refused(wrong: dict[str, str]) -> None:
    right = {"key": "12345678901", "name": "N", "city": "C"}
    PixReceiver.model_validate(right)
    with pytest.raises(ValidationError):
        PixReceiver.model_validate(right | wrong)
