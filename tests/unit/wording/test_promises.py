"""A promise of several dates is read back whole, in every language."""

from datetime import date
from decimal import Decimal

import pytest

from domain.channels import Channel, Purpose
from tests.unit.wording.test_wording import WORDING, a_message, all_words

PARTS = (
    (Decimal(50), date(2026, 8, 3)),
    (Decimal(100), date(2026, 8, 6)),
    (Decimal(200), date(2026, 8, 9)),
)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (
            "es-MX",
            "$50.00 para el 3 de agosto, $100.00 para el 6 de agosto y $200.00 para el 9 de agosto",
        ),
        (
            "pt-BR",
            "R$ 50,00 para 3 de agosto, R$ 100,00 para 6 de agosto e R$ 200,00 para 9 de agosto",
        ),
        ("en-US", "$50.00 for August 3, $100.00 for August 6 and $200.00 for August 9"),
    ],
)
def test_all_parts_are_read_back(locale: str, words: str, channel: Channel) -> None:
    context = a_message(locale, Purpose.PROMISE_CONFIRMATION, channel, promised_parts=PARTS)
    said = " ".join(all_words(WORDING.render(context, [])).replace("\xa0", " ").split())
    assert words in said, said


@pytest.mark.parametrize("locale", ["es-MX", "pt-BR", "en-US"])
def test_a_promise_of_one_date_is_read_back_as_ever(locale: str) -> None:
    context = a_message(locale, Purpose.PROMISE_CONFIRMATION)
    said = all_words(WORDING.render(context, []))
    assert "200" in said
    assert "3" in said
