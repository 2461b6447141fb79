"""Phrases as the keyword files write them, found in a clause by the words they may begin with.

Of some thousand phrases hardly any can begin with two given words, so only those are tried there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

_ANYTHING, _NUMBER, _NAME = "*", "#", "@"
_DIGIT: Final = re.compile("[0-9]")


class Phrase:
    """One phrase, laid out when it is first tried: most are in no message of a process's life."""

    __slots__ = ("_name", "_words", "laid_out")

    def __init__(self, words: str, name: str) -> None:
        self._words, self._name = words, name
        self.laid_out: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """As an expression, for lines that end with a space."""
        if self.laid_out is None:
            words = self._words.split()
            self.laid_out = re.compile("".join(_word_pattern(w, self._name) for w in words))
        return self.laid_out


class _Some(NamedTuple):
    """Phrases of one list that begin alike."""

    book: "Phrasebook"
    phrases: list[Phrase]


class _Opening(NamedTuple):
    """What begins with one word."""

    whatever: list[_Some]
    """Whatever comes after it."""
    followed: dict[str, list[_Some]]
    """By what has to come after it; ``#``: a number."""


class _Anyhow(NamedTuple):
    """What may begin with any word."""

    some: _Some
    needs: frozenset[str] | None
    """One of these words has to come somewhere; None: none has."""


class _Index:
    """Phrases by the first two words that they may begin with."""

    def __init__(self, books: Iterable["Phrasebook"]) -> None:
        self._by_word: dict[str, _Opening] = {}
        self._anyhow: list[_Anyhow] = []
        for book in books:
            for words, phrase in book.phrases:
                self._add(book, words, phrase)

    def _add(self, book: "Phrasebook", words: str, phrase: Phrase) -> None:
        beginnings = _beginnings(words)
        if beginnings is None:
            self._anyhow.append(_Anyhow(_Some(book, [phrase]), _needed(words)))
            return
        for word, seconds in beginnings.items():
            opening = self._by_word.setdefault(word, _Opening([], {}))
            places = (
                [opening.whatever]
                if seconds is None
                else [opening.followed.setdefault(second, []) for second in seconds]
            )
            for place in places:
                if not place or place[-1].book is not book:
                    place.append(_Some(book, []))
                place[-1].phrases.append(phrase)

    def within(self, clause: str) -> Iterator[tuple[int, Sequence[_Some]]]:
        """The places of a clause at which something may begin, and what, maybe twice."""
        words, at, known = [*clause.split(" "), ""], 0, self._by_word
        anyhow = self._anyhow_in(words)
        # Here a reader's time goes: most words begin nothing.
        every = bool(anyhow) or _DIGIT.search(clause) is not None
        for number, word in enumerate(words[:-1], 1):
            if (every or word in known) and (found := self._opened(word, words[number])):
                yield at, [*anyhow, *found] if anyhow else found
            elif anyhow:
                yield at, anyhow
            at += len(word) + 1

    def first(self, clause: str) -> Sequence[_Some]:
        """What a clause may begin with, maybe twice."""
        word, _, rest = clause.partition(" ")
        opened = self._opened(word, rest.partition(" ")[0])
        return [*self._anyhow_in(clause.split(" ")), *opened] if self._anyhow else opened

    def _opened(self, word: str, after: str) -> Sequence[_Some]:
        """What begins with a word that another comes after, ``""`` for none."""
        opening = self._by_word.get(word)
        if not word[:1].isdigit():
            if opening is None:
                return _NONE
            if after not in opening.followed and not after[:1].isdigit():
                return opening.whatever
        found: list[_Some] = []
        for each in (opening, self._by_word.get(_NUMBER) if word[:1].isdigit() else None):
            if each is not None:
                found += each.whatever
                found += each.followed.get(after, _NONE)
                if after[:1].isdigit():
                    found += each.followed.get(_NUMBER, _NONE)
        return found

    def _anyhow_in(self, words: Sequence[str]) -> Sequence[_Some]:
        return [
            some for some, needs in self._anyhow if needs is None or not needs.isdisjoint(words)
        ]


Begun = tuple[int, Sequence[Phrase]]
"""Phrases of which a clause has the first words, and where they stand."""


