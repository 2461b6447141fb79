"""What a customer of each country reads: their language, and all that their law asks to be said."""

from datetime import datetime
from decimal import Decimal
from typing import Final

import pytest

from config.wording.catalogue import Wording
from domain.channels import Channel, Purpose
from domain.conversation.languages import languages_of, locale_of
from tests.unit.law.support import ask, codes, local
from tests.unit.wording.test_wording import a_message

WORDING: Final = Wording.load(sms_accents=["en", "es", "pt"])
NOON: Final = "2026-11-18 12:00"

LOCALES: Final = {
    "US": "en-US",
    "CO": "es-CO",
    "MX": "es-MX",
    "CL": "es-CL",
    "PE": "es-PE",
    "EC": "es-EC",
    "BR": "pt-BR",
    "AR": "es-AR",
    "ES": "es-ES",
    "GB": "en-GB",
}


def message(country: str, channel: Channel, *jurisdictions: str) -> str:
    """The reminder of an agency, with what is said by law and how to stop it."""
    request = ask(country, channel=channel.value, jurisdictions=[country, *jurisdictions])
    at: datetime = local(request.zones[0], NOON)
    said = [code for code in codes(request, at) if code in WORDING.duties]
    context = a_message(
        LOCALES[country], Purpose.REMINDER, channel, agency_name="Recupera", phone="+56 2 1234"
    )
    return WORDING.render(context, [*said, "opt_out_line"]).text


@pytest.mark.parametrize(("country", "locale"), LOCALES.items())
def test_the_language_is_the_countrys(country: str, locale: str) -> None:
    assert locale_of(country) == locale
    assert WORDING.supports(locale)


@pytest.mark.parametrize(
    ("own", "country", "chosen", "why"),
    [
        ("es-BR", "BR", "es-BR", "what the creditor stated"),
        ("fr-BR", "BR", "pt-BR", "no words in French: the country's language"),
        ("qu-PE", "PE", "es-PE", "no words in Quechua"),
        ("cy-GB", "GB", "en-GB", "no words in Welsh"),
        ("hi-IN", "IN", "en-IN", "no words in Hindi, but in the second language of India"),
        ("ja-JP", "JP", "es-JP", "no words in any: the operator's"),
        ("pt", "BR", "pt-BR", "a bare language writes money as in the customer's country"),
    ],
)
def test_without_words_in_a_language(own: str, country: str, chosen: str, why: str) -> None:
    assert WORDING.locale_for(own, country, "es") == chosen, why


def test_a_place_without_people_has_no_language() -> None:
    assert languages_of("AQ") == ()
    assert locale_of("AQ") is None


@pytest.mark.parametrize(
    ("country", "words"),
    [
        ("CO", ["Recupera por encargo de Banco Alameda", "Responda BASTA"]),
        ("MX", ["Recupera por encargo de Banco Alameda", "Responda BASTA"]),
        (
            "CL",
            [
                "Recupera por encargo de Banco Alameda",
                "no es un procedimiento de ejecución",
                "Deuda con Banco Alameda",
                "(origen, intereses, gastos, cómo pagar) y sus derechos: +56 2 1234",
                "Responda BASTA",
            ],
        ),
        ("PE", ["Recupera por encargo de Banco Alameda", "Responda BASTA"]),
        ("EC", ["Recupera por encargo de Banco Alameda", "Responda BASTA"]),
        ("BR", ["Recupera em nome de Banco Alameda", "Responda PARE"]),
        ("AR", ["Recupera por encargo de Banco Alameda", "Responda BASTA"]),
        ("ES", ["Recupera por encargo de Banco Alameda", "Responda BASTA"]),
        ("GB", ["Recupera for Banco Alameda", "Reply STOP"]),
        ("US", ["Recupera for Banco Alameda", "from a debt collector", "Reply STOP"]),
    ],
)
def test_who_writes_and_what_the_law_asks_for_are_in_a_text(country: str, words: list[str]) -> None:
    text = message(country, Channel.SMS)
    for word in words:
        assert word in text


def test_an_email_to_chile_says_it_all_once() -> None:
    text = message("CL", Channel.EMAIL)
    for words in (
        "no es un procedimiento de ejecución",
        "por escrito en 15 días su origen, intereses, gastos de cobranza y cómo pagar",
        "sus derechos como consumidor: +56 2 1234",
        "BASTA",
    ):
        assert text.count(words) == 1


def test_only_chile_says_that_it_is_no_enforcement() -> None:
    for country in LOCALES.keys() - {"CL"}:
        assert "ejecuc" not in message(country, Channel.SMS)


def test_money_and_words_are_brazilian() -> None:
    context = a_message("pt-BR", Purpose.REMINDER, Channel.SMS)
    debts = tuple(
        debt.model_copy(update={"amount": Decimal("3450.50"), "currency": "BRL"})
        for debt in context.debts
    )
    text = WORDING.render(context.model_copy(update={"debts": debts})).text
    assert "R$ 3.450,50" in text.replace("\N{NO-BREAK SPACE}", " ")
