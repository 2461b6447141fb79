"""Folders that runs leave and later runs empty: ours alone, and of them only what we put there."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from domain.failures import BadInput

MARK: Final = ".contrapunto"
"""A file that says that the folder is ours; it is the first thing in it."""

ENTRIES: Final = (
    *("logs", "postgres", "temporal.db*", "ports.json", "environment", "ready.json", "run.json"),
    *("strategies", "customers.jsonl", "messages.jsonl", "work.jsonl", "plans.jsonl"),
    *("received.jsonl", "received.state.jsonl", "stops.jsonl", "portfolio.csv"),
    *("ledger.jsonl", "accounts.jsonl", "events.jsonl", "report.html", "summary.json"),
)
"""What a local stack and a demo leave in their folder."""


def take(folder: Path, *, empty: bool, entries: Iterable[str] = ENTRIES) -> None:
    """Make the folder ours; ``empty``: without what an earlier run of ours has left there.

    Raises BadInput for one that holds something and does not bear our mark: whoever named it may
    have meant another.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not _is_ours(folder):
            raise BadInput(
                f"{folder} holds what no run of ours has left there: name a folder that is empty, "
                "or not there yet"
            )
        if empty:
            for pattern in entries:
                for entry in folder.glob(pattern):
                    _remove(entry)
        (folder / MARK).touch()
    except OSError as error:
        raise BadInput(f"{folder}: cannot be used ({error.strerror})") from error


def _is_ours(folder: Path) -> bool:
    """By its mark, or by what a stack of before there was one has left."""
    return (folder / MARK).is_file() or _has_ports(folder / "ports.json")


def _has_ports(file: Path) -> bool:
    try:
        ports = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(ports, dict) and "postgres" in ports


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
