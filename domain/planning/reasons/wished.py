"""The hours in which a customer wants to be reached, as time that is open or closed."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from domain.law.local_time import NEVER, instant, second, timeline
from domain.law.request import LAST
from domain.law.terms import Week
from domain.law.weekly import ALWAYS, CommonWeek, minutes_of, next_shown

_AHEAD: Final = timedelta(days=400)
"""How far an hour that is open is looked for."""


class WishedHours:
    """Some hours of the week: open where the clocks of all of a customer's zones show them."""

    def __init__(self, week: Week, zones: tuple[str, ...]) -> None:
        """``zones``: IANA names, of which nobody knows which is theirs."""
        self._minutes = minutes_of(week)
        self._clocks = [timeline(zone) for zone in zones]
        self._common = CommonWeek((clock, self._minutes) for clock in self._clocks)

    def hold(self, at: datetime) -> bool:
        """Say whether an instant is one of them."""
        found = self.stretch(at)
        return found is not None and found[0] <= at

    def stretch(self, at: datetime) -> tuple[datetime, datetime] | None:
        """The first stretch of them that ends after ``at``, from ``at`` on; None: there is none."""
        place, end = second(at), second(min(at + _AHEAD, LAST))
        while place < end:
            found, sought = self._common.next_open(place, end)
            if found < sought:
                opens = instant(found)
                closes = min(
                    next_shown(one, ALWAYS & ~self._minutes, found) for one in self._clocks
                )
                last = instant(closes) if closes < NEVER else None
                return (max(at, opens), last or LAST) if opens else None
            place = max(sought, place + 1)
        return None


wished_hours = lru_cache(maxsize=1_024)(WishedHours)
