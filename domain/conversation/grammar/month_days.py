"""Which day a number is: "el 15", "5, 12 e 19 de dezembro", "Dec 4th", "15/12", "2026-12-15"."""

import re
from typing import Final

from domain.conversation.grammar import days as reckon
from domain.conversation.grammar.date_words import PART, pattern
from domain.conversation.grammar.days import Days, Today
from domain.conversation.grammar.found import LEAD, NUMBER, TAIL, Found, Item, Shape

ITEM: Final = re.compile(pattern(f"({LEAD})?({NUMBER})({TAIL})?"))
"""A number of a list: what leads to it, the number, and its month."""

_Number = re.Match[str]
_Span = tuple[int, int]
_NOTHING: Final = (-1, -1)
_MARCH: Final = 3


def _chars(*names: str) -> frozenset[str]:
    return frozenset(PART[name] for name in names)


_ORDINALS: Final = _chars("nth", "ord")
_DAYS: Final = _chars("day", "days")
_FIGURES: Final = _chars("num", "big", "year4", "dotted")
_BY: Final = _chars("by", "to", "before", "after", "pay", "since", "between", "next", "this")
_JOINTS: Final = _chars("and", "or", "to", "a", "dash", "al")
_ENDS: Final = _chars("stop", "comma", "paren", "by", "las", "wday") | _JOINTS
_NEXT: Final = _chars("next", "come", "other_one")
_PAST: Final = _chars("past", "last")
_THIS: Final = _chars("this", "present")


def days_of(found: Found, number: _Number) -> Days:
    """The days that one number with its month and year could be; none if it is no day."""
    return _in_month(found, number, number.span(3))


def _in_month(found: Found, number: _Number, tail: _Span) -> Days:
    """That day of the month that the parts of ``tail`` name; of any where they name none."""
    day = found.spoken(*number.span(2))
    if PART["past"] in (number[1] or ""):  # "el pasado 15 de noviembre"
        found.now = Today(found.now.day, past=True, holiday=found.now.holiday)
    said = {found.parts[at]: found.values[at] for at in range(*tail)} if tail[0] >= 0 else {}
    month = said.get(PART["month"], said.get(PART["mweak"]))
    if PART["mar"] in said:
        month = _MARCH
    if month is not None:
        return _of_year(found, said.get(PART["year4"]), month, day)
    if PART["every"] in said:
        return ()
    if said.keys() & _NEXT:
        return reckon.made(*reckon.month_from(found.now.day, 1), day)
    if said.keys() & _PAST:
        return reckon.made(*reckon.month_from(found.now.day, -1), day)
    if said.keys() & _THIS:
        return _of_year(found, found.now.day.year, found.now.day.month, day)
    return reckon.number(found.now, day)


def _of_year(found: Found, year: int | None, month: int, day: int) -> Days:
    """That day. With its year, only on the right side of today: nobody promises the past."""
    today = found.now.day
    if year is None:
        return reckon.in_month(found.now, month, day)
    days = reckon.made(year, month, day)
    return tuple(day for day in days if (day <= today if found.now.past else day >= today))


def _item(days: Days, begin: int, end: int) -> Item:
    return Item(days, Shape.NUMBER if days else Shape.VAGUE, begin, end)


def numbers(found: Found) -> list[Item]:
    """An item for each number that is a day ("el 5, 12 y 19 de enero"), none for the others."""
    every = list(ITEM.finditer(found.parts, found.begin, found.end))
    alone = _is_bare_list(found, every)
    items: list[Item] = []
    for at, number in enumerate(every):
        tail = number.span(3) if number[3] else _borrowed(found, number, every[at + 1 :])
        if tail == _NOTHING and not alone:
            follows = bool(items) and items[-1].end == every[at - 1].end()
            if not _is_day(found, number, followed=at + 1 < len(every), follows=follows):
                continue
        items.append(_item(_in_month(found, number, tail), *number.span()))
    return items


def _is_day(found: Found, number: _Number, *, followed: bool, follows: bool) -> bool:
    """Whether a number without a month is a day at all."""
    led, last = number[1] or "", found.parts[number.end() - 1]
    if not led and last not in _ORDINALS:
        return follows  # "el 15 y 30"
    if not _DAYS.isdisjoint(led):
        return True
    if PART["los"] in led:
        return followed or follows  # "los 15 y 30", but not "los 5"
    before = found.parts[max(0, number.start() - 1) : number.start()]
    after = found.parts[number.end() : number.end() + 1]
    if not led:  # "by 15th", "15th": not "21st century", nor "unit 5th"
        return (not before or before in _BY | _ENDS) and (not after or after in _ENDS)
    # "El 15" is a day; "the first lawyer" and "the 5 guys" are none, "by the first" is one.
    if last == PART["ord"] or (found.language == "en" and last != PART["nth"]):
        return before in _BY or not after or after in _ENDS
    return True


