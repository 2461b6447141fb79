"""Run the tests of the law once for each change, in a forked process, until one fails."""

import gc
import os
import re
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any, Final, Protocol

import pytest
from _pytest.runner import runtestprotocol

from lab.mutation import code
from lab.mutation.packs import PackMutant
from lab.mutation.record import HUNG, LEFT, SEEN, SURVIVED, Record, Tried

LONGEST: Final = 20
"""Seconds of work for one test. A change that hangs a test is not proved to be seen."""

UNFIT: Final = ("test_pages", "test_mutation", "test_law_check", "test_packs", "test_week")
"""They hold the committed pages to the packs, or run processes of their own."""

RANDOM: Final = ("test_all_packs", "test_properties", "test_statutes")
"""Drawn requests: what they see is no certainty, and the slow reading reads a changed pack too."""

SLOW_READING: Final = re.compile(
    r"slow_reading_says\[[01]\]|slow_search_finds\[100\]|before_it_is_not\[200\]"
)
"""The seeds of the slow reading that every change of the code is held to."""
QUICK: Final = "slow_reading_says[0]"
"""It sees most faults of the code at once."""
PROVED: Final = 3
"""Changes that a test has seen before it is tried even sooner."""

OWN_PACKS: Final = ("test_form", "test_clocks")
"""They judge by packs of their own, so a change of a shipped one is nothing to them."""


PACK_TABLES: Final = ("test_reach", "test_counting", "test_weekly_hours")
"""They ask the same of every rule, so the code they run is what the other tables run."""


class Mutant(Protocol):
    """A change with a name."""

    @property
    def name(self) -> str:
        """What changes, where."""

    @property
    def group(self) -> str:
        """The pack or module that it changes."""

    @property
    def place(self) -> str:
        """The rule or function that it changes."""

    def applied(self) -> AbstractContextManager[None]:
        """The change, made and taken back; what was worked out under it is forgotten."""


class Hunt:
    """A pytest plugin that runs the collected tests once for each mutant, until one fails."""

    def __init__(
        self,
        mutants: Sequence[Mutant],
        record: Record,
        *,
        minutes: float,
        patience: float,
        jobs: int,
    ) -> None:
        self._mutants = mutants
        self._record = record
        self._minutes = minutes
        self._patience = patience
        self._jobs = jobs
        self._seconds: dict[str, float] = {}
        self._saw: defaultdict[str, list[str]] = defaultdict(list)
        self._sharp: Counter[str] = Counter()
        self._called: dict[str, set[str] | None] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Nobody reads how a test failed, and to lay it out takes most of a second."""
        config.option.tbstyle = "no"

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running the tests once."""
        deadline = time.monotonic() + self._minutes * 60
        items = [item for item in session.items if _fit(item)]
        items = [item for item in items if any(_may_see(item, one) for one in self._mutants)]
        self._run_unchanged(items)
        groups = [list(group) for _, group in groupby(self._mutants, key=_together)]
        workers = [self._fork(items, groups[n :: self._jobs], deadline) for n in range(self._jobs)]
        for worker in workers:
            os.waitpid(worker, 0)
        return True

    def _fork(
        self, items: Sequence[pytest.Item], groups: Iterable[list[Mutant]], deadline: float
    ) -> int:
        """Try these changes in a process of their own; what became of them is in the record."""
        worker = os.fork()
        if worker == 0:
            try:
                for group in groups:
                    left = group
                    while left and time.monotonic() < deadline:
                        left = self._try_some(items, left)
            finally:
                os._exit(0)
        return worker

    def _try_some(self, items: Sequence[pytest.Item], mutants: list[Mutant]) -> list[Mutant]:
        """Try changes in a forked process while it lives; return those that are left."""
        fit = [item for item in items if self._may_see(item, mutants[0])]
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _in_child(mutants, lambda mutant: self._seen_by(fit, mutant), writing)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as told:
            lines = [Tried.read(line) for line in told]
        _, ended = os.waitpid(child, 0)
        if os.WIFSIGNALED(ended):
            lines.append(Tried(mutants[len(lines)].name, HUNG, LONGEST, None))
        for mutant, tried in zip(mutants, lines, strict=False):
            if tried.fate != LEFT:
                self._record.add(tried)
            self._learn(mutant, tried.by)
        return mutants[len(lines) :]

    def _seen_by(self, items: Sequence[pytest.Item], mutant: Mutant) -> tuple[str, str | None]:
        """What becomes of a change, and the first test that fails: the likeliest and cheapest."""
        began = time.process_time()
        for item in sorted(items, key=lambda item: self._rank(item, mutant)):
            if time.process_time() > began + self._patience:
                return LEFT, None
            if _fails(item):
                self._learn(mutant, item.nodeid)
                return SEEN, item.nodeid
        return SURVIVED, None

    def _rank(self, item: pytest.Item, mutant: Mutant) -> tuple[int, int, int, float]:
        saw, seconds = self._saw[mutant.place], self._seconds[item.nodeid]
        before = saw.index(item.nodeid) if item.nodeid in saw else len(saw)
        if isinstance(mutant, PackMutant):
            return before, int(f"[{mutant.place}" not in item.name), 0, seconds
        sharp = self._sharp[item.nodeid]
        # What a broken clock makes endless for others, its own test sees at once.
        its_own = item.path.stem == f"test_{mutant.group}"
        kind = 0 if its_own else 1 if sharp >= PROVED else 2 if QUICK in item.name else 3
        return before, kind, -sharp, seconds

    def _may_see(self, item: pytest.Item, mutant: Mutant) -> bool:
        """Whether a test asks the changed pack, or calls the changed function."""
        called = self._called[item.nodeid]
        if isinstance(mutant, PackMutant) or called is None or mutant.group in code.KEPT:
            return _may_see(item, mutant)
        return _may_see(item, mutant) and mutant.place in called

    def _learn(self, mutant: Mutant, by: str | None) -> None:
        """What saw one change of a rule or function is likely to see the next."""
        if by is not None:
            saw = self._saw[mutant.place]
            self._saw[mutant.place] = [by, *(one for one in saw if one != by)]
            self._sharp[by] += 1

    def _run_unchanged(self, items: Iterable[pytest.Item]) -> None:
        """See that none fails, and learn what each costs; clocks and holidays stay worked out."""
        follow = not isinstance(self._mutants[0], PackMutant)
        for item in items:
            code.forget_plans()
            began = time.process_time()
            with followed(follow and item.path.stem not in RANDOM) as called:
                if _fails(item, longest=0):
                    raise pytest.UsageError(f"without any change {item.nodeid} fails")
            self._seconds[item.nodeid] = time.process_time() - began
            self._called[item.nodeid] = called
        code.forget_plans()
        gc.collect()
        gc.freeze()  # A child that collects would copy all of its parent's memory.


