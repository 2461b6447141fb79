"""How and when people say they want to be reached, and what only sounds like it."""

import pytest

from domain.channels import Channel
from domain.conversation.wishes.wish import wish_in


@pytest.mark.parametrize(
    ("text", "locale", "channel", "hours"),
    [
        ("escríbanme por whatsapp mejor", "es-CO", Channel.WHATSAPP, []),
        ("no me llamen, solo por correo", "es-MX", Channel.EMAIL, []),
        ("text me instead of calling", "en-US", Channel.SMS, []),
        ("I want all correspondence in writing by mail", "en-US", Channel.LETTER, []),
        ("me chama no zap, ligação não atendo", "pt-BR", Channel.WHATSAPP, []),
        ("llámenme después de las 6", "es-CO", Channel.VOICE, [("18:00", "24:00")]),
        ("llamen entre 6 y 8 de la noche", "es-PE", Channel.VOICE, [("18:00", "20:00")]),
        ("pode ligar das 12 às 14", "pt-BR", Channel.VOICE, [("12:00", "14:00")]),
        ("ring me between 6 and 8 in the evening", "en-GB", Channel.VOICE, [("18:00", "20:00")]),
        ("call me before 10 am", "en-US", Channel.VOICE, [("00:00", "10:00")]),
        ("mejor contácteme por la tarde", "es-AR", None, [("12:00", "18:00")]),
        ("de manhã é melhor pra mim", "pt-BR", None, [("06:00", "12:00")]),
        ("no me llamen al trabajo", "es-CO", None, []),
        ("não liga no meu serviço", "pt-BR", None, []),
        ("please don't call me at work", "en-US", None, []),
        ("los domingos no me llamen", "es-CO", None, []),
        ("en español por favor", "es-US", None, []),
    ],
)
def test_a_wish_is_read(
    text: str, locale: str, channel: Channel | None, hours: list[tuple[str, str]]
) -> None:
    wish = wish_in(text, locale)
    assert wish.words is not None and wish.words in text
    assert [(one.opens, one.closes) for one in wish.hours] == hours
    assert wish.channel is channel or channel is None


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("ya mandé el comprobante", "es-CO"),
        ("pago después de las 5", "es-CO"),
        ("paid it by card this morning", "en-US"),
        ("o pix caiu de manhã", "pt-BR"),
        ("gracias", "es-CO"),
        ("Good evening, he has no contact any more", "en-BZ"),
        ("in the letter it says that I can only write to you", "en-US"),
        ("my number is on the do not call list, those texts are not mine", "en-US"),
        ("nobody by that name answers texts in our office", "en-US"),
    ],
)
def test_what_is_only_mentioned_is_no_wish(text: str, locale: str) -> None:
    assert wish_in(text, locale).words is None


def test_hours_stand_where_they_stand_though_they_are_no_wish() -> None:
    text = "pago después de las 5"
    [(start, end)] = wish_in(text, "es-CO").spans
    assert text[start:end] == "después de las 5"
