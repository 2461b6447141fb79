"""docs/reference/commands.md."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from typer.main import get_command

from lab.reference.text import GENERATED, prose, table
from workers.cli.main import app

_ABOUT = """# Commands

`.venv/bin/contrapunto`, or `python -m workers` from the checkout. An instant is ISO 8601; without
an offset it is UTC. `ACCOUNT` is `creditor/account_id`, or the id alone where one creditor has it.
What an exit status says: [Signs](signs.md#exit-statuses). `contrapunto --install-completion` lets
the shell complete commands and options.
"""


def commands(command: Any, words: tuple[str, ...] = ("contrapunto",)) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name."""
    below: dict[str, Any] = getattr(command, "commands", {})
    if not below or (getattr(command, "invoke_without_command", False) and len(words) > 1):
        yield " ".join(words), command
    for name, one in below.items():
        yield from commands(one, (*words, name))


def page() -> str:
    """All commands, each with its arguments and options."""
    lines = [GENERATED, _ABOUT]
    for name, command in commands(get_command(app)):
        given = [one for one in command.params if one.param_type_name == "argument"]
        usage = " ".join([name, *(_argument(one) for one in given)])
        lines += [f"## {name}", "", f"    {usage}", "", prose(command.help), ""]
        options = [one for one in command.params if one.param_type_name == "option"]
        rows = [(_names(one), _value(one), prose(one.help)) for one in options]
        if rows:
            lines += [*table(("Option", "Value", "Meaning"), rows), ""]
    return "\n".join(lines)


def _argument(argument: Any) -> str:
    name = argument.name.upper()
    return str(name if argument.required else f"[{name}]")


def _names(option: Any) -> str:
    ways = [f"`{'`, `'.join(option.opts)}`"]
    if option.secondary_opts:
        ways.append(f"`{'`, `'.join(option.secondary_opts)}`")
    return " / ".join(ways)


_FORMS: Final = {
    date: "date",
    datetime: "instant",
    Path: "path",
    str: "text",
    int: "number",
    float: "number",
}


def _value(option: Any) -> str:
    if option.is_flag or option.count:
        return ""
    kind = option.type_descriptor.annotation
    if get_origin(kind) is list:
        [kind] = get_args(kind)
    form = _FORMS.get(kind, "")
    if not form and issubclass(kind, Enum):
        form = " or ".join(f"`{one.value}`" for one in kind)
    needed = "needed" if option.required else ""
    preset = "" if option.default is None or option.required else f"default `{option.default}`"
    several = "several times" if option.multiple else ""
    return ", ".join(part for part in (form, needed, several, preset) if part)
