"""How each intent is said, in every language: an operator's keywords, ready to be looked for."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.conversation.matching.phrases import Library, Phrasebook
from domain.conversation.matching.plain import Replaced, by_ear


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
    def after(self) -> Phrasebook:
        """``unless``."""
        return Phrasebook(self.unless)

    @cached_property
    def by_length(self) -> Mapping[int, tuple[str, ...]]:
        """``words`` by their number of letters."""
        found: dict[int, tuple[str, ...]] = {}
        for word in self.words:
            length = len(word.replace(" ", ""))
            found[length] = (*found.get(length, ()), word)
        return found

    @cached_property
    def negations(self) -> frozenset[str]:
        """``negated_by``."""
        return frozenset(self.negated_by)


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
        self, intent: Meaning, languages: frozenset[str] | None = None
    ) -> tuple[IntentWords, ...]:
        """How ``intent`` is said, language by language: in these, or in all."""
        asked = (intent, languages)
        if asked not in self._said:
            spoken = self.intents.get(intent, {}).items()
            self._said[asked] = tuple(
                said for name, said in spoken if languages is None or name in languages
            )
        return self._said[asked]

    @cached_property
    def _said(self) -> dict[tuple[Meaning, frozenset[str] | None], tuple[IntentWords, ...]]:
        """What ``said`` has been asked for: of a few languages there are few sets."""
        return {}

    @cached_property
    def against(self) -> Mapping[Meaning, tuple[Mapping[str, frozenset[str]], Phrasebook]]:
        """What turns a phrase into its opposite, each with its languages, and what limits it, of
        all languages: a phrase of one can stand in another's sentence ("não pare de mandar")."""
        return {
            intent: (
                {
                    word: frozenset(n for n, said in languages.items() if word in said.negated_by)
                    for word in frozenset[str]().union(*(s.negated_by for s in languages.values()))
                },
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
    def _owners(self) -> Mapping[Phrasebook, Phrasebook]:
        """For each list of clauses that of the phrases beside it: by that all else is known."""
        every = (said for languages in self.intents.values() for said in languages.values())
        return {said.alone: said.anywhere for said in every}

    @cached_property
    def _clauses(self) -> Library:
        """The clauses of all intents, in all languages."""
        return Library(self._owners)

    @cached_property
    def _words(self) -> Mapping[str, tuple[Phrasebook, ...]]:
        """The lists beside which a word stands."""
        found: dict[str, tuple[Phrasebook, ...]] = {}
        for languages in self.intents.values():
            for said in languages.values():
                for word in said.words:
                    found[word] = (*found.get(word, ()), said.anywhere)
        return found

    def said_by_all_of(self, clause: str) -> Iterator[Phrasebook]:
        """Each list beside which a clause stands, as a word or a clause, and nothing else."""
        yield from self._words.get(clause, ())
        yield from (self._owners[book] for book in self._clauses.having_all_of(clause))

    @cached_property
    def leading(self) -> Mapping[str, frozenset[Meaning]]:
        """What may be asked for by a message that begins with a word."""
        every = {w for said in self.intents.values() for s in said.values() for w in s.leading}
        return {
            word: frozenset(
                intent
                for intent, said in self.intents.items()
                if any(word in one.leading for one in said.values())
            )
            for word in every
        }

    @cached_property
    def asks(self) -> Mapping[Phrasebook, Meaning]:
        """What is asked for by the phrases of each list."""
        return {
            said.anywhere: intent
            for intent, languages in self.intents.items()
            for said in languages.values()
        }

    @cached_property
    def shouted(self) -> frozenset[Meaning]:
        """What a single word in capitals may ask for."""
        intents = self.intents.items()
        return frozenset(one for one, said in intents if any(s.shouted for s in said.values()))

    @cached_property
    def written_out(self) -> Replaced:
        """Abbreviations as words, and one form of each contraction: ``do not`` is ``dont``."""
        return Replaced({typed: word for word, ways in self.spellings.items() for typed in ways})

    @cached_property
    def curt(self) -> Replaced:
        """Words of politeness, with nothing for each."""
        return Replaced(dict.fromkeys(self.politeness, ""))

    @cached_property
    def no_slip(self) -> frozenset[str]:
        """What is never a mistyped keyword: the keywords themselves, and `not_slips`."""
        words = (s.words for said in self.intents.values() for s in said.values())
        return self.not_slips.union(*words)

    @cached_property
    def most_negating(self) -> int:
        """Words of the longest of ``negated_by``."""
        every = (said for languages in self.intents.values() for said in languages.values())
        return max((len(n.split()) for said in every for n in said.negated_by), default=1)

    @cached_property
    def longest(self) -> int:
        """Letters of the longest keyword."""
        return max(map(len, self.no_slip), default=0)
