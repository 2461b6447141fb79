"""The one door of all commands: whoever changes something, or reads personal words, is on record.

Nothing is written before a command has what it needs: its first entry goes in when it connects to
PostgreSQL or Temporal, before it does anything there. What cannot be written is not done.
"""

import functools
import hashlib
import os
import socket
import stat
from collections.abc import Callable, Mapping
from getpass import getuser
from pathlib import Path
from typing import Any, Final

import typer

from store.audit.act import Act, opened, plainly
from workers.cli.audit.declared import COMMANDS, Audited, ReadOnly

_BLOCK: Final = 1 << 20


def audited(app: typer.Typer) -> None:
    """Lead all commands of an application through the door."""
    for path, info in commands_of(app):
        declared = COMMANDS.get(path)
        if isinstance(declared, ReadOnly):
            continue
        assert info.callback is not None  # noqa: S101 - a command without one does nothing
        info.callback = _through(path, declared, info.callback)


def commands_of(app: typer.Typer, before: str = "") -> "list[tuple[str, Any]]":
    """Every command, by the words that are typed."""
    found = []
    for command in app.registered_commands:
        named = command.name or getattr(command.callback, "__name__", "").replace("_", "-")
        found.append((f"{before}{named}", command))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            found += commands_of(group.typer_instance, f"{before}{group.name} ")
    return found


def _through(path: str, declared: Audited | None, callback: Callable[..., Any]) -> Any:
    @functools.wraps(callback)
    def command(*args: Any, **given: Any) -> Any:
        if declared is None:
            raise RuntimeError(f"`{path}` is not in workers/cli/audit/declared.py")
        if not counts(declared, given):
            return callback(*args, **given)
        act = act_of(path, declared, given)
        with opened(act):
            try:
                return callback(*args, **given)
            except BaseException as error:
                _failed(act, error)
                raise

    return command


def counts(declared: Audited, given: Mapping[str, Any]) -> bool:
    """Whether a call with these parameters changes something, or reads words."""
    if declared.unless is not None and given.get(declared.unless):
        return False
    return declared.only is None or bool(given.get(declared.only))


def act_of(path: str, declared: Audited, given: Mapping[str, Any]) -> Act:
    """What a call of a command is to the audit."""
    personal = {declared.account, declared.customer, declared.reason, declared.file}
    told = dict[str, Any]()
    hidden = list[str]()
    for name, value in given.items():
        if name in personal or name == "as_json" or value is False or value is None:
            continue
        shown = plainly(value, as_text=name in declared.plain)
        if shown is None:
            hidden.append(name)
        else:
            told[name] = shown
    if hidden:
        told["given"] = sorted(hidden)
    if declared.file is not None and isinstance(file := given.get(declared.file), Path):
        told |= _file(file)

    def text(name: str | None) -> str | None:
        value = given.get(name) if name is not None else None
        return str(value) if value else None

    about = (text(declared.reason), text(declared.customer), text(declared.account))
    return Act(here(), path, *about, told, rows=declared.rows)


def here() -> str:
    """Who has typed the command, and on which machine."""
    try:
        name = getuser()
    except (KeyError, OSError, ImportError):  # which of them, depends on Python's version
        name = f"#{os.getuid()}"
    # Who became another by sudo is known by it; an environment may say anything, so it comes last.
    before = os.environ.get("SUDO_USER")  # noqa: TID251 - sudo's own, no setting
    became = f" (sudo: {before})" if before and before != name else ""
    return f"user:{name}@{socket.gethostname()}{became}"


def _file(file: Path) -> dict[str, Any]:
    """A file by its name and digest; what is no file that can be read twice, by its name alone."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return {"file": str(file)}
        made = hashlib.sha256()
        with file.open("rb") as opened_file:
            while block := opened_file.read(_BLOCK):
                made.update(block)
    except OSError:
        return {"file": str(file)}
    return {"file": file.name, "sha256": made.hexdigest()}


def _failed(act: Act, error: BaseException) -> None:
    """That it was refused or broke off; by its kind, for its words may quote anything."""
    if not act.begun:
        return
    told = {"as": type(error).__name__}
    if isinstance(error, SystemExit | typer.Exit):
        status = error.code if isinstance(error, SystemExit) else error.exit_code
        if status in (None, 0):
            return
        told = {"status": str(status)}
    from workers.audit import failed_here

    failed_here(act, told)
