"""The statutes outside the United States read a second time: slowly, and obviously.

Each function says whether a request of 2026 is lawful at an instant, from the wall clocks of the
customer's zones and the dates of earlier contacts, with nothing of the engine. They know no events.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from domain.law.readings import DEFAULTS
from domain.law.request import HistoryEntry, LawRequest
from tests.unit.law.rules.test_holidays import CALENDARS

CALLS = ("voice", "ringless_voicemail")
CALLS_AND_VISITS = (*CALLS, "visit")

Week = tuple[tuple[int, int] | None, tuple[int, int] | None, tuple[int, int] | None]
"""Hours open from Monday to Friday, on Saturday, on Sunday."""


def lawful(request: LawRequest, at: datetime) -> bool:
    """Whether every jurisdiction of the request lets the contact pass."""
    return all(READINGS_OF[code](request, at) for code in request.jurisdictions)


def reading(request: LawRequest, name: str) -> str:
    return request.readings.get(name, DEFAULTS[name])


def here(request: LawRequest, at: datetime) -> Iterator[datetime]:
    for zone in request.zones:
        yield at.astimezone(ZoneInfo(zone))


def is_open(wall: datetime, week: Week, closed: set[date]) -> bool:
    hours = (*[week[0]] * 5, week[1], week[2])[wall.weekday()]
    return hours is not None and wall.date() not in closed and hours[0] <= wall.hour < hours[1]


@cache
def statute(code: str, name: str) -> set[date]:
    return CALENDARS[code, name](2026)


@cache
def library(country: str) -> set[date]:
    return set(holidays.country_holidays(country, years=2026))


def within_week(
    request: LawRequest, wall: datetime, *, calendar: bool, per_debt: bool
) -> list[tuple[int, HistoryEntry]]:
    """Outbound contacts of the week that ends with this day: local days ago, and the contact."""
    found = []
    for entry in request.history:
        ago = (wall.date() - entry.at.astimezone(wall.tzinfo).date()).days
        reach = wall.weekday() if calendar else 6
        mine = not per_debt or entry.account_id == request.account_id
        if entry.direction == "outbound" and ago <= reach and mine:
            found.append((ago, entry))
    return found


def chile(request: LawRequest, at: datetime) -> bool:
    for wall in here(request, at):
        bound = request.channel in CALLS_AND_VISITS or reading(request, "cl.hours_media") == "all"
        if bound and not is_open(wall, ((8, 20), (8, 20), None), statute("CL", "national")):
            return False
        week = within_week(
            request,
            wall,
            calendar=reading(request, "cl.week") == "calendar",
            per_debt=reading(request, "cl.unit") == "debt",
        )
        silent = {"busy", "not_in_service"}
        if reading(request, "cl.unanswered") == "ignored":
            silent |= {"no_answer", "voicemail"}
        calls = [e for _, e in week if e.channel in CALLS_AND_VISITS and e.outcome not in silent]
        texts = [e for _, e in week if e.channel not in CALLS_AND_VISITS]
        if request.channel in CALLS_AND_VISITS:
            if calls:
                return False
        elif len(texts) >= 2 or not chile_apart(request, wall, at):
            return False
        heard = [e for _, e in week if e.outcome not in silent]
        if reading(request, "cl.caps") == "joint" and len(heard) >= 2:
            return False
    return True


def chile_apart(request: LawRequest, wall: datetime, at: datetime) -> bool:
    per_debt = reading(request, "cl.unit") == "debt"
    for entry in request.history:
        mine = not per_debt or entry.account_id == request.account_id
        if entry.direction == "outbound" and entry.channel not in CALLS_AND_VISITS and mine:
            if reading(request, "cl.spacing") == "48h":
                near = at - entry.at < timedelta(hours=48)
            else:
                near = (wall.date() - entry.at.astimezone(wall.tzinfo).date()).days < 3
            if near:
                return False
    return True


def chilean_region(code: str) -> Callable[[LawRequest, datetime], bool]:
    def lawful_there(request: LawRequest, at: datetime) -> bool:
        bound = request.channel in CALLS_AND_VISITS or reading(request, "cl.hours_media") == "all"
        closed = statute(code, "regional")
        return not bound or all(wall.date() not in closed for wall in here(request, at))

    return lawful_there


def peru(request: LawRequest, at: datetime) -> bool:
    if request.channel not in CALLS_AND_VISITS and reading(request, "pe.media") == "calls":
        return True
    lima = at.astimezone(ZoneInfo("America/Lima"))
    night = any(not 7 <= wall.hour < 20 for wall in here(request, at))
    return is_open(lima, ((7, 20), None, None), statute("PE", "dleg713")) and not night


def ecuador(request: LawRequest, at: datetime) -> bool:
    closes = 22 if reading(request, "ec.close") == "22:00" else 20
    for wall in here(request, at):
        if not is_open(wall, ((7, closes), None, None), statute("EC", "national")):
            return False
        for entry in request.history:
            today = entry.at.astimezone(wall.tzinfo).date() == wall.date()
            same = reading(request, "ec.scope") == "total" or entry.channel == request.channel
            if entry.direction == "outbound" and today and same:
                return False
    return True


def brazilian_state(
    code: str, week: Week, media: tuple[str, ...] = CALLS
) -> Callable[[LawRequest, datetime], bool]:
    def lawful_there(request: LawRequest, at: datetime) -> bool:
        return request.channel not in media or all(
            is_open(wall, week, statute(code, "state")) for wall in here(request, at)
        )

    return lawful_there


def hours_only(week: Week, country: str | None) -> Callable[[LawRequest, datetime], bool]:
    def lawful_there(request: LawRequest, at: datetime) -> bool:
        closed = library(country) if country else set()
        return all(is_open(wall, week, closed) for wall in here(request, at))

    return lawful_there


def mexico(request: LawRequest, at: datetime) -> bool:
    for wall in here(request, at):
        if not 7 <= wall.hour < 22:
            return False
        works = wall.weekday() < 5 and wall.date() not in statute("MX", "lft74")
        if reading(request, "mx.days") == "mon_fri" and not works:
            return False
    return True


READINGS_OF: dict[str, Callable[[LawRequest, datetime], bool]] = {
    "MX": mexico,
    "CL": chile,
    "CL-AP": chilean_region("CL-AP"),
    "CL-NB": chilean_region("CL-NB"),
    "PE": peru,
    "EC": ecuador,
    "BR": hours_only(((7, 22), (7, 22), (7, 22)), None),
    "BR-SP": brazilian_state("BR-SP", ((8, 20), (8, 14), None)),
    "BR-ES": brazilian_state("BR-ES", ((8, 19), None, None)),
    "BR-RJ": brazilian_state("BR-RJ", ((9, 19), None, None)),
    "BR-AM": brazilian_state("BR-AM", ((8, 19), None, None)),
    "BR-AL": brazilian_state("BR-AL", ((8, 20), (8, 14), None), (*CALLS, "sms")),
    "AR": hours_only(((9, 19), None, None), "AR"),
    "AR-C": lambda request, at: True,
    "ES": hours_only(((9, 21), None, None), "ES"),
    "GB": hours_only(((8, 21), (8, 21), None), None),
}
