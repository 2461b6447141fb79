"""Phrases as the keyword files write them, found in a clause by the words they may begin with.

Of some hundred phrases hardly any can begin at a given word, so only those are tried there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

_ANYTHING, _NUMBER, _NAME = "*", "#", "@"


Place = tuple[int, str]
"""A word of a clause, and where it begins."""


class Phrasebook:
    """The phrases of one list. A clause is plain words with single spaces between them.

    ``a|b`` is a choice, ``token?`` may be absent, ``*`` is up to three words of anything, ``#``,
    also within a choice, a number or an hour (9, 9am), ``@`` a name: up to three words of which
    none is in ``not_names`` (``-ing`` there stands for every word that ends so).
    """

    def __init__(self, phrases: Iterable[str], not_names: tuple[str, ...] = ()) -> None:
        beginning: defaultdict[str, list[re.Pattern[str]]] = defaultdict(list)
        anyhow: list[re.Pattern[str]] = []
        name = _name_pattern(not_names)
        for phrase in phrases:
            pattern = re.compile("".join(_word_pattern(word, name) for word in phrase.split()))
            words = _first_words(phrase)
            for word in words or ():
                beginning[word].append(pattern)
            if words is None:
                anyhow.append(pattern)
        numbers = beginning.pop(_NUMBER, [])
        self._beginning = {word: (*found, *anyhow) for word, found in beginning.items()}
        """The phrases that may begin with a word, those that may begin with any among them."""
        self._anyhow = tuple(anyhow)
        self._numbers = tuple(numbers)

    @property
    def opening(self) -> Iterable[str]:
        """The words that a phrase may begin with, ``#`` for a number, ``*`` for any."""
        return (
            *self._beginning,
            *(_NUMBER * bool(self._numbers)),
            *(_ANYTHING * bool(self._anyhow)),
        )

    def matches(
        self, clause: str, places: Iterable[Place] | None = None
    ) -> Iterator[re.Match[str]]:
        """Where phrases stand in a clause; of one phrase no two overlap.

        ``places``: where, and by which words, any may begin, as ``Library.places`` has found them.
        """
        line, ends = f"{clause} ", dict[int, int]()
        for at, word in placed(clause) if places is None else places:
            for pattern in self._candidates(word):
                match = pattern.match(line, at)
                # By its id: a pattern works its hash out anew from all that it is.
                if match and ends.get(id(pattern), 0) <= at:
                    ends[id(pattern)] = match.end()
                    yield match

    def begins(self, clause: str) -> bool:
        """Whether a clause begins with a phrase."""
        first = clause.partition(" ")[0]
        return any(pattern.match(f"{clause} ") for pattern in self._candidates(first))

    def is_all_of(self, clause: str) -> bool:
        """Whether a clause is a phrase and nothing else."""
        first = clause.partition(" ")[0]
        return any(pattern.fullmatch(f"{clause} ") for pattern in self._candidates(first))

    def _candidates(self, word: str) -> Sequence[re.Pattern[str]]:
        found = self._beginning.get(word, self._anyhow)
        return (*found, *self._numbers) if self._numbers and word[:1].isdigit() else found


Places = Mapping[Phrasebook, Sequence[Place]]
"""Where phrases may begin, for each list that has any."""


class Library:
    """Many lists of phrases, of which hardly any has one that begins with a given word: which have
    is looked up once for all of them. Here a reader's time goes."""

    def __init__(self, books: Iterable[Phrasebook]) -> None:
        opening = defaultdict[str, list[Phrasebook]](list)
        for book in books:
            for word in book.opening:
                opening[word].append(book)
        self._anyhow = tuple(opening.pop(_ANYTHING, ()))
        self._numbers = tuple(opening.pop(_NUMBER, ()))
        self._opening = opening

    def places(self, clause: str) -> Places:
        """Where in a clause phrases may begin, and by which word, for each list that has any."""
        found = defaultdict[Phrasebook, list[Place]](list)
        for place in placed(clause):
            for book in self.opened_by(place[1]):
                found[book].append(place)
        return found

    def opened_by(self, word: str) -> Iterable[Phrasebook]:
        """The lists that have phrases which may begin with a word, each once."""
        found = self._opening.get(word, _NONE)
        numbers = self._numbers if word[:1].isdigit() else ()
        return (
            dict.fromkeys((*found, *numbers, *self._anyhow)) if numbers or self._anyhow else found
        )


_NONE: Final[Sequence[Phrasebook]] = ()


def placed(clause: str) -> Iterator[Place]:
    """Each word of a clause with its place."""
    at = 0
    for word in clause.split(" "):
        yield at, word
        at += len(word) + 1


def _first_words(phrase: str) -> set[str] | None:
    """The words a phrase may begin with, ``#`` for a number; None: any."""
    words: set[str] = set()
    for token in phrase.split():
        if token in (_ANYTHING, _NAME):
            return None
        words.update(token.rstrip("?").split("|"))
        if not token.endswith("?"):
            return words
    return words


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
