"""Which days a message names, in Spanish, Portuguese and English: "pago el 15", "na sexta", "tmrw".

What is sure is one day; what could be several is said to be several, and never guessed: a promise
is kept quiet about until its day, so a wrong day is worse than a question. How words become days:

- A weekday is the next one after today. On that weekday itself it is today or in a week, unless
  "hoy", "este", "this" (today) or "próximo", "que viene", "que vem" (in a week) says which.
- English "next Friday" is this week's or the next week's while this week's is still to come, and
  the coming one where it is next week's anyway. "The other Friday" is either of the next two.
- "The 15th" is the next after today; on the 15th itself it is today or in a month. A month without
  a year is its next such day, today included. A day that its month does not have, and a day with
  its year that lies behind us, is no day: `Kind.VAGUE`.
- 15/12 is the 15th of December; in en-US alone 12/15, and 4/5 is April. Where one order only is a
  date, it is that one. "24/7" and "1/2" are no dates.
- "Quincena" is the next 15th or last of the month after today; "la otra quincena" either of the
  next two. "8 días" is eight days, "de hoy en ocho" is seven, "de hoy en quince" fourteen.
- A range is its two ends. "Before Friday", "until Friday", "around Friday" are that Friday; "after
  the 15th", "from the 15th on" are no day. "Fridays", "every Friday", "the 5th of every month" and
  "Monday to Friday" are none either.
- A weekday beside a number that is no such day is either of both. Neighbours joined by "and" are a
  series, joined by "or" either, as long as each is sure by itself; else each stands alone.
- Weeks begin on Monday. Where a sentence tells what has happened, weekdays and numbers are the last
  ones before today.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.conversation.grammar.date_rules import items_in
from domain.conversation.grammar.date_words import PART, parts, pattern
from domain.conversation.grammar.days import Days, Today, number, weekday_after
from domain.conversation.grammar.found import Item, Shape, Told
from domain.conversation.grammar.tokens import Words
from domain.conversation.grammar.tongues import language_of


class _Named(NamedTuple):
    days: Days
    start: int
    end: int
    kind: "Named.Kind"


class Named(_Named):
    """A day that a text names, or several, or a time that is no day.

    ``days``, in order of the calendar, are all candidates, or the days of a series, and none where
    ``kind`` is vague. ``start`` and ``end`` are its place in the text as it was given.
    """

    __slots__ = ()

    class Kind(StrEnum):
        """How sure the days are."""

        ONE = "one"
        """Exactly one day."""

        EITHER = "either"
        """One day is meant, and it cannot be known which of these."""

        SERIES = "series"
        """All of these days are meant."""

        VAGUE = "vague"
        """A time is named that is no day, or a day that is none."""


def never(day: date) -> bool:
    """No day is a holiday."""
    return False


def dates_in(
    text: str | Words,
    locale: str,
    today: date,
    holiday: Callable[[date], bool] = never,
    *,
    past: bool = False,
) -> list[Named]:
    """All days and times that ``text`` names, in order of appearance, never overlapping.

    ``locale`` ("es-CO", "en-US") is the customer's; a text in another of the three languages is
    read all the same. ``today`` is the customer's day. ``holiday`` says which days nobody works,
    for "quinto día hábil". ``past`` is true where the sentence tells what has happened. Pure, and
    raises nothing.
    """
    read = text if isinstance(text, Words) else Words(text)
    if not read.words:
        return []
    language = language_of(read.words, locale)
    told = Told(Today(today, past, holiday), language, locale.replace("_", "-").lower() == "en-us")
    said, values = parts(read.words, language)
    items = list(items_in(said, values, read.words, told))
    if not items:
        return []
    places = read.places()
    return [
        Named(named.days, places[named.begin][0], places[named.end - 1][1], named.kind)
        for named in _joined(said, items)
    ]


class _Group(NamedTuple):
    days: Days
    kind: Named.Kind
    shape: Shape
    begin: int
    end: int


_AND: Final = re.compile(pattern("comma?and(?:by|in|la|el|to)?|comma"))
_OR: Final = re.compile(pattern("comma?or(?:by|in|la|el)?|comma"))
_TO: Final = re.compile(pattern("[to a dash](?:la|el)?"))
_BESIDE: Final = re.compile(pattern("(?:comma|paren|de|del|and)?(?:la|el)?"))
_TELLS_WHEN: Final = re.compile(pattern("comma?by?(?:la|el)?"))
_BETWEEN: Final = re.compile(pattern("between(?:los|el)?$"))
_OPEN: Final = re.compile(pattern("(?:after(?:de|del|da)?|past|since|a?partir(?:de|del|da)?)$"))
_LOOKBACK: Final = 3
"""Words before a day that may say "after": never more are looked at."""

_LONGEST: Final = 12
"""Joints of one list: a year's instalments. What is longer is cut."""


def _joined(said: str, items: Sequence[Item]) -> Iterable[_Group]:
    """Neighbours that are one mention, as one."""
    groups = [_group(item) for item in items]
    at = 0
    while at < len(groups):
        size, joined = _longest(said, groups, at)
        if size > 1:
            groups[at : at + size] = [joined]
            continue
        at += 1
        following = groups[at] if at < len(groups) else None
        # "Cuando me paguen, el 15": the day tells when that is.
        if joined.shape is not Shape.WHEN or not _tells_when(said, joined, following):
            yield _unless_open(said, joined)


def _tells_when(said: str, when: _Group, day: _Group | None) -> bool:
    if day is None or not day.days:
        return False
    return _TELLS_WHEN.fullmatch(said, when.end, day.begin) is not None


