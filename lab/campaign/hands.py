"""Contacts that were cut off: begun by a worker that did not bring them to their end.

A worker that is killed has many contacts in hand, not only the one that it was killed for; and what
is struck while they wait for PostgreSQL strikes them all. Which ones is read off the workers' own
notes (``workers.Hands``) and the times of the blows, not guessed from their number.
"""

import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from activities.crash_points import CrashPoint

HANDS: Final = "hands"
"""Folder beside the armed files; in it one file for each process that was a worker."""

IN_HAND: Final = frozenset({CrashPoint.RESERVED, CrashPoint.SETTLED, CrashPoint.FOUND})
"""What is noted: from just before the dispatch until its outcome is written; and that another
execution found the row, so that the first is over."""

AFTERMATH: Final = 10.0
"""Real seconds after a blow to a server in which it may still be what broke something off: until it
is up again, and the outcome has been tried to be written five times."""


class Cut(NamedTuple):
    """A contact that no execution brought to its end."""

    attempt: str
    began: float
    ended: float
    """Seconds of the machine's monotonic clock."""
    killed: bool
    """Its worker was killed; otherwise its execution broke off, and another found the row."""


def cut_off(folder: Path) -> Iterator[Cut]:
    """All of them, from the notes of all workers."""
    for file in sorted((folder / HANDS).iterdir()):
        yield from _cut_off(file.read_text(encoding="ascii").splitlines())


def _cut_off(lines: Iterable[str]) -> Iterator[Cut]:
    held: dict[str, float] = {}
    for line in lines:
        word, what, about = line.split()
        at = float(word)
        if what == CrashPoint.RESERVED:
            held[about] = at
        elif what == CrashPoint.SETTLED:
            held.pop(about, None)
        elif what == CrashPoint.FOUND and about in held:
            yield Cut(about, held.pop(about), at, killed=False)
        elif what == "died":
            killed = int(about) == -signal.SIGKILL
            yield from (Cut(attempt, since, at, killed) for attempt, since in held.items())
            held.clear()


def explained(cut: Cut, blows: Iterable[float]) -> bool:
    """Whether a fault of the campaign cut it off; ``blows``: when servers were struck."""
    return cut.killed or any(cut.began - AFTERMATH <= at <= cut.ended for at in blows)
