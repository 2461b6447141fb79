"""What a trained classifier suspects in a message that the rules have not found in it.

It adds and never takes away: what it suspects is told among the intents, and a person looks. So a
message in which somebody says in words of their own that they want no more of it, that it is not
their debt or that they have a lawyer is not answered as if it said nothing, and nothing goes on
file by it. Without it (``CONTRAPUNTO_CLASSIFIER=false``) the rules read alone.

The classifier is data (``config/classifier.json``), made of the labelled messages of the tests by
``make classifier``: for each group of letters or words that occurs in them how much it speaks for
each intent. To read with it takes sums, and no library.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from domain.conversation.keywords import Meaning
from domain.conversation.reader import OPEN, Evidence, Heard, Reader, Reading

SUSPECTS: Final[dict[str, Meaning]] = {
    "stop": Meaning.LEAVE_ALONE,
    "wrong_person": Meaning.STRANGER,
    "dispute": Meaning.DISPUTE,
    "attorney": Meaning.ATTORNEY,
    "bankruptcy": Meaning.BANKRUPTCY,
    "deceased": Meaning.DECEASED,
}
"""What it is asked for, by the names of the labels: what must not be missed, each in the meaning
that leaves room."""

MOST_LETTERS: Final = 2_000
"""So much of a message is looked at: longer ones are no messages that anybody was labelled by."""
LETTERS: Final = (4, 5)
"""How many letters make a feature, a word's ends counted."""
WORDS: Final = (1, 2)
"""How many words in a row do; one does in any case."""

_SEVERAL: Final = tuple(size for size in WORDS if size > 1)
_ORDINARY: Final = 20
"""Letters of a word that is worth remembering."""
_MOST_REMEMBERED: Final = 20_000
"""Words: strangers may write what they like, and fill no memory."""

_DIGITS: Final = re.compile(r"\d+")
_NO_WORD: Final = re.compile(r"[^a-z0$%?]+")


class Feature(NamedTuple):
    """A group of letters or words."""

    rarity: float
    """Its inverse document frequency among the labelled messages."""
    weights: tuple[float, ...]
    """How much it speaks for each intent, in the order of ``SUSPECTS``."""


Named = tuple[tuple[str, Feature], ...]
"""Features, each by its name."""


@dataclass(frozen=True)
class Classifier:
    """Linear: one sum for each intent."""

    features: Mapping[str, Feature]
    biases: tuple[float, ...]
    least: tuple[float, ...]
    """From which sum on an intent is suspected."""
    version: str
    _remembered: dict[str, Named] = field(default_factory=dict, repr=False, compare=False)
    """Of ordinary words: they come again and again."""

    def suspected(self, text: str) -> Iterator[tuple[Meaning, str]]:
        """Each intent that is suspected, with the words that speak for it most."""
        words = words_of(text)
        named: dict[str, tuple[int, Feature]] = {}
        for place, word in enumerate(words):
            pairs = self._named("_".join(words[place : place + size]) for size in _SEVERAL)
            for name, feature in (*self._of(word), *pairs):
                if name not in named:
                    named[name] = place, feature
        found = [*named.values()]
        if not found:
            return
        norm = math.sqrt(sum([feature.rarity**2 for _, feature in found])) or 1.0
        sums = map(sum, zip(*[one.weights for _, one in found], strict=True))
        for number, (meaning, total) in enumerate(zip(SUSPECTS.values(), sums, strict=True)):
            if total / norm + self.biases[number] >= self.least[number]:
                yield meaning, self._spoken(words, found, number)

    def _named(self, names: Iterable[str]) -> Named:
        """Those of names that are features."""
        known = self.features
        return tuple([(name, known[name]) for name in names if name in known])

    def _of(self, word: str) -> Named:
        """The features of one word."""
        found = self._remembered.get(word)
        if found is None:
            found = self._named(_within(word))
            if len(word) <= _ORDINARY and len(self._remembered) < _MOST_REMEMBERED:
                self._remembered[word] = found
        return found

    def _spoken(self, words: list[str], found: list[tuple[int, Feature]], number: int) -> str:
        """The three words that speak for it most, in their order."""
        weight = [0.0] * len(words)
        for place, feature in found:
            weight[place] += feature.weights[number]
        most = sorted(sorted(range(len(words)), key=weight.__getitem__)[-3:])
        return " ".join(words[place] for place in most if weight[place] > 0)


class SuspiciousReader:
    """Reads by ``rules``, and tells a person of what the classifier suspects beside that."""

    def __init__(self, rules: Reader, classifier: Classifier) -> None:
        self.rules, self._classifier = rules, classifier

    def read(self, heard: Heard) -> Reading:
        """What the rules read, with what is suspected."""
        reading = self.rules.read(heard)
        known = {_LIKE.get(intent, intent) for intent in reading.intents}
        more = [one for one in self._classifier.suspected(heard.text) if one[0] not in known]
        if not more:
            return reading
        kept = [one for one in reading.intents if one not in _SAID_ALONE]
        intents = {*kept, *(meaning for meaning, _ in more)}
        suspicions = (Evidence(intent=meaning, words=words) for meaning, words in more)
        evidence = [one for one in reading.evidence if one.intent not in _SAID_ALONE]
        return reading.model_copy(
            update={
                "intents": tuple(intent for intent in Meaning if intent in intents),
                "evidence": (*evidence, *suspicions),
                "confidence": min(reading.confidence, OPEN) if kept else OPEN,
                "to_person": True,
                "version": f"{reading.version}+{self._classifier.version}",
            }
        )


_SAID_ALONE: Final = frozenset({Meaning.OTHER, Meaning.THANKS})
_LIKE: Final = {
    Meaning.OPT_OUT: Meaning.LEAVE_ALONE,
    Meaning.WRONG_PERSON: Meaning.STRANGER,
    Meaning.THIRD_PARTY: Meaning.STRANGER,
    Meaning.PREFERENCE: Meaning.LEAVE_ALONE,
}
"""What the rules read, by the suspicion that it explains: "do not write to me in the afternoon"."""


def words_of(text: str) -> list[str]:
    """The words as features know them: small, without accents, every number 0."""
    apart = unicodedata.normalize("NFD", text[:MOST_LETTERS].lower())
    plain = "".join([c for c in apart if c < "\x80" or not unicodedata.combining(c)])
    return _NO_WORD.sub(" ", _DIGITS.sub("0", plain)).split()


def features_of(words: list[str]) -> Iterable[str]:
    """Each feature."""
    for place, word in enumerate(words):
        yield from _within(word)
        yield from ("_".join(words[place : place + size]) for size in _SEVERAL)


def _within(word: str) -> Iterator[str]:
    """The features of one word: its groups of letters, and itself."""
    ended = f" {word} "
    for size in LETTERS:
        for at in range(len(ended) - size + 1):
            yield ended[at : at + size]
    yield word
