"""A worker as a process: one that is started with a bad policy refuses, one that runs goes on."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from config.learning.policy_files import signed
from config.learning.signing import Pair, new_pair, sign
from config.settings import ROOT
from lab.local.postgres import free_port
from lab.local.temporal import LocalTemporal
from tests.support.serving import until_ready
from tests.unit.learning.support import policy

PAIR, STRANGER = new_pair(), new_pair()
GOOD = signed(policy(id="latam"), SecretStr(PAIR.private))


def changed(**fields: Any) -> str:
    """The policy changed, and not signed anew."""
    told = json.loads(GOOD)
    told["policy"].update(fields)
    return json.dumps(told)


def anew(by: Pair = PAIR, **fields: Any) -> str:
    """The policy changed, and signed by somebody."""
    content = json.loads(GOOD)["policy"] | fields
    signature = sign(content, SecretStr(by.private)).model_dump()
    return json.dumps({"policy": content, "signature": signature})


BAD = {
    "changed after it was signed": (changed(floor=0.4), "was changed after it was signed"),
    "signed by somebody else": (anew(STRANGER), "which is not trusted"),
    "of a format that is not known": (anew(format=2), "format must be 1"),
    "with a field that is not known": (anew(days={}), "days"),
    "cut off": (GOOD[: len(GOOD) // 2], "cannot be read"),
}


def worker(
    folder: Path, database_url: str, temporal: str, **more: str
) -> "subprocess.Popen[bytes]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    told = {
        "CONTRAPUNTO_DATABASE_URL": database_url,
        "CONTRAPUNTO_POLICIES": str(folder),
        "CONTRAPUNTO_POLICY_KEYS": PAIR.public,
        "TEMPORAL_ADDRESS": temporal,
        "COLUMNS": "400",
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "workers", "worker"],
        cwd=ROOT,
        env=kept | told,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )


def refused(process: "subprocess.Popen[bytes]") -> str:
    """What it says as it ends by itself."""
    said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 2, said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=list(BAD))
def test_a_worker_does_not_start_with_a_bad_policy_and_names_the_file(
    text: str, words: str, tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "latam.json").write_text(text, encoding="utf-8")
    said = refused(worker(tmp_path, database_url, "127.0.0.1:1"))
    assert f"policy {tmp_path / 'latam.json'}" in said
    assert words in said


@pytest.fixture(scope="module")
def server() -> Iterator[LocalTemporal]:
    made = LocalTemporal(None, fast_time=True)
    asyncio.run(made.start())
    yield made
    made.stop()


async def test_a_worker_that_runs_goes_on_with_the_policy_that_it_has_read(
    tmp_path: Path, database_url: str, server: LocalTemporal
) -> None:
    file, port = tmp_path / "latam.json", free_port()
    file.write_text(GOOD, encoding="utf-8")
    probe = f"http://127.0.0.1:{port}"
    running = worker(
        tmp_path, database_url, server.address, CONTRAPUNTO_WORKER_PROBE_PORT=str(port)
    )
    try:
        await until_ready(probe, running, 120)
        text, words = BAD["changed after it was signed"]
        file.write_text(text, encoding="utf-8")
        assert words in refused(worker(tmp_path, database_url, server.address))
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{probe}/readyz")).status_code == 200
        assert running.poll() is None
    finally:
        running.terminate()
        running.communicate(timeout=60)
    assert running.returncode == 0, "it ended when it was told to, and not before"
