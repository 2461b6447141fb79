"""What a customer's message asks for. A stop must be heard however it is said.

Where the line is drawn: a keyword that is the whole message, or a whole clause of it, is a stop,
also when it could mean something else ("CANCELAR" can mean "pay off" in Spanish). So is a phrase
about messages, calls or being left alone, wherever it stands, and a stop shouted in capitals or
opening the message. A keyword inside a longer sentence is not ("I can't stop by the bank today",
"quiero cancelar mi deuda"), for there the sentence says what is meant. Between two readings the
stop wins: a reminder unsent costs less than a right ignored. "Wrong number" is a stop too, for
whoever holds that number is not the customer. Opting in needs the whole message: consent is never
read into a sentence.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field


class Intent(StrEnum):
    """What an inbound message asks for."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    PROMISE = "promise"
    """Speaks of paying: a hint for a person, never by itself a promise on record."""

    OTHER = "other"


# An entry that could never match would be a stop that is never heard: refuse it at start-up.
Plain = Annotated[str, Field(pattern=r"^[a-z0-9]+( [a-z0-9]+)*$")]
Phrase = Annotated[str, Field(pattern=r"^([a-z0-9|]+\??|\*)( ([a-z0-9|]+\??|\*))*$")]


class IntentWords(BaseModel):
    """How one intent is said in one language; the file explains each list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: frozenset[Plain] = frozenset()
    shouted: frozenset[Plain] = frozenset()
    leading: frozenset[Plain] = frozenset()
    unless: frozenset[Plain] = frozenset()
    phrases: tuple[Phrase, ...] = ()
    negated_by: tuple[Plain, ...] = ()


class Keywords(BaseModel):
    """All keywords of all languages; a customer may write in any of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    politeness: tuple[Plain, ...]
    intents: Mapping[Intent, Mapping[str, IntentWords]]

    def said(self, intent: Intent) -> Iterable[IntentWords]:
        """How ``intent`` is said, language by language."""
        return self.intents.get(intent, {}).values()


_BREAKS: Final = re.compile(r"[.,;:!?¡¿()\n\r\"…|]+|\s[-–—]+\s")
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_APOSTROPHE: Final = re.compile(r"['’‘`´]")
# "S.T.O.P", "s t o p", "S-T-O-P"
_SPELT_OUT: Final = re.compile(r"\b(?:[^\W\d_][\s.\-]+){3,}[^\W\d_]\b")
_STOP_SIGNS: Final = re.compile("[🛑⛔🚫]")
_MAX_READ: Final = 2_000


def classify(text: str, keywords: Keywords) -> Intent:
    """The intent of ``text``. Pure; a stop outranks everything else in the same message."""
    message = _Message.read(text[:_MAX_READ], keywords.politeness)
    if _asks(message, keywords.said(Intent.OPT_OUT)):
        return Intent.OPT_OUT
    if any(message.whole in said.words for said in keywords.said(Intent.OPT_IN)):
        return Intent.OPT_IN
    for intent in (Intent.HELP, Intent.PROMISE):
        if _asks(message, keywords.said(intent)):
            return intent
    return Intent.OTHER


class _Message:
    """A message reduced to plain words, clause by clause, without politeness."""

    def __init__(self, clauses: list[str], shouts: list[tuple[str, str]]) -> None:
        self.clauses = clauses
        self.whole = " ".join(clauses)
        self.shouts = shouts

    @classmethod
    def read(cls, text: str, politeness: tuple[str, ...]) -> "_Message":
        composed = unicodedata.normalize("NFKC", text)
        signed = _STOP_SIGNS.sub(" STOP ", composed)
        joined = _SPELT_OUT.sub(lambda match: re.sub(r"[\s.\-]+", "", match.group()), signed)
        polite = _any_of(politeness)
        plain = (_squeezed(polite.sub(" ", _plain(part))) for part in _BREAKS.split(joined))
        return cls([clause for clause in plain if clause], list(_shouts(joined)))


def _plain(text: str) -> str:
    """Lower case, no accents, letters and digits only: ``don't`` and ``do not`` are ``dont``."""
    bare = _APOSTROPHE.sub("", unicodedata.normalize("NFKD", text.casefold()))
    letters = "".join(char for char in bare if not unicodedata.combining(char))
    words = _NOT_WORD.sub(" ", letters).strip()
    return re.sub(r"\b(do|can|did|will) not\b", _contracted, words)


def _contracted(match: re.Match[str]) -> str:
    return {"do": "dont", "can": "cant", "did": "didnt", "will": "wont"}[match.group(1)]


def _squeezed(clause: str) -> str:
    """Single spaces, and one word for a word repeated: ``stop stop stop`` is ``stop``."""
    words = clause.split()
    return " ".join(word for at, word in enumerate(words) if at == 0 or word != words[at - 1])


def _shouts(text: str) -> Iterator[tuple[str, str]]:
    """Words in capitals, each with the word before; none when all the message is in capitals."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    if all(word.isupper() for word in words):
        return
    for before, word in zip(["", *words], words, strict=False):
        if word.isupper() and len(word) > 1:
            yield _plain(before), _plain(word)


def _asks(message: _Message, said_in: Iterable[IntentWords]) -> bool:
    return any(_asks_in(message, said) for said in said_in)


def _asks_in(message: _Message, said: IntentWords) -> bool:
    return (
        message.whole in said.words
        or any(clause in said.words for clause in message.clauses)
        or any(_has_phrase(clause, said) for clause in message.clauses)
        or _leads(message, said)
        or any(
            word in said.shouted and before not in said.negated_by
            for before, word in message.shouts
        )
    )


def _leads(message: _Message, said: IntentWords) -> bool:
    first, _, rest = message.whole.partition(" ")
    return first in said.leading and rest.split(" ", 1)[0] not in said.unless


def _has_phrase(clause: str, said: IntentWords) -> bool:
    for phrase in said.phrases:
        for match in _compiled(phrase).finditer(f"{clause} "):
            if not _is_negated(clause[: match.start()].rstrip(), said.negated_by):
                return True
    return False


def _is_negated(before: str, negations: tuple[str, ...]) -> bool:
    return any(before == word or before.endswith(f" {word}") for word in negations)


@cache
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


@cache
def _compiled(phrase: str) -> re.Pattern[str]:
    """A phrase of the file as a regular expression; every word takes the space after it."""
    return re.compile(r"\b" + "".join(map(_word_pattern, phrase.split())))


def _word_pattern(word: str) -> str:
    if word == "*":
        return r"(?:\w+ ){0,3}?"
    choice = "|".join(map(re.escape, word.rstrip("?").split("|")))
    return rf"(?:(?:{choice}) )?" if word.endswith("?") else rf"(?:{choice}) "
