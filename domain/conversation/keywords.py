"""What a customer's message asks for. A stop must be heard however it is said.

Where the line is drawn: a keyword that is the whole message, or a whole clause of it, is a stop,
also when it could mean something else ("CANCELAR" can mean "pay off" in Spanish). So is a phrase
about messages, calls or being left alone, wherever it stands, and a stop shouted in capitals or
opening the message. A keyword inside a longer sentence is not ("I can't stop by the bank today",
"quiero cancelar mi deuda"), for there the sentence says what is meant; nor is a request that names
its hours, its place or another matter ("don't call me late", "no me manden a jurídico"). Between
two readings the stop wins: a reminder unsent costs less than a right ignored. "Wrong number" is a
stop too, for whoever holds that number is not the customer. Opting in needs the whole message:
consent is never read into a sentence.

People type as they speak and in a hurry. So words are compared as they sound ("kiero", "en pas"),
a letter held down counts once ("stoooop"), the usual abbreviations are written out, and a keyword
with a slip of the finger is heard if it is the whole message ("STP", "bsta"): nothing else is there
to say what was meant.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from domain.conversation.matching.phrases import Begun, Phrasebook, Places
from domain.conversation.matching.plain import by_ear, letters, plain_words, squeezed
from domain.conversation.matching.slips import SLIPS_OF_LONG, is_slip_of
from domain.conversation.matching.vocabulary import Intent, IntentWords, Keywords, Meaning
from domain.conversation.text import as_seen

__all__ = ["Intent", "IntentWords", "Keywords", "Meaning", "classify", "intents_of"]

_BREAKS: Final = re.compile(r"[.,;:!?¡¿()\n\r\"“”«»…|]+|\s[-–—]+\s")
# "S.T.O.P", "s t o p", "S-T-O-P"
_SPELT_OUT: Final = re.compile(r"\b(?:[^\W\d_][\s.\-]+){3,}[^\W\d_]\b")
# Unicode makes "no" of "nº": signs are read first. "Mr. Hall" ends no sentence.
_SIGNS: Final = (
    (re.compile("[🛑⛔🚫]"), " STOP "),
    (re.compile(r"\b[nN][º°]|№"), " numero "),
    (re.compile("#"), " number "),
    (re.compile(r"\+(?!\d)"), " mas "),
    (re.compile(r"\b(mr|mrs|ms|mx|dra?|sra?|srta)\.(?=\s)", re.IGNORECASE), r"\1"),
)
_QUOTED_LINE: Final = re.compile(r"^\s*>.*$", re.MULTILINE)
# 'Liked "Reply STOP to opt out"'; the closing quote is missing where the text was cut short.
_REACTION: Final = re.compile(r"([^“\"«]{1,40})[“\"«].*?(?:[”\"»]([^”\"»]*))?", re.DOTALL)
_MAX_READ: Final = 4_096
"""As long as a message of WhatsApp may be: a stop may be its last word."""


def classify(text: str, keywords: Keywords) -> Intent:
    """The intent of ``text``; a stop outranks all else in the same message."""
    return intents_of([text], keywords)[0]


def intents_of(fields: Iterable[str], keywords: Keywords) -> tuple[Intent, ...]:
    """All that one message asks for, the weightiest first; ``(OTHER,)`` if it asks for nothing.

    ``fields`` are all the places in which a channel carries what the customer said or chose: the
    text, a button's label, a button's payload (``STOP_PROMOTIONS`` is read as words). What any of
    them asks for is asked for; empty fields do no harm.
    """
    read = [Message.read(field, keywords) for field in fields]
    asked = {
        intent
        for intent in Intent
        if any(asked_for(message, Meaning(intent), keywords) is not None for message in read)
    }
    if Intent.WRONG_PERSON in asked:
        asked.add(Intent.OPT_OUT)
    if Intent.OPT_OUT in asked:
        asked.discard(Intent.OPT_IN)
    return tuple(intent for intent in Intent if intent in asked) or (Intent.OTHER,)


class Part(NamedTuple):
    """A clause of a message."""

    plain: str
    """In plain words as they sound, with single spaces."""
    said: str
    """As it was written."""


class Beginnings(NamedTuple):
    """What a message may ask for, before it is known what is negated, limited or excepted."""

    places: Places
    """Where in its parts which phrases may begin."""
    alone: Mapping[Phrasebook, Part]
    """The clauses that say something by themselves, by the list beside which that stands."""
    intents: set[Meaning]
    """Nothing else is asked for, but by a slip, or by several words one after the other."""


class Message:
    """A message reduced to plain words, clause by clause."""

    def __init__(self, parts: list[Part], shouts: list[tuple[str, str]], *, said: str) -> None:
        self.parts = parts
        self.whole = Part(" ".join(part.plain for part in parts), said)
        # Of a message of one clause that is all that it says.
        self.clauses = (self.whole, *parts) if len(parts) > 1 else (self.whole,)
        self.shouts = shouts
        self._heard: Beginnings | None = None

    def heard(self, keywords: Keywords) -> "Beginnings":
        """What it may ask for."""
        if self._heard is None:
            places = keywords.library.places([part.plain for part in self.parts])
            alone: dict[Phrasebook, Part] = {}
            for part in self.clauses:
                for book in keywords.said_by_all_of(part.plain):
                    alone.setdefault(book, part)
            asks = keywords.asks
            intents = {asks[book] for book in (*places, *alone)}
            intents.update(keywords.leading.get(self.whole.plain.partition(" ")[0], ()))
            if self.shouts:
                intents |= keywords.shouted
            self._heard = Beginnings(places, alone, intents)
        return self._heard

    @classmethod
    def read(cls, text: str, keywords: Keywords) -> "Message":
        """The first 4,096 characters, without words of politeness."""
        return cls.both(text, keywords)[0]

    @classmethod
    def both(cls, text: str, keywords: Keywords) -> tuple["Message", "Message"]:
        """The first 4,096 characters: without words of politeness, and with them."""
        text = text[:_MAX_READ]
        text = text if text.isascii() else as_seen(text)
        for sign, word in _SIGNS:
            text = sign.sub(word, text)
        composed = text if text.isascii() else unicodedata.normalize("NFKC", text)
        composed = _own_words(composed, keywords.reactions)
        joined = _SPELT_OUT.sub(lambda match: re.sub(r"[\s.\-]+", "", match.group()), composed)
        said = _BREAKS.split(joined)
        heard = by_ear("\n".join(map(letters, said))).split("\n")
        words = [keywords.written_out.within(part.split()) for part in heard]
        politely = [squeezed(part) for part in words]
        bare = [squeezed(keywords.curt.within(part)) for part in words]
        shouts, whole = list(_shouts(joined)), joined.strip()

        def made(plain: list[str]) -> "Message":
            parts = [Part(each, part.strip()) for each, part in zip(plain, said, strict=True)]
            return cls([part for part in parts if part.plain], shouts, said=whole)

        with_all = made(politely)
        return (with_all if bare == politely else made(bare)), with_all


def _own_words(text: str, reactions: frozenset[str]) -> str:
    """Without what is quoted: our own text, quoted back, tells how to stop.

    A text that is nothing but quoted lines is read all the same.
    """
    reaction = _REACTION.fullmatch(text)
    if reaction and plain_words(reaction[1]) in reactions:
        return reaction[2] or ""
    unquoted = _QUOTED_LINE.sub("", text)
    return unquoted if unquoted.strip() else text


def _shouts(text: str) -> Iterator[tuple[str, str]]:
    """Words in capitals, each with the word before; none when all the message is in capitals."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    every = all(word.isupper() for word in words)
    for before, word in zip(["", *words], words, strict=False):
        if word.isupper() and len(word) > 1 and not every:
            yield plain_words(before), plain_words(word)