def _borrowed(found: Found, number: _Number, later: list[_Number]) -> _Span:
    """The month of a later number of the list: in "el 5 y el 12 de enero" both are in January.

    Not where it would run backwards ("el 28 y el 5 de enero"), and a bare number takes none from
    one with an article ("pago 3 y el 5 de enero"), nor over a comma alone ("cuota 5, 12 de enero").
    """
    day, joined = found.spoken(*number.span(2)), number.end()
    for other in later:
        own_article = other[1] and not number[1] and PART["al"] not in other[1]
        if own_article or found.spoken(*other.span(2)) <= day:
            break
        if other[3]:
            joints = found.parts[joined : other.start(2)]
            return other.span(3) if number[1] or not _JOINTS.isdisjoint(joints) else _NOTHING
    return _NOTHING


def _is_bare_list(found: Found, every: list[_Number]) -> bool:
    """Whether rising numbers are all that the message says: "5, 12 e 19"."""
    rest = found.parts[: found.begin] + found.parts[found.end :]
    said = [found.spoken(*number.span(2)) for number in every]
    joints = set(found.parts[found.begin : found.end]) & _chars("to", "a", "dash", "al")
    return (
        len(said) > 1 and said == sorted(set(said)) and not joints and not rest.strip(PART["stop"])
    )


def month_first(found: Found) -> list[Item]:
    """A month before its days: "Dec 4", "enero 5 y 20", "December the 4th, 2026"."""
    every = list(ITEM.finditer(found.parts, found.begin + 1, found.end))
    month, year = found.value("month", "mweak") or 1, found.value("year4")
    items = []
    for at, number in enumerate(every):
        days = _of_year(found, year, month, found.spoken(*number.span(2)))
        begin = number.start() if at else found.begin
        items.append(_item(days, begin, number.end() if at + 1 < len(every) else found.end))
    return items


_MONTHS, _LONGEST, _CENTURY, _LEAST_YEAR = 12, 31, 2000, 100


def figures(found: Found) -> list[Item]:
    """A date in figures: "15/12", "15-12-2026", "2026-12-15", "15.12.2026"."""
    at = [n for n in range(found.begin, found.end) if found.parts[n] in _FIGURES]
    led = at[0] > found.begin
    said = [found.values[n] for n in at]
    if found.has("dotted"):
        said = [int(figure) for figure in found.words[at[0]].split(".")]
    elif not led and not _can_be_date(found, said, [found.words[n] for n in at]):
        return []
    if said[0] > _LEAST_YEAR:
        return [_item(_of_year(found, *said), found.begin, found.end)]
    year = said[2] + (_CENTURY if said[2] < _LEAST_YEAR else 0) if said[2:] else None
    orders = [(said[0], said[1]), (said[1], said[0])][:: -1 if found.month_first else 1]
    for day, month in orders:
        if 0 < month <= _MONTHS and 0 < day <= _LONGEST:
            return [_item(_of_year(found, year, month, day), found.begin, found.end)]
    return []


_POINTED: Final = re.compile(r"(0?[1-9]|[12][0-9]|3[01])\.(0[1-9]|1[0-2])")


def pointed(found: Found) -> list[Item]:
    """Day and month with a point, behind an article: "el 17.08"."""
    written = _POINTED.fullmatch(found.words[found.end - 1])
    if written is None or found.language == "en":
        return []
    day, month = map(int, written.groups())
    return [_item(_of_year(found, None, month, day), found.begin, found.end)]


def _can_be_date(found: Found, said: list[int], written: list[str]) -> bool:
    """For figures without an article: not "24/7", "1/2", "1/3 of it", nor "2-3".

    Who means a day writes 02-03, or says "el".
    """
    if found.has("del", "da") and not found.has("slash", "dash"):
        return False  # "2 del 10" counts
    if len(said) > 2:
        return True
    if found.has("dash"):
        return said[0] > _MONTHS or all(len(figure) == 2 for figure in written)
    share = said[0] < said[1] and found.parts[found.end : found.end + 1] in _chars(
        "de", "del", "da"
    )
    return said not in ([24, 7], [1, 2]) and not share
