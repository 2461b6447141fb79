"""Markdown, and the docstrings that stand under fields."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

GENERATED: Final = "<!-- Written by `make docs` from the code; edit the code, not this page. -->\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; a bar in a cell is a bar."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in rows:
        lines.append(
            f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |".replace("|  |", "| |")
        )
    return lines


def prose(docstring: str | None) -> str:
    """A docstring in one paragraph, its code in single backquotes."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join((docstring or "").split()))


_OTHERS: Final = ("builtins", "enum", "pydantic", "pydantic_settings", "typing")


@cache
def described(owner: type) -> dict[str, str]:
    """What the docstrings under the fields (or members) of a class and its bases say, by name."""
    told: dict[str, str] = {}
    for one in reversed(owner.__mro__):
        if one.__module__.partition(".")[0] in _OTHERS or "[" in one.__name__:
            continue
        told |= _docstrings(textwrap.dedent(inspect.getsource(one)))
    return told


def _docstrings(source: str) -> dict[str, str]:
    [body] = [node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    told = {}
    for node, below in pairwise(body):
        target: ast.expr | None = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign):
            target = node.targets[0]
        if not isinstance(target, ast.Name) or not isinstance(below, ast.Expr):
            continue
        if isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            told[target.id] = prose(below.value.value)
    return told
