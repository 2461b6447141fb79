"""Events, rules, windows and calendars for the law read slowly: dates and wall clocks only."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from domain.law.model import (
    HolidayCalendar,
    Period,
    Rule,
    RulePack,
    variant,
)
from domain.law.request import HistoryEntry, LawEvent
from domain.law.terms import (
    WEEKDAYS,
    EventKind,
    Weekday,
    Window,
)

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

Span = tuple[datetime, datetime]


ABOUT_NO_MEDIUM = {
    *(EventKind.CEASE, EventKind.ATTORNEY, EventKind.DISPUTE, EventKind.DISPUTE_VERIFIED),
    EventKind.DISPUTE_WITHDRAWN,
    *(EventKind.BANKRUPTCY, EventKind.DEATH, EventKind.BREATHING_SPACE, EventKind.NOTICE_MAILED),
    *(EventKind.WORKPLACE_PROHIBITED, EventKind.WRONG_NUMBER, EventKind.INCONVENIENT_TIME),
}
ABOUT_AN_ADDRESS = {EventKind.WRONG_NUMBER, EventKind.INCONVENIENT_TIME}


def instants(event: LawEvent) -> list[datetime]:
    return [event.at, event.recorded_at or event.at]


def takes(event: LawEvent) -> bool:
    """Whether it takes leave away; hours are given by naming some, and taken by naming none."""
    match event.kind:
        case EventKind.INCONVENIENT_TIME:
            return bool(event.windows)
        case EventKind.AUTHORIZED_HOURS:
            return not event.windows
        case _:
            return event.kind not in {
                *(EventKind.OPT_IN, EventKind.CONSENT_CALL, EventKind.NUMBER_CHECK),
                *(EventKind.NOTICE_MAILED, EventKind.DISPUTE_VERIFIED),
                EventKind.DISPUTE_WITHDRAWN,
            }


def as_meant(event: LawEvent) -> LawEvent:
    """The event without what only says how it came."""
    if event.kind in ABOUT_NO_MEDIUM - ABOUT_AN_ADDRESS:
        return event.model_copy(update={"channel": None, "contact_point_id": None})
    return event


_kept: dict[tuple[int, str, tuple[str, ...]], tuple[RulePack, Rule]] = {}


def as_read(pack: RulePack, rule: Rule, readings: dict[str, str]) -> Rule:
    # The form's own validation is slow, and nothing that is under test here.
    key = id(pack), rule.id, tuple(readings[name] for name in rule.by_reading)
    if key not in _kept:
        _kept[key] = pack, variant(rule, readings)
    return _kept[key][1]


@cache
def days_off(calendar: HolidayCalendar, year: int) -> frozenset[date]:
    days = set(holidays.country_holidays(calendar.country, subdiv=calendar.subdivision, years=year))
    days |= {day.date for day in calendar.add if day.date.year == year}
    return frozenset(days - {day.date for day in calendar.remove})


def in_force(pack: RulePack, rule: Rule, at: datetime) -> bool:
    since, until = rule.effective.since, rule.effective.until
    if since is None and until is None:
        return True
    today = at.astimezone(ZoneInfo(pack.zone)).date()
    return (since is None or today >= since) and (until is None or today < until)


def inside(windows: Sequence[Window], here: datetime) -> bool:
    clock, day = f"{here:%H:%M}", WEEKDAYS[here.weekday()]
    return any(day in w.days and w.opens <= clock < w.closes for w in windows)


def withdraws(later: LawEvent, earlier: LawEvent) -> bool:
    return (
        later.channel in (None, earlier.channel)
        and later.account_id in (None, earlier.account_id)
        and later.contact_point_id in (None, earlier.contact_point_id)
    )


def floor(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def on(entry: HistoryEntry, zone: ZoneInfo) -> date:
    return entry.at.astimezone(zone).date()


def in_any(spans: Sequence[Span], at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a local day, walked to."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
    while at.astimezone(zone).date() <= day:
        at = at.replace(second=0) + 15 * MINUTE
    return at


def same_period(period: Period, then: date, today: date) -> bool:
    if period.days is not None:
        return (today - then).days < period.days
    if period.calendar == "week":
        shift = 0 if period.week_starts is Weekday.MON else 1
        return week(then, shift) == week(today, shift)
    if period.calendar == "month":
        return (then.year, then.month) == (today.year, today.month)
    return then == today


def week(day: date, shift: int) -> int:
    return (day.toordinal() - 1 + shift) // 7
