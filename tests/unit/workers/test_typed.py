"""What people type wrongly ends with the status for that, and says which option and which rule."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import ROOT
from domain.entry.intake import COLUMNS
from domain.failures import BadInput, Misconfigured
from workers.cli.main import app
from workers.cli.typed import named

WEEK = ("law", "week", "--jurisdiction", "CO", "--from", "2026-11-23")


def command(
    *words: str,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    **variables: str,
) -> tuple[int, str, str]:
    """A command as a process: its exit status, and what it said."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "workers", *words],
        cwd=ROOT,
        env={**kept, **variables},
        input=b'{"id":"1"}',
        stdout=stdout,
        stderr=stderr,
        check=False,
        timeout=60,
    )
    out, said = done.stdout or b"", done.stderr or b""
    return done.returncode, out.decode("utf-8", "replace"), said.decode()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("account overdue --by 1e300", "--by"),
        ("account overdue --by nan", "--by"),
        ("intake docs", "docs: is a folder: name a file in it"),
        ("intake nowhere.csv", "nowhere.csv: no such file"),
        ("intake README.md --events docs", "docs: is a folder: name a file in it"),
        ("events docs", "docs: is a folder: name a file in it"),
        ("events nowhere.jsonl", "nowhere.jsonl: no such file"),
        ("events /dev/null", "/dev/null: is no file that can be read twice: save it as one"),
        ("account refused --most 99999999999999999999", "--most"),
        ("account show x\udcff", "must be printable"),
        ("account close A --reason a\udcff", "must be printable"),
        ("ledger settle A --accepted --note a\udcff", "must be printable"),
        ("law week --from 2026-11-23 --jurisdiction \udcff", "must be printable"),
        ("account refused --since 9999-12-31", "must lie between 1970-01-01 and 2199-12-31"),
        ("ledger export --since yesterday", "must be an instant in ISO 8601"),
        ("law explain A --at 0001-01-01T00:00:00", "must lie between"),
        ("law explain A --at 9999-12-31T23:59:59", "must lie between"),
        ("law explain A --at 9999-12-31T23:59:59-14:00", "must lie between"),
        ("law week --jurisdiction CO --from 9999-12-31", "must lie between"),
        ("law week --jurisdiction CO --from 0001-01-01", "must lie between"),
        ("law week --jurisdiction CO --from 2026-11-23T10:00", "must be a date"),
        ("account hold A --until 0001-01-01T00:00:00", "until: must lie between"),
        ("account hold A --until 9999-12-31T23:59:59", "until: must lie between"),
        ("law week --jurisdiction CO --from 2026-11-23 --svg /nonexistent/a.svg", "--svg: "),
        ("law docs --folder /proc/x", "--folder: /proc/x"),
        ("demo --days 99999999999", "--days"),
    ],
)
def test_what_is_typed_wrongly_is_told_by_its_option(words: str, said: str) -> None:
    if " hold " in words:
        from workers.cli.account import held_until

        with pytest.raises(BadInput, match=said):
            held_until(words.split()[-1], ("UTC",))
        return
    done = CliRunner(env={"COLUMNS": "400"}).invoke(app, words.split())
    if isinstance(done.exception, BadInput):
        assert said in str(done.exception)
    else:
        assert done.exit_code == 2, (done.output, done.exception)
        assert said in done.output


def test_an_instant_may_have_an_offset() -> None:
    done = CliRunner().invoke(app, ["law", "explain", "A", "--at", "2026-11-29T09:00:00-05:00"])
    assert isinstance(done.exception, Misconfigured), "it goes on, to a database that is not named"


def test_a_file_that_was_named_is_told_with_what_the_system_says() -> None:
    said = r"--x: /nonexistent/a cannot be used \(No such file"
    with pytest.raises(BadInput, match=said), named("--x", Path("b")):
        Path("/nonexistent/a").touch()


def test_output_that_is_not_taken_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        status, _, said = command(*WEEK, stdout=full.fileno())
    assert (status, said) == (
        2,
        "error: standard output cannot be written (No space left on device)\n",
    )


