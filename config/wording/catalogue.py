"""What we say: every template compiled and tried at start-up, rendered with the duties of the law.

A template holds only what a purpose has to say. Who writes, how to opt out and every other duty
is added here, by code, so that a template cannot forget it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

from babel import Locale
from jinja2 import Template, TemplateError
from markupsafe import Markup

from config.wording import formats
from config.wording.own_words import own_words
from config.wording.samples import samples
from config.wording.template_files import (
    Duty,
    LanguageFiles,
    Problems,
    Speech,
    Variant,
    WordingError,
    read_language,
    read_layout,
)
from domain.channels import ANSWERS, Channel, Purpose, Tone
from domain.conversation.languages import languages_of
from domain.conversation.text import cheapest, inert_name, one_line, segments
from domain.deciders import Decider, DeciderKind, digest_of
from domain.failures import Misconfigured
from domain.ledger.call_outcome import Scene
from domain.message_content import DebtLine, MessageContext, RenderedMessage

__all__ = ["TEMPLATES", "Wording", "WordingError"]

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
LOCALES: Final = ("es", "en", "pt")
IN_TEMPLATES: Final = tuple(p for p in Purpose if p is not Purpose.PERSON)
"""What the operator has words for; a person has their own."""
PURPOSES_BY_CHANNEL: Final[Mapping[Channel, Sequence[Purpose]]] = {
    Channel.SMS: IN_TEMPLATES,
    Channel.EMAIL: IN_TEMPLATES,
    Channel.WHATSAPP: IN_TEMPLATES,
    # What is said in a call is answered in the call itself.
    Channel.VOICE: tuple(
        p for p in IN_TEMPLATES if p not in ANSWERS and p is not Purpose.OPT_OUT_CONFIRMATION
    ),
}

IDENTIFY_SENDER: Final = "identify_sender"
"""The one duty that no law has to ask for: nobody writes anonymously."""

_FEW_WORDS: Final = 6
_AROUND: Final = frozenset({"opening", "closing"})
_ONE_LINERS: Final = frozenset({Channel.SMS, Channel.PUSH, Channel.VOICE})

_UNKNOWN: Final = Decider("", DeciderKind.WORDS, "templates")

Words = Mapping[str, object]


class Wording:
    """All templates of all languages, ready to render."""

    def __init__(
        self,
        languages: Mapping[str, LanguageFiles],
        layout: Template,
        *,
        sms_accents: frozenset[str] = frozenset(),
        decider: Decider = _UNKNOWN,
    ) -> None:
        self._languages = languages
        self._layout = layout
        self._sms_accents = sms_accents
        self.decider: Final = decider
        """All templates together, as their files stood when they were read."""

    @classmethod
    def load(
        cls,
        directory: Path = TEMPLATES,
        locales: Iterable[str] = LOCALES,
        purposes_by_channel: Mapping[Channel, Iterable[Purpose]] = PURPOSES_BY_CHANNEL,
        *,
        sms_accents: Iterable[str] = (),
    ) -> Self:
        """Compile every template and render each once.

        An SMS loses the accents that would make it travel as UCS-2, at twice the price, except in
        the languages of ``sms_accents``. Raises WordingError, which names every problem found and
        not only the first, and Misconfigured for one of ``sms_accents`` that has no words.
        """
        problems = Problems()
        required = {channel: tuple(purposes) for channel, purposes in purposes_by_channel.items()}
        layout = read_layout(directory, problems)
        languages = {
            _folder_key(locale): read_language(directory, locale, required, problems)
            for locale in locales
        }
        problems.compare_duties(languages)
        for folder, files in languages.items():
            _try_all(folder, files, problems)
        if layout is None or problems:
            raise WordingError(directory, problems)
        known = _known(sms_accents, languages)
        return cls(languages, layout, sms_accents=known, decider=_decider(directory, known))

    def supports(self, locale: str) -> bool:
        """Whether there are words for ``locale`` or its language."""
        return self._find_language(locale) is not None

    def locale_for(self, own: str, country: str, fallback: str) -> str:
        """Their own locale; without words in it, a language of their country, else ``fallback``."""
        wanted = (own, *languages_of(country), fallback)
        locale = next((one for one in wanted if self.supports(one)), fallback)
        if len(locale.replace("_", "-").split("-")) == 1:
            # A bare language writes money as in its first country; the customer's own is meant.
            locale = f"{locale}-{country}"
        return locale

    @property
    def duties(self) -> frozenset[str]:
        """The codes of all duties that can be asked for."""
        return frozenset().union(*(language.duties for language in self._languages.values()))

    @cached_property
    def lines_by_mail(self) -> tuple[str, ...]:
        """Every line of a few words that our mails have in any language: who reads an answer knows
        by them what is quoted. Where a line names somebody or an amount, invented ones."""
        found = dict[str, None]()
        for locale, purpose in product(self._languages, PURPOSES_BY_CHANNEL[Channel.EMAIL]):
            duties = sorted(self._languages[locale].duties)
            for context in samples(locale, purpose, Channel.EMAIL):
                text = self.render(context, duties).text
                found.update(dict.fromkeys(line.strip() for line in text.split("\n")))
        return tuple(line for line in found if len(line.split()) >= _FEW_WORDS)

    def render(self, context: MessageContext, duties: Sequence[str] = ()) -> RenderedMessage:
        """The message with its ``duties``, in the order given; the sender is always named.

        Raises WordingError for a language, a variant or a duty there are no words for.
        """
        files, locale = self._language(context.locale)
        words = vocabulary(context, locale)
        if context.own_words is None:
            variant = files.variant(context.purpose, context.channel)
        else:
            variant = own_words(is_email=context.channel is Channel.EMAIL)
            words = {**words, "own_words": context.own_words, "own_subject": context.own_subject}
        asked = _asked(files, context.channel, duties)
        return self._assemble(context, variant, asked, words)

    def tells_apart(
        self, one: Tone, other: Tone, locale: str, purpose: Purpose, channel: Channel
    ) -> bool:
        """Whether a message sounds otherwise in one tone than in another."""
        said: dict[Tone, list[str]] = {one: [], other: []}
        for context in samples(locale, purpose, channel):
            if context.tone in said:
                said[context.tone].append(self.render(context).text)
        return said[one] != said[other]

    def scene(self, scene: Scene, context: MessageContext) -> str:
        """What a call says in a scene, on one line. Raises WordingError as ``render`` does."""
        files, locale = self._language(context.locale)
        return one_line(files.scenes[scene].render(vocabulary(context, locale)))

    def speech(self, locale: str) -> Speech:
        """Who reads a locale aloud: the region's voice, or its language's."""
        files, _ = self._language(locale)
        tag = _folder_key(locale).replace("_", "-")
        return files.voices.get(tag) or files.voices[tag.split("-")[0]]

    def fill(
        self, context: MessageContext, duties: Sequence[str], words: Mapping[str, str]
    ) -> dict[str, str]:
        """Each of ``words`` filled in, on one line; they may also use ``opening`` and ``closing``,
        the duties before and after a message.

        Raises WordingError as ``render`` does, TemplateError for words that do not compile.
        """
        files, locale = self._language(context.locale)
        asked = _asked(files, context.channel, duties)
        known = vocabulary(context, locale)
        around = {
            "opening": one_line(" ".join(duty.text(known) for duty in asked if duty.opens)),
            "closing": one_line(" ".join(duty.text(known) for duty in asked if not duty.opens)),
        }
        return {
            name: one_line(files.compiled(text, _AROUND).render({**known, **around}))
            for name, text in words.items()
        }

    def _language(self, tag: str) -> tuple[LanguageFiles, Locale]:
        files, locale = self._find_language(tag), formats.parse_locale(tag)
        if files is None or locale is None:
            raise WordingError.single(
                f"no words for locale {tag!r}; there are {', '.join(self._languages)}"
            )
        return files, locale

    def _find_language(self, locale: str) -> LanguageFiles | None:
        key = _folder_key(locale)
        return self._languages.get(key) or self._languages.get(key.split("_")[0])

    def _assemble(
        self, context: MessageContext, variant: Variant, duties: Sequence[Duty], words: Words
    ) -> RenderedMessage:
        if variant.is_email:
            return self._assemble_email(context, variant, duties, words)
        opening = [duty.text(words) for duty in duties if duty.opens]
        closing = [duty.text(words) for duty in duties if not duty.opens]
        parts = [*opening, variant.text(words), *closing]
        if context.channel not in _ONE_LINERS:
            return RenderedMessage(text="\n\n".join(map(_paragraphs, parts)))
        text = one_line(" ".join(parts))
        if context.channel is not Channel.SMS:
            return RenderedMessage(text=text)
        if _language_of(context.locale) not in self._sms_accents:
            text = cheapest(text)
        return RenderedMessage(text=text, segments=segments(text))

    def _assemble_email(
        self, context: MessageContext, variant: Variant, duties: Sequence[Duty], words: Words
    ) -> RenderedMessage:
        subject = one_line(variant.block("subject", words))
        opening = [duty for duty in duties if duty.opens]
        closing = [duty for duty in duties if not duty.opens]
        html = self._layout.render(
            lang=context.locale.replace("_", "-"),
            subject=subject,
            opening=[duty.html(words) for duty in opening],
            body=Markup(variant.html(words)),  # noqa: S704 - came out of the escaping environment
            closing=[duty.html(words) for duty in closing],
        )
        texts = [
            *(duty.text(words) for duty in opening),
            variant.block("text", words),
            *(duty.text(words) for duty in closing),
        ]
        return RenderedMessage(
            subject=subject, text="\n\n".join(map(_paragraphs, texts)) + "\n", html=html
        )


def _decider(directory: Path, sms_accents: frozenset[str]) -> Decider:
    """Of every file by its name: their contents are the operator's, and only told apart here."""
    files = sorted(file for file in directory.rglob("*") if file.is_file())
    said = {str(file.relative_to(directory)): digest_of(file.read_bytes()) for file in files}
    content = {"files": said, "sms_accents": sorted(sms_accents)}
    return Decider.of(DeciderKind.WORDS, "templates", content)


