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
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache, cached_property
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.conversation.matching.phrases import Library, Phrasebook, Place, Places
from domain.conversation.matching.slips import SLIPS_OF_LONG, is_slip_of
from domain.conversation.matching.sounds import by_ear
from domain.conversation.text import as_seen


class Intent(StrEnum):
    """What an inbound message asks for."""

    OPT_OUT = "opt_out"
    WRONG_PERSON = "wrong_person"
    """Whoever answers is not the customer. Never alone: it asks for a stop as well."""

    OPT_IN = "opt_in"
    HELP = "help"
    PROMISE = "promise"
    """Speaks of paying: a hint for a person, never by itself a promise on record."""

    OTHER = "other"


class Meaning(StrEnum):
    """All that a message may say: intents as they are on record, and what else is read."""

    OPT_OUT = Intent.OPT_OUT
    WRONG_PERSON = Intent.WRONG_PERSON
    LEAVE_ALONE = "leave_alone"
    """It sounds as if they wanted no more messages, in words that leave room: nothing goes on file
    by itself, where ``OPT_OUT`` is a stop."""

    CRISIS = "crisis"
    """Speaks of ending their life."""

    ATTORNEY = "attorney"
    BANKRUPTCY = "bankruptcy"
    DECEASED = "deceased"
    STRANGER = "stranger"
    """It sounds as if somebody else had the address, in words that leave room: nothing is done for
    it by itself, where ``WRONG_PERSON`` ends every use of the address."""

    THIRD_PARTY = "third_party"
    """Somebody of the customer's writes: a daughter, a neighbour."""

    KIN = "kin"
    """Names a relative. Where a death is told it is theirs, and a relative writes."""

    DISPUTE = "dispute"
    """The debt is not theirs, not so high, too old, or to be proved."""

    ALREADY_PAID = "already_paid"
    HARDSHIP = "hardship"
    PLAN_REQUEST = "plan_request"
    """Instalments, more time, a discount."""

    PROMISE = Intent.PROMISE
    WANTS_PERSON = "wants_person"
    HELP = Intent.HELP
    PREFERENCE = "preference"
    """By what, when and in which language to be reached."""

    BALANCE = "balance"
    """How much, how and where to pay."""

    IDENTITY = "identity"
    """Who writes, and whether it is a fraud."""

    OPT_IN = Intent.OPT_IN
    THANKS = "thanks"
    OTHER = Intent.OTHER


_CHOICE: Final = r"(([a-z0-9]+|#)(\|([a-z0-9]+|#))*\??|[*@])"

# An entry that could never match would be a stop that is never heard: refuse it at start-up.
Plain = Annotated[str, Field(pattern=r"^[a-z0-9]+( [a-z0-9]+)*$"), AfterValidator(by_ear)]
Ending = Annotated[str, Field(pattern=r"^-?[a-z0-9]+$"), AfterValidator(by_ear)]
Phrase = Annotated[
    str,
    Field(pattern=rf"^{_CHOICE}( {_CHOICE})*$"),
    AfterValidator(by_ear),
]


