"""The samples of the guide do what they say, each in the language it is written in."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config.settings import ROOT
from lab.local.postgres import LocalPostgres
from tests.integration.api.conftest import token
from tests.integration.api.upstream.served import Served

SAMPLES = ROOT / "docs" / "samples" / "upstream"


@pytest.fixture(scope="module")
def address(postgres: LocalPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Served(tmp_path_factory.mktemp("api"), postgres.url).running() as made:
        yield made


def _runs_typescript() -> bool:
    """Node that leaves types away by itself, or a compiler that does."""
    if shutil.which("tsc") and shutil.which("node"):
        return True
    node = shutil.which("node")
    if node is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= (22, 18)


COMMANDS = [
    pytest.param(
        ["sh", "put.sh"],
        "S-1",
        id="curl",
        marks=pytest.mark.skipif(not shutil.which("curl"), reason="needs curl"),
    ),
    pytest.param([sys.executable, "put.py"], "S-2", id="python"),
    pytest.param(
        ["node", "put.ts"],
        "S-3",
        id="typescript",
        marks=pytest.mark.skipif(not _runs_typescript(), reason="needs node 22.18, or tsc"),
    ),
    pytest.param(
        ["java", "Put.java"],
        "S-4",
        id="java",
        marks=pytest.mark.skipif(not shutil.which("javac"), reason="needs a JDK"),
    ),
]


@pytest.mark.parametrize(("command", "account"), COMMANDS)
def test_a_sample_puts_pays_and_reads_an_account(
    address: str, command: list[str], account: str, tmp_path: Path
) -> None:
    if command[0] == "node" and shutil.which("tsc"):
        out = ["--outDir", str(tmp_path), "--target", "es2022", "--module", "es2022", "--noCheck"]
        subprocess.run(["tsc", command[1], *out], cwd=SAMPLES, check=True)
        (tmp_path / "put.js").rename(tmp_path / "put.mjs")
        command = ["node", str(tmp_path / "put.mjs")]
    told = {"CONTRAPUNTO_URL": address, "CONTRAPUNTO_TOKEN": token("all")}
    done = subprocess.run(
        command, cwd=SAMPLES, env=os.environ | told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("created", f"pay-{account}", "open"):
        assert word in done.stdout
    headers = {"Authorization": f"Bearer {token('all')}"}
    kept = httpx.get(f"{address}/v1/accounts/banco-andino/{account}", headers=headers)
    assert kept.json()["customer_id"] == account.replace("S", "SC")


def test_every_sample_is_run() -> None:
    named = {one.values[0][-1] for one in COMMANDS}  # type: ignore[index]
    assert {file.name for file in SAMPLES.iterdir()} == named
