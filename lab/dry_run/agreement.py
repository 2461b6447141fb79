"""``python -m lab.dry_run.agreement``: a demo and a dry run of one seed and world, side by side.

The same portfolio, strategy, seed and world of people, once on real servers in skipped time (the
sandbox's people played by the models) and once in the dry run. Both follow the same plan and have
the same luck, so they differ only where the one has what the other has not:

- words: what somebody writes is read on real servers, and may be read otherwise than it was meant;
- the desk: its person works by day and takes what the demo gives her, and records no promise, no
  plan and no call to a debtor;
- instants: a webhook comes a moment after what it tells, and a plan is made a moment later; what
  falls to the other side of an hour that suits somebody, or of another message, has other luck.

Each changes what single people do from then on: one whose wish is read as a stop is contacted no
more, on any of their accounts. So most accounts must be contacted alike and end alike, contact for
contact (``LEAST_ALIKE``), and the sums must agree within what a few people make (``BOUNDS``).
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from config.settings import load
from config.strategy_files import load_strategies
from lab.demo.run import Asked, BrokenPromise, run_demo
from lab.proof.record import read_lines
from people.worlds import WORLDS
from workers.simulation.book.file import read_file
from workers.simulation.processes import lived
from workers.simulation.record import Record
from workers.simulation.settings import Run, told


@dataclass(frozen=True)
class Bound:
    """How far apart two counts may be: so many, or such a share of the larger, whichever is more.

    What is few is bounded by its number, what is many by its share.
    """

    few: int
    share: float

    def holds(self, one: int, other: int) -> bool:
        """Whether two counts agree."""
        return abs(one - other) <= max(self.few, self.share * max(one, other))


BOUNDS: Final[Mapping[str, Bound]] = {
    "contacts": Bound(12, 0.10),
    "cured": Bound(2, 0.05),
    "stops": Bound(2, 0.25),
    "promises": Bound(3, 0.34),
}
"""By measure; of contacts each channel by itself. A dozen contacts are those of one customer."""

LEAST_ALIKE: Final[Mapping[str, float]] = {"contacted": 0.75, "ended": 0.9}
"""The share of accounts that must have the same contacts by the same channels in the same order,
and that must be cured in both or in neither."""


@dataclass(frozen=True)
class Counts:
    """What came of one run."""

    contacts: Mapping[str, int]
    """By channel."""
    cured: int
    stops: int
    promises: int
    accounts: Mapping[str, tuple[str, bool]]
    """By account, the channels of its contacts in their order, and whether it was cured."""

    def lines(self) -> dict[str, int]:
        """Each by a name of its own."""
        by_channel = {f"contacts by {channel}": n for channel, n in sorted(self.contacts.items())}
        return {**by_channel, **{name: getattr(self, name) for name in list(BOUNDS)[1:]}}

    def alike(self, other: "Counts") -> dict[str, float]:
        """The share of accounts that was contacted, and that ended, in the same way in both."""
        pairs = [(one, other.accounts.get(key)) for key, one in self.accounts.items()]
        known = [(one, two) for one, two in pairs if two is not None]
        shares = [sum(one[n] == two[n] for one, two in known) / max(1, len(pairs)) for n in (0, 1)]
        return dict(zip(LEAST_ALIKE, shares, strict=True))


def apart(demo: Counts, dry: Counts) -> list[str]:
    """What differs by more than is stated, in words."""
    real, tried = demo.lines(), dry.lines()
    found = []
    for name in dict.fromkeys([*real, *tried]):
        one, other = real.get(name, 0), tried.get(name, 0)
        bound = BOUNDS[name.split()[0]]
        if not bound.holds(one, other):
            found.append(f"{name}: {one} in the demo, {other} in the dry run, beyond {bound}")
    for name, share in demo.alike(dry).items():
        if share < LEAST_ALIKE[name]:
            found.append(f"{name} alike: {share:.0%} of accounts, not {LEAST_ALIKE[name]:.0%}")
    return found


def of_demo(folder: Path) -> Counts:
    """Of a demo, by what it left."""
    until = datetime.fromisoformat(_stated(folder)["until"])

    def within(row: Mapping[str, Any], when: str) -> bool:
        """A server may go on by itself for a moment after the end."""
        at = row[when]
        return at is not None and datetime.fromisoformat(at) <= until

    rows = read_lines(folder / "ledger.jsonl")
    sent = [row for row in rows if within(row, "dispatched_at")]
    kinds = Counter(row["kind"] for row in read_lines(folder / "stops.jsonl") if within(row, "at"))
    accounts = read_lines(folder / "accounts.jsonl")
    return Counts(
        contacts=Counter(str(row["channel"]) for row in sent),
        cured=sum(row["close_reason"] == "cured" for row in accounts),
        stops=kinds["stop"] + kinds["wrong_person"],
        promises=sum(row["kind"] == "promise" for row in read_lines(folder / "events.jsonl")),
        accounts=_by_account(sent, {_key(row): row["close_reason"] == "cured" for row in accounts}),
    )


def of_dry_run(record: Record) -> Counts:
    """Of a dry run that kept its contacts."""
    return Counts(
        contacts=Counter(str(row["channel"]) for row in record.attempts),
        cured=sum(one.cured_on >= 0 for one in record.accounts),
        stops=len(record.stops),
        promises=sum(one.promises for one in record.accounts),
        accounts=_by_account(
            record.attempts, {one.key: one.cured_on >= 0 for one in record.accounts}
        ),
    )


def _by_account(
    sent: Sequence[Mapping[str, Any]], cured: Mapping[str, bool]
) -> dict[str, tuple[str, bool]]:
    made = defaultdict(list)
    for row in sorted(sent, key=lambda one: (_key(one), one["step"])):
        made[_key(row)].append(str(row["channel"]))
    return {key: (" ".join(made[key]), ended) for key, ended in cured.items()}


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['creditor']}/{row['account_id']}"


def tried(folder: Path, asked: Asked) -> Record:
    """The dry run of what a demo has played."""
    began = datetime.fromisoformat(_stated(folder)["began"])
    run = Run(
        strategy=load_strategies(folder / "strategies")["default"].model_dump_json(),
        world=WORLDS[str(asked.people)],
        seed=asked.seed,
        began=began,
        days=asked.days,
        settings=told(load()),
        keep=True,
    )
    [record] = lived(read_file(folder / "portfolio.csv", began.date()), [run], 1)
    return record


def _stated(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))


async def both(folder: Path, asked: Asked, console: Console) -> tuple[Counts, Counts]:
    """Play the demo into ``folder``, then the dry run. What the demo's own proof has to say of it
    is told, and judged by the demo's own test."""
    try:
        await run_demo(folder, console, asked, stay=False)
    except BrokenPromise as broken:
        console.print(str(broken), style="yellow", markup=False)
    return of_demo(folder), of_dry_run(await asyncio.to_thread(tried, folder, asked))


def main(arguments: list[str]) -> int:
    """Play both, tell what came of each; 1 if they are further apart than is stated."""
    parser = argparse.ArgumentParser(prog="python -m lab.dry_run.agreement")
    for name, default in (("accounts", 100), ("days", 60), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--people", choices=sorted(WORLDS), default="published")
    asked = Asked(**vars(parser.parse_args(arguments)))
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="contrapunto-") as place:
        demo, dry = asyncio.run(both(Path(place) / "demo", asked, console))
    found: dict[str, Any] = {"demo": demo.lines(), "dry run": dry.lines(), "alike": demo.alike(dry)}
    found["apart"] = apart(demo, dry)
    console.print_json(data=found)
    return 1 if found["apart"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
