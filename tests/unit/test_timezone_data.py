"""Every process decides by the pinned time-zone data, whatever the machine has."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zoneinfo
from datetime import UTC, datetime
from importlib import metadata, resources
from pathlib import Path

import pytest
import tzdata
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from config.geo.timezone_data import (
    OLDEST,
    OLDEST_HOLIDAYS,
    refuse_old,
    refuse_old_holidays,
    versions,
)
from config.rule_packs import load_packs
from config.settings import ROOT
from domain.failures import Misconfigured
from tests.unit.law.support import ask

TOO_EARLY = datetime(2026, 7, 15, 12, 30, tzinfo=UTC)
"""06:30 in Mexico City, which has had no summer time since 2022; by older data it is 07:30."""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Zone files of a machine on which Mexico still has summer time, as Chicago has."""
    with resources.as_file(resources.files("tzdata") / "zoneinfo" / "America") as america:
        chicago = (america / "Chicago").read_bytes()
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Mexico_City").write_bytes(chicago)
    return tmp_path


def run(words: list[str], given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        input=given,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_law_is_not_fooled_by_the_machines_old_files(machine: Path) -> None:
    request = ask("MX", zones=["America/Mexico_City"], at=TOO_EARLY).model_dump_json()
    done = run(["-m", "workers", "law", "check"], request, PYTHONTZPATH=str(machine))
    assert (done.returncode, done.stderr) == (0, "")
    verdict = json.loads(done.stdout)
    assert verdict["verdict"] == "denied"
    assert verdict["next_allowed_at"] == "2026-07-15T13:00:00Z"


ZONE = "import zoneinfo; at = datetime.datetime(2026, 7, 15, 12, 30, tzinfo=datetime.UTC)"
WALL = "print(at.astimezone(zoneinfo.ZoneInfo('America/Mexico_City')).hour)"


@pytest.mark.parametrize(
    ("start", "hour"),
    [
        ("pass", "7"),  # what the machine would say
        ("import config", "6"),
        ("import lab.sandbox.persons.people", "6"),
        ("import lab.geo_tables", "6"),
    ],
)
def test_whatever_a_process_starts_from(machine: Path, start: str, hour: str) -> None:
    done = run(["-c", f"import datetime; {ZONE}; {start}; {WALL}"], PYTHONTZPATH=str(machine))
    assert (done.stdout.strip(), done.stderr) == (hour, "")


def test_a_forked_child_and_a_spawned_one_have_it_too(machine: Path) -> None:
    lines = (
        "import multiprocessing, sys",
        "def at_home(context):",
        "    with context.Pool(1) as pool: return pool.apply(hour)",
        "def hour():",
        "    import datetime, config, zoneinfo",
        "    at = datetime.datetime(2026, 7, 15, 12, 30, tzinfo=datetime.UTC)",
        "    return at.astimezone(zoneinfo.ZoneInfo('America/Mexico_City')).hour",
        "if __name__ == '__main__':",
        "    import config",
        "    print(*(at_home(multiprocessing.get_context(how)) for how in ('fork', 'spawn')))",
    )
    script = machine / "children.py"
    script.write_text("\n".join(lines), encoding="utf-8")
    done = run([str(script)], PYTHONTZPATH=str(machine), PYTHONPATH=str(ROOT))
    assert (done.stdout.strip(), done.stderr) == ("6 6", "")


def test_the_workflow_sandbox_shares_the_zones_of_its_process() -> None:
    assert zoneinfo.TZPATH == ()
    assert "zoneinfo" in SandboxRestrictions.passthrough_modules_default


def test_data_that_are_too_old_are_refused(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_old()
    monkeypatch.setattr(tzdata, "IANA_VERSION", "2025c")
    with pytest.raises(Misconfigured, match=f"of 2025c, those of {OLDEST} at least"):
        refuse_old()
    old = machine / "tzdata"
    old.mkdir()
    (old / "__init__.py").write_text("IANA_VERSION = '2022a'", encoding="utf-8")
    done = run(["-m", "workers", "law", "check"], PYTHONPATH=str(machine))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: the time-zone data are of 2022a")


def test_holidays_that_are_too_old_are_refused_wherever_the_law_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse_old_holidays()
    monkeypatch.setattr(metadata, "version", lambda _: "0.9.12")
    with pytest.raises(Misconfigured, match=f"of 0.9.12, those of {OLDEST_HOLIDAYS} at least"):
        refuse_old_holidays()
    monkeypatch.setattr(metadata, "version", lambda _: "0.79")
    with pytest.raises(Misconfigured, match="those of"):
        load_packs()


def test_the_versions_are_said() -> None:
    done = run(["-m", "workers", "--version"])
    assert done.returncode == 0
    assert versions() in done.stdout
    assert re.search(r"time zones 20\d\d[a-z], holidays [\d.]+$", versions())


def test_what_is_refused_is_what_the_project_does_not_ask_for() -> None:
    """2026.1 is the package of release 2026a."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [name for name in project["project"]["dependencies"] if name.startswith("tzdata")]
    year, letter = OLDEST[:4], ord(OLDEST[4]) - ord("a") + 1
    assert asked == [f"tzdata>={year}.{letter}"]
    dependencies = project["project"]["dependencies"]
    assert f"holidays>={OLDEST_HOLIDAYS}" in dependencies
