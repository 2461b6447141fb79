"""Which modules the rooms that run in production import, anywhere in a file."""

import ast
from collections.abc import Iterator
from pathlib import Path

from config.settings import ROOT

ROOMS = ("domain", "people", "config", "store", "telemetry", "activities", "workflows", "workers")
ASKS_FOR_MORE = ROOT / "workers" / "learning" / "score_fit.py"
"""What fits scores: it asks for requirements/learn.lock beside production's, in words."""
OURS = {*ROOMS, "lab", "migrations"}


def production_files() -> Iterator[Path]:
    for room in (*ROOMS, "migrations"):
        yield from sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Modules of others that this file imports when it runs: what only a type checker reads is
    left out, what a function imports is not."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting.extend(node.orelse)
            continue
        waiting.extend(ast.iter_child_nodes(node))
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        yield from (name for name in names if name.partition(".")[0] not in OURS)