class Phrasebook:
    """The phrases of one list. A clause is plain words with single spaces between them.

    ``a|b`` is a choice, ``token?`` may be absent, ``*`` is up to three words of anything, ``#``,
    also within a choice, a number or an hour (9, 9am), ``@`` a name: up to three words of which
    none is in ``not_names`` (``-ing`` there stands for every word that ends so).
    """

    def __init__(self, phrases: Iterable[str], not_names: tuple[str, ...] = ()) -> None:
        name = _name_pattern(not_names)
        self.phrases = [(words, Phrase(words, name)) for words in phrases]

    @cached_property
    def _index(self) -> _Index:
        """Of its own: most lists are looked up with others, by a ``Library``."""
        return _Index([self])

    def matches(self, clause: str, begun: Iterable[Begun] | None = None) -> Iterator[re.Match[str]]:
        """Where phrases stand in a clause; of one phrase no two overlap.

        ``begun``: all that may stand there, as ``Library.places`` has found it.
        """
        line, ends = f"{clause} ", dict[Phrase, int]()
        if begun is None:
            found = self._index.within(clause)
            begun = ((at, phrases) for at, some in found for _, phrases in some)
        for at, phrases in begun:
            for phrase in phrases:
                match = (phrase.laid_out or phrase.pattern).match(line, at)
                if match and ends.get(phrase, 0) <= at:
                    ends[phrase] = match.end()
                    yield match

    def begins(self, clause: str) -> bool:
        """Whether a clause begins with a phrase."""
        return any(each.pattern.match(f"{clause} ") for each in self._first(clause))

    def is_all_of(self, clause: str) -> bool:
        """Whether a clause is a phrase and nothing else."""
        return any(each.pattern.fullmatch(f"{clause} ") for each in self._first(clause))

    def _first(self, clause: str) -> Iterator[Phrase]:
        return (phrase for _, phrases in self._index.first(clause) for phrase in phrases)


Places = Mapping[Phrasebook, Mapping[int, Sequence[Begun]]]
"""What may stand where in the clauses of a message, by their number, for each list that has any."""


class Library:
    """Many lists of phrases, of which hardly any has one that begins with two given words: which
    have is looked up once for all of them. Here a reader's time goes."""

    def __init__(self, books: Iterable[Phrasebook]) -> None:
        self._index = _Index(books)

    def places(self, clauses: Sequence[str]) -> Places:
        """Where in clauses which phrases may begin, for each list that has any."""
        places: defaultdict[Phrasebook, defaultdict[int, list[Begun]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for number, clause in enumerate(clauses):
            for at, found in self._index.within(clause):
                for book, phrases in found:
                    places[book][number].append((at, phrases))
        return places

    def having_all_of(self, clause: str) -> Iterator[Phrasebook]:
        """The lists of which a phrase is the clause and nothing else, maybe twice."""
        for book, phrases in self._index.first(clause):
            if any(phrase.pattern.fullmatch(f"{clause} ") for phrase in phrases):
                yield book


_NONE: Final[Sequence[_Some]] = ()


def _needed(phrase: str) -> frozenset[str] | None:
    """The words of which a phrase has one; None: of none that is known."""
    for token in phrase.split():
        if token not in (_ANYTHING, _NAME) and not token.endswith("?") and _NUMBER not in token:
            return frozenset(token.split("|"))
    return None


def _beginnings(phrase: str) -> dict[str, set[str] | None] | None:
    """The words a phrase may begin with, each with those that may come after it; ``#`` for a
    number; None: any, or none at all."""
    tokens = phrase.split()
    found: dict[str, set[str] | None] = {}
    for number, token in enumerate(tokens, 1):
        if token in (_ANYTHING, _NAME):
            return None
        seconds = _first_words(tokens[number:])
        for word in token.rstrip("?").split("|"):
            known = found.get(word, set[str]())
            found[word] = None if known is None or seconds is None else known | seconds
        if not token.endswith("?"):
            return found
    return found


def _first_words(tokens: Sequence[str]) -> set[str] | None:
    """The words one of which comes first; None: any, or none at all."""
    words: set[str] = set()
    for token in tokens:
        if token in (_ANYTHING, _NAME):
            return None
        words.update(token.rstrip("?").split("|"))
        if not token.endswith("?"):
            return words
    return None


def _word_pattern(word: str, name: str) -> str:
    """Every word takes the space after it."""
    if special := {_ANYTHING: r"(?:\w+ ){0,3}?", _NAME: name}.get(word):
        return special
    choices = word.rstrip("?").split("|")
    choice = "|".join(r"\d\w*" if each == _NUMBER else re.escape(each) for each in choices)
    return rf"(?:(?:{choice}) )?" if word.endswith("?") else rf"(?:{choice}) "


def _name_pattern(not_names: tuple[str, ...]) -> str:
    """Up to three words none of which is an ordinary one."""
    ordinary = "|".join(rf"\w*{word[1:]}" if word[0] == "-" else word for word in not_names)
    return rf"(?:(?!(?:{ordinary}) )[a-z]+ ){{1,3}}" if ordinary else r"(?:[a-z]+ ){1,3}"
