"""What stands around a number and makes no money of it: counts, ages, hours, days, documents."""

import re
from collections.abc import Sequence
from typing import Final

from domain.conversation.grammar.amount_words import DOCUMENT, NOT_COUNTED, fills
from domain.conversation.grammar.date_words import PART, lexicon
from domain.conversation.grammar.numbers import Number

_YEAR: Final = re.compile(r"19[5-9][0-9]|20[0-4][0-9]")
_DAYS: Final = 31
_HOURS: Final = 24
_SMALL: Final = 20
_BACK: Final = 3
"""Words between "cédula" and its number, at most."""


def _parts(*names: str) -> frozenset[str]:
    return frozenset(PART[name] for name in names)


_LEADS_TO_DAY: Final = _parts("el", "al", "del", "day", "days", "this")
_WEEKDAYS: Final = _parts("wday", "wweak", "mar")
_MONTHS: Final = _parts("month", "mweak", "mar")
_OF: Final = _parts("de", "del", "da")
_YEARS: Final = _parts("year", "since", "in")
_PAYS: Final = _parts("pay", "ask")


class Around:
    """The words around a number."""

    def __init__(self, words: Sequence[str], language: str) -> None:
        self._words = words
        self._lexicon = lexicon(language)

    def _word(self, at: int) -> str:
        return self._words[at] if 0 <= at < len(self._words) else ""

    def _part(self, at: int) -> str:
        entry = self._lexicon.get(self._word(at))
        return entry[0] if entry else ""

    def is_counted(self, end: int, number: Number) -> bool:
        """Whether what follows makes a count, an age or an hour of the number: "5 cuotas".

        One word for one thing: in "200 dia 5" no days are counted.
        """
        after = self._word(end)
        if after == "x" and number.value > _DAYS:  # "50 mil x nequi": a short "por"
            return False
        if after in NOT_COUNTED:
            return after not in ("dia", "day") or number.value == 1
        if after == ":" and self._word(end + 1)[:1].isdigit():
            return True
        return after in ("a", "p") and [self._word(end + 1), self._word(end + 2)[:1]] == [".", "m"]

    def is_document(self, begin: int) -> bool:
        """Whether it is the number of something: "cédula 1032", "#5", "calle 15"."""
        for at in range(begin - 1, begin - 1 - _BACK, -1):
            word = self._word(at)
            if word in DOCUMENT:
                return True
            if not fills(word):
                return False
        return False

    def is_day_or_hour(self, begin: int, number: Number) -> bool:
        """Whether a bare number is a day of a month, an hour or a year."""
        before, after = self._part(begin - 1), self._part(number.end)
        if number.value <= _DAYS:
            if before in _LEADS_TO_DAY or before in _WEEKDAYS or before in _MONTHS:
                return True
            if after in _MONTHS or (after in _OF and self._part(number.end + 1) in _MONTHS):
                return True
            if self._word(begin - 1) == "/" or self._word(number.end) == "/":
                return True
        if number.value <= _HOURS and self._is_hour(begin, number.end):
            return True
        if not _YEAR.fullmatch(self._word(begin)):
            return False
        of_month = before in _OF and self._part(begin - 2) in _MONTHS
        in_the = before == PART["el"] and self._part(begin - 2) in _YEARS
        return before in _YEARS | _MONTHS or of_month or in_the or before == PART["del"]

    def _is_hour(self, begin: int, end: int) -> bool:
        before = self._part(begin - 1)
        if before == PART["las"] or (
            self._word(begin - 1) == "la" and self._word(begin - 2) == "a"
        ):
            return True
        # "De 10 a 12": both are hours, whichever is asked for.
        until = self._word(end) in ("a", "to") and self._word(end + 1)[:1].isdigit()
        since = self._word(begin - 1) in ("a", "to") and self._word(begin - 2)[:1].isdigit()
        opened = (begin - 1 if until else begin - 3) if until or since else -1
        return opened >= 0 and self._word(opened) in ("de", "from")

    def is_small_talk(self, begin: int, number: Number) -> bool:
        """Whether a small number in words is no sum: "los dos", "one thing"."""
        if not number.in_words or number.exact or number.value >= _SMALL:
            return False
        return self._part(begin - 1) not in _PAYS
