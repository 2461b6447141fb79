"""Tables for people: nothing in them is obeyed by a terminal, or cut in a pipe."""

import io
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from rich.console import Console

from config.settings import ROOT
from store.facts import RefusedMessage
from store.failures import Failing
from store.views.overdue import Overdue
from workers.cli.output import show_failing, show_overdue, show_refused, shown


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


def test_objects_of_two_kinds_say_which_they_are() -> None:
    at, out = datetime(2026, 11, 28, tzinfo=UTC), io.StringIO()
    console = Console(file=out)
    show_overdue(console, [Overdue("bank", "A1", None, None, None, None)], as_json=True)
    show_failing(console, [Failing("bank", "A2", "record", "X", 5, at, at)], as_json=True)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["kind"], one["account_id"]) for one in told] == [
        ("overdue", "A1"),
        ("failing", "A2"),
    ]


def test_an_id_that_is_too_long_for_its_column_is_not_cut() -> None:
    out = io.StringIO()
    ids = [f"account-of-a-long-name-{number}" for number in (17, 18)]
    rows = [Overdue("bank-of-somewhere", one, None, None, None, None) for one in ids]
    show_overdue(Console(file=out, width=50), rows, as_json=False)
    cells = "".join(
        line.split("│")[1].strip() for line in out.getvalue().splitlines() if "│" in line
    )
    assert all(one in cells for one in ids), out.getvalue()


def test_lists_of_many_customers_say_when_on_each_ones_own_clock() -> None:
    out, at = io.StringIO(), datetime(2026, 11, 28, 3, 30, tzinfo=UTC)
    console = Console(file=out, width=200)
    due = [
        Overdue("bank", name, "contact", at, "a step", at, zones)
        for name, zones in (("A1", ["America/Bogota"]), ("A2", None))
    ]
    show_overdue(console, due, as_json=False)
    refused = [RefusedMessage("bank", "A1", at, "resume", "m1", "no", {}, ["America/Lima"])]
    show_refused(console, refused, as_json=False)
    said = out.getvalue()
    assert said.count("2026-11-28 03:30:00 UTC") == 3
    assert "(Fri 27 Nov 22:30 America/Bogota)" in said, said
    assert "(Fri 27 Nov 22:30 America/Lima)" in said, said
