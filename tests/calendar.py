"""The tests that touch time, begun on other days: ``python -m tests.calendar [DAY ...]``.

Without a day: every one of them. ``today``: the one that today has drawn; ``--begins``: only say
when that begins, for a group of ``make test`` that is begun then. Each is the next such
instant ahead (a time-skipping server skips forward only), near the end of a working morning in
Bogota unless it is itself about an hour. An argument may also be any instant in ISO 8601.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

import holidays

SUITES = (
    "tests/temporal",
    "tests/integration/store",
    "tests/integration/intake",
    "tests/integration/gateway",
    "tests/integration/sandbox",
    "tests/integration/channels",
)
BOGOTA, NEW_YORK = ZoneInfo("America/Bogota"), ZoneInfo("America/New_York")
MORNING, LAST_MINUTE = time(16, 30), time(23, 59)
"""In UTC."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def days_from(first: date) -> Iterator[date]:
    """Every day from one on."""
    return (first + timedelta(days=ahead) for ahead in count())


def begins(today: date) -> Mapping[str, datetime]:
    """Every instant to begin at, by its name; none of them is past."""
    tomorrow = today + timedelta(days=1)

    def at(is_it: Callable[[date], bool], when: time = MORNING) -> datetime:
        return datetime.combine(next(filter(is_it, days_from(tomorrow))), when, UTC)

    years = range(today.year, today.year + 9)
    free = holidays.country_holidays("CO", years=years)

    def on(weekday: int) -> datetime:
        return at(lambda day: day.weekday() == weekday)

    found = {name: on(n) for n, name in enumerate(WEEKDAYS)}
    return found | {
        "holiday-in-colombia": at(lambda day: day in free and day.weekday() < 6),
        "new-years-eve": at(lambda day: (day.month, day.day) == (12, 31)),
        "leap-day": at(lambda day: (day.month, day.day) == (2, 29)),
        "clocks-forward-in-the-us": at(lambda day: _shift(day) > timedelta(0)),
        "clocks-back-in-the-us": at(lambda day: _shift(day) < timedelta(0)),
        "last-minute-of-a-day": at(lambda day: day.weekday() == 2, LAST_MINUTE),
        "last-minute-of-a-year": at(lambda day: (day.month, day.day) == (12, 31), LAST_MINUTE),
    }


def _shift(day: date) -> timedelta:
    """How far the clocks of New York move on a day."""
    noon = datetime.combine(day, time(12), NEW_YORK)
    before = datetime.combine(day - timedelta(days=1), time(12), NEW_YORK)
    return (noon.utcoffset() or timedelta(0)) - (before.utcoffset() or timedelta(0))


def todays(today: date) -> str:
    """The one whose turn it is."""
    names = list(begins(today))
    # Drawn, and the same all day long: by turns, fourteen of them would each keep to one weekday.
    return Random(today.toordinal()).choice(names)


def _instant(word: str, known: Mapping[str, datetime]) -> datetime:
    try:
        return datetime.fromisoformat(word)
    except ValueError:
        names = ", ".join((*known, "today"))
        raise SystemExit(f"{word!r} is no instant, and none of {names}") from None


def main(words: list[str]) -> int:
    """Run what is asked for; the number of beginnings under which a test failed."""
    today = datetime.now(UTC).date()
    known = begins(today)
    if words == ["--begins"]:
        print(known[todays(today)].isoformat())
        return 0
    chosen = [todays(today) if word == "today" else word for word in words] or list(known)
    failed = []
    for name in chosen:
        begin = known.get(name) or _instant(name, known)
        print(f"== begun {begin:%A %Y-%m-%d %H:%M} UTC ({name})", flush=True)
        environment = os.environ | {"TEST_BEGINS": begin.isoformat()}
        for suite in SUITES:  # a process each, as in the Makefile
            command = [sys.executable, "-m", "pytest", "-q", suite]
            if subprocess.run(command, env=environment, check=False).returncode:
                failed.append(f"{name} ({suite})")
    if failed:
        print(f"tests failed begun at: {', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
