"""Compose, systemd and the image's own file name what this program has."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from config.settings import ROOT, Settings
from lab.reference.commands import commands
from tests.unit.deploy.manifests import (
    DEPLOY,
    OF_PYTHON,
    OF_TEMPORAL,
    env_file,
    is_secret,
    variables,
)
from workers.cli.main import app
from workers.process import healthy
from workers.worker import DRAIN

KNOWN = {name.removeprefix("contrapunto ") for name, _ in commands(get_command(app))}
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
OURS = {name: one for name, one in COMPOSE["services"].items() if "contrapunto" in one["image"]}
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")


@pytest.mark.parametrize("name", OURS)
def test_every_service_of_compose_runs_a_command_with_settings_of_ours(name: str) -> None:
    service = OURS[name]
    assert " ".join(service["command"]) in KNOWN
    assert set(service["environment"]) <= set(variables()) | OF_TEMPORAL
    assert not [one for one in service["environment"] if is_secret(one)]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    ports = {"gateway": Settings().gateway_port, "api": Settings().api_port}
    ports |= {"codec": Settings().codec_port}
    told = service.get("ports", [])
    assert told == ([f"127.0.0.1:{ports[name]}:{ports[name]}"] if name in ports else [])


def test_what_compose_waits_for_is_there_and_says_that_it_is_well() -> None:
    services = COMPOSE["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}"
            if how["condition"] == "service_healthy" and other not in OURS:
                assert "healthcheck" in services[other]


def test_the_example_of_an_environment_names_settings() -> None:
    given = env_file(DEPLOY / "contrapunto.example.env")
    assert set(given) <= set(variables()) | OF_TEMPORAL
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"deploy/contrapunto.env", "deploy/postgres.password"} <= set(ignored)


@pytest.mark.parametrize("unit", UNITS, ids=[unit.stem for unit in UNITS])
def test_every_unit_runs_a_command_and_gives_it_time_to_end(unit: Path) -> None:
    text = unit.read_text("utf-8")
    (words,) = re.findall(r"^ExecStart=\S+ -m workers (.+)$", text, re.MULTILINE)
    assert words in KNOWN
    assert unit.stem == f"contrapunto-{words}"
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert line in text.splitlines()
    stops = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert [one for one in stops if int(one) <= DRAIN.total_seconds()] == []


@pytest.mark.parametrize("unit", UNITS, ids=[unit.stem for unit in UNITS])
def test_systemd_takes_every_unit(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    # The program lies elsewhere on this machine.
    text = unit.read_text("utf-8").replace("/opt/contrapunto/.venv/bin/python", "/usr/bin/env")
    copy = tmp_path / unit.name
    copy.write_text(text.replace("/opt/contrapunto", "/"), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []


def test_the_image_has_settings_of_ours_and_exposes_what_is_served() -> None:
    block = re.findall(r"^ENV (.*?)(?<!\\)$", CONTAINERFILE, re.MULTILINE | re.DOTALL)[0]
    given = dict(re.findall(r"(\w+)=(\S+)", block))
    assert set(given) - {"PATH", "HOME"} <= set(variables()) | OF_PYTHON
    (ports,) = re.findall(r"^EXPOSE (.+)$", CONTAINERFILE, re.MULTILINE)
    settings, probe = Settings(), int(given["CONTRAPUNTO_WORKER_PROBE_PORT"])
    served = {settings.gateway_port, settings.api_port, settings.codec_port, probe}
    assert set(map(int, ports.split())) == served


def test_the_image_holds_every_room_of_production_and_no_other() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", CONTAINERFILE, re.MULTILINE))
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    (rooms,) = re.findall(r"^packages = \[(.+)\]$", project, re.MULTILINE)[:1]
    assert copied == {*re.findall(r"\"(\w+)\"", rooms), "migrations"} - {"lab"}
    allowed = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in copied} <= set(allowed)


@pytest.mark.parametrize(
    ("words", "port"),
    [
        ("python\0-m\0workers\0gateway\0", 8080),
        ("python\0-m\0workers\0api\0", 8083),
        ("python\0-m\0workers\0codec\0", 8082),
        ("python\0-m\0workers\0worker\0", 8084),
        ("python\0-m\0workers\0migrate\0", None),
    ],
)
def test_the_health_check_asks_the_process_that_runs(words: str, port: int | None) -> None:
    assert healthy.port_of(words.split("\0"), Settings(worker_probe_port=8084)) == port


def test_the_health_check_says_whether_somebody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = tmp_path / "cmdline"
    monkeypatch.setattr(healthy, "COMMAND", line)
    assert healthy.main() == 1
    line.write_text("python\0-m\0workers\0migrate\0", "utf-8")
    assert healthy.main() == 0
    monkeypatch.setenv("CONTRAPUNTO_GATEWAY_PORT", "9")
    line.write_text("python\0-m\0workers\0gateway\0", "utf-8")
    assert healthy.main() == 1
