"""``contrapunto learn``, as somebody types it."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from domain.failures import BadInput, Misconfigured, NotFound
from lab.learning.bandit import lived, world
from workers.cli.main import app
from workers.learning.rows import as_row

RUN = CliRunner()


def typed(*words: object) -> Result:
    done = RUN.invoke(app, ["learn", *map(str, words)])
    if isinstance(done.exception, Exception) and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for told in typed("key").output.split():
        name, _, value = told.partition("=")
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    windows = lived(world(2), 9000, learns=False).windows
    file.write_text("\n".join(map(as_row, windows)), "utf-8")
    return file


@pytest.mark.usefixtures("keys")
def test_a_policy_is_made_shown_taken_and_judged_on_days_it_was_not_made_of(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "latam.json"
    blocks = ("--blocks", "7-10,10-13,13-16,16-19")
    made = typed("fit", "--rows", rows, "--to", "2026-01-20", "--out", out, *blocks)
    assert "policy latam, version 1, digest" in made.output
    assert "4176 windows from 2026-01-05 to 2026-01-19, 4176 of them chosen" in made.output
    monkeypatch.setenv("CONTRAPUNTO_POLICIES", str(tmp_path))
    assert typed("show", "latam").output == made.output
    later = typed("evaluate", "latam", "--rows", rows, "--json")
    told = json.loads(later.output)
    assert told["verdict"] == "better"
    assert told["of_its_own_days"] == 4176
    assert told["windows"] + told["of_its_own_days"] == 9000
    words = typed("evaluate", "latam", "--rows", rows).output
    assert "it would have drawn more payments and answers than what was done" in words
    assert "say nothing of it and are left out" in words
    own = typed("evaluate", out, "--rows", rows, "--to", "2026-01-20")
    assert own.exit_code == 1
    assert "No window is on record in which a policy chose" in own.output
    both = typed("evaluate", out, "--rows", rows, "--to", "2026-01-20", "--in-sample")
    assert "looks better than it is" in both.output


@pytest.mark.usefixtures("keys")
def test_what_was_changed_by_hand_is_signed_anew(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "p.json"
    typed("fit", "--rows", rows, "--out", out)
    monkeypatch.setenv("CONTRAPUNTO_POLICIES", str(tmp_path))
    told = json.loads(out.read_text("utf-8"))
    told["policy"]["version"] = 7
    out.write_text(json.dumps(told), "utf-8")
    with pytest.raises(Misconfigured, match="was changed after it was signed"):
        typed("show", "p")
    typed("sign", out)
    assert "version 7" in typed("show", "p").output


def test_without_a_key_nothing_is_made(rows: Path, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="learn key"):
        typed("fit", "--rows", rows, "--out", tmp_path / "p.json")
    assert not (tmp_path / "p.json").exists()


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--context", "sex"], "context"),
        (["--blocks", "10-7"], "blocks must ascend"),
        (["--blocks", "early"], "--blocks: 'early' is none"),
        (["--band", "COP"], "--band: 'COP' is none"),
        (["--id", "A B"], "id: "),
        (["--from", "2030-01-01"], "nothing to learn"),
    ],
)
def test_what_is_typed_wrong_is_named(
    rows: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        typed("fit", "--rows", rows, "--out", tmp_path / "p.json", *words)


@pytest.mark.usefixtures("keys")
def test_rows_that_cannot_be_read_are_named_by_line_and_field(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    for text, said in (('{"person": 1}', "line 1: at"), ("{", "line 1: is no JSON")):
        bad.write_text(text, "utf-8")
        with pytest.raises(BadInput, match=said):
            typed("fit", "--rows", bad, "--out", tmp_path / "p.json")


def test_a_policy_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match="no policy 'latam'"):
        typed("show", "latam")


def test_fitting_a_score_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    monkeypatch.delitem(sys.modules, "workers.learning.score_fit", raising=False)
    with pytest.raises(Misconfigured, match=r"pip install -r requirements/learn.lock"):
        typed("score", "fit", tmp_path / "a.csv", "--mapping", "m.yaml", "--out", "s.json")
