"""The command in processes of its own: it reaches for nothing, and cores change nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import ROOT
from lab.demo.portfolio import SAMPLE, write_portfolio
from tests.unit.simulation.support import BEGAN

WATCH = """
import os, sys
_LOG = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

def _hook(event, given):
    if event.startswith("socket.") or event in ("os.remove", "os.rename", "os.mkdir"):
        told = event, str(given)
    elif event == "open" and isinstance(given[0], (str, bytes)) and given[2] & _WRITES:
        told = "write", os.fsdecode(given[0])
    elif event == "open" and str(given[0]).endswith("co.yaml"):
        told = "read", str(given[0])
    else:
        return
    os.write(_LOG, f"{os.getpid()} {told[0]} {told[1]}\\n".encode())

sys.addaudithook(_hook)
"""
"""Every process of the command begins with it, those that it starts, too."""


def simulate(folder: Path, *more: str) -> tuple[list[list[str]], str]:
    """Run the command; what it reached for, line by line, and what it said."""
    site = folder / "site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    log = folder / "watched.log"
    log.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "WATCHED": str(log),
        "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    begins = ["--from", BEGAN.date().isoformat()]
    command = [sys.executable, "-m", "workers", "simulate", "portfolio.csv", *begins, *more]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = log.read_text(encoding="utf-8").splitlines()
    return [line.split(" ", 2) for line in lines], done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = tmp_path / "portfolio.csv"
    # More groups than one process is given at a time.
    write_portfolio(SAMPLE, file, accounts=330, today=BEGAN.date(), seed=3)
    return tmp_path


@pytest.mark.timeout(300)
def test_a_dry_run_connects_to_nothing_and_writes_what_it_was_asked_to_alone(folder: Path) -> None:
    wrote = ("--json", "out.json", "--html", "out.html")
    seen, said = simulate(folder, "--days", "20", "--cores", "2", *wrote)
    assert len({process for process, what, _ in seen if what == "read"}) == 3, "all were watched"
    reached = [(what, where) for _, what, where in seen if what not in ("read", "write")]
    assert reached == []
    written = {Path(where).name for _, what, where in seen if what == "write"}
    assert written == {"out.json", "out.html"}
    assert "nothing of real debtors" in said


@pytest.mark.timeout(300)
def test_one_core_or_two_write_the_same_to_the_byte(folder: Path) -> None:
    more = ("--days", "30", "--seeds", "2", "--against", "default")
    _, one = simulate(folder, *more, "--cores", "1", "--json", "one.json", "--html", "one.html")
    _, two = simulate(folder, *more, "--cores", "2", "--json", "two.json", "--html", "two.html")
    assert one == two
    for kind in ("json", "html"):
        first, second = ((folder / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
        assert first == second
    told = json.loads((folder / "one.json").read_text(encoding="utf-8"))
    assert told["strategies"][0]["figures"]["contacts"] > 0
