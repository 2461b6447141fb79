"""What people type as plain words: small letters and digits, as they sound."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_APOSTROPHE: Final = re.compile(r"['’‘`´]")
_ENTER: Final = re.compile(r"\benter(?=(?:ad)?[oa]s?\b)")
_DOUBLE_L: Final = re.compile("ll+")
_TWICE: Final = re.compile(r"([a-z])\1+")
_REPLACED: Final = (
    *(("que", "ke"), ("qui", "ki"), ("ce", "se"), ("ci", "si")),
    *(("ch", "\0"), ("c", "k"), ("\0", "ch"), ("z", "s"), ("v", "b")),
)


def by_ear(plain: str) -> str:
    """Spanish and Portuguese are often typed as they sound: what sounds alike is made one."""
    if "enter" in plain:
        # "Informed" and "whole" would sound as "buried" and "burial" do.
        plain = _ENTER.sub("integr", plain)
    for spelt, heard in _REPLACED:
        plain = plain.replace(spelt, heard)
    if "ll" in plain:
        plain = _DOUBLE_L.sub("y", plain)
    return _TWICE.sub(r"\1", plain)


def plain_words(text: str) -> str:
    """Lower case, no accents, letters and digits only, as it sounds."""
    return by_ear(letters(text))


def letters(text: str) -> str:
    """As it is spelt: lower case, no accents, letters and digits only, single spaces."""
    if text.isascii():
        return _NOT_WORD.sub(" ", text.lower().replace("'", "").replace("`", "")).strip()
    bare = _APOSTROPHE.sub("", unicodedata.normalize("NFKD", text.casefold()))
    kept = [char for char in bare if char < "\x80" or not unicodedata.combining(char)]
    return _NOT_WORD.sub(" ", "".join(kept)).strip()


class Replaced:
    """Words, or several in a row, each with what stands for it; of several the longest counts."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = {word: other for word, other in words.items() if " " not in word}
        self._several: dict[str, list[tuple[list[str], str]]] = {}
        for typed in sorted(words, key=len, reverse=True):
            if " " in typed:
                first, *rest = typed.split()
                self._several.setdefault(first, []).append((rest, words[typed]))

    def within(self, words: Sequence[str]) -> list[str]:
        """The words of a clause, some of them replaced."""
        made: list[str] = []
        at, end = 0, len(words)
        known, several = self._words, self._several
        while at < end:
            word = words[at]
            at += 1
            if word in several:
                for rest, other in several[word]:
                    if words[at : at + len(rest)] == rest:
                        word, at = other, at + len(rest)
                        break
                else:
                    word = known.get(word, word)
            else:
                word = known.get(word, word)
            if " " in word:
                made += word.split()
            elif word:
                made.append(word)
        return made


def squeezed(words: Iterable[str]) -> str:
    """Single spaces, and one word for a word repeated: ``stop stop stop`` is ``stop``."""
    made: list[str] = []
    last = ""
    for word in words:
        if word != last:
            made.append(word)
            last = word
    return " ".join(made)