def _together(mutant: Mutant) -> str:
    """Changes of a pack share a process rule by rule; what a change of the code leaves may stay."""
    return mutant.place if isinstance(mutant, PackMutant) else mutant.name


def _fit(item: pytest.Item) -> bool:
    if item.path.stem in UNFIT:
        return False
    return item.path.stem not in RANDOM or SLOW_READING.search(item.name) is not None


def _may_see(item: pytest.Item, mutant: Mutant) -> bool:
    """Whether a test asks what was changed: of a pack, tables of other countries do not."""
    if not isinstance(mutant, PackMutant):
        return item.path.stem not in PACK_TABLES
    if item.path.stem in (*RANDOM, *OWN_PACKS):
        return False
    country = mutant.place.partition(".")[0]
    named = re.search(r"[\[-]([a-z]{2})[.\]-]", item.name.lower())
    if named is not None and named[1] in _COUNTRIES:
        return named[1] == country
    return re.search(rf"\b{country}\.\w|\"{country.upper()}[\"-]", _source(item.path)) is not None


_COUNTRIES: Final = ("us", "co", "mx", "cl", "pe", "ec", "br", "ar", "es", "gb")


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _in_child(
    mutants: Iterable[Mutant],
    seen_by: Callable[[Mutant], tuple[str, str | None]],
    writing: int,
) -> None:
    try:
        _silence()
        for mutant in mutants:
            began = time.process_time()
            with mutant.applied():
                fate, by = seen_by(mutant)
            tried = Tried(mutant.name, fate, time.process_time() - began, by)
            os.write(writing, f"{tried.line}\n".encode())
    finally:
        os._exit(0)


@contextmanager
def followed(follow: bool) -> Iterator[set[str] | None]:
    """Learn which functions of the law are called: ``module.function``; None: nobody looked."""
    called: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(code.LAW):
            inside = frame.f_code.co_filename[len(code.LAW) + 1 :].removesuffix(".py")
            module = inside.partition(os.sep)[0]
            called.add(f"{module}.{frame.f_code.co_qualname.partition('.<locals>')[0]}")

    if not follow:
        yield None
        return
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)


def _fails(item: pytest.Item, longest: float = LONGEST) -> bool:
    """Run a test; the process ends if that takes more than ``longest`` seconds (0: any)."""
    signal.setitimer(signal.ITIMER_PROF, longest)
    reports: list[Any] = runtestprotocol(item, log=False, nextitem=None)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return any(report.failed for report in reports)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
