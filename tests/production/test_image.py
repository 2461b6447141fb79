"""The image, built from a base of Debian's packages and run as it is in a cluster: any uid, a root
that cannot be written to.

It needs root (mounts, debootstrap) and some minutes, so it runs only where it is asked for. buildah
and debootstrap are installed from Debian where they are missing.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from config.settings import ROOT
from lab.builders.parts import SANDBOX
from lab.local.postgres import LocalPostgres, free_port
from lab.local.temporal import LocalTemporal
from lab.sandbox.app import create_app
from lab.sandbox.server import in_thread
from tests.support.sandbox import ignoring
from workers.version import VERSION

pytestmark = [
    pytest.mark.skipif("TEST_IMAGE" not in os.environ, reason="builds an image: `make test-image`"),
    pytest.mark.timeout(1200),
]

BASE, TAG = "localhost/contrapunto-base:test", "localhost/contrapunto:test"
ANYBODY = 54_321
"""A uid that the image does not know."""


def _missing() -> list[str]:
    return [one for one in ("buildah", "debootstrap") if shutil.which(one) is None]


def _have_tools() -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting and debootstrap need root")
    if _missing():
        for words in (["update"], ["install", "-y", "--no-install-recommends", *_missing()]):
            subprocess.run(["apt-get", *words], capture_output=True, check=False)
    if _missing():
        pytest.skip(f"{', '.join(_missing())} cannot be installed here")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The image's files, mounted; nothing of it is left behind. IMAGE_ROOT: one that is mounted."""
    if "IMAGE_ROOT" in os.environ:
        yield Path(os.environ["IMAGE_ROOT"])
        return
    _have_tools()
    folder = tmp_path_factory.mktemp("image")
    storage = folder / "storage.conf"
    places = f'graphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
    storage.write_text(f'[storage]\ndriver = "vfs"\n{places}', "utf-8")
    (folder / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n", "utf-8")
    environ = {
        **os.environ,
        "CONTAINERS_STORAGE_CONF": str(storage),
        "BUILDAH_ISOLATION": "chroot",
        "PIP_CONFIG": str(folder / "pip.conf"),
    }
    wheels = folder / "wheels"
    for lock in ("production", "image"):
        ask = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "-d"]
        subprocess.run([*ask, wheels, "-r", f"requirements/{lock}.lock"], cwd=ROOT, check=True)
    scripts = ROOT / "deploy" / "image"
    subprocess.run([scripts / "debian_base.sh", BASE], env=environ, check=True)
    volume = ["--volume", f"{wheels}:/wheels:ro"]
    subprocess.run([scripts / "build.sh", BASE, TAG, *volume], env=environ, check=True)
    try:
        made = _said(["buildah", "from", "--pull-never", TAG], environ)
        yield Path(_said(["buildah", "mount", made], environ))
    finally:
        subprocess.run(["buildah", "umount", "--all"], env=environ, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _said(words: list[str], environ: Mapping[str, str]) -> str:
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


IN_IT = """
mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" "$1" &&
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp" && mount -t proc proc "$1/proc" &&
mount --rbind /dev "$1/dev" || exit 99
root=$1 uid=$2; shift 2
cd / && exec chroot --userspec="$uid:$uid" "$root" /usr/bin/env -i -C /opt/contrapunto \
    PATH=/opt/contrapunto/.venv/bin:/usr/bin:/bin HOME=/tmp "$@"
"""


def command(root: Path, given: Mapping[str, str], *words: str) -> list[str]:
    told = [f"{name}={value}" for name, value in given.items()]
    return ["unshare", "-m", "sh", "-c", IN_IT, "in", str(root), str(ANYBODY), *told, *words]


def run(root: Path, *words: str, **given: str) -> tuple[int, str]:
    asked = command(root, {"COLUMNS": "400", **given}, *words)
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_it_answers_as_anybody_on_a_root_that_cannot_be_written_to(root: Path) -> None:
    assert run(root, "sh", "-c", "id -u; touch /opt/contrapunto/x")[1].startswith(f"{ANYBODY}\n")
    assert "Read-only file system" in run(root, "touch", "/opt/contrapunto/x")[1]
    status, told = run(root, "contrapunto", "--help")
    assert (status, "everything an operator" in told) == (0, True)
    assert f"contrapunto {VERSION}" in run(root, "contrapunto", "--version")[1]


def test_it_holds_no_build_tools_and_nothing_that_only_plays(root: Path) -> None:
    assert run(root, "sh", "-c", "command -v python")[0] == 0
    for tool in ("pip", "pip3", "gcc", "cc", "make", "git", "uv"):
        assert run(root, "sh", "-c", f"command -v {tool}")[0] != 0, tool
    there = {path.name for path in (root / "opt" / "contrapunto").iterdir()}
    assert not {"lab", "tests", "requirements", ".git", "docs"} & there
    assert run(root, "python", "-c", "import pip")[0] != 0


def test_it_says_what_is_in_it(root: Path) -> None:
    listed = json.loads((root / "opt/contrapunto/sbom.cdx.json").read_text("utf-8"))
    assert listed["bomFormat"] == "CycloneDX"
    pins = {(one["name"].lower(), one["version"]) for one in listed["components"]}
    lock = (ROOT / "requirements" / "production.lock").read_text("utf-8")
    asked = {line.partition("==")[0].lower() for line in lock.splitlines() if "==" in line}
    assert {name.replace("_", "-").replace(".", "-") for name, _ in pins} <= {
        name.replace("_", "-").replace(".", "-") for name in asked
    }
    assert "temporalio" in {name for name, _ in pins}


async def test_a_worker_and_the_doctor_run_against_real_servers(
    root: Path, postgres: LocalPostgres, tmp_path: Path
) -> None:
    temporal, port = LocalTemporal(None), free_port()
    await temporal.start()
    with in_thread(create_app(ignoring())) as sandbox_url:
        given = {
            "CONTRAPUNTO_DATABASE_URL": postgres.url,
            "CONTRAPUNTO_WORKER_PROBE_PORT": str(port),
            "TEMPORAL_ADDRESS": temporal.address,
            "TWILIO_ACCOUNT_SID": SANDBOX.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": SANDBOX.twilio_auth_token.get_secret_value(),
            "TWILIO_FROM": SANDBOX.default_sender,
            "TWILIO_BASE_URL": sandbox_url,
        }
        status, told = run(root, "contrapunto", "migrate", **given)
        assert status == 0, told
        log = (tmp_path / "worker.log").open("wb")
        asked = command(root, given, "contrapunto", "worker")
        worker = subprocess.Popen(asked, stdout=log, stderr=log)  # noqa: ASYNC220 - it stays
        try:
            await _ready(f"http://127.0.0.1:{port}/readyz", worker)
            status, told = run(root, "contrapunto", "doctor", "--skip", "webhooks", **given)
            assert status == 0, told
            assert "1 worker for the workflows of collections" in told
            assert "Twilio: the account is active" in told
        finally:
            worker.send_signal(signal.SIGTERM)
            ended = worker.wait(timeout=60)
            temporal.stop()
        assert ended == 0, (tmp_path / "worker.log").read_text("utf-8")


async def _ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    async with httpx.AsyncClient() as http:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if (await http.get(url)).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
    raise AssertionError("the worker is not ready")
