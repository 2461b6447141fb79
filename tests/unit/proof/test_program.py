"""A lawful run passes, and the program says what it found."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import proof as proof_module
from lab.proof.__main__ import main
from lab.proof.record import read_lines
from lab.proof.verdict import prove
from tests.support.runs import Run, attempt_row, portfolio, received_row

BROKEN_TABLE = "BROKEN"


def test_a_lawful_portfolio_passes() -> None:
    run = portfolio(40)
    proof = prove(
        run.ledger,
        run.received,
        accounts=run.accounts,
        events=run.events,
        stops=run.stops,
        min_days=run.stated["min_days"],
    )
    assert proof.holds, proof.violations
    assert proof.received == len(run.received) > 100
    # The portfolio has nobody in Ecuador or Chile and no guarantors, calls and answers nobody,
    # finds everybody at home, and agrees nothing; its operator sets no limits, and gives no orders.
    unused = {"ec_day", "cl_week", "us_calls", "wrong_person", "answered", "identity", "again"}
    unused |= {"agreed", "ordered", "offer", "parties", "capped", "quiet"}
    assert {check.code for check in proof.checks if check.mark == "not_examined"} == unused


def test_nothing_at_all_breaks_no_promise_and_shows_none_kept() -> None:
    proof = prove([], [])
    assert proof.holds
    assert {check.mark for check in proof.checks} == {"not_examined"}


def test_without_the_record_of_stops_and_cadence_nothing_is_said_of_them() -> None:
    row = attempt_row()
    marks = {check.code: check.mark for check in prove([row], [received_row(row)]).checks}
    assert {marks[code] for code in ("opt_out", "wrong_person", "too_close")} == {"not_examined"}
    assert marks["hours"] == "kept"


def test_a_time_without_offset_proves_nothing() -> None:
    row = attempt_row()
    with pytest.raises(ValueError, match="without an offset"):
        prove([row], [received_row(row, at="2026-03-04T10:00:00")])


def test_the_proof_imports_nothing_of_ours() -> None:
    """And of others' only the holidays: nothing that sends can colour what judges it."""
    files = sorted(Path(proof_module.__path__[0]).glob("*.py"))
    named = {name for file in files for name in _imported(file)}
    ours = {name for name in named if name.startswith("lab")}
    assert all(name.startswith("lab.proof") for name in ours)
    assert named - ours - set(sys.stdlib_module_names) == {"holidays"}
    assert "importlib" not in named
    assert len(files) > 5


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            module = str(node.module)
            yield module if module.startswith("lab") else module.split(".")[0]


def test_the_command_says_so__clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = portfolio(10).write(tmp_path)
    assert main([str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "nothing unlawful, nothing twice" in shown
    assert BROKEN_TABLE not in shown


def test_the_command_says_so__broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = portfolio(10)
    Run(run.ledger, [*run.received, run.received[0]], run.accounts, run.events).write(tmp_path)
    assert main([str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert BROKEN_TABLE in shown
    assert "reached the person 2 times" in shown


def test_the_command_says_so__nothing_there(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
    assert main([]) == 2


def test_the_command_says_so__torn_line(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text('{"attempt_id"\n', encoding="utf-8")
    (tmp_path / "received.jsonl").write_text("", encoding="utf-8")
    assert main([str(tmp_path)]) == 2


def test_a_line_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "received.jsonl"
    path.write_text('{"text": "one\u2028two"}\n', encoding="utf-8")
    assert read_lines(path) == [{"text": "one\u2028two"}]


def test_a_record_of_nothing_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ledger.jsonl", "received.jsonl", "stops.jsonl"):
        (tmp_path / name).touch()
    assert main([str(tmp_path)]) == 2
    assert "no check has examined anything" in capsys.readouterr().err


def test_of_each_kind_it_is_told_how_much_was_examined() -> None:
    nothing = {"double": 0, "unlawful": 0, "record": 0}
    assert prove([], []).as_dict()["examined"] == nothing
    row = attempt_row(state="refused", dispatched_at=None)
    assert prove([row], []).as_dict()["examined"] == nothing | {"double": 1}
    row = attempt_row()
    assert prove([row], [received_row(row)]).as_dict()["examined"]["unlawful"] == 1
