"""What is handed to one process at a time; and how a day's capacity is shared among them.

Where no strategy names a capacity, people who share no address know nothing of each other: some
hundred groups are handed over at a time, and each is lived by itself. A capacity makes all of them
wait for each other. So the portfolio is laid out over parts by a stable hash, each with its own
part of the day's number, as PostgreSQL lays it out over rows; the groups of a part are lived on one
clock and count together. How many parts there are follows from the portfolio and the capacity, not
from the cores: the answer is the same on one or many.
"""

import hashlib
import heapq
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from config.rules import RulesFactory
from config.settings import Settings
from config.strategy_files import load_strategies
from domain.planning.limits.taking import TakenOfDays
from domain.strategy import Strategy
from workers.simulation.book.packed import Packed
from workers.simulation.life import Life
from workers.simulation.portfolio import Group, Portfolio
from workers.simulation.record import Record
from workers.simulation.settings import Run, forced

PARTS: Final = 16
"""The most, as in PostgreSQL."""
ACCOUNTS: Final = 1_000
"""Of a smaller portfolio there is one part: its capacity is counted as a whole."""


class Part(NamedTuple):
    """Groups that are lived in one process, one after the other or on one clock."""

    groups: Packed[Group]
    place: int = 0
    of: int = 0
    """How many parts share the capacity of a day; 0: there is none."""


def parts_of(portfolio: Portfolio, run: Run) -> list[Part]:
    """The portfolio in parts, in an order of its own."""
    groups = portfolio.groups
    numbers = _numbers(run)
    if not numbers:
        return [Part(lot) for lot in groups.lots()]
    # None must be left without a contact a day.
    least = min((one for one in numbers if one > 0), default=1)
    of = max(1, min(PARTS, least, -(-portfolio.accounts // ACCOUNTS)))
    found: dict[int, Packed[Group]] = defaultdict(Packed)
    for group in groups:
        found[_place(group, of)].append(group)
    return [Part(found[place], place, of) for place in sorted(found)]


def lived_part(run: Run, factory: RulesFactory, part: Part) -> Record:
    """What the lives of a part leave, in the order of its groups."""
    found = Record()
    if not part.of:
        for group in part.groups:
            found.add(Life(run, factory, group).lived())
        return found
    shared, days = _shared(factory, part), TakenOfDays()
    lives = [Life(run, shared, group, days) for group in part.groups]
    for life in lives:
        life.begin()
    waiting = [(life.next_at, place) for place, life in enumerate(lives) if life.next_at]
    heapq.heapify(waiting)
    while waiting:
        _, place = waiting[0]
        lives[place].go_on()
        again = lives[place].next_at
        if again is None:
            heapq.heappop(waiting)
        else:
            heapq.heapreplace(waiting, (again, place))
    for life in lives:
        found.add(life.end())
    return found


def _shared(factory: RulesFactory, part: Part) -> RulesFactory:
    """The rules of one part: of each capacity its own."""
    theirs = {name: _share(one, part) for name, one in factory.strategies.items()}
    return replace(factory, strategies=theirs, _made={})


def _share(strategy: Strategy, part: Part) -> Strategy:
    capacity = strategy.capacity
    if capacity is None:
        return strategy
    channels = {
        channel: most // part.of + (part.place < most % part.of)
        for channel, most in capacity.channels.items()
    }
    mine = capacity.model_copy(update={"channels": channels})
    return strategy.model_copy(update={"capacity": mine})


def _numbers(run: Run) -> list[int]:
    """What the strategies allow in a day."""
    alone = forced(run)
    strategies: Iterable[Strategy] = () if alone is None else (alone,)
    if alone is None:
        settings = Settings.model_validate_json(run.settings)
        strategies = load_strategies(settings.strategies).values()
    named = (one.capacity for one in strategies if one.capacity is not None)
    return [most for one in named for most in one.channels.values()]


def _place(group: Group, of: int) -> int:
    said = json.dumps(group[0].customer_id).encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:8]) % of
