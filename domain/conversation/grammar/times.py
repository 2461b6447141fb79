"""What "pasado mañana", "fin de mes" and "in two weeks" mean: a handler for each rule."""

from datetime import date
from typing import Final

from domain.conversation.grammar import days as reckon
from domain.conversation.grammar.days import Days, Today
from domain.conversation.grammar.found import Found, Handler, Item, Shape

_SATURDAY: Final = 5
_FRIDAY_TO_SUNDAY: Final = (4, 5, 6)


def skip(found: Found) -> list[Item]:
    """A greeting, a farewell, the morning: no day, and no part of one."""
    return []


def vague(found: Found) -> list[Item]:
    """A time that is no day."""
    return found.vague()


def when(found: Found) -> list[Item]:
    """No day ("when I get paid"), unless one follows that says when that is."""
    return [Item((), Shape.WHEN, found.begin, found.end)]


def in_days(count: int) -> Handler:
    """So many days from today, whatever was said."""
    return lambda found: found.item(reckon.plus_days(found.now.day, count))


def tomorrow_or_after(found: Found) -> list[Item]:
    """Either of the two days after today: "mañana o pasado"."""
    return found.item(reckon.plus_days(found.now.day, 1) + reckon.plus_days(found.now.day, 2))


def _later(found: Found, base: date, count: int) -> Days:
    """``count`` of the unit found after ``base``; no day where the unit is a year."""
    if found.has("biz"):
        return reckon.plus_business_days(found.now, count)
    if found.has("week"):
        fortnight = (found.value("week") or 0) + 1
        return reckon.plus_days(base, 7 * count * fortnight)
    if found.has("mon"):
        return reckon.plus_months(base, count)
    if found.has("hour"):
        # No clock here: less than a day is today.
        return reckon.plus_days(base, count // 24)
    return reckon.plus_days(base, count) if found.has("day", "days") else ()


def in_some(found: Found) -> list[Item]:
    """So many of a unit from today: "en 8 días", "in two or three weeks"."""
    far = [day for count in found.counts() for day in _later(found, found.now.day, count)]
    return found.item(tuple(far))


def ago(found: Found) -> list[Item]:
    """So many days ago; of months and years nobody tells the day."""
    if found.has("few", "mon", "year"):
        return found.vague()
    base = found.now.day
    return found.item(tuple(day for n in found.counts() for day in _later(found, base, -n)))


def _base(found: Found) -> Days:
    if found.has("wday"):
        return reckon.plain_weekday(found.now, found.value("wday") or 0)
    return reckon.plus_days(found.now.day, 1 if found.has("tomo", "manana") else 0)


_EIGHT, _FIFTEEN = 8, 15
"""Both ends counted, as the Romans did: eight days are a week, fifteen are two."""


def in_eight(found: Found) -> list[Item]:
    """In a week ("de hoy en ocho"), or in two."""
    weeks = {_EIGHT: 7, _FIFTEEN: 14}.get(found.counts()[-1], 0)
    days = tuple(day for base in _base(found) for day in reckon.plus_days(base, weeks))
    return found.item(days)


def from_base(found: Found) -> list[Item]:
    """So many of a unit from another day: "a week from Friday"."""
    count = found.counts()[0]
    return found.item(tuple(day for base in _base(found) for day in _later(found, base, count)))


def _months_on(found: Found) -> int | None:
    """How many months from this one "del mes que viene" is; None if it names no such month."""
    if not found.has("mon"):
        return None
    if found.has("past", "last"):
        return -1
    return 1 if found.has("next", "come", "other_one") else 0


def _month_of(found: Found) -> tuple[int, int] | None:
    """Year and month named; without a year, that month's next time. None if none is named."""
    month = found.value("month", "mweak")
    if month is None:
        ahead = _months_on(found)
        return None if not ahead else reckon.month_from(found.now.day, ahead)
    year = found.value("year4")
    if year is None:
        this = found.now.day
        year = this.year + (month < this.month and not found.now.past)
        year -= month > this.month and found.now.past
    return year, month


def month_end(found: Found) -> list[Item]:
    """The last day of a month: "fin de mes", "el último día de enero"."""
    last_of_past = found.has("past")
    named = reckon.month_from(found.now.day, -1) if last_of_past else _end_month(found)
    if named is None:
        return found.item(reckon.end_of_this_month(found.now))
    return _not_over(found, (reckon.month_end(*named),))


def _not_over(found: Found, days: Days) -> list[Item]:
    """Of a month or year that is named, and may be over, only days that are to come."""
    if not found.now.past and not found.has("past"):
        days = tuple(day for day in days if day >= found.now.day)
    return found.item(days)


def _end_month(found: Found) -> tuple[int, int] | None:
    # "El último día del mes": the last of its days, not of a month that is past.
    if found.has("last") and found.has("mon"):
        ahead = 1 if found.has("next", "come", "other_one") else 0
        return reckon.month_from(found.now.day, ahead) if ahead else None
    return _month_of(found)


def year_end(found: Found) -> list[Item]:
    """The last of December."""
    year = found.now.day.year + (1 if found.has("next", "come") else 0)
    return found.item(reckon.made(year, 12, 31))


def weekend(found: Found) -> list[Item]:
    """Either of its days. English "next weekend" may be this week's, as long as that is to come."""
    if found.has("end") and found.language == "en":
        return end_of_week(found)
    now, ahead = found.now, found.has("next", "other_one", "come")
    if found.has("past", "last"):
        return found.item(reckon.weekend(Today(now.day, past=True, holiday=now.holiday)))
    if ahead and (found.language == "en" or now.day.weekday() >= _SATURDAY):
        coming = reckon.weekend(now) if now.day.weekday() < _SATURDAY else ()
        return found.item(coming + reckon.weekend(now, 1))
    days = reckon.weekend(now)
    return found.item(days[:1] if found.has("this") and len(days) > 2 else days)


def end_of_week(found: Found) -> list[Item]:
    """Friday, Saturday or Sunday, of those that are left."""
    weeks = 1 if found.has("next", "come") else 0
    days = [reckon.weekday_of_week(found.now.day, day, weeks) for day in _FRIDAY_TO_SUNDAY]
    return found.item(tuple(day for day in days if day >= found.now.day))


def quincena(found: Found) -> list[Item]:
    """The 15th or the last of a month."""
    if found.has("every"):
        return found.vague()
    now, which = found.now, _which(found)
    if which in (1, 2):
        return _half_of_month(found, which)
    if found.has("past"):
        return found.item(reckon.quincenas(Today(now.day, past=True, holiday=now.holiday), 1))
    return found.item(tuple(sorted(reckon.quincenas(now, 2 if found.has("other_one") else 1))))


def _which(found: Found) -> int:
    """First, second, fifth; -1 is the last, 0 none."""
    if found.has("last"):
        return -1
    # "Segunda" is Monday in Portuguese, and second as well.
    ordinal = found.value("ord", "ordn", "nth", "num", "tens", "card")
    return ordinal or (2 if found.value("wday") == 0 else 0)


def _half_of_month(found: Found, which: int) -> list[Item]:
    named = _month_of(found)
    if named is None:
        both = reckon.quincenas(found.now, 3)
        return found.item(tuple(day for day in both if (day.day == 15) == (which == 1))[:1])
    day = date(*named, 15) if which == 1 else reckon.month_end(*named)
    return _not_over(found, (day,))


def business_day(found: Found) -> list[Item]:
    """A working day: "quinto día hábil", "próximo dia útil"."""
    if found.has("next") and not found.has("mon", "month", "mweak"):
        return found.item(reckon.plus_business_days(found.now, 1))
    which, named = _which(found), _end_month(found)
    if named is None:
        return found.item(reckon.next_business_day_of_month(found.now, which))
    return _not_over(found, reckon.business_day(found.now, *named, which))


def weekday_of_month(found: Found) -> list[Item]:
    """A weekday of a month: "el primer lunes de enero"."""
    weekday, which, named = found.value("wday") or 0, _which(found), _end_month(found)
    this, after = (reckon.month_from(found.now.day, n) for n in (0, 1))
    tried = [named] if named else [this, after]
    for month in tried:
        days = reckon.weekday_of_month(*month, weekday, which)
        if days and (named or found.now.past or days[0] >= found.now.day):
            return _not_over(found, days)
    return found.vague()


def holiday(month: int, day: int) -> Handler:
    """A feast that is always on this day."""
    return lambda found: found.item(reckon.in_month(found.now, month, day))


def black(found: Found) -> list[Item]:
    """The day after the fourth Thursday of November, or the Monday after that."""
    for year in (found.now.day.year, found.now.day.year + 1):
        (thanks,) = reckon.weekday_of_month(year, 11, 3, 4)
        (day,) = reckon.plus_days(thanks, 4 if found.has("cyber") else 1)
        if day >= found.now.day or found.now.past:
            return found.item((day,))
    return found.vague()


def payday(found: Found) -> list[Item]:
    """The day of wages; in Spanish the bare word is any payment."""
    return found.vague() if found.language == "en" or found.has("day") else []
