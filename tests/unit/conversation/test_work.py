"""What a message asks of people."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from config.reader import load_reader
from domain.conversation.keywords import Meaning
from domain.conversation.reader import Heard
from domain.conversation.work import ASKED_BY, RECORDS, URGENCY, asked_by
from domain.conversation.work_words import WorkOutcome, WorkReason

READER = load_reader()


def meanings(text: str, locale: str) -> tuple[Meaning, ...]:
    at = datetime(2026, 11, 28, 15, tzinfo=UTC)
    return READER.read(Heard(text, locale, at, "COP", Decimal(850_000))).intents


def test_every_intent_reason_and_outcome_has_its_row() -> None:
    assert set(ASKED_BY) == set(Meaning)
    assert set(URGENCY) == set(WorkReason)
    assert set(RECORDS) == set(WorkOutcome)


def test_reasons_are_in_the_order_of_their_urgency() -> None:
    urgency = [URGENCY[reason] for reason in WorkReason]
    assert urgency == sorted(urgency)


@pytest.mark.parametrize(
    ("intents", "shared", "asked"),
    [
        ((Meaning.THANKS,), False, ()),
        ((Meaning.THANKS,), True, ()),
        ((Meaning.OPT_OUT,), True, ()),
        ((Meaning.OTHER,), False, ("unclear",)),
        ((Meaning.OTHER,), True, ("shared_address",)),
        ((Meaning.PROMISE, Meaning.HARDSHIP, Meaning.PREFERENCE), False, ("hardship",)),
        ((Meaning.DISPUTE, Meaning.ATTORNEY, Meaning.PROMISE), False, ("attorney", "dispute")),
        ((Meaning.DISPUTE, Meaning.PROMISE), True, ("dispute",)),
        ((Meaning.OPT_OUT, Meaning.DISPUTE), False, ("dispute",)),
    ],
)
def test_all_that_silences_or_else_what_is_most_urgent(
    intents: tuple[Meaning, ...], shared: bool, asked: tuple[str, ...]
) -> None:
    assert asked_by(intents, shared=shared) == asked


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("es-CO", "Ya no aguanto más, me quiero morir"),
        ("es-MX", "si siguen cobrando me voy a suicidar"),
        ("es-AR", "no quiero vivir mas asi, che"),
        ("es-CL", "pienso en kitarme la vida"),
        ("es-PE", "estoy pensando en acabar con mi vida"),
        ("pt-BR", "Não aguento mais viver desse jeito"),
        ("pt-BR", "vou me matar por causa dessa dívida"),
        ("pt-BR", "quero morrer"),
        ("pt-BR", "penso em tirar minha própria vida"),
        ("en-US", "I'm going to kill myself if you call again"),
        ("en-US", "i just want to die"),
        ("en-GB", "feeling suicidal because of this debt"),
        ("en-US", "there's no point in living"),
        ("es-US", "I don't want to live anymore"),
    ],
)
def test_who_speaks_of_ending_their_life_is_heard(locale: str, text: str) -> None:
    assert Meaning.CRISIS in meanings(text, locale)
    assert asked_by(meanings(text, locale))[0] is WorkReason.CRISIS


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("es-CO", "esa deuda me tiene la vida patas arriba"),
        ("es-CO", "yo ya no vivo en esa direccion"),
        ("es-MX", "mi esposo murio en marzo"),
        ("es-CO", "quiero acabar con esta deuda"),
        ("es-CO", "tengo derecho a vivir tranquilo"),
        ("pt-BR", "quero acabar com essa dívida logo"),
        ("pt-BR", "meu pai morreu"),
        ("pt-BR", "não moro mais nesse endereço"),
        ("en-US", "I don't live here anymore"),
        ("en-US", "I want to end this payment plan"),
        ("en-US", "kill the phone calls"),
        ("en-US", "my dad passed away"),
    ],
)
def test_ordinary_words_are_no_crisis(locale: str, text: str) -> None:
    assert Meaning.CRISIS not in meanings(text, locale)