def _known(sms_accents: Iterable[str], languages: Iterable[str]) -> frozenset[str]:
    asked, there = set(map(_language_of, sms_accents)), set(map(_language_of, languages))
    if unknown := asked - there:
        raise Misconfigured(
            f"CONTRAPUNTO_SMS_ACCENTS: there are no words in {', '.join(sorted(unknown))}; "
            f"languages are {', '.join(sorted(there))}"
        )
    return frozenset(asked)


def _try_all(folder: str, files: LanguageFiles, problems: Problems) -> None:
    """Render every variant and duty with sample data, optional facts there and absent."""
    if not files.has_voice:
        return  # already told; every template that greets would only tell it again
    for (purpose, channel), variant in files.variants.items():
        with problems.of(variant.file):
            for context in samples(folder, purpose, channel):
                _try_variant(_sample_words(context), variant)
    channels = {channel for by_channel in files.duties.values() for channel in by_channel}
    reminders = {channel: _samples_of_words(folder, channel) for channel in channels}
    for code, by_channel in files.duties.items():
        for channel, duty in by_channel.items():
            with problems.of(duty.file, f"duty {code} on {channel}"):
                for words in reminders[channel]:
                    _require(duty.text(words), "the duty")
    _try_scenes(folder, files, problems)


def _samples_of_words(folder: str, channel: Channel) -> list[Words]:
    return [_sample_words(context) for context in samples(folder, Purpose.REMINDER, channel)]


