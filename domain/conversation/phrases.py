"""Phrases as the keyword files write them, found in a clause by the words they may begin with.

Of some hundred phrases hardly any can begin at a given word, so only those are tried there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

_ANYTHING, _NUMBER, _NAME = "*", "#", "@"
_WORD: Final = re.compile(r"\w+")


class Phrasebook:
    """The phrases of one list. A clause is plain words with single spaces between them.

    ``a|b`` is a choice, ``token?`` may be absent, ``*`` is up to three words of anything, ``#`` a
    number or an hour (9, 9am), ``@`` a name: up to three words of which none is in ``not_names``
    (``-ing`` there stands for every word that ends so).
    """

    def __init__(self, phrases: Iterable[str], not_names: tuple[str, ...] = ()) -> None:
        self._beginning: defaultdict[str, list[re.Pattern[str]]] = defaultdict(list)
        self._anyhow: list[re.Pattern[str]] = []
        name = _name_pattern(not_names)
        for phrase in phrases:
            pattern = re.compile("".join(_word_pattern(word, name) for word in phrase.split()))
            words = _first_words(phrase)
            for word in words or ():
                self._beginning[word].append(pattern)
            if words is None:
                self._anyhow.append(pattern)

    def matches(self, clause: str) -> Iterator[re.Match[str]]:
        """Where phrases stand in a clause; of one phrase no two overlap."""
        line, ends = f"{clause} ", dict[re.Pattern[str], int]()
        for word in _WORD.finditer(clause):
            for pattern in (*self._beginning.get(word.group(), ()), *self._anyhow):
                if ends.get(pattern, 0) > word.start():
                    continue
                if match := pattern.match(line, word.start()):
                    ends[pattern] = match.end()
                    yield match

    def begins(self, clause: str) -> bool:
        """Whether a clause begins with a phrase."""
        return any(pattern.match(f"{clause} ") for pattern in self._candidates(clause))

    def is_all_of(self, clause: str) -> bool:
        """Whether a clause is a phrase and nothing else."""
        return any(pattern.fullmatch(f"{clause} ") for pattern in self._candidates(clause))

    def _candidates(self, clause: str) -> Iterator[re.Pattern[str]]:
        yield from self._beginning.get(clause.partition(" ")[0], ())
        yield from self._anyhow


def _first_words(phrase: str) -> set[str] | None:
    """The words a phrase may begin with; None: any."""
    words: set[str] = set()
    for token in phrase.split():
        if token in (_ANYTHING, _NUMBER, _NAME):
            return None
        words.update(token.rstrip("?").split("|"))
        if not token.endswith("?"):
            return words
    return words


def _word_pattern(word: str, name: str) -> str:
    """Every word takes the space after it."""
    if special := {_ANYTHING: r"(?:\w+ ){0,3}?", _NUMBER: r"\d\w* ", _NAME: name}.get(word):
        return special
    choice = "|".join(map(re.escape, word.rstrip("?").split("|")))
    return rf"(?:(?:{choice}) )?" if word.endswith("?") else rf"(?:{choice}) "


def _name_pattern(not_names: tuple[str, ...]) -> str:
    """Up to three words none of which is an ordinary one."""
    ordinary = "|".join(rf"\w*{word[1:]}" if word[0] == "-" else word for word in not_names)
    return rf"(?:(?!(?:{ordinary}) )[a-z]+ ){{1,3}}" if ordinary else r"(?:[a-z]+ ){1,3}"
