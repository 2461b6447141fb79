"""``python -m lab.mutation``: change one thing at a time, and see whether a test notices.

Exit status 1 if a change survived, or hung the tests, that survivors.yaml does not explain.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

import pytest

from config.yaml_files import read_yaml
from lab.builders.law import BOOK
from lab.mutation import code, packs
from lab.mutation.hunt import Hunt, Mutant
from lab.mutation.record import SEEN, Record, Tried, table

HERE: Final = Path(__file__).parent
LAW: Final = HERE.parent.parent / "tests" / "unit" / "law"
SURVIVORS: Final = HERE / "survivors.yaml"
QUIET: Final = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:terminal",
    "-o",
    "addopts=",
    "--timeout=0",
    "--assert=plain",
)


def chosen(given: argparse.Namespace) -> list[Mutant]:
    """The changes that are to be tried."""
    made: list[Mutant] = []
    if given.what in ("packs", "all"):
        made += packs.mutants(BOOK)  # the very packs that the tests ask
    if given.what in ("code", "all"):
        made += code.mutants()
    made = [mutant for mutant in made if given.only in mutant.name]
    if given.sample:
        made = Random(given.seed).sample(made, min(given.sample, len(made)))
    part, parts = given.part
    return made[part - 1 :: parts]


def _part(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part: write 1/4, 2/4, 3/4 or 4/4")
    return int(part), int(parts)


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m lab.mutation", description=__doc__)
    parser.add_argument("--what", choices=("packs", "code", "all"), default="all")
    parser.add_argument("--only", default="", help="changes whose name holds this")
    parser.add_argument("--part", type=_part, default=(1, 1), help="1/4: the first of four parts")
    parser.add_argument("--sample", type=int, default=0, help="so many of them, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=120, help="stop trying after so long")
    parser.add_argument(
        "--patience", type=float, default=600, help="leave a change after so many seconds of work"
    )
    parser.add_argument("--jobs", type=int, default=2, help="so many processes at a time")
    parser.add_argument("--kept", type=Path, help="a file of results: those in it are not tried")
    return parser.parse_args(words)


def _told(chosen: Sequence[Mutant], tried: Mapping[str, Tried], took: float) -> int:
    """Print the summary; return how many changes were not seen and are not explained."""
    for line in table({mutant.name: mutant.group for mutant in chosen}, tried):
        print(line)
    print(f"{took:.0f} s")
    explained = read_yaml(SURVIVORS) or {}
    fates = [tried[mutant.name] for mutant in chosen if mutant.name in tried]
    unexplained = [one for one in fates if one.fate != SEEN and one.name not in explained]
    for one in unexplained:
        print(f"{one.fate}, and not explained in survivors.yaml: {one.name}")
    for one in fates:
        if one.fate == SEEN and one.name in explained:
            print(f"explained in survivors.yaml, yet {one.by} sees it: {one.name}")
    return len(unexplained)


def _hunt(given: argparse.Namespace, kept: Path) -> int:
    record = Record(kept)
    wanted = chosen(given)
    if not wanted:
        print("no change has such a name")
        return 2
    done = record.tried()
    left = [mutant for mutant in wanted if mutant.name not in done]
    began = time.monotonic()
    if left:
        bounds = {name: getattr(given, name) for name in ("minutes", "patience", "jobs")}
        pytest.main([*QUIET, str(LAW)], plugins=[Hunt(left, record, **bounds)])
    tried = record.tried()
    unexplained = _told(wanted, tried, time.monotonic() - began)
    untried = [mutant.name for mutant in wanted if mutant.name not in tried]
    if untried:
        print(f"{len(untried)} of {len(wanted)} changes were not tried: give it more --minutes")
    return int(bool(unexplained or untried))


def main() -> int:
    """Hunt, tell, and say whether all survivors are explained."""
    given = options()
    with tempfile.TemporaryDirectory() as folder:
        return _hunt(given, given.kept or Path(folder) / "kept.tsv")


if __name__ == "__main__":
    sys.exit(main())
