"""What a customer's message says: intents, days, sums and wishes, each with the words for it.

A reader proposes; facts and planning decide. It never guesses: what may mean two things stays open
(no ``amount``, no ``day``, all candidates in ``days``), and what it cannot place goes to a person.
The shipped one is rules; another of the same interface may only add to what a person should look
at (``Reading.to_person``), never take a rule's word back.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from domain.channels import Channel
from domain.conversation.amounts import Sum, amounts_in
from domain.conversation.dates import Named, dates_in, never
from domain.conversation.grammar.tokens import Words
from domain.conversation.grammar.tongues import language_of
from domain.conversation.keywords import (
    Keywords,
    Meaning,
    Message,
    asked_for,
    languages_of_message,
    may_ask,
)
from domain.conversation.promises.parts import PromisedPart, parts_in
from domain.conversation.wishes.wish import Hours, Wish, wish_in
from domain.model import Model

VERSION: Final = "rules-7"
"""Of the shipped rules: recorded with each reading, raised where one would come out otherwise."""


_NAMES: Final = {
    Meaning.OPT_OUT: "stop",
    Meaning.LEAVE_ALONE: "stop",
    Meaning.OPT_IN: "start",
    Meaning.HELP: Meaning.WANTS_PERSON.value,
    Meaning.STRANGER: Meaning.WRONG_PERSON.value,
    Meaning.THIRD_PARTY: Meaning.WRONG_PERSON.value,
    Meaning.KIN: Meaning.WRONG_PERSON.value,
    Meaning.CRISIS: Meaning.HARDSHIP.value,
}
"""What intents are called outside; on record stops and starts have the names of the law."""


def name_of(meaning: Meaning) -> str:
    """What an intent is called outside."""
    return _NAMES.get(meaning, meaning.value)


class Heard(NamedTuple):
    """A message, and what must be known to understand it."""

    text: str
    locale: str
    """Of the customer: ``es-CO``. Order of day and month, and what a thousand is called."""
    now: datetime
    """When it was written, at the customer's own offset: its date is their day."""
    currency: str
    """ISO 4217, of the account spoken about."""
    balance: Decimal
    """Of that account: what "all" and "half" are of, and what a sum may come to."""


class Evidence(Model):
    """The words that decided for an intent, as they were written."""

    intent: Meaning
    words: str


class Reading(Model):
    """What was read in one message."""

    intents: tuple[Meaning, ...]
    """All that it says, the weightiest first; ``other`` alone where nothing was understood."""
    evidence: tuple[Evidence, ...] = ()
    amount: Decimal | None = None
    """What is offered, or said to be paid, in the account's currency; None: none or not certain."""
    day: date | None = None
    """The one day that is meant, by the customer's calendar; None: none, or not certain which."""
    days: tuple[date, ...] = ()
    """All days that are named, or may be meant."""
    parts: tuple[PromisedPart, ...] = ()
    """By date, of a promise of several dates, where it is certain how much is paid by which."""
    channel: Channel | None = None
    """By which they want to be reached."""
    hours: tuple[Hours, ...] = ()
    """In which they want to be reached."""
    confidence: float
    """From 0 to 1: how little room the words leave for another reading."""
    to_person: bool
    """A person should look, whatever else is done."""
    version: str = VERSION

    def told(self) -> dict[str, Any]:
        """As other systems and people read it: days as ISO 8601, amounts as decimal texts."""
        parts = [
            {"amount": f"{one.amount.normalize():f}", "date": one.day.isoformat()}
            for one in self.parts
        ]
        return {
            "intents": list(dict.fromkeys(map(name_of, self.intents))),
            "amount": None if self.amount is None else f"{self.amount.normalize():f}",
            "date": None if self.day is None else self.day.isoformat(),
            "dates": [day.isoformat() for day in self.days],
            "channel": self.channel,
            "hours": [[one.opens, one.closes] for one in self.hours],
            "confidence": self.confidence,
            "evidence": [
                {"intent": name_of(one.intent), "words": one.words} for one in self.evidence
            ],
            "to_person": self.to_person,
            **({"parts": parts} if parts else {}),
        }


class Reader(Protocol):
    """Reads messages. Pure, and never raises for what a message says."""

    def read(self, heard: Heard) -> Reading:
        """What it says."""


_MEANINGS: Final = tuple(Meaning)
_IN_DOUBT: Final = frozenset({Meaning.STRANGER, Meaning.LEAVE_ALONE})
"""Said in words that leave room."""
_SAYS_WHEN: Final = frozenset({Meaning.PROMISE, Meaning.ALREADY_PAID, Meaning.PLAN_REQUEST})
"""Intents of which days and sums are told."""
_OF_OTHER_SUMS: Final = frozenset({Meaning.ALREADY_PAID, Meaning.PLAN_REQUEST})
"""Beside these sums and days are not those of a promise alone."""
_FOR_A_PERSON: Final = frozenset(
    {Meaning.CRISIS, Meaning.WANTS_PERSON, Meaning.HELP, Meaning.OTHER, Meaning.LEAVE_ALONE}
)
_WHATEVER_ELSE: Final = frozenset({Meaning.THANKS, Meaning.OTHER})
"""Said only where nothing else is."""

