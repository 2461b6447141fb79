"""Every message in every language: complete, lawful, short, and safe to put a name into."""

import re
import shutil
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.keywords import shipped_keywords
from config.wording.catalogue import IN_TEMPLATES, TEMPLATES, Wording, WordingError, vocabulary
from config.wording.samples import samples
from config.wording.template_files import VOCABULARY
from domain.channels import TO_PARTIES, Channel, Purpose, Tone
from domain.conversation.helplines import Helpline
from domain.conversation.keywords import Intent, classify
from domain.conversation.text import Alphabet, cheapest, folded_to_gsm7, segments
from domain.failures import Misconfigured
from domain.message_content import DebtLine, MessageContext, RenderedMessage

WORDING = Wording.load(sms_accents=["es", "en", "pt_BR"])
CHEAP = Wording.load()
CURRENCIES = {"es-CO": "COP", "es-MX": "MXN", "en-US": "USD", "pt-BR": "BRL"}
WRITTEN = [Channel.SMS, Channel.EMAIL]
EVERY_MESSAGE = list(product(CURRENCIES, IN_TEMPLATES, WRITTEN))
DUTIES = sorted(WORDING.duties)


def a_message(
    locale: str = "es-CO",
    purpose: Purpose = Purpose.REMINDER,
    channel: Channel = Channel.SMS,
    accounts: int = 1,
    **changes: Any,
) -> MessageContext:
    debts = tuple(
        DebtLine(
            reference=f"*482{number}",
            amount=Decimal("3450.50"),
            currency=CURRENCIES.get(locale, "USD"),
            due_date=date(2026, 7, 12),
            days_past_due=33,
        )
        for number in range(accounts)
    )
    facts: dict[str, Any] = {
        "customer_name": "Ana María Rojas",
        "creditor_name": "Banco Alameda",
        "debts": debts,
        "promised_amount": Decimal(200),
        "promised_date": date(2026, 8, 3),
        "instalment": 2,
        "instalments": 6,
        "settlement_amount": Decimal(320),
        "settlement_until": date(2026, 8, 9),
        "settlement_days": 10,
        "paid_amount": Decimal(200),
        "wished_channel": Channel.WHATSAPP,
        "wished_hours": (("09:00", "11:00"), ("18:00", "20:00")),
        "pay_url": "https://pay.example/a1b2c3",
        "helpline": Helpline(
            name="Samaritans",
            number="800 911 2000",
            option=4,
            source="invented",
            checked=date(2026, 7, 12),
        ),
    }
    if purpose in TO_PARTIES:
        untold = ("debts", "promised_amount", "settlement_amount", "paid_amount", "pay_url")
        facts = {name: value for name, value in facts.items() if name not in untold}
    return MessageContext(locale=locale, purpose=purpose, channel=channel, **(facts | changes))


def all_words(message: RenderedMessage) -> str:
    return "\n".join(filter(None, (message.subject, message.text, message.html)))


# Complete


@pytest.mark.parametrize(("locale", "purpose", "channel"), EVERY_MESSAGE)
@pytest.mark.parametrize("accounts", [1, 3])
def test_every_variant_speaks(
    locale: str, purpose: Purpose, channel: Channel, accounts: int
) -> None:
    for tone in Tone:
        message = WORDING.render(a_message(locale, purpose, channel, accounts, tone=tone))
        assert message.text.strip()
        assert (message.subject is not None) == (channel is Channel.EMAIL)
        assert (message.html is not None) == (channel is Channel.EMAIL)
        assert not re.search(r"None|\{\{|\{%|Undefined| ,|\( ?\)|  \S", all_words(message))


@pytest.mark.parametrize(("locale", "purpose", "channel"), EVERY_MESSAGE)
def test_duties_are_always_there_in_their_order(
    locale: str, purpose: Purpose, channel: Channel
) -> None:
    context = a_message(locale, purpose, channel, agency_name="Recupera")
    bare = WORDING.render(context).text
    full = WORDING.render(context, ["debt_collector_notice", "no_enforcement", "opt_out_line"])
    assert full.text.startswith(bare.rstrip("\n"))
    added = full.text[len(bare.rstrip("\n")) :]
    notice = {"es": "cobrador de deudas", "en": "debt collector", "pt": "cobrador de dívidas"}
    opt_out = {"es": "BASTA", "en": "STOP", "pt": "PARE"}
    language = locale[:2]
    assert added.index(notice[language]) < added.index(opt_out[language])
    if full.html:
        assert notice[language] in full.html
        assert opt_out[language] in full.html