def _try_scenes(folder: str, files: LanguageFiles, problems: Problems) -> None:
    for scene, template in files.scenes.items():
        with problems.of(f"{folder}/_call.yaml", f"scene {scene}"):
            for context in samples(folder, Purpose.PROMISE_REMINDER, Channel.VOICE):
                _require(template.render(_sample_words(context)), f"scene {scene}")


def _asked(files: LanguageFiles, channel: Channel, duties: Sequence[str]) -> list[Duty]:
    """The duties of a message, the sender's name always and first."""
    codes = dict.fromkeys((IDENTIFY_SENDER, *duties))
    return [files.duty(code, channel) for code in codes]


def _try_variant(words: Words, variant: Variant) -> None:
    if not variant.is_email:
        _require(variant.text(words), "the body")
        return
    _require(variant.block("subject", words), "block subject")
    _require(variant.block("text", words), "block text")
    _require(variant.html(words), "block html")


def _require(rendered: str, what: str) -> None:
    if not rendered.strip():
        raise TemplateError(f"{what} says nothing")


def _sample_words(context: MessageContext) -> Words:
    return vocabulary(context, formats.parse_locale(context.locale) or Locale("en"))


def _folder_key(tag: str) -> str:
    language, _, region = tag.replace("-", "_").partition("_")
    return f"{language.lower()}_{region.upper()}" if region else language.lower()


