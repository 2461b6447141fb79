"""Phrases as the keyword files write them, found in a clause by the words they may begin with.

Of some hundred phrases hardly any can begin at a given word, so only those are tried there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

_ANYTHING, _NUMBER, _NAME = "*", "#", "@"


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

    def matches(self, clause: str) -> Iterator[re.Match[str]]:
        """Where phrases stand in a clause; of one phrase no two overlap."""
        beginning, anyhow, numbers = self._beginning, self._anyhow, self._numbers
        words = clause.split(" ")
        if not anyhow and not numbers and beginning.keys().isdisjoint(words):
            return  # as most do: here a reader's time goes
        line, at = f"{clause} ", 0
        ends: dict[re.Pattern[str], int] = {}
        for word in words:
            found = beginning.get(word, anyhow)
            if numbers and word[:1].isdigit():
                found = (*found, *numbers)
            for pattern in found:
                if ends.get(pattern, 0) <= at and (match := pattern.match(line, at)):
                    ends[pattern] = match.end()
                    yield match
            at += len(word) + 1

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