@pytest.mark.parametrize(("locale", "purpose", "channel"), EVERY_MESSAGE)
def test_nobody_writes_anonymously(locale: str, purpose: Purpose, channel: Channel) -> None:
    own = WORDING.render(a_message(locale, purpose, channel))
    agency = WORDING.render(a_message(locale, purpose, channel, agency_name="Recupera"))
    assert own.text.count("Banco Alameda") == 1
    assert agency.text.index("Recupera") < agency.text.index("Banco Alameda")
    assert own.html is None or "Banco Alameda" in own.html


def test_a_duty_asked_for_twice_is_said_once() -> None:
    message = WORDING.render(a_message(), ["opt_out_line", "identify_sender", "opt_out_line"])
    assert message.text.count("BASTA") == 1
    assert message.text.count("Banco Alameda") == 1


@pytest.mark.parametrize("locale", CURRENCIES)
@pytest.mark.parametrize("channel", WRITTEN)
def test_the_answer_the_opt_out_line_asks_for_opts_out(locale: str, channel: Channel) -> None:
    bare = WORDING.render(a_message(locale, channel=channel)).text.rstrip("\n")
    added = WORDING.render(a_message(locale, channel=channel), ["opt_out_line"]).text[len(bare) :]
    (keyword,) = re.findall(r"\b[A-Z]{4,}\b", added.replace("SMS", ""))
    assert classify(keyword, shipped_keywords()) is Intent.OPT_OUT


@pytest.mark.parametrize("locale", CURRENCIES)
def test_the_answer_the_confirmation_offers_opts_in(locale: str) -> None:
    text = WORDING.render(a_message(locale, Purpose.OPT_OUT_CONFIRMATION)).text
    (keyword,) = re.findall(r"\b[A-Z]{3,}(?: [A-Z]{3,})*\b", text)
    assert classify(keyword, shipped_keywords()) is Intent.OPT_IN


def test_an_unsubscribe_link_takes_the_place_of_the_reply() -> None:
    context = a_message("en-US", channel=Channel.EMAIL, opt_out_url="https://pay.example/o?a=1&b=2")
    message = WORDING.render(context, ["opt_out_line"])
    assert "https://pay.example/o?a=1&b=2" in message.text
    assert '<a href="https://pay.example/o?a=1&amp;b=2">' in (message.html or "")
    assert "STOP" not in message.text


# Lawful and kind

ASKS_WHY = r"(?i)\bwhy\b|reason|por qu[eéê]\b|porquê|motivo|raz[oó]n|raz[aã]o|causa"
THREATENS = (
    r"(?i)\blegal|lawyer|attorney|\bsue\b|lawsuit|court|\bseiz|garnish|arrest|police"
    r"|credit (score|report)"
    r"|demanda|embarg|juez|juicio|juzgado|judicial|abogad|tribunal|jur[ií]dic|\bley\b|cárcel|reporta"
    r"|advogad|justiça|processo|penhora|serasa|spc|protesto|negativa|cartório"
    r"|last (notice|chance|warning)|final (notice|warning)"
    r"|último aviso|última oportunidad|última chance"
)


@pytest.mark.parametrize(("locale", "purpose", "channel"), EVERY_MESSAGE)
@pytest.mark.parametrize("accounts", [1, 2])
def test_no_message_asks_why_or_threatens(
    locale: str, purpose: Purpose, channel: Channel, accounts: int
) -> None:
    words = all_words(WORDING.render(a_message(locale, purpose, channel, accounts), DUTIES))
    assert not re.search(ASKS_WHY, words)
    assert not re.search(THREATENS, words)
    assert not re.search(r"[A-ZÁÉÍÓÚ]{3,} [A-ZÁÉÍÓÚ]{3,} [A-ZÁÉÍÓÚ]{3,}|!!", words)


@pytest.mark.parametrize(("locale", "channel"), list(product(CURRENCIES, WRITTEN)))
def test_the_answer_to_an_opt_out_says_nothing_of_a_debt(locale: str, channel: Channel) -> None:
    message = WORDING.render(a_message(locale, Purpose.OPT_OUT_CONFIRMATION, channel))
    assert not re.search(r"\*482|200|3[.,]?450|pay\.example", all_words(message))