class IntentWords(BaseModel):
    """How one intent is said in one language; the file explains each list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: frozenset[Plain] = frozenset()
    shouted: frozenset[Plain] = frozenset()
    leading: frozenset[Plain] = frozenset()
    unless: tuple[Phrase, ...] = ()
    clauses: tuple[Phrase, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    negated_by: tuple[Plain, ...] = ()
    not_within: frozenset[Plain] = frozenset()
    limits: tuple[Phrase, ...] = ()
    not_names: tuple[Ending, ...] = ()
    overruled_by: tuple[Phrase, ...] = ()

    @cached_property
    def overruling(self) -> Phrasebook:
        """``overruled_by``."""
        return Phrasebook(self.overruled_by)

    @cached_property
    def anywhere(self) -> Phrasebook:
        """``phrases``, ready to be looked for."""
        return Phrasebook(self.phrases, self.not_names)

    @cached_property
    def alone(self) -> Phrasebook:
        """``clauses``."""
        return Phrasebook(self.clauses, self.not_names)

    @cached_property
    def leads(self) -> frozenset[str]:
        """What a clause begins with that is one of these and nothing else; as of a phrasebook."""
        own = {word.partition(" ")[0] for word in (*self.words, *self.leading)}
        return frozenset(own.union(self.alone.opening))

    @cached_property
    def after(self) -> Phrasebook:
        """``unless``."""
        return Phrasebook(self.unless)


class Keywords(BaseModel):
    """All keywords of all languages; a customer may write in any of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    politeness: tuple[Plain, ...] = ()
    spellings: Mapping[Plain, tuple[Plain, ...]] = {}
    reactions: frozenset[Plain] = frozenset()
    function_words: Mapping[str, frozenset[Plain]] = {}
    not_slips: frozenset[Plain] = frozenset()
    intents: Mapping[Meaning, Mapping[str, IntentWords]]

    def said(
        self, intent: Meaning, languages: Container[str] | None = None
    ) -> tuple[IntentWords, ...]:
        """How ``intent`` is said, language by language: in these, or in all."""
        spoken = self.intents.get(intent, {})
        return tuple(
            said for language, said in spoken.items() if languages is None or language in languages
        )

    @cached_property
    def against(self) -> Mapping[Meaning, tuple[Mapping[str, frozenset[str]], Phrasebook]]:
        """What turns a phrase into its opposite, by language, and what limits it, of all languages:
        a phrase of one can stand in another's sentence ("não pare de mandar")."""
        return {
            intent: (
                {name: frozenset(said.negated_by) for name, said in languages.items()},
                Phrasebook(limit for said in languages.values() for limit in said.limits),
            )
            for intent, languages in self.intents.items()
        }

    @cached_property
    def library(self) -> Library:
        """The phrases of all intents, in all languages."""
        return Library(
            said.anywhere for languages in self.intents.values() for said in languages.values()
        )

    @cached_property
    def written_out(self) -> Mapping[str, str]:
        """Each way to spell a word, and the word."""
        return {typed: word for word, ways in self.spellings.items() for typed in ways}

    @cached_property
    def no_slip(self) -> frozenset[str]:
        """What is never a mistyped keyword: the keywords themselves, and `not_slips`."""
        words = (s.words for said in self.intents.values() for s in said.values())
        return self.not_slips.union(*words)

    @cached_property
    def longest(self) -> int:
        """Letters of the longest keyword."""
        return max(map(len, self.no_slip), default=0)


