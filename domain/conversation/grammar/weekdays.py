"""Which day a weekday is: "el viernes", "next Friday", "sexta da semana que vem", "viernes 6"."""

from typing import Final

from domain.conversation.grammar import days as reckon
from domain.conversation.grammar.date_words import PART
from domain.conversation.grammar.days import Days
from domain.conversation.grammar.found import Found, Item, Shape
from domain.conversation.grammar.month_days import ITEM, days_of

_WEEKDAYS: Final = frozenset(PART[name] for name in ("wday", "wweak", "mar"))


def weekday(found: Found) -> list[Item]:
    """A weekday with all that stands around it; beside a number, both have to agree."""
    at = next((n for n in range(found.begin, found.end) if found.parts[n] in _WEEKDAYS), None)
    if at is None:  # "2a feira" is Monday
        at = found.parts.index(PART["feira"], found.begin)
        which = (found.value("num", "nth") or 2) - 2
    else:
        which = 1 if found.parts[at] == PART["mar"] else found.values[at]
    number = ITEM.search(found.parts, at + 1, found.end)
    if number is not None and number.end() == found.end:
        return [_with_number(found, which, days_of(found, number))]
    return found.item(_days(found, which), Shape.WEEKDAY)


def _with_number(found: Found, which: int, days: Days) -> Item:
    """A weekday beside a number ("viernes 6"): that day if it is a Friday, else either."""
    agree = tuple(day for day in days if day.weekday() == which)[:1]
    if not agree and days:
        agree = tuple(sorted({*_days(found, which)[:1], *days[:1]}))
    return Item(agree, Shape.NUMBER if agree else Shape.VAGUE, found.begin, found.end)


def _days(found: Found, which: int) -> Days:
    now, today = found.now, found.now.day
    if found.has("week"):
        return _of_week(found, which)
    if now.past or found.has("past", "last"):
        return (reckon.weekday_before(today, which),)
    following = reckon.weekday_after(today, which)
    if found.has("other_one"):
        return (following, following + reckon.WEEK)
    if found.has("this"):
        return (today,) if today.weekday() == which else (following,)
    if found.has("next") and found.language == "en" and today.weekday() < which:
        return (following, following + reckon.WEEK)
    return (following,) if found.has("next", "come") else reckon.plain_weekday(now, which)


def _of_week(found: Found, which: int) -> Days:
    today = found.now.day
    if found.has("past", "last"):
        return (reckon.weekday_of_week(today, which, -1),)
    if found.has("next", "come", "other_one"):
        return (reckon.weekday_of_week(today, which, 1),)
    if found.has("this"):
        day = reckon.weekday_of_week(today, which, 0)
        return (day,) if day >= today or found.now.past else ()
    if found.language == "en":  # "Friday week"
        return (reckon.weekday_after(today, which) + reckon.WEEK,)
    return reckon.plain_weekday(found.now, which)
