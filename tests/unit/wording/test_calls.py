"""The words of calls: nothing of a debt before the check, and none missing in any language."""

import re
import shutil
from pathlib import Path

import pytest

from config.wording.catalogue import LOCALES, TEMPLATES, Wording, WordingError
from config.wording.samples import samples
from domain.channels import Channel, Purpose
from domain.ledger.call_outcome import Scene
from domain.message_content import MessageContext

WORDING = Wording.load(sms_accents=["en", "es", "pt"])
BEFORE_THE_CHECK = (Scene.CHECK, Scene.VOICEMAIL, Scene.WRONG_NUMBER, Scene.STOPPED, Scene.INBOUND)
"""What somebody hears who may be anybody."""
OF_A_DEBT = re.compile(
    r"debt|deud|dívid|collect|cobr|owe|past due|atras|saldo|balance|cuenta|conta\b|account"
    r"|Banco|Agencia|4 8 2 1|450",
    re.IGNORECASE,
)


def context(locale: str, purpose: Purpose = Purpose.PROMISE_REMINDER) -> MessageContext:
    return next(iter(samples(locale, purpose, Channel.VOICE)))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scene", BEFORE_THE_CHECK)
def test_nothing_of_a_debt_is_heard_before_it_is_known_who_listens(
    locale: str, scene: Scene
) -> None:
    said = WORDING.scene(scene, context(locale))
    assert said
    assert not OF_A_DEBT.search(said)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_voicemail_has_the_four_things_of_limited_content_and_no_name(locale: str) -> None:
    """12 CFR 1006.2(j)(1): business name, request to reply, a person, a number."""
    said = WORDING.scene(Scene.VOICEMAIL, context(locale))
    assert "Ejemplo Servicios" in said
    assert "Laura Gil" in said
    assert "5 7 6 0 1 5 5 5 0 1 0 0" in said
    assert re.search(r"call me back|devuélvame la llamada|retorne a ligação", said)
    assert "Ana" not in said


@pytest.mark.parametrize("locale", LOCALES)
def test_the_check_tells_who_calls_for_whom_and_how_to_stop(locale: str) -> None:
    said = WORDING.scene(Scene.CHECK, context(locale))
    assert "Ejemplo Servicios" in said
    assert "Ana María Rojas" in said
    assert {"1", "2", "9"} <= set(re.findall(r"\d", said))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("duty", ["mini_miranda", "debt_collector_notice"])
def test_the_disclosure_comes_before_the_debt(locale: str, duty: str) -> None:
    said = WORDING.render(context(locale, Purpose.FINAL_NOTICE), [duty]).text
    assert said.index("Agencia Ejemplo") < said.lower().index("cob" if locale != "en" else "debt")
    disclosed = re.search(r"debt collector|cobrador", said)
    amount = re.search(r"450[.,]080[.,]50", said)
    assert disclosed and amount
    assert disclosed.start() < amount.start()


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en-US", "450,000 Colombian pesos"),
        ("es-CO", "450.000 pesos colombianos"),
        ("pt-BR", "450.000 Pesos colombianos"),
    ],
)
def test_amounts_are_said_in_words_and_accounts_by_digits(locale: str, said: str) -> None:
    bare = list(samples(locale, Purpose.REMINDER, Channel.VOICE))[1]
    text = WORDING.render(bare).text
    assert said in text
    assert "4 8 2 1" in text
    assert not re.search(r"[$*]", text)


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("en-US", "en-US"),
        ("en-GB", "en-GB"),
        ("es-CO", "es-MX"),
        ("es-US", "es-US"),
        ("pt", "pt-BR"),
    ],
)
def test_a_region_has_its_voice_or_its_languages(locale: str, language: str) -> None:
    assert WORDING.speech(locale).language == language


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    copy = tmp_path / "templates"
    shutil.copytree(TEMPLATES, copy)
    return copy


def problems(templates: Path) -> str:
    with pytest.raises(WordingError) as caught:
        Wording.load(templates)
    return str(caught.value)


def test_a_missing_file_scene_or_voice_is_told_at_start_up(templates: Path) -> None:
    (templates / "pt/_call.yaml").unlink()
    (templates / "es/reminder.voice.j2").unlink()
    english = templates / "en/_call.yaml"
    english.write_text(
        english.read_text().replace("  voicemail:", "  # voicemail:").replace("  en: {", "  fr: {")
    )
    told = problems(templates)
    assert "pt/_call.yaml is missing" in told
    assert "es/reminder.voice.j2 is missing" in told
    assert "en/_call.yaml: scene voicemail is missing" in told
    assert "en/_call.yaml: voices has none for en" in told


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{{ caller }}, with", "{{ calller }}, with", "unknown name calller"),
        ("scenes:", "sceens:", "sceens"),
        ("voice: Polly.Joanna", "voice: Joanna!", "voice"),
        ('  goodbye: "Thank you for your time. Goodbye."', '  goodbye: ""', "says nothing"),
    ],
)
def test_what_is_wrong_with_a_scene_is_told(
    templates: Path, old: str, new: str, problem: str
) -> None:
    file = templates / "en/_call.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    told = problems(templates)
    assert "en/_call.yaml" in told
    assert problem in told


def test_whatsapp_says_what_an_sms_says_unless_it_has_its_own_words(templates: Path) -> None:
    given = context("en-US").model_copy(update={"channel": Channel.WHATSAPP})
    written = given.model_copy(update={"channel": Channel.SMS})
    body = WORDING.render(written).text.partition(":")[2].strip()
    assert body in WORDING.render(given).text
    (templates / "en/promise_reminder.whatsapp.j2").write_text("On WhatsApp, {{ name }}.")
    assert "On WhatsApp, Ana" in Wording.load(templates).render(given).text
