"""Tables for people: nothing in them is obeyed by a terminal, or cut in a pipe."""

import subprocess
import sys

import pytest

from config.settings import ROOT
from workers.cli.output import shown


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("Ana Pérez", "Ana Pérez"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("[red]x[/]", "\\[red]x\\[/]"),
        ("a\u202eb\nc", "a\\u202eb\\nc"),
        (17, "17"),
    ],
)
def test_what_comes_from_outside_is_shown_and_not_obeyed(value: object, seen: str) -> None:
    assert shown(value) == seen


def test_a_table_in_a_pipe_is_not_cut_at_eighty_columns() -> None:
    code = (
        "from rich.table import Table; from workers.cli.shell import output; "
        "t = Table('A', 'B'); t.add_row('x' * 90, 'y' * 90); output().print(t)"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "x" * 90 in said
    assert "y" * 90 in said
