"""``python -m lab.headline``: live the worlds, and write what follows.

Each world's result is kept in ``--folder`` as soon as it is there: whoever is stopped goes on where
they were, by the same command.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from config.settings import ROOT
from domain.failures import BadInput, Misconfigured
from lab.headline import levers
from lab.headline.clients import read_clients
from lab.headline.telling import into_page, markdown, page
from lab.headline.verdict import verdict
from lab.headline.worlds import DAYS, Setup, Task, lived
from people.worlds import WORLDS, drawn
from workers.simulation.processes import cores

CLIENTS: Final = ROOT.parent / "shared" / "data" / "credit_card_clients.csv"
SPLIT: Final[Mapping[str, int]] = {"work": 1, "unseen": 2}
"""Seeds of the worlds: strategies were made with the first, and what is reported is the second."""
_CHOSEN: Final = 1
"""Which clients: the same whatever the worlds."""
_FOLLOWS_FROM: Final = ("domain", "people", "config", "workers/simulation", "lab/headline")
_SHORT: Final = {"worlds": 12, "people": 300, "levers_in": 6}


def main(words: Sequence[str] | None = None) -> int:
    """Do what is asked; 2 if something is wrong with it."""
    asked = asked_for(words)
    try:
        told = measure(asked)
    except (BadInput, Misconfigured) as error:
        print(error, file=sys.stderr)
        return 2
    text = markdown(told)
    print(text)
    if asked.json is not None:
        asked.json.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if asked.html is not None:
        asked.html.write_text(page(told), encoding="utf-8")
    if asked.docs is not None:
        into_page(asked.docs, text)
    return 0


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """What is told of the worlds that are asked for."""
    clients = read_clients(asked.clients)
    contenders = {one.name: one for one in _contenders()}
    setup = Setup(clients.chosen(_CHOSEN, asked.people), clients, contenders)
    tasks = list(_tasks(asked))
    lines = _kept(asked, setup, tasks)
    done = len({one["task"] for one in lines if one["task"].startswith("drawn")})
    if not done:
        raise BadInput(f"no world is done yet in {asked.folder}: leave --so-far away")
    names = list(contenders.values())
    return {
        **verdict(lines),
        "asked": {
            "worlds": done,
            "drawn": asked.worlds,
            "split": asked.split,
            "people": len(setup.clients),
            "accounts": lines[0]["of"][levers.BEST]["accounts"],
            "seeds": asked.seeds,
            "days": DAYS,
            "levers_in": min(asked.levers_in, done),
        },
        "clients": {"pays": dict(clients.pays), "behind": dict(clients.behind)},
        "digests": {one.name: _digest_of(one) for one in names},
    }


def _contenders() -> Iterator[levers.Contender]:
    yield from levers.main()
    yield from levers.without()
    yield levers.again()


def _tasks(asked: argparse.Namespace) -> Iterator[Task]:
    first = SPLIT[asked.split]
    yield Task("control again", WORLDS["published"], 1, (levers.BEST, levers.AGAIN))
    yield Task("control nothing", WORLDS["nothing"], 1, levers.MAIN)
    all_of = (*levers.MAIN, *(one.name for one in levers.without()))
    for number, world in enumerate(drawn(first, asked.worlds)):
        for luck in range(asked.seeds):
            # The same people live in every world: with the same luck, too, all worlds would err
            # together, and ours would be measured with the luck it was made with.
            seed = (first * 1000 + number) * 1000 + luck
            yield Task(world.name, world, seed, all_of if number < asked.levers_in else levers.MAIN)


def _kept(asked: argparse.Namespace, setup: Setup, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """What is in the folder, and then what is not yet."""
    key = _key(setup, tasks)
    asked.folder.mkdir(parents=True, exist_ok=True)
    file = asked.folder / f"{key}.jsonl"
    lines = _read(file)
    left = tasks[len(lines) :]
    if lines:
        print(f"{len(lines)} of {len(tasks)} are in {file}", file=sys.stderr)
    if asked.so_far:
        return [one for one in lines if _whole(one["task"], lines, asked.seeds)]
    with file.open("a", encoding="utf-8") as out:
        for one in lived(setup, left, asked.cores):
            lines.append(json.loads(json.dumps(one)))
            out.write(json.dumps(one) + "\n")
            out.flush()
            print(f"{len(lines)} of {len(tasks)}: {one['task']}", file=sys.stderr, flush=True)
    return lines


def _whole(name: str, lines: Sequence[Mapping[str, Any]], seeds: int) -> bool:
    """Whether a world has been lived with each luck, or is a control."""
    lived = sum(one["task"] == name for one in lines)
    return name.startswith("control") or lived == seeds


def _key(setup: Setup, tasks: Sequence[Task]) -> str:
    """Of all that a result follows from, code included: what is otherwise is not gone on with."""
    told: list[object] = [setup.clients, sorted(setup.told.pays.items())]
    told += [(name, one.made, _digest_of(one)) for name, one in sorted(setup.contenders.items())]
    told += [
        (one.name, one.seed, one.contenders, sorted(one.world.values.items())) for one in tasks
    ]
    files = [file for room in _FOLLOWS_FROM for file in sorted((ROOT / room).rglob("*"))]
    code = [file.read_bytes() for file in files if file.suffix in (".py", ".yaml", ".csv")]
    return _digest(repr(told) + hashlib.sha256(b"".join(code)).hexdigest())


def _digest_of(contender: levers.Contender) -> str:
    return _digest(contender.strategy.model_dump_json())


def _read(file: Path) -> list[dict[str, Any]]:
    """Whole lines; what was being written when it was stopped is written anew."""
    if not file.exists():
        return []
    text = file.read_text("utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        file.write_text(whole, encoding="utf-8")
    return [json.loads(line) for line in whole.splitlines()]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def asked_for(words: Sequence[str] | None) -> argparse.Namespace:
    """What the words of a command ask for."""
    parser = argparse.ArgumentParser(prog="python -m lab.headline", description=__doc__)
    parser.add_argument("clients", type=Path, nargs="?", default=CLIENTS, help="UCI 350, as CSV")
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--people", type=int, default=1500, help="clients, of those past due")
    parser.add_argument("--seeds", type=int, default=1, help="lucks in each world")
    parser.add_argument(
        "--levers-in", type=int, default=25, help="worlds in which levers are tried"
    )
    parser.add_argument("--split", choices=sorted(SPLIT), default="unseen")
    parser.add_argument("--cores", type=int, default=cores())
    parser.add_argument("--short", action="store_true", help="a few minutes: 12 worlds, 300 people")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "headline")
    parser.add_argument(
        "--so-far", action="store_true", help="live no more; tell of those worlds that are done"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--html", type=Path)
    parser.add_argument("--docs", type=Path, help="a page whose figures are written anew")
    asked = parser.parse_args(words)
    if asked.short:
        for name, value in _SHORT.items():
            setattr(asked, name, value)
    for name in ("worlds", "people", "seeds", "cores"):
        if getattr(asked, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    return asked


if __name__ == "__main__":
    sys.exit(main())
