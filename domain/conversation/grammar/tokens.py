"""Free text cut into plain words whose places are known.

A word is lower case without accents ("Mañana" is ``manana``). A figure keeps its points and
commas (``1.234,56``) and the letters of an ordinal (``15th``, ``5o``). Every other sign is a word
by itself. Spaces are none. Nothing here looks back: the time it takes grows with the length of the
text alone.
"""

import re
import unicodedata
from typing import Final

_ORDINAL: Final = "(?:st|nd|rd|th|ro|ero|er|era|ra|do|da|to|ta|vo|va|mo|ma|o|a)"
_WORD: Final = re.compile(
    r"[a-z]+(?:'[a-z]+)*"
    r"|2(?:mrw|mrrw|moro|morro|morrow|morow|nite|day)\b"
    rf"|[0-9]+(?:[.,'][0-9]+)*(?:{_ORDINAL}(?![a-z0-9]))?"
    r"|\n|[^\sa-z0-9]"
)
# "vie. 4", "15 dic. 2026": the point belongs to the word, and ends no sentence.
_ABBREVIATED: Final = re.compile(
    r"\b(lun|mar|mie|mier|jue|vie|sab|dom|seg|ter|qua|qui|sex|mon|tue|tues|wed|thu|thur|thurs|fri"
    r"|sat|sun|ene|feb|abr|may|jun|jul|ago|sep|sept|set|oct|nov|dic|jan|fev|mai|out|dez|apr|aug"
    r"|dec|no|nro|num|ref|tel|cel|aprox)\."
)
# "Do' mil": a letter that is not spoken.
_ELIDED: Final = re.compile(r"\b(do|tre|sei|peso|dia|vario|lune|marte|jueve|vierne)'(?![a-z'])")
# "Forty-five's coming": what is said of a number is no part of it.
_IS: Final = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]+teen|[a-z]+ty"
    r"|hundred|thousand)'s\b"
)
_DROPPED: Final = frozenset({"Mn", "Me", "Cf"})
"""Accents that are characters of their own, and marks that nobody sees."""


class _Plain(dict[int, str]):
    """One plain character for one character: what is learned is kept, and Unicode is finite."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        bare = [c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c)]
        plain = bare[0].lower() if len(bare) == 1 and len(bare[0].lower()) == 1 else char
        if plain.isdecimal():
            plain = str(unicodedata.decimal(plain))
        self[code] = plain
        return plain


_PLAIN: Final = _Plain({ord(seen): plain for seen, plain in zip("’‘`´–—−", "''''---", strict=True)})


class Words:
    """The words of a text, and where in it they stand.

    ``places[i]`` is where word ``i`` begins and ends in the text as it was given.
    """

    __slots__ = ("_at", "plain", "words")

    def __init__(self, text: str) -> None:
        self._at: list[int] | None = None
        if text.isascii():
            plain = text.lower()
        else:
            plain = text.translate(_PLAIN)
            # "n" and a tilde of its own: letters fall away, so places have to be remembered.
            if any(unicodedata.category(char) in _DROPPED for char in plain if char > "\xbf"):
                kept = [i for i, c in enumerate(plain) if unicodedata.category(c) not in _DROPPED]
                self._at = [*kept, len(text)]
                plain = "".join(plain[i] for i in kept)
        if "'" in plain:
            plain = _IS.sub(r"\1  ", _ELIDED.sub(r"\1s", plain))
        if "." in plain:
            plain = _ABBREVIATED.sub(r"\1 ", plain)
        self.plain: Final = plain
        self.words: Final[list[str]] = _WORD.findall(plain)

    def places(self) -> list[tuple[int, int]]:
        """Where each word begins and ends in the text as it was given."""
        spans = [found.span() for found in _WORD.finditer(self.plain)]
        if self._at is None:
            return spans
        at = self._at
        return [(at[start], at[end - 1] + 1) for start, end in spans]
