"""A rule's match in a sentence, and the pieces of which rules are made.

A rule is a regular expression over the parts of a sentence (`date_words.py`): ``pattern`` turns the
names into characters, so a rule reads as a sentence with roles for words. No piece repeats without
bound, so no rule looks at a word more than a few times.
"""

import re
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final, NamedTuple

from domain.conversation.grammar.date_words import NUMBERS, PART, pattern
from domain.conversation.grammar.days import Days, Today


class Shape(Enum):
    """How a day is named. Neighbours of one shape are a list, of two the same day told twice."""

    NUMBER = "the 15th, 4 December"
    WEEKDAY = "Friday"
    OTHER = "tomorrow, in two weeks"
    RANGE = "from the 5th to the 10th"
    VAGUE = "no day: next week, soon"
    WHEN = "no day: when I get paid"


class Item(NamedTuple):
    """One mention: the days it could be (none if vague), and its first word and the word after."""

    days: Days
    shape: Shape
    begin: int
    end: int


class Told(NamedTuple):
    """What is known before a word is read."""

    now: Today
    language: str
    month_first: bool


class Found:
    """What a rule has matched: the parts from ``begin`` to ``end``, and their values."""

    __slots__ = ("begin", "end", "language", "month_first", "now", "parts", "values", "words")

    def __init__(
        self, matched: re.Match[str], values: Sequence[int], words: Sequence[str], told: Told
    ) -> None:
        self.parts = matched.string
        self.begin, self.end = matched.span()
        self.values, self.words = values, words
        self.now, self.language, self.month_first = told

    def has(self, *names: str) -> bool:
        """Whether any of these parts is in it."""
        return any(self.parts.find(PART[name], self.begin, self.end) >= 0 for name in names)

    def value(self, *names: str) -> int | None:
        """The value of the first word that plays one of these parts."""
        sought = {PART[name] for name in names}
        for at in range(self.begin, self.end):
            if self.parts[at] in sought:
                return self.values[at]
        return None

    def spoken(self, begin: int, end: int) -> int:
        """The number that these words say: "veinte y cinco" is 25."""
        return sum(self.values[at] for at in range(begin, end) if self.parts[at] in NUMBERS)

    def counts(self) -> list[int]:
        """The numbers in it, in order: "2 o 3 días" has two."""
        runs = _COUNT.finditer(self.parts, self.begin, self.end)
        return [self.spoken(*run.span()) for run in runs]

    def item(self, days: Days, shape: Shape = Shape.OTHER) -> list[Item]:
        """All that was matched, as one mention."""
        return [Item(days, shape if days else Shape.VAGUE, self.begin, self.end)]

    def vague(self) -> list[Item]:
        """All that was matched, as a time that is no day."""
        return self.item(())


Handler = Callable[[Found], list[Item]]

ART: Final = "[la a el al del los da in]"
AFTER: Final = "(?:that come|come|next|past)"
MONTH: Final = "[month mweak mar]"
DAY: Final = (
    "(?:num|nth|tens(?:and|dash)?[card ord one]|tens|card|ord|one(?=[de del][month mweak mar]))"
)
SEVERAL: Final = "(?:num|big|tens(?:and|dash)?[card one qty]|tens|card|qty|one)"
UNIT: Final = "[day days week mon year hour]"
# What makes a count, an amount or an hour of a number: "15 mil", "5 cuotas", "10:30".
NO_DAY: Final = (
    "(?![money count pct week year hour day days mon quincena biz grouped]|by pct|colon[num big]"
    "|[de del da][la a]?[part manana]"
    f"|[or to a dash]{SEVERAL}[money pct])"
)
THAT_MONTH: Final = (
    "[de del da](?:[la a el]|this|next|other_one|last|past){0,3}mon(?:that come|come|next|past)?"
)
EVERY_MONTH: Final = "[de del da]every[los la el]?mon"
YEAR: Final = "(?:[de del da comma]?year4(?![money count pct]))"
TAIL: Final = (
    f"(?:[de del da el]{{0,2}}{MONTH}{YEAR}?|{EVERY_MONTH}|{THAT_MONTH}|[de del][el]?present)"
)
LEAD: Final = (
    "(?:[la a el al del los da in this next]{0,3}[day days]"
    "|[el al del los](?:next|past)?|[this next])"
)
SEP: Final = "(?:comma?[and or]by?|comma|to|a|dash)"
NUMBER: Final = f"(?<!sign){DAY}{NO_DAY}"
LATE: Final = "(?!(?:[de del da]?late))"
MODS: Final = "[la a el al del da in this next other_one last come past]{0,3}"
WDAY: Final = "(?:wday(?:dash?feira)?|[num nth]a?feira)"
OF_WEEK: Final = f"(?:[de del da in]?[la a el]?(?:this|next|other_one|last|past)?week{AFTER}?)"
NEXT_WEEK: Final = (
    "(?:[la a el in]{0,2}(?:this|next|other_one)week|[la a]?week(?:that come|come|next))"
)
OF_MONTH: Final = (
    f"(?:[de del da](?:[la a el]|this|next|other_one|last|past){{0,3}}(?:mon{AFTER}?"
    f"|[month mweak]{YEAR}?))"
)

_COUNT: Final = re.compile(pattern(SEVERAL))