_BREAKS: Final = re.compile(r"[.,;:!?¡¿()\n\r\"“”«»…|]+|\s[-–—]+\s")
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_APOSTROPHE: Final = re.compile(r"['’‘`´]")
# "S.T.O.P", "s t o p", "S-T-O-P"
_SPELT_OUT: Final = re.compile(r"\b(?:[^\W\d_][\s.\-]+){3,}[^\W\d_]\b")
# Unicode makes "no" of "nº", so signs are read before anything else.
_SIGNS: Final = (
    (re.compile("[🛑⛔🚫]"), " STOP "),
    (re.compile(r"\b[nN][º°]|№"), " numero "),
    (re.compile("#"), " number "),
    (re.compile(r"\+(?!\d)"), " mas "),
    # "Dra. Carla" is one name, and no end of a sentence.
    (re.compile(r"\b(dra?|sra?|srta)\.(?=\s)", re.IGNORECASE), r"\1"),
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


class Message:
    """A message reduced to plain words, clause by clause."""

    def __init__(self, parts: list[Part], shouts: list[tuple[str, str]], *, said: str) -> None:
        self.parts = parts
        self.whole = Part(" ".join(part.plain for part in parts), said)
        self.shouts = shouts
        first = {each.plain.partition(" ")[0] for each in (self.whole, *parts)}
        self.leads = first | {"*"} | ({"#"} if any(word[:1].isdigit() for word in first) else set())
        """What its clauses begin with, in the words of ``IntentWords.leads``."""
        self._places: list[Places] = []

    def places(self, keywords: Keywords) -> list[Places]:
        """For each part, where phrases of the intents may begin in it."""
        if not self._places:
            self._places = [keywords.library.places(part.plain) for part in self.parts]
        return self._places

    @classmethod
    def read(cls, text: str, keywords: Keywords, *, politely: bool = False) -> "Message":
        """The first 4,096 characters; ``politely``: with the words of politeness."""
        text = text[:_MAX_READ]
        text = text if text.isascii() else as_seen(text)
        for sign, word in _SIGNS:
            text = sign.sub(word, text)
        composed = _own_words(unicodedata.normalize("NFKC", text), keywords.reactions)
        joined = _SPELT_OUT.sub(lambda match: re.sub(r"[\s.\-]+", "", match.group()), composed)
        said = _BREAKS.split(joined)
        plain = [_written_out(_plain(part), keywords) for part in said]
        if not politely:
            plain = [_any_of(keywords.politeness).sub(" ", part) for part in plain]
        parts = [
            Part(_squeezed(each), part.strip()) for each, part in zip(plain, said, strict=True)
        ]
        return cls(
            [part for part in parts if part.plain], list(_shouts(joined)), said=joined.strip()
        )


def _own_words(text: str, reactions: frozenset[str]) -> str:
    """Without what is quoted: our own text, quoted back, tells how to stop.

    A text that is nothing but quoted lines is read all the same.
    """
    reaction = _REACTION.fullmatch(text)
    if reaction and _plain(reaction[1]) in reactions:
        return reaction[2] or ""
    unquoted = _QUOTED_LINE.sub("", text)
    return unquoted if unquoted.strip() else text


def _plain(text: str) -> str:
    """Lower case, no accents, letters and digits only, as it sounds."""
    bare = _APOSTROPHE.sub("", unicodedata.normalize("NFKD", text.casefold()))
    letters = "".join(char for char in bare if not unicodedata.combining(char))
    return by_ear(_NOT_WORD.sub(" ", letters).strip())


def _written_out(plain: str, keywords: Keywords) -> str:
    """Abbreviations as words, and one form of each contraction: ``do not`` is ``dont``."""
    words = keywords.written_out
    return _any_of(tuple(words)).sub(lambda typed: words[typed.group()], plain) if words else plain


def _squeezed(clause: str) -> str:
    """Single spaces, and one word for a word repeated: ``stop stop stop`` is ``stop``."""
    words = clause.split()
    return " ".join(word for at, word in enumerate(words) if at == 0 or word != words[at - 1])


def _shouts(text: str) -> Iterator[tuple[str, str]]:
    """Words in capitals, each with the word before; none when all the message is in capitals."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    every = all(word.isupper() for word in words)
    for before, word in zip(["", *words], words, strict=False):
        if word.isupper() and len(word) > 1 and not every:
            yield _plain(before), _plain(word)


def asked_for(
    message: Message, intent: Meaning, keywords: Keywords, languages: Container[str] | None = None
) -> str | None:
    """The words by which a message asks for something; None if it does not.

    ``languages``: only as it is said in these; None: in all.
    """
    said_in = keywords.said(intent, languages)
    whole = message.whole
    if intent is Meaning.OPT_IN:
        return whole.said if any(_is_said(whole.plain, said) for said in said_in) else None
    if intent is Meaning.THANKS:
        return whole.said if _is_only(message, said_in) else None
    if intent in (Meaning.OPT_OUT, Meaning.WRONG_PERSON) and _is_slip(message, said_in, keywords):
        return whole.said
    if not said_in:
        return None
    by_language, limits = keywords.against[intent]

    def is_negated(before: str, said: IntentWords) -> bool:
        return _is_negated(before, said.negated_by) or _is_negated_by_another(
            before, by_language, message, keywords
        )

    places = message.places(keywords)
    found = (
        (said, _said_so(message, places, said, is_negated, limits))
        for said in said_in
        if message.shouts
        or not said.leads.isdisjoint(message.leads)
        or any(said.anywhere in begins for begins in places)
    )
    return next(
        (words for said, words in found if words is not None and not _is_overruled(message, said)),
        None,
    )


def _is_overruled(message: Message, said: IntentWords) -> bool:
    """Whether the message says elsewhere that something else is meant."""
    return any(any(said.overruling.matches(part.plain)) for part in message.parts)


def _said_so(
    message: Message,
    places: Iterable[Places],
    said: IntentWords,
    is_negated: Callable[[str, IntentWords], bool],
    limits: Phrasebook,
) -> str | None:
    """The words by which a message asks for something in one language."""
    for part in (message.whole, *message.parts):
        if _is_said(part.plain, said):
            return part.said
    for part, begins in zip(message.parts, places, strict=True):
        at = begins.get(said.anywhere)
        if at and _has_phrase(part.plain, at, said, is_negated, limits):
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
    places: Iterable[Place],
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
    before: str,
    negations: Mapping[str, frozenset[str]],
    message: Message,
    keywords: Keywords,
) -> bool:
    """Another language's words count in its own sentence only: "o" is an "or" or a "the"."""
    others = {language for language, words in negations.items() if _is_negated(before, words)}
    return bool(others) and not others.isdisjoint(_written_in(message, keywords))


def _is_negated(before: str, negations: Iterable[str]) -> bool:
    return any(before == word or before.endswith(f" {word}") for word in negations)


def _is_slip(message: Message, said_in: Iterable[IntentWords], keywords: Keywords) -> bool:
    typed = message.whole.plain
    letters = len(typed.replace(" ", ""))
    if typed in keywords.no_slip or letters > keywords.longest + SLIPS_OF_LONG:
        return False
    return any(is_slip_of(typed, word) for said in said_in for word in said.words)


@cache
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")
