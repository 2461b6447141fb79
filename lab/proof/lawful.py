"""Nobody was contacted outside the hours of the law."""

from datetime import datetime
from zoneinfo import ZoneInfo

from lab.proof.answers import open_hours
from lab.proof.confirmations import NO_HOURS
from lab.proof.confirmations import lawful as confirmed
from lab.proof.hours import HOURS
from lab.proof.record import Attempt, Evidence, Found


def hours(evidence: Evidence) -> Found:
    """Inside the lawful window in every candidate zone, by every country that has a say."""
    violations = []
    examined = 0
    free = {**open_hours(evidence), **dict.fromkeys(confirmed(evidence), NO_HOURS)}
    for attempt in evidence.made:
        for at in attempt.moments:
            examined += 1
            violations += _out_of_hours(attempt, at, free.get((attempt.id, at), frozenset()))
    return examined, violations


def _out_of_hours(attempt: Attempt, at: datetime, free: frozenset[str]) -> list[str]:
    """``free``: whose hours do not bind it."""
    if not attempt.countries or not attempt.zones:
        return [f"No country or no zone is known for {attempt.words()}: no hour can be lawful."]
    sentences = []
    for code in attempt.laws:
        if code in free:
            continue
        its_hours = HOURS.get(code)
        if its_hours is None:
            sentences.append(f"No hours are known for {code}, where {attempt.words()} was made.")
            continue
        if its_hours.channels is not None and attempt.row["channel"] not in its_hours.channels:
            continue
        walls = (at.astimezone(ZoneInfo(zone)) for zone in its_hours.clocks(attempt.zones))
        sentences += [
            f"Contact at {wall:%H:%M:%S} on {wall:%a} {wall.date()} ({wall.tzinfo}), outside the "
            f"hours of {code} ({its_hours.cite}): {attempt.words()}."
            for wall in walls
            if not its_hours.allow(wall, code)
        ]
    return sentences
