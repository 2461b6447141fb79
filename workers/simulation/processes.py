"""All cores: groups of people are lived in processes of their own, some hundred at a time.

What a part lives through depends on nothing but itself, so the number of processes changes nothing
of the result; what comes back is put together in the order of the parts.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Final

from config.rules import RulesFactory
from workers.simulation.parts import Part, lived_part, parts_of
from workers.simulation.portfolio import Portfolio
from workers.simulation.record import Record
from workers.simulation.settings import Run, factory_of

_runs: Final[dict[int, tuple[Run, RulesFactory]]] = {}
"""In a process of its own: the runs, and their rules, by their place."""


def cores() -> int:
    """How many processes may run at a time here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def lived(
    portfolio: Portfolio,
    runs: Sequence[Run],
    processes: int,
    tell: Callable[[int], None] = lambda _: None,
) -> Iterator[Record]:
    """What each run leaves, in their order. ``tell``: so many accounts more are done."""
    if processes == 1:
        _begin(runs)
        for place, run in enumerate(runs):
            yield _together(map(partial(_live, place), parts_of(portfolio, run)), tell)
        return
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(runs,)
    ) as pool:
        for place, run in enumerate(runs):
            parts = parts_of(portfolio, run)
            yield _together(pool.map(_live, [place] * len(parts), parts), tell)


def _begin(runs: Sequence[Run]) -> None:
    """Law and strategies are read once in each process."""
    _runs.clear()
    _runs.update({place: (run, factory_of(run)) for place, run in enumerate(runs)})


def _live(place: int, part: Part) -> Record:
    return lived_part(*_runs[place], part)


def _together(records: Iterator[Record], tell: Callable[[int], None]) -> Record:
    found = Record()
    for one in records:
        found.add(one)
        tell(len(one.accounts))
    return found