@pytest.mark.parametrize(
    ("words", "stream"),
    [
        ("law check", "stdout"),
        ("--version", "stdout"),
        ("law week --help", "stdout"),
        ("law week --jurisdiction CO --from 2026-11-23", "stdout"),
        ("law week --jurisdiction XX --from 2026-11-23", "stderr"),
        ("law week", "stderr"),
    ],
)
def test_a_reader_that_has_gone_ends_a_command_without_a_word(words: str, stream: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    out, err = (writing if stream == one else subprocess.PIPE for one in ("stdout", "stderr"))
    told = command(*words.split(), stdout=out, stderr=err)
    os.close(writing)
    assert told == (1, "", "")


@pytest.mark.parametrize(
    ("words", "closed", "status", "heard"),
    [
        ("--version", ">&-", 0, ""),
        ("law week --help", ">&-", 0, ""),
        ("config check", ">&-", 2, "CONTRAPUNTO_DATABASE_URL"),
        ("config check --json", "2>&-", 2, '"faults"'),
        ("law week --jurisdiction XX --from 2026-11-23", "2>&-", 2, ""),
        ("law check", ">&-", 3, ""),
        ("law check", "<&-", 2, "error: standard input is closed"),
        ("law check", "0>/dev/null", 2, "error: standard input cannot be read"),
        ("--version", "<&- >&- 2>&-", 0, ""),
    ],
)
def test_a_stream_that_was_closed_is_no_mistake_of_ours(
    words: str, closed: str, status: int, heard: str
) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m workers {words} {closed}"],
        cwd=ROOT,
        env=kept,
        input="{}",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = done.stdout + done.stderr
    assert (done.returncode, heard in said, "unexpected" in said) == (status, True, False), said


def test_a_letter_that_the_terminal_lacks_is_spelt_out() -> None:
    status, out, said = command(*WEEK, "--json", PYTHONIOENCODING="ascii")
    assert (status, said) == (0, "")
    assert "holiday" in out


@pytest.mark.parametrize("error", [KeyError, OSError, ImportError])
@pytest.mark.parametrize(
    "words",
    [
        "ledger resume --note x",
        "ledger settle a --note x --accepted",
        "inbound list",
        "customer show C1",
    ],
)
def test_a_user_without_a_name_is_asked_for_one(
    words: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise error("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("workers.cli.shell.getuser", nameless)
    done = CliRunner().invoke(app, words.split())
    assert isinstance(done.exception, BadInput)
    assert str(done.exception).startswith("--by: ")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_stays_json_where_an_encoding_lacks_letters(encoding: str) -> None:
    text = "é ş 🏦 \udcff"
    code = (
        "from workers.cli.standard_streams import tell_of_standard_output as tell; "
        f"from workers.cli.output import line; tell(); print(line({{'text': {text!a}}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout.decode(encoding)) == {"text": text}


def test_a_week_as_json_says_of_each_stretch_what_closes_it() -> None:
    status, out, said = command(*WEEK, "--json")
    assert (status, said) == (0, "")
    week = json.loads(out)
    assert [day["date"] for day in week["days"]] == [f"2026-11-{day}" for day in range(23, 30)]
    stretches = [stretch for day in week["days"] for stretch in day["stretches"]]
    assert {stretch["open"] for stretch in stretches} == {True, False}
    assert all((stretch["rule"] is None) == stretch["open"] for stretch in stretches)


def test_a_sentence_in_a_pipe_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 90 + ".csv")
    file.write_text(",".join((*COLUMNS, "surprise")), "utf-8")
    status, _, said = command("law", "week", "--jurisdiction", "XX", "--from", "2026-11-23")
    assert (status, said.count("\n")) == (2, 1)
    code = "from workers.cli.shell import console; console.print('word ' * 60)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('{"foo": "x"}', "foo is not known"),
        ('{"port": "x"}', "port must be a whole number"),
        ('{"port": 99999}', "port must be less than"),
        ("[1]", "must be an object of JSON"),
        ("{", "must be JSON"),
    ],
)
def test_settings_of_the_sandbox_that_are_wrong_are_named(
    tmp_path: Path, said: str, told: str
) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text(said, "utf-8")
    done = CliRunner().invoke(app, ["sandbox", "--alone", "--config", str(file)])
    assert isinstance(done.exception, BadInput | Misconfigured), done.exception
    assert told in str(done.exception)
    assert str(file) in str(done.exception)


def test_a_sandbox_on_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("CONTRAPUNTO_SANDBOX_PORT", str(port))
        done = CliRunner().invoke(app, ["sandbox", "--alone"])
    assert isinstance(done.exception, Misconfigured)
    assert f"cannot listen on 127.0.0.1:{port}" in str(done.exception)
    assert "set CONTRAPUNTO_SANDBOX_PORT to a free port" in str(done.exception)


@pytest.mark.parametrize("path", ["/proc/x/received.jsonl", "/proc", "/dev/null/x"])
def test_a_place_for_what_the_sandbox_delivers_is_looked_at_first(path: str) -> None:
    done = CliRunner().invoke(app, ["sandbox", "--alone", "--received", path])
    assert isinstance(done.exception, BadInput)
    assert str(done.exception).startswith("--received: ")
