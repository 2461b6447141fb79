"""``python -m tests.mutation``: change one thing at a time, and see whether a test notices.

Exit status 1 if a change survived that survivors.yaml does not explain. Each change lives in a
forked process of its own, with the tests already imported.
"""

import argparse
import os
import re
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

import pytest
import yaml
from _pytest.runner import runtestprotocol

from tests.mutation import code, packs
from tests.unit.law.support import BOOK

HERE: Final = Path(__file__).parent
LAW: Final = HERE.parent / "unit" / "law"
SURVIVORS: Final = HERE / "survivors.yaml"
AGREES: Final = "test_a_verdict_is_what_a_slow_reading_says"
LONGEST: Final = 300
"""Seconds for the tests of one change. One that hangs them is not proved to be seen."""

SEEN, SURVIVED, HUNG = "seen", "survived", "hung"

UNFIT: Final = ("test_pages", "test_mutation", "test_law_check", "test_packs", "test_week")
"""They hold the committed pages to the packs, or run processes of their own."""


class Mutant(Protocol):
    """A change with a name."""

    @property
    def name(self) -> str:
        """What changes, where."""

    def apply(self) -> None:
        """Make it, in this process."""


class Hunt:
    """A pytest plugin that runs the collected tests once for each mutant, until one fails."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.survived: list[str] = []
        self.tried = self.total = self.hung = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running the tests once."""
        items = [item for item in session.items if not any(n in item.nodeid for n in UNFIT)]
        before = _failing(items) if self.options.check else None
        if before:
            raise pytest.UsageError(f"without any change {before} fails")
        everything = list(_mutants(self.options))
        self.total = len(everything)
        deadline = time.monotonic() + self.options.minutes * 60
        for mutant in everything:
            if time.monotonic() > deadline:
                break
            self.tried += 1
            fate = _fate(mutant, _in_order(items, mutant))
            if fate != SEEN:
                print(f"{fate}: {mutant.name}", flush=True)
            if fate == SURVIVED:
                self.survived.append(mutant.name)
            self.hung += fate == HUNG
        return True


def _mutants(options: argparse.Namespace) -> Iterator[Mutant]:
    made: list[Mutant] = []
    if options.what in ("packs", "all"):
        made += packs.mutants(BOOK)
    if options.what in ("code", "all"):
        made += code.mutants()
    made = [mutant for mutant in made if options.only in mutant.name]
    if options.sample:
        made = Random(options.seed).sample(made, min(options.sample, len(made)))
    yield from made


def _in_order(items: Sequence[pytest.Item], mutant: Mutant) -> list[pytest.Item]:
    """The tests that may see the change, the likeliest first."""
    random = [item for item in items if "test_all_packs" in item.nodeid]
    tables = [item for item in items if item not in random]
    rule: str | None = getattr(mutant, "rule_id", None)
    if rule is None:
        # One seed of the slow reading sees most faults of the code at once.
        quick = [item for item in random if item.name == f"{AGREES}[0]"]
        return [*quick, *tables]
    # The slow reading reads the changed pack too, and tables of other countries do not ask it.
    fit = [item for item in tables if _speaks_of(item, rule)]
    return sorted(fit, key=lambda item: f"[{rule}]" not in item.name)


def _speaks_of(item: pytest.Item, rule: str) -> bool:
    country = rule.partition(".")[0]
    if "test_every_rule_decides" in item.nodeid:
        return f"[{country}." in item.name
    return re.search(rf"\b{country}\.\w|\"{country.upper()}[\"-]", _source(item.path)) is not None


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _fate(mutant: Mutant, items: Iterable[pytest.Item]) -> str:
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LONGEST)
        status = 1
        try:
            _silence()
            code.forget()
            mutant.apply()
            status = int(_failing(items) is not None)
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    if os.WIFSIGNALED(ended):
        return HUNG
    return SEEN if ended else SURVIVED


def _failing(items: Iterable[pytest.Item]) -> str | None:
    for item in items:
        reports: list[Any] = runtestprotocol(item, log=False, nextitem=None)
        if any(report.failed for report in reports):
            return item.nodeid
    return None


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def main() -> int:
    """Hunt, tell, and say whether all survivors are explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--what", choices=("packs", "code", "all"), default="all")
    parser.add_argument("--only", default="", help="changes whose name holds this")
    parser.add_argument("--sample", type=int, default=0, help="so many of them, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60, help="stop trying after so long")
    parser.add_argument("--check", action="store_true", help="first run the tests unchanged")
    options = parser.parse_args()
    hunt = Hunt(options)
    began = time.monotonic()
    quiet = ["-p", "no:cacheprovider", "-p", "no:terminal", "-o", "addopts=", "--timeout=0"]
    pytest.main([*quiet, str(LAW)], plugins=[hunt])
    explained = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or {}
    new = [name for name in hunt.survived if name not in explained]
    took = time.monotonic() - began
    found = f"{len(hunt.survived)} survived, {hunt.hung} hung the tests"
    print(f"{hunt.tried} of {hunt.total} changes tried, {found}, {took:.0f} s")
    for name in new:
        print(f"not explained in survivors.yaml: {name}")
    return int(bool(new) or hunt.tried == 0)


if __name__ == "__main__":
    sys.exit(main())
