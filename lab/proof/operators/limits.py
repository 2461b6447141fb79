"""The operator's own limits, as the starter of a run states them: caps of a person, quiet times.

Strict readings: a week is any seven local days, a month any thirty, of several zones the one with
the fewest days between decides; it is quiet once one of the zones' clocks says so. Whoever asked is
answered: what is a real answer, or a lawful confirmation of a stop, neither counts nor is held.
What people wrote themselves counts, and is not held.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import holidays

from lab.proof.answers import answered
from lab.proof.caps import Contact, contacts_of_people
from lab.proof.confirmations import lawful
from lab.proof.record import CONFIRMATION, PERSON, Attempt, Evidence, Found, is_asked_for

DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "month": 30}
WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def capped(evidence: Evidence) -> Found:
    """No person has more contacts in any day, week or month than the operator lets."""
    caps: Mapping[str, Any] = evidence.limits.get("caps") or {}
    wanted = [(name, most) for name, most in caps.items() if most is not None]
    if not wanted:
        return 0, []
    free = _free(evidence)
    examined, violations = 0, []
    for theirs, everything in contacts_of_people(evidence):
        own = [one for one in everything if one[1].customer in theirs]
        contacts = [one for one in own if not _is_free(one, free)]
        for number, (at, late) in enumerate(contacts):
            examined += 1
            if late.row["purpose"] == PERSON:
                continue
            earlier = contacts[:number]
            for name, most in wanted:
                inside = [one for one in earlier if _apart(one, (at, late)) < DAYS[name]]
                if len(inside) >= most:
                    violations.append(
                        f"Customer {late.customer} had {len(inside) + 1} contacts in a {name}, of "
                        f"{most} that the operator lets: {late.words()} at {at.isoformat()}."
                    )
    return examined, violations


def undisturbed(evidence: Evidence) -> Found:
    """Nobody is contacted in the operator's quiet times."""
    quiet: Mapping[str, Any] = evidence.limits.get("quiet") or {}
    if not any(quiet.values()):
        return 0, []
    free = _free(evidence)
    examined, violations = 0, []
    for attempt in evidence.made:
        if attempt.row["purpose"] == PERSON:
            continue
        for at in attempt.moments:
            if _is_free((at, attempt), free):
                continue
            examined += 1
            for zone in attempt.zones or ("UTC",):
                if (why := _quiet_at(quiet, at.astimezone(ZoneInfo(zone)), attempt)) is not None:
                    violations.append(
                        f"Contacted in quiet time, {why} in {zone}: {attempt.words()} at "
                        f"{at.isoformat()}."
                    )
                    break
    return examined, violations


def _free(evidence: Evidence) -> frozenset[tuple[str, datetime]]:
    return answered(evidence) | lawful(evidence)


def _is_free(contact: Contact, free: frozenset[tuple[str, datetime]]) -> bool:
    """Whether it answers; of what nobody received, by its name alone."""
    at, attempt = contact
    purpose = str(attempt.row["purpose"])
    unheard = not attempt.receptions and (is_asked_for(purpose) or purpose == CONFIRMATION)
    return unheard or (attempt.id, at) in free


def _apart(before: Contact, after: Contact) -> int:
    """The fewest local days from one to the other."""
    zones = {*before[1].zones, *after[1].zones} or {"UTC"}
    days = (
        (after[0].astimezone(ZoneInfo(z)).date() - before[0].astimezone(ZoneInfo(z)).date()).days
        for z in zones
    )
    return min(days)


def _quiet_at(quiet: Mapping[str, Any], shown: datetime, attempt: Attempt) -> str | None:
    """What is quiet when a clock shows this; None: nothing."""
    if shown.date().isoformat() in {str(day) for day in quiet.get("dates") or ()}:
        return f"on {shown.date()}"
    for code in _countries(quiet.get("holidays") or (), attempt.countries):
        if (name := _holidays(code, shown.year).get(shown.date())) is not None:
            return f"on {name}"
    clock, weekday = shown.strftime("%H:%M"), WEEK[shown.weekday()]
    for hours in quiet.get("hours") or ():
        opens, _, closes = str(hours["hours"]).partition("-")
        if weekday in hours["days"] and opens <= clock < closes:
            return f"at {clock}"
    return None


def _countries(named: Iterable[str], own: Sequence[str]) -> Iterator[str]:
    for code in named:
        if code == "own":
            yield from own[-1:]
        else:
            yield code


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> Mapping[date, str]:
    try:
        return dict(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return {}
