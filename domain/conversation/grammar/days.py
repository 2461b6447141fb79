"""Which day is meant by what people say of days, reckoned from today. Dates in, dates out.

All functions are pure. Days are those of the customer's calendar (`domain/calendar.py`);
``past`` is true where a sentence tells what has happened. A function that may find several days
returns all it could be, in order; no day at all is an empty tuple.
"""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

Days = tuple[date, ...]
WEEK = timedelta(days=7)
_SATURDAY, _SUNDAY = 5, 6
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Today:
    """What a sentence is read against."""

    day: date
    past: bool
    holiday: Callable[[date], bool]


def made(year: int, month: int, day: int) -> Days:
    """That day, if the month has it and the calendar the year."""
    try:
        return (date(year, month, day),)
    except ValueError:
        return ()


def plus_days(today: date, count: int) -> Days:
    """So many days later, or earlier; none beyond the calendar's end."""
    try:
        return (today + timedelta(days=count),)
    except OverflowError:
        return ()


def plus_months(today: date, count: int) -> Days:
    """The same day so many months later, or the last day of a shorter month."""
    months = today.year * _MONTHS + today.month - 1 + count
    year, month = divmod(months, _MONTHS)
    if not date.min.year <= year <= date.max.year:
        return ()
    return (date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1])),)


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def month_from(today: date, count: int) -> tuple[int, int]:
    """Year and month, ``count`` months after today's."""
    year, month = divmod(today.year * _MONTHS + today.month - 1 + count, _MONTHS)
    return year, month + 1


def weekday_after(day: date, weekday: int) -> date:
    """The first such weekday after ``day``."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def weekday_before(day: date, weekday: int) -> date:
    """The last such weekday before ``day``."""
    return day - timedelta(days=(day.weekday() - weekday - 1) % 7 + 1)


def weekday_of_week(today: date, weekday: int, weeks: int) -> date:
    """That weekday of this week (0), the next (1), the last (-1). Weeks begin on Monday."""
    return today - timedelta(days=today.weekday()) + timedelta(days=weekday) + weeks * WEEK


def plain_weekday(now: Today, weekday: int) -> Days:
    """A weekday without any word beside it. On that weekday itself, today or in a week."""
    if now.past:
        return (weekday_before(now.day, weekday),)
    later = weekday_after(now.day, weekday)
    return (now.day, later) if now.day.weekday() == weekday else (later,)


def number(now: Today, day: int) -> Days:
    """A day of no month ("the 15th"): the next after today, or the last before it.

    On that very day, today or in a month: who says "the 15th" on the 15th may mean either.
    """
    found: list[date] = []
    if not now.past and now.day.day == day:
        found.append(now.day)
    for count in range(1 if found else 0, _MONTHS + 1):
        year, month = month_from(now.day, -count if now.past else count)
        for there in made(year, month, day):
            if (there < now.day) if now.past else (there > now.day):
                return (*found, there)
    return tuple(found)


def in_month(now: Today, month: int, day: int) -> Days:
    """A day of no year: today or the next, or the last. None if that year has it not."""
    year = now.day.year
    if now.past and (month, day) > (now.day.month, now.day.day):
        year -= 1
    if not now.past and (month, day) < (now.day.month, now.day.day):
        year += 1
    return made(year, month, day)


def end_of_this_month(now: Today) -> Days:
    """The month's last day; on that day itself, today or in a month."""
    year, month = month_from(now.day, 0)
    if now.past:
        year, month = month_from(now.day, -1)
        return (month_end(year, month),)
    last = month_end(year, month)
    return (last, month_end(*month_from(now.day, 1))) if last == now.day else (last,)


def quincenas(now: Today, count: int = 2) -> Days:
    """The next days on which wages are paid twice a month: the 15th and the last. Not today."""
    found: list[date] = []
    for step in range(count + 1):
        year, month = month_from(now.day, -step if now.past else step)
        both = [date(year, month, 15), month_end(year, month)]
        found += [day for day in both if (day < now.day if now.past else day > now.day)]
    return tuple(sorted(found, reverse=now.past)[:count])


def _works(day: date, holiday: Callable[[date], bool]) -> bool:
    return day.weekday() < _SATURDAY and not holiday(day)


def business_day(now: Today, year: int, month: int, which: int) -> Days:
    """The ``which``-th working day of a month, its last if -1; none if it has fewer."""
    every = (date(year, month, n + 1) for n in range(calendar.monthrange(year, month)[1]))
    working = [day for day in every if _works(day, now.holiday)]
    if which < 0:
        return (working[-1],) if working else ()
    return (working[which - 1],) if 0 < which <= len(working) else ()


def next_business_day_of_month(now: Today, which: int) -> Days:
    """The fifth working day, say: this month's if it is not past, else the next month's."""
    this = business_day(now, *month_from(now.day, 0), which)
    if now.past:
        if this and this[0] < now.day:
            return this
        return business_day(now, *month_from(now.day, -1), which)
    if this and this[0] >= now.day:
        return this
    return business_day(now, *month_from(now.day, 1), which)


def plus_business_days(now: Today, count: int) -> Days:
    """So many working days after today. Not more than a year's: nobody counts so far."""
    if count > 260:
        return ()
    day = now.day
    # A calendar on which nobody ever works must not keep us here.
    for _ in range(3 * 366):
        if count == 0:
            return (day,)
        day += timedelta(days=1)
        count -= _works(day, now.holiday)
    return ()


def weekend(now: Today, weeks: int = 0) -> Days:
    """Saturday and Sunday, those not yet past; on a Sunday, today or next week's."""
    both = [weekday_of_week(now.day, day, weeks) for day in (_SATURDAY, _SUNDAY)]
    if now.past:
        if both[0] >= now.day:
            both = [day - WEEK for day in both]
        return tuple(day for day in both if day < now.day)
    left = [day for day in both if day >= now.day]
    if len(left) == 1:
        left += [day + WEEK for day in both]
    return tuple(left)


def weekday_of_month(year: int, month: int, weekday: int, which: int) -> Days:
    """The ``which``-th Friday of a month, say; the last if ``which`` is -1."""
    all_of = [
        date(year, month, n + 1)
        for n in range(calendar.monthrange(year, month)[1])
        if calendar.weekday(year, month, n + 1) == weekday
    ]
    if which < 0:
        return (all_of[-1],)
    return (all_of[which - 1],) if 0 < which <= len(all_of) else ()