def _language_of(tag: str) -> str:
    return _folder_key(tag).split("_")[0]


def _paragraphs(text: str) -> str:
    """``text`` without trailing blanks and with at most one empty line between paragraphs."""
    lines: list[str] = []
    for line in (raw.strip() for raw in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines)


class DebtWords(NamedTuple):
    """A debt as templates see it: already written out, so that no template formats money."""

    reference: str
    amount: str
    due_date: str
    long_due_date: str
    days_past_due: int


class PartWords(NamedTuple):
    """What is promised for one of several dates, written out."""

    amount: str
    date: str


def vocabulary(context: MessageContext, locale: Locale) -> Words:
    """Every name that a template may use, in the words of ``locale``. Absent facts are None."""
    debts, spoken = context.debts, context.channel is Channel.VOICE
    money = formats.spoken_money if spoken else formats.money
    currency = context.currencies[0] if debts else ""
    promised, paid, when = context.promised_amount, context.paid_amount, context.promised_date
    settled, by = context.settlement_amount, context.settlement_until
    return {
        "name": inert_name(context.customer_name),
        "creditor": one_line(context.creditor_name),
        "agency": one_line(context.agency_name) if context.agency_name else None,
        "tone": context.tone.value,
        "channel": context.channel.value,
        "debts": [_debt_words(debt, locale, spoken=spoken) for debt in debts],
        "total": formats.total(((debt.currency, debt.amount) for debt in debts), locale, money),
        "open_balance": any(debt.amount for debt in debts),
        "days_past_due": max((debt.days_past_due for debt in debts), default=0),
        "promised_amount": None if promised is None else money(promised, currency, locale),
        "promised_date": None if when is None else formats.day(when, locale),
        "promised_parts": [
            PartWords(money(amount, currency, locale), formats.day(day, locale))
            for amount, day in context.promised_parts
        ],
        "instalment": context.instalment,
        "instalments": context.instalments,
        "settlement_amount": None if settled is None else money(settled, currency, locale),
        "settlement_until": None if by is None else formats.day(by, locale),
        "settlement_days": context.settlement_days,
        "paid_amount": None if paid is None else money(paid, currency, locale),
        "wished_channel": context.wished_channel.value if context.wished_channel else None,
        "wished_hours": ", ".join(map("-".join, context.wished_hours)) or None,
        "pay_url": context.pay_url,
        "payment_url": context.payment_url,
        "payment_until": formats.day(until, locale) if (until := context.payment_until) else None,
        "pix_code": context.pix_code,
        "opt_out_url": context.opt_out_url,
        "preferences_url": context.preferences_url,
        "phone": _phone(context.phone, spoken=spoken) if context.phone else None,
        "helpline": context.helpline,
        "pay_site": urlsplit(context.pay_url).hostname if context.pay_url else None,
        "caller": one_line(context.caller_name) if context.caller_name else None,
        "person": one_line(context.caller_person) if context.caller_person else None,
    }


def _phone(phone: str, *, spoken: bool) -> str:
    return _by_digits(phone) if spoken else one_line(phone)


def _by_digits(text: str) -> str:
    """``*4821`` as it is said aloud: ``4 8 2 1``, and not four thousand and something."""
    return " ".join(char for char in text if char.isalnum())


def _debt_words(debt: DebtLine, locale: Locale, *, spoken: bool) -> DebtWords:
    money = formats.spoken_money if spoken else formats.money
    return DebtWords(
        reference=_by_digits(debt.reference) if spoken else one_line(debt.reference),
        amount=money(debt.amount, debt.currency, locale),
        due_date=formats.day(debt.due_date, locale),
        long_due_date=formats.long_day(debt.due_date, locale),
        days_past_due=debt.days_past_due,
    )