CERTAIN: Final = 0.98
OPEN: Final = 0.6
"""A day or a sum is named, and it is not known which is meant."""
UNKNOWN: Final = 0.2
"""Nothing was understood."""


class RuleReader:
    """Reads by the phrases of ``config/keywords.yaml`` and ``config/intents.yaml``."""

    def __init__(
        self, keywords: Keywords, holidays: Callable[[str, date], bool] | None = None
    ) -> None:
        """``holidays``: whether a day is one, by a customer's country."""
        self.keywords = keywords
        self._holidays = holidays

    def read(self, heard: Heard) -> Reading:
        """What a message says."""
        wish = wish_in(heard.text, heard.locale)
        evidence = _settled(list(self._intents(heard, wish)), wish)
        words = Words(heard.text)
        named, found = self._told(heard, words, {one.intent for one in evidence}, wish)
        sums = [one.values for one in found]
        if (more := _unsaid(heard, evidence, named, sums, wish)) is not None:
            kept = [one for one in evidence if one.intent not in _WHATEVER_ELSE]
            evidence = _settled([*kept, Evidence(intent=more, words=heard.text.strip())], wish)
        intents = frozenset(one.intent for one in evidence) or frozenset({Meaning.OTHER})
        if intents.isdisjoint(_SAYS_WHEN):
            named, sums = [], []
        day, days = _one_day(named)
        amount = sums[0][0] if len({*sums}) == 1 and len(sums[0]) == 1 else None
        if len(sums) > 1 and len(days) > 1:
            amount = None  # the same on each of several days: how much in all, nobody says
        parts: tuple[PromisedPart, ...] = ()
        if Meaning.PROMISE in intents and intents.isdisjoint(_OF_OTHER_SUMS):
            language = language_of(words.words, heard.locale)
            parts = parts_in(words, language, named, found, heard.now.date())
        open_ = (bool(named) and day is None) or (bool(sums) and amount is None)
        unsure = not intents.isdisjoint(_IN_DOUBT) or (open_ and not parts)
        wished = Meaning.PREFERENCE in intents
        unsure = unsure or (wished and not wish.plain)
        confidence = UNKNOWN if Meaning.OTHER in intents else OPEN if unsure else CERTAIN
        return Reading(
            intents=tuple([intent for intent in _MEANINGS if intent in intents]),
            evidence=tuple(evidence),
            amount=amount,
            day=day,
            days=days,
            parts=parts,
            channel=wish.channel if wished else None,
            hours=wish.hours if wished else (),
            confidence=confidence,
            to_person=not intents.isdisjoint(_FOR_A_PERSON),
        )

    def _intents(self, heard: Heard, wish: Wish) -> Iterator[Evidence]:
        bare, politely = Message.both(heard.text, self.keywords)
        languages = languages_of_message(politely, heard.locale, self.keywords)
        askable = may_ask(bare, self.keywords) & _BARE | may_ask(politely, self.keywords) - _BARE
        for intent in [one for one in _MEANINGS if one in askable]:
            read = bare if intent in _BARE else politely
            spoken = None if intent in _IN_ANY_LANGUAGE else languages
            words = asked_for(read, intent, self.keywords, spoken)
            if words is not None:
                yield Evidence(intent=intent, words=words)
        if wish.words is not None:
            yield Evidence(intent=Meaning.PREFERENCE, words=wish.words)
        if not politely.parts and _NODS.search(heard.text):
            yield Evidence(intent=Meaning.THANKS, words=heard.text.strip())

    def _told(
        self, heard: Heard, words: Words, intents: set[Meaning], wish: Wish
    ) -> tuple[list[Named], list[Sum]]:
        """Days and sums."""
        country = heard.locale.partition("-")[2]
        holiday = partial(self._holidays, country) if self._holidays else never
        past = Meaning.ALREADY_PAID in intents and Meaning.PROMISE not in intents
        named = dates_in(words, heard.locale, heard.now.date(), holiday, past=past)
        taken = [*((one.start, one.end) for one in named), *wish.spans]
        found = amounts_in(words, heard.locale, heard.currency, heard.balance, taken)
        return named, found


