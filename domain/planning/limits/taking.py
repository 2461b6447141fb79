"""What is taken of the operation's capacity, as ``store/limits/capacity.py`` holds it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from domain.channels import Channel, Purpose
from domain.planning.limits.caps import FREE_OF_LIMITS
from domain.planning.limits.spending import day_of
from domain.planning.step import Step
from domain.situation import DayTaken, Situation
from domain.strategy.limits import Capacity


class TakenOfDays:
    """Counts of contacts by channel and day, whatever the strategy; nothing of those that name no
    capacity."""

    def __init__(self, capacity: Capacity | None = None, known: Iterable[Situation] = ()) -> None:
        """``known``: situations, whose counts it begins with, by the zone of ``capacity``."""
        self._taken: Counter[tuple[str, Channel, date]] = Counter()
        self._by: dict[str, tuple[str, Channel, date]] = {}
        zone = "UTC" if capacity is None else capacity.zone
        for one in {taken for situation in known for taken in situation.taken_of_days}:
            self._taken[zone, one.channel, one.day] = one.taken

    def seen(self, capacity: Capacity, now: datetime) -> tuple[DayTaken, ...]:
        """As planning looks at it: from today on."""
        today = day_of(now, capacity.zone)
        return tuple(
            DayTaken(channel=channel, day=day, taken=taken)
            for (zone, channel, day), taken in self._taken.items()
            if zone == capacity.zone and day >= today and channel in capacity.channels
        )

    def reserved(self, capacity: Capacity | None, attempt: str, step: Step, at: datetime) -> None:
        """A contact takes one."""
        free = step.purpose in FREE_OF_LIMITS or step.purpose is Purpose.PERSON
        if step.channel is not None and not free:
            self._take(capacity, step.channel, at, attempt)

    def turn(self, capacity: Capacity | None, at: datetime) -> None:
        """A person's turn takes one."""
        self._take(capacity, Channel.HUMAN, at)

    def given_back(self, attempt: str) -> None:
        """Nothing came of it."""
        if (taken := self._by.pop(attempt, None)) is not None:
            self._taken[taken] -= 1

    def _take(
        self, capacity: Capacity | None, channel: Channel, at: datetime, attempt: str | None = None
    ) -> None:
        if capacity is None or channel not in capacity.channels:
            return
        taken = capacity.zone, channel, day_of(at, capacity.zone)
        self._taken[taken] += 1
        if attempt is not None:
            self._by[attempt] = taken
