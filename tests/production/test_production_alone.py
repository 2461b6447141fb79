"""A checkout with production's lock alone runs what a deployment runs, and says what it lacks.

It makes a fresh venv (about a minute), so it runs only where it is asked for.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import ROOT
from tests.support.imports import imported, production_files

pytestmark = [
    pytest.mark.skipif(
        "TEST_PRODUCTION" not in os.environ,
        reason="makes a venv of its own: `make test-production`",
    ),
    pytest.mark.timeout(600),
]

NO_DATABASE = "CONTRAPUNTO_DATABASE_URL is not set"
COMMANDS = {
    "--help": (0, "Conducts debt collection"),
    "--version": (0, "contrapunto 0."),
    "config check": (2, NO_DATABASE),
    "worker": (2, NO_DATABASE),
    "gateway": (2, NO_DATABASE),
    "migrate": (2, NO_DATABASE),
    "codec": (2, "names no key"),
    "intake {folder}/accounts.csv": (1, "Temporal"),
    "events {folder}/events.jsonl": (1, "Temporal"),
    "account refused": (2, NO_DATABASE),
    "account show andino/A1": (2, NO_DATABASE),
    "account hold andino/A1 --until 2030-01-01": (2, NO_DATABASE),
    "account resume andino/A1": (2, NO_DATABASE),
    "account close andino/A1": (2, NO_DATABASE),
    "account overdue": (2, NO_DATABASE),
    "customer timeline C1": (2, NO_DATABASE),
    "ledger export": (2, NO_DATABASE),
    "ledger unknown": (2, NO_DATABASE),
    "ledger settle 5d0c --refused --note none": (1, "Temporal"),
    "ledger resume --note compared": (1, "Temporal"),
    "law explain andino/A1": (2, NO_DATABASE),
    "law week --jurisdiction US --jurisdiction US-MA --from 2026-11-02": (0, "2026"),
    "law check": (0, ""),
    "law docs --folder {folder}": (0, "files written"),
    "demo": (2, "requirements/local.lock"),
    "dev": (2, "requirements/local.lock"),
    "sandbox": (2, "requirements/local.lock"),
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a venv with production's lock and nothing else."""
    venv = tmp_path_factory.mktemp("production") / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    lock = ROOT / "requirements" / "production.lock"
    install = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*install, "-r", str(lock)], check=True)
    return Path(venv, "bin", "python")


def run(python: Path, *words: str, given: str = "") -> tuple[int, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [python, *words],
        cwd=ROOT,
        env={**kept, "TEMPORAL_ADDRESS": "127.0.0.1:1", "COLUMNS": "400"},
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_module_that_production_imports_is_there(python: Path) -> None:
    wanted = sorted({name for path in production_files() for name in imported(path)})
    ask = (
        "import sys, json, importlib.util\n"
        "names = json.load(sys.stdin)\n"
        "print(json.dumps([n for n in names if importlib.util.find_spec(n) is None]))"
    )
    status, said = run(python, "-c", ask, given=json.dumps(wanted))
    assert (status, said.strip()) == (0, "[]")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_a_deployment_runs(python: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "accounts.csv").write_text("", encoding="utf-8")
    (tmp_path / "events.jsonl").write_text("", encoding="utf-8")
    status, words = COMMANDS[command]
    done, said = run(python, "-m", "workers", *command.format(folder=tmp_path).split())
    assert done == status, said
    assert words in said
    assert "Traceback" not in said
    assert "unexpected" not in said
    if "lock" in words:
        assert said.count("\n") == 1, "one line says which lock to install"