def _kind(days: Days) -> Named.Kind:
    """How sure a single mention is."""
    return (Named.Kind.VAGUE, Named.Kind.ONE, Named.Kind.EITHER)[min(len(days), 2)]


def _group(item: Item) -> _Group:
    days = tuple(sorted(set(item.days)))
    return _Group(days, _kind(days), item.shape, item.begin, item.end)


def _longest(said: str, groups: Sequence[_Group], at: int) -> tuple[int, _Group]:
    """How many groups from ``at`` on are one mention, and that mention."""
    first = groups[at]
    if at + 1 == len(groups) or not (first.days and groups[at + 1].days):
        return 1, first
    both = (first, groups[at + 1])
    if (joined := _range(said, *both) or _same_day(said, *both)) is not None:
        return 2, joined
    if (size := _run(said, groups, at, _OR, "or")) > 1:
        return size, _together(groups[at : at + size], Named.Kind.EITHER)
    size = _run(said, groups, at, _AND, "and")
    return size, _together(groups[at : at + size], Named.Kind.SERIES)


def _together(groups: Sequence[_Group], kind: Named.Kind) -> _Group:
    if len(groups) == 1:
        return groups[0]
    days = tuple(sorted({day for group in groups for day in group.days}))
    kind = kind if len(days) > 1 else Named.Kind.ONE
    return _Group(days, kind, Shape.OTHER, groups[0].begin, groups[-1].end)


def _run(said: str, groups: Sequence[_Group], at: int, joint: re.Pattern[str], word: str) -> int:
    """How many groups stand in one list. Commas alone make one of neighbours of the same shape."""
    end, told = at, False
    while end + 1 < len(groups) and end - at < _LONGEST:
        gap = (groups[end].end, groups[end + 1].begin)
        kinds = {groups[end].kind, groups[end + 1].kind}
        if (
            not joint.fullmatch(said, *gap)
            or Named.Kind.SERIES in kinds
            or not groups[end + 1].days
        ):
            break
        if word == "and" and kinds != {Named.Kind.ONE}:
            break
        told = told or said.find(PART[word], *gap) >= 0
        end += 1
    alike = len({group.shape for group in groups[at : end + 1]}) == 1
    return end - at + 1 if told or (alike and word == "and") else 1


def _same_day(said: str, first: _Group, second: _Group) -> _Group | None:
    """The same day told in two ways: "mañana domingo", "Dec 4 (Friday)". None if it is not told.

    Where something stands between the two ways, a comma or a bracket, they have to agree. ("Dia 4 é
    sexta" sounds like "and".)
    """
    if first.shape is second.shape or not _BESIDE.fullmatch(said, first.end, second.begin):
        return None
    if Shape.RANGE in (first.shape, second.shape) or Named.Kind.SERIES in (first.kind, second.kind):
        return None
    agree = [day for day in first.days if _agrees(day, second)]
    agree += [day for day in second.days if _agrees(day, first)]
    if not agree and first.end < second.begin:
        return None
    days = tuple(sorted(set(agree)))[:1] or tuple(sorted({*first.days[:1], *second.days[:1]}))
    kind = Named.Kind.ONE if agree else Named.Kind.EITHER
    return _Group(days, kind, Shape.OTHER, first.begin, second.end)


def _agrees(day: date, told: _Group) -> bool:
    """Whether ``day`` is what the other way tells: for a weekday, any day that falls on it."""
    if told.shape is Shape.WEEKDAY:
        return day.weekday() == told.days[0].weekday()
    return day in told.days


def _range(said: str, first: _Group, second: _Group) -> _Group | None:
    """Either end of "del 5 al 10", "entre el lunes y el viernes". None if they are no range."""
    gap = (first.end, second.begin)
    before = said[max(0, first.begin - _LOOKBACK) : first.begin]
    between = _BETWEEN.search(before) and said[slice(*gap)] == PART["and"]
    # "Al" and "a" are taken for the article of what follows them.
    leads = said[second.begin] if first.end == second.begin else ""
    through = leads == PART["al"]
    if not (between or through or leads == PART["a"] or _TO.fullmatch(said, *gap)):
        return None
    start, end = first.days[0], second.days[-1]
    if Shape.WEEKDAY is first.shape is second.shape:
        # "De lunes a viernes" tells how a week is, not when somebody pays.
        habit = not (between or through)
        days: Days = () if habit else (start, weekday_after(start, end.weekday()))
    else:
        days = _ends(said, first, start, end)
    return _Group(days, _kind(days), Shape.RANGE, first.begin, second.end)


_MONTH: Final = timedelta(days=31)
_NAMES_MONTH: Final = re.compile(pattern("[month mweak mar mon]"))


def _ends(said: str, first: _Group, start: date, end: date) -> Days:
    """Both ends in their order: "del 28 al 5" ends in the month after it begins."""
    if end < start:
        end = (number(Today(start, past=False, holiday=never), end.day) or (end,))[0]
    if end - start > _MONTH and not _NAMES_MONTH.search(said, first.begin, first.end):
        start = (number(Today(end, past=True, holiday=never), start.day) or (start,))[0]
    return tuple(sorted({start, end}))


def _unless_open(said: str, group: _Group) -> _Group:
    """After the 15th, from Friday on: no day."""
    before = said[max(0, group.begin - _LOOKBACK) : group.begin]
    if group.shape is Shape.RANGE or not _OPEN.search(before):
        return group
    return group._replace(days=(), kind=Named.Kind.VAGUE)