_MISTYPED: Final = frozenset({Meaning.OPT_OUT, Meaning.WRONG_PERSON})
"""Heard also with a slip of the finger."""
_OTHERWISE: Final = _MISTYPED | {Meaning.OPT_IN, Meaning.THANKS}


def may_ask(message: Message, keywords: Keywords) -> frozenset[Meaning]:
    """What a message may ask for: of anything else ``asked_for`` need not be asked."""
    return _OTHERWISE.union(message.heard(keywords).intents)


def asked_for(
    message: Message, intent: Meaning, keywords: Keywords, languages: frozenset[str] | None = None
) -> str | None:
    """The words by which a message asks for something; None if it does not.

    ``languages``: only as it is said in these; None: in all.
    """
    places, alone, intents = message.heard(keywords)
    if intent not in intents and intent not in _OTHERWISE:
        return None
    said_in = keywords.said(intent, languages)
    whole = message.whole
    if intent is Meaning.OPT_IN:
        return whole.said if any(alone.get(s.anywhere) is whole for s in said_in) else None
    if intent is Meaning.THANKS:
        return whole.said if _is_only(message, said_in) else None
    if intent in _MISTYPED and _is_slip(message, said_in, keywords):
        return whole.said
    if intent not in intents:
        return None
    by_another, limits = keywords.against[intent]

    def is_negated(before: str, said: IntentWords) -> bool:
        ends = _ends_of(before, keywords.most_negating)
        return not said.negations.isdisjoint(ends) or _is_negated_by_another(
            ends, by_another, message, keywords
        )

    first = whole.plain.partition(" ")[0]
    for said in said_in:
        words = (
            alone[said.anywhere].said
            if said.anywhere in alone
            else _said_so(message, places.get(said.anywhere), said, is_negated, limits)
            if said.anywhere in places or first in said.leading or message.shouts
            else None
        )
        if words is not None and not _is_overruled(message, said):
            return words
    return None


