"""``contrapunto law week``: which hours of a week the law leaves open, days across, hours down.

Days and hours are those of the wall clock in the first zone; open is what is open in all zones. On
the day the clocks change one hour is missing, or one comes twice and gets a row of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from domain.law.engine import Stretch, opening_hours
from domain.law.media import Actor
from domain.law.media import Medium as Channel
from domain.law.model import RulePack
from domain.law.request import AskedPoint as ContactPoint
from domain.law.request import LawRequest

DAYS: Final = 7
BESIDES: Final = "hours and closed days alone: caps, consent and stops come on top"
_STEP: Final = timedelta(minutes=15)
"""Every offset of every zone of today is a multiple of it."""

Row = tuple[int, int]
"""An hour of the wall clock, and 1 where it comes for the second time that day."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of one day as it really passes; part of one where the clocks change by less."""

    row: Row
    start: datetime
    end: datetime
    minute: int
    """The minute of the wall clock at ``start``."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day on the wall clock."""

    date: date
    hours: tuple[Hour, ...]
    stretches: tuple[Stretch, ...]

    @property
    def length(self) -> timedelta:
        """How long the day is: 23 or 25 hours where the clocks change."""
        return self.hours[-1].end - self.hours[0].start

    @property
    def open(self) -> tuple[Stretch, ...]:
        """The stretches in which a contact is lawful."""
        return tuple(stretch for stretch in self.stretches if stretch.is_open)

    @property
    def holiday(self) -> str | None:
        """The holiday's name, if a rule closes the day for it."""
        marks = (stretch.why.partition("holiday, ")[2] for stretch in self.stretches)
        return next((name for name in marks if name), None)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days as the law sees them."""

    title: str
    zones: tuple[str, ...]
    days: tuple[Day, ...]
    rules: tuple[str, ...]
    """What closes the closed hours: rule, citation and title, in the order met."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every hour that one of the days has."""
        return tuple(sorted({hour.row for day in self.days for hour in day.hours}))

    def json(self) -> dict[str, Any]:
        """As one object: of each day every stretch, and what closes it."""
        return {
            "title": self.title,
            "zones": list(self.zones),
            "besides": BESIDES,
            "days": [
                {
                    "date": day.date.isoformat(),
                    "hours": day.length / timedelta(hours=1),
                    "holiday": day.holiday,
                    "stretches": [
                        {
                            "start": stretch.start.isoformat(),
                            "end": stretch.end.isoformat(),
                            "open": stretch.is_open,
                            "rule": stretch.rule,
                            "why": stretch.why or None,
                        }
                        for stretch in day.stretches
                    ],
                }
                for day in self.days
            ],
            "rules": list(self.rules),
        }

    def clock(self, at: datetime) -> str:
        """An instant on the wall clock of the first zone."""
        return f"{at.astimezone(ZoneInfo(self.zones[0])):%H:%M}"

    def spelt(self, day: Day) -> str:
        """The open hours of a day in words."""
        return ", ".join(self.hours(day, stretch) for stretch in day.open)

    def hours(self, day: Day, stretch: Stretch) -> str:
        """A stretch of a day on the wall clock; 24:00 is the day's end."""
        ends = "24:00" if stretch.end == day.hours[-1].end else self.clock(stretch.end)
        return f"{self.clock(stretch.start)}-{ends}"


