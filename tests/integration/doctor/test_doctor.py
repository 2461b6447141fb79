"""The list as a whole: what is in this process and on this machine, and the command."""

import json
import os
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from config.settings import ROOT, Settings
from lab.local.temporal import LocalTemporal
from tests.integration.doctor.conftest import faults, found, said
from workers.doctor import secrets
from workers.doctor.findings import Check, Finding, examined, ok

LONG = "0123456789abcdef0123456789abcdef"


async def test_a_check_that_breaks_is_a_line_and_stops_no_other() -> None:
    async def breaks() -> list[Finding]:
        raise RuntimeError("Ana owes 5")

    async def is_well() -> list[Finding]:
        return [ok("well")]

    broken, well = await examined([Check("one", breaks), Check("two", is_well)])
    assert (broken.check, broken.verdict) == ("one", "cannot tell")
    assert "RuntimeError at " in broken.what
    assert "Ana" not in str(broken)
    assert (well.check, well.what) == ("two", "well")


@pytest.mark.parametrize("value", ["short", "a" * 64, "abababababababababab"])
def test_a_secret_that_can_be_guessed_is_a_fault(value: str) -> None:
    findings = secrets.examine(Settings(unsubscribe_key=value), {})
    (only,) = faults(findings)
    assert only.startswith("CONTRAPUNTO_UNSUBSCRIBE_KEY can be guessed")
    assert value not in str(findings)


def test_mails_without_a_way_to_unsubscribe_are_told() -> None:
    told = said(secrets.examine(Settings(sendgrid_api_key="SG.x"), {}), "warning")
    assert "CONTRAPUNTO_UNSUBSCRIBE_KEY is not set" in told


@pytest.mark.parametrize(
    ("mode", "verdict"), [(0o600, "ok"), (0o640, "ok"), (0o660, "warning"), (0o644, "fault")]
)
def test_a_file_with_secrets_is_not_for_everybody(tmp_path: Path, mode: int, verdict: str) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text("[profile.prod]\n", "utf-8")
    file.chmod(mode)
    findings = secrets.examine(Settings(), {"TEMPORAL_CONFIG_FILE": str(file)})
    assert findings[0].verdict == verdict
    assert stat.S_IMODE(file.stat().st_mode) == mode, "it only looks"


def test_the_key_file_of_the_databases_address_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "client.key"
    file.write_text("key", "utf-8")
    file.chmod(0o644)
    url = f"postgresql://me:secret@db/x?sslkey={file}"
    (only,) = faults(secrets.examine(Settings(database_url=url), {}))
    assert only.startswith("sslkey in CONTRAPUNTO_DATABASE_URL names a file that everybody")


async def test_old_data_are_told() -> None:
    new, old = date(2026, 12, 1), date(2028, 12, 1)
    assert said(await found(Settings(), "data", today=new), "warning") == ""
    told = said(await found(Settings(), "data", today=old), "warning")
    assert "the time-zone data are of" in told
    assert "the law was last read on" in told


async def test_a_configuration_that_cannot_be_read_is_a_fault(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "default.yaml").write_text("phases: none\n", "utf-8")
    wrong = settings.model_copy(update={"strategies": tmp_path, "fast_time": True})
    told = "\n".join(faults(await found(wrong, "settings")))
    assert "default.yaml" in told
    assert "CONTRAPUNTO_FAST_TIME is set" in told


def test_the_command_ends_with_2_where_something_is_wrong_and_tells_it_as_json(
    database_url: str, temporal: LocalTemporal
) -> None:
    given = {"CONTRAPUNTO_DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal.address}
    done = _run(given, "--only", "postgres,temporal,clock", "--json")
    listed = json.loads(done.stdout)["findings"]
    assert done.returncode == 0, done.stdout
    assert {one["check"] for one in listed} == {"postgres", "temporal", "clock"}
    assert set(listed[0]) == {"verdict", "what", "todo", "check"}
    assert _run(given, "--only", "postgres", "--strict").returncode == 2, "a superuser"
    wrong = _run({**given, "CONTRAPUNTO_GATEWAY_PORT": "many"}, "--only", "settings,postgres")
    assert wrong.returncode == 2
    assert "CONTRAPUNTO_GATEWAY_PORT" in wrong.stdout
    assert "the schema is at" in wrong.stdout, "what else there is to say is said"


def test_the_command_knows_its_checks() -> None:
    done = _run({}, "--skip", "weather")
    assert done.returncode == 2
    assert "'weather' is no check: there are settings, secrets" in done.stderr


def _run(given: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "workers", "doctor", *words]
    return subprocess.run(
        command, cwd=ROOT, env={**kept, **given}, capture_output=True, text=True, check=False
    )
