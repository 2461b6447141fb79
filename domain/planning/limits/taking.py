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
    """Counts of one strategy's contacts by channel and day; nothing, where it names no capacity."""

    def __init__(self, capacity: Capacity | None, known: Iterable[Situation]) -> None:
        """``known``: situations, whose counts it begins with."""
        self._capacity = capacity
        self._taken: Counter[tuple[Channel, date]] = Counter()
        self._by: dict[str, tuple[Channel, date]] = {}
        for one in {taken for situation in known for taken in situation.taken_of_days}:
            self._taken[one.channel, one.day] = one.taken

    def seen(self) -> tuple[DayTaken, ...]:
        """As planning looks at it."""
        return tuple(
            DayTaken(channel=channel, day=day, taken=taken)
            for (channel, day), taken in self._taken.items()
        )

    def reserved(self, attempt: str, step: Step, at: datetime) -> None:
        """A contact takes one."""
        free = step.purpose in FREE_OF_LIMITS or step.purpose is Purpose.PERSON
        if step.channel is not None and not free:
            self._take(step.channel, at, attempt)

    def turn(self, at: datetime) -> None:
        """A person's turn takes one."""
        self._take(Channel.HUMAN, at)

    def given_back(self, attempt: str) -> None:
        """Nothing came of it."""
        if (taken := self._by.pop(attempt, None)) is not None:
            self._taken[taken] -= 1

    def _take(self, channel: Channel, at: datetime, attempt: str | None = None) -> None:
        if self._capacity is None or channel not in self._capacity.channels:
            return
        taken = channel, day_of(at, self._capacity.zone)
        self._taken[taken] += 1
        if attempt is not None:
            self._by[attempt] = taken
