"""Making a policy of what came of past touches: counting, nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from domain.channels import Channel, Tone
from domain.learning.policy import EVERYWHERE, Counts, Policy, block_name, key_of
from domain.learning.windows import Window

BESIDE: Final = 0.1
"""What a window counts for in which no policy chose among several ways. Who was written to by which
channel then had its own reasons (a wish, what worked before, a missing consent), so it says less of
the channel: it is a first guess, which tries soon outweigh."""
_DIGITS: Final = 3
_TONES: Final = frozenset(one.value for one in Tone)


class _Tally:
    def __init__(self) -> None:
        self.won: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.tried: defaultdict[tuple[str, str], float] = defaultdict(float)

    def add(self, where: str, name: str, weight: float, *, won: bool) -> None:
        for place in dict.fromkeys((where, EVERYWHERE)):
            self.tried[place, name] += weight
            self.won[place, name] += weight * won

    def told(self) -> dict[str, dict[str, Counts]]:
        found: dict[str, dict[str, Counts]] = {}
        for (where, name), tried in sorted(self.tried.items()):
            kept = round(tried, _DIGITS)
            won = min(kept, round(self.won[where, name], _DIGITS))
            found.setdefault(where, {})[name] = Counts(won=won, tried=kept)
        return found


def fit(windows: Iterable[Window], blank: Policy) -> Policy:
    """``blank`` with the counts of these windows in the place of its own."""
    fitting = Fitting(blank)
    for one in windows:
        fitting.add(one)
    return fitting.made()


class Fitting:
    """A policy in the making.

    What the blank one says of itself (context, bands, parts of the day, half-life, the last day it
    is made of) says how windows are counted; one counts for half after each half-life before that
    day.
    """

    def __init__(self, blank: Policy) -> None:
        self.blank, self._blocks = blank, frozenset(map(block_name, blank.blocks))
        self._channels, self._hours, self._tones = _Tally(), _Tally(), _Tally()
        self.windows, self.chosen, self.first = 0, 0, blank.made.until

    def add(self, one: Window) -> None:
        """Count one window."""
        blank, told = self.blank, one.chosen_from
        self.windows += 1
        self.chosen += one.was_a_choice
        self.first = min(self.first, one.day)
        age = max((blank.made.until - one.day) / timedelta(days=1), 0.0)
        faded = 0.5 ** (age / blank.made.half_life_days)
        where = key_of(blank.context, one.context(blank))
        weight = faded if one.was_a_choice else faded * BESIDE
        self._channels.add(where, one.channel.value, weight, won=one.reward)
        drawn = told.hour if told and told.hour in self._blocks else None
        if (block := drawn or one.block(blank.blocks)) is not None:
            weight = faded if drawn else faded * BESIDE
            self._hours.add(where, block, weight, won=one.reward)
        if told is not None and told.tone in _TONES:
            # Where none was drawn, how it sounded followed from the phase, and is not on record.
            self._tones.add(where, told.tone, faded, won=one.reward)

    def made(self) -> Policy:
        """What has been counted so far."""
        told = {"windows": self.windows, "chosen": self.chosen}
        by_channel = {
            where: {Channel(name): counts for name, counts in row.items()}
            for where, row in self._channels.told().items()
        }
        by_tone = {
            where: {Tone(name): counts for name, counts in row.items()}
            for where, row in self._tones.told().items()
        }
        counted = {"channels": by_channel, "hours": self._hours.told(), "tones": by_tone}
        made = self.blank.made.model_copy(update=told)
        return self.blank.model_copy(update={"made": made, **counted})