@pytest.mark.parametrize(("locale", "purpose"), list(product(CURRENCIES, IN_TEMPLATES)))
def test_a_subject_shows_no_amount_on_a_locked_screen(locale: str, purpose: Purpose) -> None:
    subject = WORDING.render(a_message(locale, purpose, Channel.EMAIL)).subject or ""
    assert "$" not in subject
    assert 5 < len(subject) < 60


# Short

STANDING_DUTIES = {
    "es-CO": ["opt_out_line"],
    "es-MX": ["opt_out_line"],
    "en-US": ["debt_collector_notice", "opt_out_line"],
    "pt-BR": ["opt_out_line"],
}


@pytest.mark.parametrize(("locale", "purpose"), list(product(CURRENCIES, IN_TEMPLATES)))
def test_an_sms_with_its_duties_is_short(locale: str, purpose: Purpose) -> None:
    for accounts, tone in product((1, 3), Tone):
        context = a_message(locale, purpose, accounts=accounts, tone=tone)
        text = WORDING.render(context, STANDING_DUTIES[locale]).text
        assert len(text) <= 300
        assert "\n" not in text
        assert "\u00a0" not in text


@pytest.mark.parametrize("purpose", IN_TEMPLATES)
def test_an_english_sms_fits_two_cheap_segments(purpose: Purpose) -> None:
    context = a_message("en-US", purpose, customer_name="Ann Rivers")
    cut = segments(WORDING.render(context, STANDING_DUTIES["en-US"]).text)
    assert (cut.alphabet, cut.count <= 2) == (Alphabet.GSM_7, True)


@pytest.mark.parametrize(("locale", "purpose"), list(product(CURRENCIES, IN_TEMPLATES)))
def test_every_sms_is_cheap_in_every_language(locale: str, purpose: Purpose) -> None:
    message = CHEAP.render(a_message(locale, purpose), STANDING_DUTIES[locale])
    assert message.segments == segments(message.text)
    assert message.segments.count <= 2


@pytest.mark.parametrize(("locale", "purpose"), list(product(CURRENCIES, IN_TEMPLATES)))
def test_a_language_may_keep_its_accents_at_their_price(locale: str, purpose: Purpose) -> None:
    context, duties = a_message(locale, purpose), STANDING_DUTIES[locale]
    whole, cheap = WORDING.render(context, duties), CHEAP.render(context, duties)
    assert whole.segments == segments(whole.text)
    assert whole.segments.count >= segments(cheap.text).count
    assert cheap.text in (whole.text, folded_to_gsm7(whole.text))


def test_the_accents_of_one_language_are_no_other_ones() -> None:
    wording = Wording.load(locales=["es", "pt"], sms_accents=["pt"])
    for locale, kept in (("pt-BR", True), ("pt", True), ("es-CO", False)):
        message = wording.render(a_message(locale, Purpose.PROMISE_REMINDER), ["opt_out_line"])
        assert message.segments is not None
        assert (message.segments.alphabet is Alphabet.UCS_2) is kept


def test_accents_of_a_language_without_words_are_an_error() -> None:
    with pytest.raises(Misconfigured, match=r"CONTRAPUNTO_SMS_ACCENTS: .* in portugues; .* en, es"):
        Wording.load(sms_accents=["es", "portugues"])


def test_only_an_sms_has_segments() -> None:
    for channel in (Channel.EMAIL, Channel.WHATSAPP, Channel.VOICE):
        context = a_message(channel=channel, caller_name="Acme", caller_person="Ana")
        assert WORDING.render(context).segments is None


@given(text=st.text(st.sampled_from("aáéíóúãçñüÁ€[’… 1Жè"), max_size=320))
def test_accents_go_only_where_that_saves_a_segment(text: str) -> None:
    cheap = cheapest(text)
    assert segments(cheap).count <= segments(text).count
    if segments(folded_to_gsm7(text)).count == segments(text).count:
        assert cheap == text
    assert cheapest(cheap) == cheap


# Safe


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))


