"""What a version of the worker is: all that a replay of a workflow depends on, and nothing else.

A wording, a law, a provider or the planner may change without a new version: what they decide is in
a workflow's history as the result of an activity. So the build id is made of the workflows, of what
they import, and of the SDK that runs them; not of the commit, which is shown beside it.
"""

import ast
import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from config.settings import ROOT

_ROOMS: Final = ("activities", "config", "domain", "store", "telemetry", "workers", "workflows")
_NOT_INSIDE: Final = ("activities.contacting", "activities.recording", "telemetry.observing")
"""Read themselves (names and types that workflows use), but not what they import: that runs in an
activity, or gives no command."""
_LENGTH: Final = 12
_PATCH: Final = "Patch:"


def build_id(root: Path = ROOT) -> str:
    """Twelve hexadecimal digits of the code below ``root``."""
    digest = hashlib.sha256(f"temporalio {version('temporalio')}".encode())
    for name, file in sorted(replayed(root).items()):
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:_LENGTH]


def replayed(root: Path = ROOT) -> dict[str, Path]:
    """Every module that a replay runs through, and its file."""
    found: dict[str, Path] = {}
    ahead = [f"workflows.{file.stem}" for file in (root / "workflows").glob("[!_]*.py")]
    while ahead:
        name = ahead.pop()
        file = _file(root, name)
        if file is None or name in found:
            continue
        found[name] = file
        if name not in _NOT_INSIDE:
            ahead += _imported(file)
    return found


def patches(root: Path = ROOT) -> frozenset[str]:
    """The ids of all patches that the workflows below ``root`` know (``workflows/options.py``)."""
    tree = ast.parse((root / "workflows" / "options.py").read_text(encoding="utf-8"))
    known = set()
    for one, told in zip(tree.body, tree.body[1:], strict=False):
        if not isinstance(one, ast.AnnAssign) or not isinstance(one.value, ast.Constant):
            continue
        if not isinstance(told, ast.Expr) or not isinstance(told.value, ast.Constant):
            continue
        if str(told.value.value).startswith(_PATCH):
            known.add(str(one.value.value))
    return frozenset(known)


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file(root: Path, module: str) -> Path | None:
    if module.partition(".")[0] not in _ROOMS:
        return None
    path = root.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None
