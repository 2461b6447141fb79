"""No command gets past the audit: each is named, and what it is asked with is told without words.

The commands are those of the tree: a new one that nobody declares fails here, and does not run.
"""

import inspect
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from domain.failures import BadInput
from store.audit.act import Act, current, opened, plainly, setting
from workers.cli.audit.declared import COMMANDS, Audited, ReadOnly
from workers.cli.audit.door import act_of, audited, commands_of, counts, here
from workers.cli.main import app

TREE: dict[str, Any] = {path: info.callback for path, info in commands_of(app)}


def test_every_command_is_declared_and_none_that_is_not_there() -> None:
    assert set(COMMANDS) == set(TREE)


@pytest.mark.parametrize("path", sorted(TREE))
def test_a_command_is_led_through_the_door_or_says_why_not(path: str) -> None:
    declared = COMMANDS[path]
    if isinstance(declared, ReadOnly):
        assert declared.why
        assert not hasattr(TREE[path], "__wrapped__")
        return
    assert hasattr(TREE[path], "__wrapped__"), "it runs without an act"
    names = set(inspect.signature(TREE[path]).parameters)
    one = (declared.account, declared.customer, declared.reason, declared.file)
    switches = (declared.unless, declared.only)
    plain = set(declared.plain) - {"by", "role", "approved_by", "approver_role"}
    assert {name for name in (*one, *switches, *plain) if name is not None} <= names


@pytest.mark.parametrize("path", sorted(TREE))
def test_who_is_said_to_do_it_is_told(path: str) -> None:
    """``--by`` says whom a command is for; its actor is whoever typed it."""
    declared = COMMANDS[path]
    names = set(inspect.signature(TREE[path]).parameters) & {"by", "approved_by"}
    if isinstance(declared, Audited) and path != "account overdue":  # there it counts hours
        assert names <= set(declared.plain)


def test_a_command_that_nobody_declared_does_not_run() -> None:
    ran = []
    made = typer.Typer()

    @made.command("drop-all")
    def drop_all() -> None:
        ran.append(1)

    @made.command("law")
    def other() -> None:
        ran.append(2)

    audited(made)
    done = CliRunner().invoke(made, ["drop-all"])
    assert isinstance(done.exception, RuntimeError)
    assert "drop-all" in str(done.exception)
    assert ran == []


def test_a_switch_with_which_nothing_is_done_leaves_no_entry() -> None:
    intake = COMMANDS["intake"]
    overdue = COMMANDS["account overdue"]
    assert isinstance(intake, Audited) and isinstance(overdue, Audited)
    assert counts(intake, {"check": False}) and not counts(intake, {"check": True})
    assert counts(overdue, {"start": True}) and not counts(overdue, {"start": False})


class Kind(StrEnum):
    ONE = "one"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, True),
        (3, 3),
        (0.5, 0.5),
        (Decimal("4.50"), "4.50"),
        (date(2026, 11, 30), "2026-11-30"),
        (datetime(2026, 11, 30, 9, tzinfo=UTC), "2026-11-30 09:00:00+00:00"),
        (Kind.ONE, "one"),
        ([Kind.ONE, 2], ["one", 2]),
        ("+573001234567", None),
        (["Marta"], None),
        ({"name": "Marta"}, None),
        (Path("marta.txt"), None),
    ],
)
def test_texts_that_nobody_named_are_not_told(value: object, shown: object) -> None:
    assert plainly(value, as_text=False) == shown


def test_a_text_that_is_named_is_told() -> None:
    assert plainly("supervisor", as_text=True) == "supervisor"


def test_of_a_command_what_may_be_personal_is_only_said_to_be_there(tmp_path: Path) -> None:
    declared = Audited("account", reason="note", plain=("by",), file="file")
    file = tmp_path / "marta.csv"
    file.write_text("x", "utf-8")
    given = {
        "account": "bank/A1",
        "note": "her son called",
        "by": "ana",
        "address": "+573001234567",
        "amount": Decimal(5),
        "nothing": None,
        "file": file,
    }
    act = act_of("x", declared, given)
    assert (act.account, act.customer, act.reason) == ("bank/A1", None, "her son called")
    sha = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    told = {"by": "ana", "amount": "5", "given": ["address"], "file": "marta.csv", "sha256": sha}
    assert act.told == told


def test_a_file_that_is_none_is_told_by_its_name() -> None:
    act = act_of("x", Audited(file="file"), {"file": Path("/no/such/file")})
    assert act.told == {"file": "/no/such/file"}


def test_who_types_is_known_with_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.cli.audit.door.getuser", lambda: "root")
    monkeypatch.setattr("workers.cli.audit.door.socket.gethostname", lambda: "desk-7")
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert here() == "user:root@desk-7"
    monkeypatch.setenv("SUDO_USER", "ana")
    assert here() == "user:root@desk-7 (sudo: ana)"


def test_an_act_is_open_where_it_is_opened_alone() -> None:
    act, whole = Act("user:ana@desk", "x"), Act("user:ana@desk", "intake", rows=False)
    assert (current(), setting()) == (None, "")
    with opened(act):
        assert current() is act and act.name in setting()
        with opened(None):
            assert (current(), setting()) == (None, "")
        with opened(whole):
            assert setting() == "", "of a whole file its rows are not told"
    assert current() is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no anchor"),
        ("\n\n", "has no anchor"),
        ("{}", "line 1 is none"),
        ("\nnonsense", "line 2 is none"),
        ('{"at": "2026-11-30T09:00:00Z", "lanes": {"x": 1}}', "line 1 is none"),
    ],
)
def test_what_is_no_anchor_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "anchors"
    file.write_text(text, "utf-8")
    done = CliRunner().invoke(app, ["audit", "verify", "--anchor", str(file)])
    assert isinstance(done.exception, BadInput)
    assert words in str(done.exception)
