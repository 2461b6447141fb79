"""How much a written or a spoken number is: "1.234,56", "dos millones y medio", "a hundred".

In every country of ours groups of three digits are thousands, and one or two digits at the end are
decimals: "50.000" and "50,000" are fifty thousand.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from domain.conversation.grammar.amount_words import (
    AND,
    ARTICLE,
    HALF,
    HUNDRED,
    HUNDREDS,
    TEEN,
    TEN,
    TIMES,
    UNIT,
    Word,
)

_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:[.,'][0-9]{3})+")
_DECIMALS: Final = re.compile(r"((?:[0-9]+|[0-9]{1,3}(?:[.,'][0-9]{3})+))[.,]([0-9]{1,2})")
_MARKS: Final = str.maketrans("", "", ".,'")
_LONGEST: Final = 18
"""Digits: nobody owes more, and reckoning with more would be slow."""

_THOUSAND: Final = 1_000
_MILLION: Final = 1_000_000
_HUNDRED: Final = 100
_SIZES: Final[Mapping[str, int]] = {UNIT: 1, TEEN: 2, TEN: 2, HUNDREDS: 3}
_NOTHING: Final = Word("")


def written(figure: str) -> Decimal | None:
    """The value of a figure with its points and commas; None if no country writes numbers so."""
    if len(figure) > _LONGEST + _LONGEST // 3:
        return None
    if figure.isdigit():
        return Decimal(figure)
    if _THOUSANDS.fullmatch(figure):
        return Decimal(figure.translate(_MARKS))
    if found := _DECIMALS.fullmatch(figure):
        return Decimal(f"{found[1].translate(_MARKS)}.{found[2]}")
    return None


class Number(NamedTuple):
    """A number and the word after it."""

    value: Decimal
    end: int
    exact: bool
    """Whether its size is beyond doubt: "50 mil", "50.000", "50,00", but not "50"."""

    in_words: bool


def number_at(
    words: Sequence[str], at: int, known: Mapping[str, Word], language: str
) -> Number | None:
    """The number that begins with the word ``at``, as long as it goes; None if none does."""
    group = _group(words, at, known, language)
    if group is None:
        first = known.get(words[at], _NOTHING)
        if first.role != TIMES or not (first.alone or _is_half(words, at + 1, known)):
            return None
        group = Number(Decimal(1), at, exact=False, in_words=True)
    times = _times(words, group.end, known)
    if times is None:
        return group if group.end > at else None
    total, end, last = group.value * times, group.end + 1, times
    while True:
        tail = _tail(words, end, known, language, last)
        if tail is None:
            return Number(total, end, exact=True, in_words=group.in_words)
        total, end, last = total + tail[0], tail[1], tail[2]


def _times(words: Sequence[str], at: int, known: Mapping[str, Word]) -> int | None:
    word = known.get(words[at]) if at < len(words) else None
    return word.value if word is not None and word.role == TIMES else None


def _is_half(words: Sequence[str], at: int, known: Mapping[str, Word]) -> bool:
    """Whether "y medio" stands there, and no "medio millón"."""
    joined = _role(words, at, known).role == AND and _role(words, at + 1, known).role == HALF
    return joined and _times(words, at + 2, known) is None


def _role(words: Sequence[str], at: int, known: Mapping[str, Word]) -> Word:
    return known.get(words[at], _NOTHING) if at < len(words) else _NOTHING


def _tail(
    words: Sequence[str], at: int, known: Mapping[str, Word], language: str, last: int
) -> tuple[Decimal, int, int] | None:
    """What follows "millón" or "mil" and belongs to it: its value, its end, what it is times."""
    joined = _role(words, at, known).role == AND
    begin = at + joined
    if joined:
        half = begin + (_role(words, begin, known).role == ARTICLE)
        if _role(words, half, known).role == HALF and _times(words, half + 1, known) is None:
            return Decimal(last) / 2, half + 1, 1
    if last == 1:
        return None
    group = _group(words, begin, known, language)
    if group is None or group.value >= _THOUSAND:
        return None
    times = _times(words, group.end, known)
    if times is not None:
        # "Un millón quinientos mil", but "200 mil y 50 mil" are two.
        return (group.value * times, group.end + 1, times) if times < last and not joined else None
    if joined and (language == "es" or not group.in_words):
        return None
    if last == _MILLION:
        # "Un millón doscientos" leaves the second thousand away.
        return group.value * _THOUSAND, group.end, 1
    return (group.value, group.end, 1) if group.in_words or group.value >= _HUNDRED else None


def _group(
    words: Sequence[str], at: int, known: Mapping[str, Word], language: str
) -> Number | None:
    """A figure, or a number below a thousand in words; with its half ("dos y medio")."""
    if at >= len(words):
        return None
    if words[at][0] in "0123456789":
        value = written(words[at])
        if value is None:
            return None
        exact = not words[at].isdigit()
        if _role(words, at + 1, known).role == HUNDRED:
            return _smaller(words, at + 2, known, language, value * _HUNDRED, 3)
        return _and_half(words, Number(value, at + 1, exact, in_words=False), known)
    first = _role(words, at, known)
    if first.role == HALF:
        # "Medio millón", "half a million": a half of what follows, and nothing without it.
        end = at + 1 + (_role(words, at + 1, known).role == ARTICLE)
        known_half = _times(words, end, known) is not None
        return Number(Decimal("0.5"), end, exact=True, in_words=True) if known_half else None
    if first.role == ARTICLE:
        if _times(words, at + 1, known) is not None:
            return Number(Decimal(first.value), at + 1, exact=False, in_words=True)
        if _role(words, at + 1, known).role != HUNDRED:
            return None
        return _smaller(words, at + 2, known, language, Decimal(first.value * _HUNDRED), 3)
    if first.role not in _SIZES:
        return None
    if _role(words, at + 1, known).role == HUNDRED:
        return _smaller(words, at + 2, known, language, Decimal(first.value * _HUNDRED), 3)
    if _is_short(words, at, known, language):
        return _smaller(words, at + 1, known, language, Decimal(first.value * _HUNDRED), 3)
    # A number that ends in "teen" takes no units behind it.
    size = 1 if first.role == TEEN else _SIZES[first.role]
    spoken = _smaller(words, at + 1, known, language, Decimal(first.value), size)
    return _and_half(words, spoken, known)


def _is_short(words: Sequence[str], at: int, known: Mapping[str, Word], language: str) -> bool:
    """Whether "two fifty" stands there, which is 250 in English."""
    spoken = _role(words, at, known).role == UNIT and _role(words, at + 1, known).role == TEN
    return language == "en" and spoken


def _smaller(
    words: Sequence[str],
    at: int,
    known: Mapping[str, Word],
    language: str,
    value: Decimal,
    size: int,
) -> Number:
    """``value`` and the smaller numbers behind it: hundreds, then tens, then units."""
    while size > 1:
        joint = at < len(words) and (words[at] == "-" or _role(words, at, known).role == AND)
        # Spanish says "treinta y uno", and never "cien y veinte": those are two numbers.
        if joint and language == "es" and size != _SIZES[TEN]:
            break
        after = _role(words, at + joint, known)
        if language == "en" and after.role == ARTICLE:
            break
        smaller = 1 if after.role == ARTICLE and after.value == 1 else _SIZES.get(after.role, size)
        if smaller >= size or (after.role == ARTICLE and not joint):
            break
        value, at = value + after.value, at + joint + 1
        size = 1 if after.role == TEEN else smaller
    return Number(value, at, exact=False, in_words=True)


def _and_half(words: Sequence[str], number: Number, known: Mapping[str, Word]) -> Number:
    """With its half, where a multiple follows: "dos y medio" before "millones"."""
    if _role(words, number.end, known).role != AND:
        return number
    end = number.end + 1 + (_role(words, number.end + 1, known).role == ARTICLE)
    if _role(words, end, known).role == HALF and _times(words, end + 1, known) is not None:
        return number._replace(value=number.value + Decimal("0.5"), end=end + 1)
    return number
