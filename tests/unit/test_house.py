"""The house stays laid out: sizes of files and folders, and SQL in one room."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from config.settings import ROOT

MOST_LINES = 500
MOST_FILES = 14
"""In a folder, side by side, its ``__init__`` not counted."""

HOLDS_SQL = {
    "store": "the one room for it",
    "migrations": "they make what the store reads",
    "tests": "they look at what the store has written",
    "lab/bench": "fills ledgers as nobody else does, and measures bare PostgreSQL beside them",
    "lab/capacity": "fills a ledger, and measures what its rows take",
    "lab/local/stack.py": "the server of one's own, before there is a schema",
    "lab/campaign/blows.py": "takes a server's connections away",
}
_STATEMENT = re.compile(
    r"^(\s|--[^\n]*\n|\()*("
    r"SELECT\s.+|INSERT\s+INTO\s.+|UPDATE\s+(ONLY\s+)?\w+(\s+(AS\s+)?\w+)?\s+SET\s.+"
    r"|DELETE\s+FROM\s.+|MERGE\s+INTO\s.+|WITH\s+(RECURSIVE\s+)?\w+(\s*\([^)]*\))?\s+AS\s.+"
    r"|(CREATE|ALTER|DROP)\s+(TEMPORARY\s+|UNIQUE\s+)?(TABLE|INDEX|FUNCTION|TRIGGER|DATABASE)\s.+"
    r"|TRUNCATE\s.+|LOCK\s+TABLE\s.+|ANALYZE\s.+|COPY\s+\w+.+)",
    re.DOTALL,
)


def files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in listed.stdout.split() if (ROOT / name).exists()]


FILES = files()


@pytest.mark.skipif(not FILES, reason="no git checkout: nothing says which files are ours")
def test_no_file_is_longer_than_one_reads_in_one_go() -> None:
    lengths = {str(file): len((ROOT / file).read_text("utf-8").splitlines()) for file in FILES}
    assert {name: count for name, count in lengths.items() if count > MOST_LINES} == {}


def test_no_folder_holds_more_than_one_can_look_over() -> None:
    # Migrations stay as they were written, one behind the other.
    kept = [file for file in FILES if file.parent != Path("migrations/versions")]
    inside = Counter(str(file.parent) for file in kept if file.name != "__init__.py")
    assert {name: count for name, count in inside.items() if count > MOST_FILES} == {}


def _texts(tree: ast.AST) -> list[str]:
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "-- why\nSELECT 1",
        "(SELECT 1) UNION SELECT 2",
        "UPDATE accounts a SET phase = 1",
        "UPDATE accounts SET phase = 1",
        "WITH RECURSIVE one (a) AS (VALUES (1)) SELECT 1",
        "TRUNCATE accounts",
        "CREATE TABLE x (y int)",
        "ALTER TABLE x ADD y int",
        "LOCK TABLE x",
        "MERGE INTO x USING y",
    ],
)
def test_a_statement_is_known_when_it_is_seen(text: str) -> None:
    assert _STATEMENT.match(text)


def test_the_store_holds_all_sql() -> None:
    found = []
    for file in FILES:
        if any(Path(room) in (file, *file.parents) for room in HOLDS_SQL):
            continue
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        found += [f"{file}: {text[:40]!r}" for text in _texts(tree) if _STATEMENT.match(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("SELECT 1", True),
        ("\nSELECT a.b FROM c", True),
        ("UPDATE accounts SET balance = 1", True),
        ("with x as (", False),
        ("WITH x AS (SELECT 1)", True),
        ("Update the account", False),
        ("UPDATE", False),
    ],
)
def test_what_counts_as_sql(text: str, *, is_sql: bool) -> None:
    assert bool(_STATEMENT.match(text)) is is_sql


def test_what_strangers_write_is_parsed_in_one_place() -> None:
    """``json.loads`` goes to the stack's end where a text is nested deeply enough."""
    open_rooms = {"activities", "domain", "workers", "workflows"}
    texts = {
        str(file): (ROOT / file).read_text("utf-8") for file in FILES if file.parts[0] in open_rooms
    }
    assert [name for name, text in texts.items() if re.search(r"json\.loads?\(", text)] == [
        "domain/entry/json_text.py"
    ]


def test_the_lab_leans_on_no_test() -> None:
    """Whoever takes the tests away, or changes their helpers, must not break what is measured."""
    leaning = {
        str(file)
        for file in FILES
        if file.parts[0] == "lab"
        for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "tests")
        or (isinstance(node, ast.Import) and any(n.name.startswith("tests.") for n in node.names))
    }
    assert leaning == set()


def test_every_test_is_in_one_group_of_make_test_or_in_production() -> None:
    told = dict(re.findall(r"^(\w+) := (tests/.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = " ".join(told.values()).replace("$(wildcard ", "").replace(")", "")
    groups = [*text.split(), "tests/production"]
    written = [file for file in FILES if file.name.startswith("test_")]
    for file in written:
        holders = [one for one in groups if file.match(one) or file.is_relative_to(one)]
        assert len(holders) == 1, file