_NODS: Final = re.compile("[👍🙏👌✅🤝🙌🫡💪😊]")
"""Said without a word."""
_BESIDE: Final = frozenset(
    {Meaning.HARDSHIP, Meaning.BALANCE, Meaning.THIRD_PARTY, Meaning.STRANGER}
)
"""Beside these a day is one of paying only if paying is spoken of."""
_PAYS: Final = re.compile(
    r"\b(?:pag(?:o|a|ar|are|amos|arei|am|ue)|abon\w+|cancel(?:o|ar|amos)|deposit\w+|consign\w+|"
    r"transf\w+|quitar|quito|acert\w+|pay(?:ing)?|send|settle|clear|cumplo|doy|dou|yape\w*)\b",
    re.IGNORECASE,
)
_CHATS: Final = re.compile(
    r"\b(?:(?:te|le|los) leo|hablamos|nos vemos?|juega|juegan|llueve|calor|manejando|vacaciones|"
    r"jaja\w*|m(?:ue|o)rt[oa] de|lo miro|"
    r"audi[eê]ncia|vel[oó]rio|leio|te respondo|depois (?:eu )?vejo|jogo|feriado)\b",
    re.IGNORECASE,
)
"""Where neither a sum nor paying is named, a day beside these is one of something else."""
_FEW: Final = 6
"""Words of a message in which a sum by itself is the answer to a question about one."""


def _unsaid(
    heard: Heard,
    evidence: Sequence[Evidence],
    named: Sequence[Named],
    sums: Sequence[tuple[Decimal, ...]],
    wish: Wish,
) -> Meaning | None:
    """What is meant by a message that only names a day, a sum or hours: "500 tomorrow" answers us.

    None: it names none, or says what they are of.
    """
    found = {one.intent for one in evidence}
    ahead = any(one.days and min(one.days) >= heard.now.date() for one in named)
    words = len(heard.text.split())
    behind = any(one.days and max(one.days) < heard.now.date() for one in named)
    if found <= _WHATEVER_ELSE and behind and not ahead and (sums or _PAYS.search(heard.text)):
        return Meaning.ALREADY_PAID
    other = not sums and not _PAYS.search(heard.text) and _CHATS.search(heard.text)
    if found <= _WHATEVER_ELSE and not other and (ahead or (sums and words <= _FEW)):
        return Meaning.PROMISE
    offers = sums or _PAYS.search(heard.text)
    if found <= _WHATEVER_ELSE | _BESIDE and ahead and offers:
        return Meaning.PROMISE
    return Meaning.PREFERENCE if not found and wish.hours and words > 1 else None


_BARE: Final = frozenset(
    {
        Meaning.OPT_OUT,
        Meaning.WRONG_PERSON,
        Meaning.STRANGER,
        Meaning.LEAVE_ALONE,
        Meaning.OPT_IN,
        Meaning.HELP,
    }
)
"""Read without words of politeness; of the others "ya" and "gracias" are part."""
_IN_ANY_LANGUAGE: Final = _BARE | {
    *(Meaning.CRISIS, Meaning.ATTORNEY, Meaning.BANKRUPTCY, Meaning.DECEASED, Meaning.DISPUTE),
}
"""Heard whichever language it is said in: not to hear it is to break the law."""


def _settled(evidence: list[Evidence], wish: Wish) -> list[Evidence]:
    """Without what another intent of the same message explains."""
    found = {one.intent for one in evidence}
    drop: set[Meaning] = set()
    if Meaning.DECEASED not in found:
        drop.add(Meaning.KIN)
        found.discard(Meaning.KIN)
    if found - _WHATEVER_ELSE:
        drop |= _WHATEVER_ELSE
    words = {one.intent: one.words for one in evidence}
    if words.get(Meaning.PROMISE) in (
        words.get(Meaning.PLAN_REQUEST, ""),
        words.get(Meaning.ALREADY_PAID, ""),
    ):
        drop.add(Meaning.PROMISE)  # one clause says one thing of a payment
    if Meaning.DECEASED in found or words.get(Meaning.HARDSHIP) == words.get(Meaning.BANKRUPTCY):
        drop.add(Meaning.HARDSHIP)  # of which it is the reason
    if Meaning.WRONG_PERSON in found:
        drop.add(Meaning.STRANGER)
    if Meaning.ATTORNEY in found:
        drop.add(Meaning.THIRD_PARTY)  # what they say of the customer counts, not who says it
    if Meaning.OPT_OUT in found:
        drop.add(Meaning.LEAVE_ALONE)
    if {Meaning.OPT_OUT, Meaning.LEAVE_ALONE} & found:
        drop |= {Meaning.OPT_IN} if wish.channel else {Meaning.OPT_IN, Meaning.PREFERENCE}
    if Meaning.OPT_IN in found or Meaning.ATTORNEY in found:
        drop |= {Meaning.PREFERENCE, Meaning.WANTS_PERSON}
    if Meaning.PREFERENCE in found and not wish.names_person:
        drop.add(Meaning.WANTS_PERSON)  # "call me after six": how and when, not whom
    return [one for one in evidence if one.intent not in drop]


def _one_day(named: Sequence[Named]) -> tuple[date | None, tuple[date, ...]]:
    """The day that is meant, if there is one, and all that are named."""
    days = tuple(dict.fromkeys(day for one in named for day in one.days))
    certain = len(days) == 1 and all(one.kind is Named.Kind.ONE for one in named if one.days)
    return (days[0] if certain else None), days
