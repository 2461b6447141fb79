"""Phrases as the keyword files write them, found in a clause by the words they may begin with.

Of some thousand phrases hardly any can begin with two given words, so only those are tried there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

_ANYTHING, _NUMBER, _NAME = "*", "#", "@"


class Phrase:
    """One phrase, laid out when it is first tried: most are in no message of a process's life."""

    __slots__ = ("_name", "_pattern", "_words")

    def __init__(self, words: str, name: str) -> None:
        self._words, self._name = words, name
        self._pattern: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """As an expression, for lines that end with a space."""
        if self._pattern is None:
            words = self._words.split()
            self._pattern = re.compile("".join(_word_pattern(w, self._name) for w in words))
        return self._pattern


Begun = tuple[int, Phrase]
"""A phrase of which a clause has the first words, and where they stand."""


class _Opening(NamedTuple):
    """What begins with one word."""

    whatever: list[Any]
    """Whatever comes after it."""
    followed: dict[str, list[Any]]
    """By what has to come after it; ``#``: a number."""


class _Index:
    """Entries by the first two words that a phrase may begin with."""

    def __init__(self) -> None:
        self._by_word: dict[str, _Opening] = {}
        self._anyhow: list[Any] = []
        self._numbers = _Opening([], {})

    def add(self, phrase: str, entry: object) -> None:
        """Enter a phrase."""
        beginnings = _beginnings(phrase)
        if beginnings is None:
            self._anyhow.append(entry)
            return
        for word, seconds in beginnings.items():
            opening = self._by_word.setdefault(word, _Opening([], {}))
            if seconds is None:
                opening.whatever.append(entry)
            for second in seconds or ():
                opening.followed.setdefault(second, []).append(entry)

    def done(self) -> None:
        """Nothing is added any more."""
        self._numbers = self._by_word.get(_NUMBER, self._numbers)

    def found(self, word: str, after: str) -> Sequence[Any]:
        """What may begin with a word that another comes after, ``""`` for none; maybe twice."""
        opening = self._by_word.get(word)
        if not word[:1].isdigit() and not self._anyhow:
            if opening is None:
                return _NONE
            if after not in opening.followed and not after[:1].isdigit():
                return opening.whatever
        found = [*self._anyhow]
        for each in (opening, self._numbers if word[:1].isdigit() else None):
            if each is not None:
                found += each.whatever
                found += each.followed.get(after, _NONE)
                if after[:1].isdigit():
                    found += each.followed.get(_NUMBER, _NONE)
        return found


class Phrasebook:
    """The phrases of one list. A clause is plain words with single spaces between them.

    ``a|b`` is a choice, ``token?`` may be absent, ``*`` is up to three words of anything, ``#``,
    also within a choice, a number or an hour (9, 9am), ``@`` a name: up to three words of which
    none is in ``not_names`` (``-ing`` there stands for every word that ends so).
    """

    def __init__(self, phrases: Iterable[str], not_names: tuple[str, ...] = ()) -> None:
        name = _name_pattern(not_names)
        self.phrases = [(words, Phrase(words, name)) for words in phrases]
        self._index = _Index()
        for words, phrase in self.phrases:
            self._index.add(words, phrase)
        self._index.done()

    def matches(self, clause: str, begun: Iterable[Begun] | None = None) -> Iterator[re.Match[str]]:
        """Where phrases stand in a clause; of one phrase no two overlap.

        ``begun``: all that may stand there, as ``Library.places`` has found it.
        """
        line, ends = f"{clause} ", dict[Phrase, int]()
        for at, phrase in self._begun(clause) if begun is None else begun:
            match = phrase.pattern.match(line, at)
            if match and ends.get(phrase, 0) <= at:
                ends[phrase] = match.end()
                yield match

    def _begun(self, clause: str) -> Iterator[Begun]:
        for at, word, after in _pairs(clause):
            for phrase in self._index.found(word, after):
                yield at, phrase

    def begins(self, clause: str) -> bool:
        """Whether a clause begins with a phrase."""
        first = self._first(clause)
        return bool(first) and any(phrase.pattern.match(f"{clause} ") for phrase in first)

    def is_all_of(self, clause: str) -> bool:
        """Whether a clause is a phrase and nothing else."""
        first = self._first(clause)
        return bool(first) and any(phrase.pattern.fullmatch(f"{clause} ") for phrase in first)

    def _first(self, clause: str) -> Sequence[Phrase]:
        word, _, rest = clause.partition(" ")
        return self._index.found(word, rest.partition(" ")[0])


Places = Mapping[Phrasebook, Mapping[int, Sequence[Begun]]]
"""What may stand where in the clauses of a message, by their number, for each list that has any."""


class Library:
    """Many lists of phrases, of which hardly any has one that begins with two given words: which
    have is looked up once for all of them. Here a reader's time goes."""

    def __init__(self, books: Iterable[Phrasebook]) -> None:
        self._index = _Index()
        for book in books:
            for words, phrase in book.phrases:
                self._index.add(words, (book, phrase))
        self._index.done()

    def places(self, clauses: Sequence[str]) -> Places:
        """Where in clauses which phrases may begin, for each list that has any."""
        places: dict[Phrasebook, dict[int, list[Begun]]] = {}
        index = self._index.found
        for number, clause in enumerate(clauses):
            for at, word, after in _pairs(clause):
                for book, phrase in index(word, after):
                    places.setdefault(book, {}).setdefault(number, []).append((at, phrase))
        return places

    def having_all_of(self, clause: str) -> Iterator[Phrasebook]:
        """The lists of which a phrase is the clause and nothing else, maybe twice."""
        word, _, rest = clause.partition(" ")
        for book, phrase in self._index.found(word, rest.partition(" ")[0]):
            if phrase.pattern.fullmatch(f"{clause} "):
                yield book


_NONE: Final[Sequence[Any]] = ()


def _pairs(clause: str) -> Iterator[tuple[int, str, str]]:
    """Each word of a clause with its place and the word after it."""
    words, at = clause.split(" "), 0
    for number, word in enumerate(words, 1):
        yield at, word, words[number] if number < len(words) else ""
        at += len(word) + 1


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