def _is_overruled(message: Message, said: IntentWords) -> bool:
    """Whether the message says elsewhere that something else is meant."""
    return bool(said.overruled_by) and any(
        any(said.overruling.matches(part.plain)) for part in message.parts
    )


def _said_so(
    message: Message,
    places: Mapping[int, Sequence[Begun]] | None,
    said: IntentWords,
    is_negated: Callable[[str, IntentWords], bool],
    limits: Phrasebook,
) -> str | None:
    """The words by which a message asks for something in one language."""
    for number, begun in places.items() if places else ():
        part = message.parts[number]
        if _has_phrase(part.plain, begun, said, is_negated, limits):
            return part.said
    if _leads(message, said):
        return message.whole.said
    for before, word in message.shouts:
        if word in said.shouted and not is_negated(before, said):
            return word
    return None


def languages_of_message(message: Message, locale: str, keywords: Keywords) -> frozenset[str]:
    """In which languages a message may be written: the customer's, and by its function words.

    A short text tells little ("favor" is Spanish, too), so two that come out alike both count, and
    the customer's own always does.
    """
    own = locale.partition("-")[0]
    known = keywords.function_words
    found = _by_function_words(message, keywords)
    return found | {own} if own in known else found or frozenset(known)


def _by_function_words(message: Message, keywords: Keywords) -> frozenset[str]:
    """Of which languages a message has most function words; none: it has no such word."""
    words = message.whole.plain.split()
    known = keywords.function_words
    counts = {name: sum(word in these for word in words) for name, these in known.items()}
    most = max(counts.values(), default=0)
    return frozenset(name for name, count in counts.items() if count == most and most > 0)


def _written_in(message: Message, keywords: Keywords) -> frozenset[str]:
    """In which languages a message may be written, be it known whose it is or not."""
    every = frozenset(name for said in keywords.intents.values() for name in said)
    return _by_function_words(message, keywords) or every


def _is_said(clause: str, said: IntentWords) -> bool:
    """Whether a clause is one of the words, or one of the whole clauses, and nothing else."""
    return clause in said.words or (bool(said.clauses) and said.alone.is_all_of(clause))


def _is_only(message: Message, said_in: tuple[IntentWords, ...]) -> bool:
    """Whether a message says this and nothing else, be it in several words one after the other."""
    words = frozenset[str]().union(*(said.words for said in said_in))
    return bool(message.parts) and all(
        any(_is_said(part.plain, said) for said in said_in) or words.issuperset(part.plain.split())
        for part in message.parts
    )


def _leads(message: Message, said: IntentWords) -> bool:
    first, _, rest = message.whole.plain.partition(" ")
    return first in said.leading and not said.after.begins(rest)


def _has_phrase(
    clause: str,
    places: Iterable[Begun],
    said: IntentWords,
    is_negated: Callable[[str, IntentWords], bool],
    limits: Phrasebook,
) -> bool:
    for match in said.anywhere.matches(clause, places):
        if not said.not_within.isdisjoint(match.group().split()):
            continue
        before, request = clause[: match.start()].rstrip(), clause[match.start() :]
        if not is_negated(before, said) and not any(limits.matches(request)):
            return True
    return False


def _is_negated_by_another(
    ends: Iterable[str],
    negations: Mapping[str, frozenset[str]],
    message: Message,
    keywords: Keywords,
) -> bool:
    """Another language's words count in its own sentence only: "o" is an "or" or a "the"."""
    others = frozenset[str]().union(*(negations[end] for end in ends if end in negations))
    return bool(others) and not others.isdisjoint(_written_in(message, keywords))


def _ends_of(before: str, most: int) -> list[str]:
    """What may negate that stands before a phrase: its last word, its last two, up to ``most``."""
    words = before.split(" ")[-most:]
    return [" ".join(words[at:]) for at in range(len(words))]


def _is_slip(message: Message, said_in: Iterable[IntentWords], keywords: Keywords) -> bool:
    typed = message.whole.plain
    letters = len(typed.replace(" ", ""))
    if typed in keywords.no_slip or letters > keywords.longest + SLIPS_OF_LONG:
        return False
    near = range(letters - SLIPS_OF_LONG, letters + SLIPS_OF_LONG + 1)
    return any(
        is_slip_of(typed, word)
        for said in said_in
        for length in near
        for word in said.by_length.get(length, ())
    )