def week_of(
    packs: Sequence[RulePack],
    jurisdictions: Sequence[str],
    zones: Sequence[str],
    first: date,
    channel: Channel,
    actor: Actor,
) -> Week:
    """Return the week that begins on ``first``, for a debtor of whom nothing is known."""
    zone = ZoneInfo(zones[0])
    days = tuple(_day(first + timedelta(days=n), zone) for n in range(DAYS))
    request = LawRequest(
        id="week",
        jurisdictions=tuple(jurisdictions),
        actor=actor,
        zones=tuple(zones),
        at=days[0][1][0].start,
        channel=channel,
        contact_point=ContactPoint(authorized=True),
        account_id="week",
    )
    told = {rule.id: f"{rule.id} ({rule.cite}): {rule.title}" for p in packs for rule in p.rules}
    made = []
    for day, hours in days:
        cut = opening_hours(packs, request, hours[0].start, hours[-1].end)
        made.append(Day(day, hours, cut))
    closing = dict.fromkeys(s.rule for day in made for s in day.stretches if s.rule)
    places = " + ".join(f"{pack.name} ({pack.jurisdiction})" for pack in packs)
    who = f"{channel.value} by {actor.value}".replace("_", " ")
    title = f"{places}: {who}, week from {first:%-d %B %Y}"
    return Week(title, tuple(zones), tuple(made), tuple(told[rule] for rule in closing))


def _day(day: date, zone: ZoneInfo) -> tuple[date, tuple[Hour, ...]]:
    """Walk a day in real time, and group it by the hour the wall clock shows."""
    at = datetime.combine(day, time(), zone).astimezone(UTC)
    while at.astimezone(zone).date() < day:
        at += _STEP  # Midnight itself is skipped here.
    hours: list[Hour] = []
    while (wall := at.astimezone(zone)).date() == day:
        row = wall.hour, wall.fold
        if hours and hours[-1].row == row:
            last = hours.pop()
            hours.append(Hour(row, last.start, at + _STEP, last.minute))
        else:
            hours.append(Hour(row, at, at + _STEP, wall.minute))
        at += _STEP
    return day, tuple(hours)


# --- on a terminal --------------------------------------------------------------------------------

_HALVES: Final = {
    (True, True): "█" * 6,
    (True, False): "▀" * 6,
    (False, True): "▄" * 6,
    (False, False): "·".center(6),
}


def drawn(week: Week) -> Group:
    """The week as a table: a full block is an open hour, half a block an open half hour."""
    table = Table(box=box.SIMPLE_HEAD, title=week.title, title_style="bold", pad_edge=False)
    table.add_column("", style="dim", justify="right", no_wrap=True)
    for day in week.days:
        table.add_column(f"{day.date:%a}\n{day.date:%d %b}", justify="center")
    for hour, fold in week.rows:
        again = " again" if fold else ""
        cells = [_cell(day, (hour, fold)) for day in week.days]
        table.add_row(f"{hour:02}:00{again}", *cells)
    table.add_section()
    spelt = (week.spelt(day).replace(", ", "\n").replace("-", "-\n") for day in week.days)
    table.add_row("open", *(hours or "closed" for hours in spelt))
    notes = [f"wall clock of {week.zones[0]}; {BESIDES}"]
    if len(week.zones) > 1:
        notes.append(f"open is what is open in all of {', '.join(week.zones)}")
    notes += [f"{day.date:%a %d %b}: {text}" for day in week.days for text in remarks(day)]
    notes += [f"closed by {rule}" for rule in week.rules]
    return Group(table, *(Text(note, style="dim") for note in notes))


def remarks(day: Day) -> list[str]:
    """What is special about a day: its holiday, and its length if that is not 24 hours."""
    found = [f"holiday, {day.holiday}"] if day.holiday else []
    hours = day.length / timedelta(hours=1)
    if hours != 24:
        found.append(f"the clocks change, the day has {hours:g} hours")
    return found


def _cell(day: Day, row: Row) -> Text:
    parts = [hour for hour in day.hours if hour.row == row]
    if not parts:
        return Text("")
    halves = dict.fromkeys((0, 1), False)
    for hour in parts:
        for stretch in day.open:
            start, end = max(stretch.start, hour.start), min(stretch.end, hour.end)
            for half in halves:
                middle = hour.start + timedelta(minutes=30 * half + 15 - hour.minute)
                halves[half] |= start <= middle < end
    block = _HALVES[halves[0], halves[1]]
    return Text(block, style="green" if any(halves.values()) else "red dim")
