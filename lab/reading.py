"""How well messages are read: ``python -m lab.reading FILE ...`` over labelled messages.

A line of such a file is a message as ``contrapunto inbound check`` takes it, and beside it
``expected``: its intents, ``amount``, ``date``, ``dates``. The people who label have not seen the
rules. Prints Markdown, as docs/guide/reading-figures.md has it.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from config.reader import load_reader
from domain.conversation.reader import Heard, Reader, Reading, name_of

STRICT: Final = ("stop", "wrong_person", "dispute", "attorney", "bankruptcy", "deceased")
"""Intents that are acted upon at once: precision of 0.97 and recall of 0.95 are wanted of them."""
MOST_PERSONS: Final = 0.25


class Judged(NamedTuple):
    """One message: what it says, and what was read."""

    text: str
    expected: dict[str, Any]
    intents: frozenset[str]
    reading: Reading

    @property
    def meant(self) -> frozenset[str]:
        """The intents by the label."""
        return frozenset(self.expected["intents"])

    @property
    def is_exact(self) -> bool:
        """Whether day and amount are those of the label."""
        amount, day = self.expected["amount"], self.expected["date"]
        read = self.reading.day.isoformat() if self.reading.day else None
        return day == read and (None if amount is None else Decimal(amount)) == self.reading.amount


def read(rows: Iterable[dict[str, Any]], reader: Reader | None = None) -> Iterator[Judged]:
    """Read labelled messages, by the rules as they are if by no other reader."""
    reader = reader or load_reader()
    for row in rows:
        now, balance = datetime.fromisoformat(row["now"]), Decimal(row["balance"])
        found = reader.read(Heard(row["text"], row["locale"], now, row["currency"], balance))
        yield Judged(row["text"], row["expected"], frozenset(map(name_of, found.intents)), found)


def tables(judged: Sequence[Judged]) -> Iterator[str]:
    """The figures as lines of Markdown."""
    meant = Counter(intent for one in judged for intent in one.meant)
    got = Counter(intent for one in judged for intent in one.intents)
    both = Counter(intent for one in judged for intent in one.meant & one.intents)
    yield "| Intent | Messages | Precision | Recall | Lost | Read instead | Meant instead |"
    yield "|---|--:|--:|--:|--:|---|---|"
    for intent in sorted(meant.keys() | got.keys(), key=lambda each: (each not in STRICT, each)):
        precision = both[intent] / got[intent] if got[intent] else 0
        recall = both[intent] / meant[intent] if meant[intent] else 0
        misses = [one for one in judged if intent in one.meant - one.intents]
        missed = Counter(
            other for one in misses for other in (one.intents - one.meant or {"nothing more"})
        )
        taken = Counter(
            other
            for one in judged
            if intent in one.intents - one.meant
            for other in (one.meant - one.intents or {"nothing more"})
        )
        yield (
            f"| {intent} | {meant[intent]} | {precision:.3f} | {recall:.3f} | "
            f"{sum(not one.reading.to_person for one in misses)} | {_most(missed)} | "
            f"{_most(taken)} |"
        )
    promises = [one for one in judged if "promise" in one.meant and not one.reading.to_person]
    exact = sum(one.is_exact for one in promises)
    persons = sum(one.reading.to_person for one in judged)
    yield ""
    yield f"- Messages: {len(judged)}; all intents right in {_share(judged)}."
    yield (
        f"- Promises that go to no person: {len(promises)}; day and amount both right in "
        f"{exact / max(1, len(promises)):.3f}."
    )
    yield f"- To a person: {persons / max(1, len(judged)):.3f} (at most {MOST_PERSONS} is wanted)."


def _share(judged: Sequence[Judged]) -> str:
    return f"{sum(one.meant == one.intents for one in judged) / max(1, len(judged)):.3f}"


def _most(counts: Counter[str]) -> str:
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:3]
    return ", ".join(f"{other} {count}" for other, count in most) or "-"


def labelled(files: Iterable[Path]) -> list[dict[str, Any]]:
    """The messages of all files."""
    return [
        json.loads(line)
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def page(files: Sequence[Path]) -> Iterator[str]:
    """The figures of all files, one after the other."""
    yield "# How well messages are read"
    yield ""
    yield (
        "Made by `make reading`: the labelled messages of `tests/unit/conversation/labelled/`, "
        "read by the rules as they are. Lost: messages in which the intent was missed, and that "
        "go to no person either."
    )
    for file in files:
        yield ""
        yield f"## {file.stem}"
        yield ""
        yield from tables(list(read(labelled([file]))))


def main() -> None:
    """Parse the command line, read, print; how fast it was goes to standard error."""
    parser = argparse.ArgumentParser(prog="python -m lab.reading", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    files = parser.parse_args().files
    sys.stdout.write("\n".join(page(files)) + "\n")
    rows, reader = labelled(files), load_reader()
    list(read(rows[:1], reader))  # each language's words are laid out when they are first needed
    began = time.process_time()
    judged = list(read(rows, reader))
    rate = len(judged) / (time.process_time() - began)
    sys.stderr.write(f"{rate:,.0f} messages a second of one processor\n")


if __name__ == "__main__":
    main()