HOSTILE = [
    "{{ 7*7 }}{% for x in [1] %}",
    "<script>alert(1)</script>",
    "\"><img src=x onerror='x'>",
    "Ana\r\nBcc: x@y.z\x00\x1b[2J",
    "Ana\u2028\u202eevil",
    "{{ ''.__class__.__mro__ }}",
    "STOP http://evil.com",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_changes_nothing_but_the_name(name: str) -> None:
    _assert_inert(name)


@given(st.text(max_size=80))
def test_any_name_is_inert(name: str) -> None:
    _assert_inert(name)


def _assert_inert(name: str) -> None:
    text = WORDING.render(a_message(customer_name=name), ["opt_out_line"]).text
    assert text.isprintable()
    assert not set(text) & set("{}<>")
    plain = WORDING.render(a_message(channel=Channel.EMAIL))
    named = WORDING.render(a_message(channel=Channel.EMAIL, customer_name=name))
    assert named.subject == plain.subject
    assert named.text.count("\n") == plain.text.count("\n")
    assert _Tags(named.html or "").seen == _Tags(plain.html or "").seen


def test_a_creditor_with_markup_in_its_name_is_escaped() -> None:
    message = WORDING.render(a_message(channel=Channel.EMAIL, creditor_name="Sol & <b>Luna</b>\n"))
    assert "Sol &amp; &lt;b&gt;Luna&lt;/b&gt;" in (message.html or "")
    assert "Sol & <b>Luna</b>" in message.text


@pytest.mark.parametrize("name", ["", "   ", "😀"])
def test_a_customer_without_a_name_is_still_greeted(name: str) -> None:
    assert ": Hola. Quizás" in WORDING.render(a_message(customer_name=name)).text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b", "x", 'https://a"b', ""])
def test_a_link_is_a_web_address(url: str) -> None:
    with pytest.raises(ValidationError, match="pay_url"):
        a_message(pay_url=url)


@pytest.mark.parametrize(
    ("purpose", "changes", "complaint"),
    [
        (Purpose.REMINDER, {"debts": ()}, "needs at least one debt"),
        (
            Purpose.PROMISE_BROKEN,
            {"promised_date": None},
            "needs promised_amount and promised_date",
        ),
        (Purpose.PLAN_REMINDER, {"promised_amount": None}, "needs promised_amount"),
        (Purpose.SETTLEMENT_OFFER, {"settlement_amount": None}, "needs settlement_amount"),
        (Purpose.SETTLEMENT_REMINDER, {"settlement_until": None}, "needs settlement_amount"),
        (Purpose.PLAN_MISSED, {"instalments": None}, "needs instalment and instalments"),
        (Purpose.PAYMENT_THANKS, {"debts": ()}, "exactly one currency"),
    ],
)
def test_a_context_that_cannot_say_its_purpose_is_refused(
    purpose: Purpose, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        a_message(purpose=purpose, **changes)


# Where words are missing


def test_an_unknown_duty_is_an_error() -> None:
    with pytest.raises(WordingError, match=r"unknown duty 'dance': known are .*opt_out_line"):
        WORDING.render(a_message(), ["dance"])


def test_an_unknown_language_is_an_error_and_can_be_asked_before() -> None:
    assert WORDING.supports("es_AR")
    assert WORDING.supports("pt-BR")
    assert not WORDING.supports("fr-CA")
    with pytest.raises(WordingError, match=r"no words for locale 'fr-CA'; there are es, en, pt"):
        WORDING.render(a_message("fr-CA"))


def test_a_channel_without_templates_is_an_error() -> None:
    with pytest.raises(WordingError, match=r"es/reminder.push.j2 was not there at start-up"):
        WORDING.render(a_message(channel=Channel.PUSH))


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    copy = tmp_path / "templates"
    shutil.copytree(TEMPLATES, copy)
    return copy


def load_error(templates: Path) -> str:
    with pytest.raises(WordingError) as caught:
        Wording.load(templates)
    return str(caught.value)


def test_all_problems_are_told_at_once_by_file(templates: Path) -> None:
    (templates / "pt/reminder.sms.j2").unlink()
    (templates / "es/pre_legal.email.j2").write_text("{% block text %}hola{% endblock %}")
    (templates / "en/reminder.sms.j2").write_text("Hi\n{{ nmae }}")
    (templates / "en/help_to_pay.sms.j2").write_text("Hi\n{% if %}")
    (templates / "en/final_notice.sms.j2").write_text("Hi\n\n{{ debts[0].amuont }}")
    (templates / "en/pre_legal.sms.j2").write_text("Pay here: {{ pay_url }}")
    (templates / "es/remindr.sms.j2").write_text("hola")
    (templates / "es/second_notice.sms.j2").write_text("{% if phone %}hola{% endif %}")
    told = load_error(templates)
    assert "pt/reminder.sms.j2 is missing: write it, or take reminder off" in told
    assert "es/pre_legal.email.j2: needs the blocks subject, text, html; it has text" in told
    assert "en/reminder.sms.j2: unknown name nmae; there are agency," in told
    assert "en/help_to_pay.sms.j2, line 2: " in told
    assert "es/remindr.sms.j2: 'remindr' is not a valid Purpose; rename" in told
    # What shows only when rendered is told in the same breath, with its line.
    assert "en/final_notice.sms.j2, line 3 of final_notice.sms.j2: " in told
    assert "has no attribute 'amuont'" in told
    assert "en/pre_legal.sms.j2, line 1 of pre_legal.sms.j2: an absent fact would be" in told
    assert "es/second_notice.sms.j2: the body says nothing" in told
    assert told.startswith("8 problem(s)")


def test_a_template_cannot_reach_out_of_the_sandbox(templates: Path) -> None:
    (templates / "es/reminder.sms.j2").write_text("{{ debts.__class__.__mro__ }}")
    assert re.search(r"es/reminder.sms.j2, line 1 .*unsafe", load_error(templates))


def test_duties_must_be_the_same_in_every_language(templates: Path) -> None:
    for locale, words in (("en", "new_duty: {words: {sms: hi}}"), ("pt", "new_duty: {wrods: 1}")):
        with (templates / locale / "_duties.yaml").open("a") as file:
            file.write(f"\n{words}\n")
    told = load_error(templates)
    assert "es/_duties.yaml: duty new_duty is missing; another language has it" in told
    assert "en/_duties.yaml: duty new_duty has no words on email; add email or any" in told
    assert re.search(r"pt/_duties.yaml: (.|\n)*wrods", told)


@pytest.mark.parametrize("name", ["es/_duties.yaml", "es/_voice.j2", "_email.html.j2"])
def test_shared_files_are_needed(templates: Path, name: str) -> None:
    (templates / name).unlink()
    assert f"{name} is missing: " in load_error(templates)


def test_a_new_channel_is_a_new_file(templates: Path) -> None:
    for locale in ("es", "en", "pt"):
        (templates / locale / "reminder.whatsapp.j2").write_text(
            "*{{ voice.greeting(tone, name) }}*\n\n{{ voice.debts_text(debts) }}"
        )
    wording = Wording.load(templates, purposes_by_channel={Channel.WHATSAPP: [Purpose.REMINDER]})
    message = wording.render(a_message(channel=Channel.WHATSAPP, accounts=2), ["opt_out_line"])
    assert message.text.split("\n\n")[0] == "Banco Alameda:"
    assert message.text.count("\n- Cuenta *482") == 2
    assert message.text.endswith("a este número.")


def test_a_region_overrides_only_what_differs(templates: Path) -> None:
    (templates / "es-MX").mkdir()
    (templates / "es-MX" / "reminder.sms.j2").write_text("Qué tal.")
    (templates / "es-MX" / "_duties.yaml").write_text(
        "opt_out_line: {words: {any: Responda ALTO.}}", "utf-8"
    )
    wording = Wording.load(templates, ["es", "es-MX"])
    mexican = wording.render(a_message("es_MX"), ["opt_out_line", "no_enforcement"])
    assert mexican.text.startswith("Banco Alameda: Qué tal. Responda ALTO. Este mensaje")
    other = wording.render(a_message("es_MX", Purpose.PRE_LEGAL))
    assert "Aun podemos" in other.text
    assert "Quizas" in wording.render(a_message("es-CO")).text


def test_a_language_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WordingError, match=r"xx/reminder.sms.j2 is missing"):
        Wording.load(TEMPLATES, ["xx"])


def test_the_vocabulary_checked_at_start_up_is_the_one_rendered_with() -> None:
    from babel import Locale

    context = next(samples("es", Purpose.REMINDER, Channel.SMS))
    assert {*vocabulary(context, Locale("es")), "voice"} == VOCABULARY
