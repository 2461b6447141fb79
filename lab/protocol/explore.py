"""Breadth first through every reachable state, so that the first counterexample is the shortest."""

import gc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from lab.protocol.edits import Limits
from lab.protocol.safeguards import Safeguards
from lab.protocol.steps import at_rest, successors
from lab.protocol.world import World, begin

NO_NEXT_STEP = "an account is left without a next step"


class Found(NamedTuple):
    """What the search saw."""

    states: int
    transitions: int
    broken: str | None = None
    """What must never be, and is."""
    story: tuple[tuple[tuple[object, ...], World], ...] = ()
    """The shortest way there: each step's label and the state it leads to."""


def explore(
    safeguards: Safeguards = Safeguards(),  # noqa: B008 - immutable
    limits: Limits = Limits(),  # noqa: B008
    setting: str = "siblings",
) -> Found:
    """Visit everything; stop at the first state that breaks a promise."""
    with _no_garbage():
        first = begin(
            setting,
            by_address=safeguards.by_address,
            remembers=safeguards.answers_remembered,
            heeds=safeguards.decisions_heeded,
        )
        return _explore(safeguards, limits, first)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """States are tuples without cycles: looking for some takes most of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _explore(safeguards: Safeguards, limits: Limits, first: World) -> Found:
    places, worlds = {first: 0}, [first]
    cause: list[tuple[int, tuple[object, ...]] | None] = [None]
    back: list[list[int]] = [[]]
    transitions, queue = 0, deque([0])
    while queue:
        here = queue.popleft()
        for taken in successors(worlds[here], safeguards, limits):
            transitions += 1
            there = places.get(taken.world)
            if there is None:
                there = places[taken.world] = len(worlds)
                worlds.append(taken.world)
                cause.append((here, taken.label))
                back.append([])
                queue.append(there)
            if taken.broken:
                way = (*_way(here, worlds, cause), (taken.label, taken.world))
                return Found(len(worlds), transitions, taken.broken, way)
            if taken.progress:
                back[there].append(here)
    stuck = _stuck(worlds, back)
    if stuck is not None:
        way = _way(stuck, worlds, cause)
        return Found(len(worlds), transitions, NO_NEXT_STEP, way)
    return Found(len(worlds), transitions)


def _stuck(worlds: list[World], back: list[list[int]]) -> int | None:
    """The first state from which, without help from outside, no rest can be reached."""
    good = {place for place, world in enumerate(worlds) if at_rest(world)}
    queue = deque(good)
    while queue:
        for before in back[queue.popleft()]:
            if before not in good:
                good.add(before)
                queue.append(before)
    return next((place for place in range(len(worlds)) if place not in good), None)


def _way(
    place: int, worlds: list[World], cause: list[tuple[int, tuple[object, ...]] | None]
) -> tuple[tuple[tuple[object, ...], World], ...]:
    way = []
    while (came := cause[place]) is not None:
        way.append((came[1], worlds[place]))
        place = came[0]
    return tuple(reversed(way))
