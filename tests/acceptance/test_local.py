"""The local stack as somebody uses it: twice by mistake, and through a pipe that breaks."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.settings import ROOT
from domain.failures import Misconfigured
from lab.local.folder_lock import FolderLock
from lab.local.postgres import LocalPostgres


def wait_for(what: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def dev(folder: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "workers", "dev", "--data", str(folder / "dev"), *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def ready(file: Path) -> dict[str, Any]:
    wait_for(file.exists)
    told: dict[str, Any] = json.loads(file.read_text())
    return told


@pytest.mark.timeout(240)
def test_a_second_stack_in_one_folder_is_refused_and_the_first_one_stands(folder: Path) -> None:
    file = folder / "ready.json"
    with dev(folder, "--only", "servers", "--ready-file", str(file)) as first:
        told = ready(file)
        for words in ((), ("--fresh",)):
            with dev(folder, "--only", "servers", *words) as second:
                said, _ = second.communicate(timeout=60)
                assert second.returncode not in (0, None)
                assert f"process {first.pid}" in said.replace("\n", " ")
                assert told["temporal_ui"] in said.replace("\n", "")
                assert "Traceback" not in said
        time.sleep(1)
        assert first.poll() is None
        assert all(alive(pid) for pid in told["pids"].values())
    assert not any(alive(pid) for pid in told["pids"].values())


@pytest.mark.timeout(240)
def test_what_was_started_is_stopped_when_the_pipe_behind_it_has_gone(folder: Path) -> None:
    """``contrapunto dev | tee log`` and Ctrl-C: the terminal ends tee as well."""
    file, tokens, webhooks = (
        folder / one for one in ("ready.json", "tokens.yaml", "webhooks.yaml")
    )
    digest = hashlib.sha256(b"t" * 32).hexdigest()
    tokens.write_text(f"tokens:\n- {{name: core, sha256: {digest}, roles: [upstream]}}\n", "utf-8")
    webhooks.write_text("feed: [bank]\n", "utf-8")
    given = {"CONTRAPUNTO_API_TOKENS": str(tokens), "CONTRAPUNTO_WEBHOOKS": str(webhooks)}
    with dev(folder, "--ready-file", str(file), **given) as process:
        pids = ready(file)["pids"]
        assert set(pids) == {"postgres", "temporal", "sandbox", "gateway", "worker", "api", "relay"}
        assert process.stdout is not None
        process.stdout.close()
        process.send_signal(signal.SIGINT)
        process.wait(60)
    wait_for(lambda: not any(alive(pid) for pid in pids.values()), 15)


def test_a_server_on_a_cluster_that_is_served_is_refused_and_the_first_one_stands(
    folder: Path,
) -> None:
    first = LocalPostgres(folder / "postgres", durable=False).start()
    try:
        with pytest.raises(Misconfigured, match=f"127.0.0.1:{first.port}"):
            LocalPostgres(folder / "postgres", durable=False).start()
        time.sleep(1)
        assert first.process is not None
        assert first.process.poll() is None
        first.kill()
        first.start()  # what a killed one has left does not stand in the way
    finally:
        first.stop()


def test_a_number_that_another_process_has_now_is_no_server(folder: Path) -> None:
    data = folder / "postgres"
    server = LocalPostgres(data, durable=False).start()
    server.kill()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n")
    server.start()
    server.stop()


def test_a_lock_goes_with_its_holder_and_comes_back(folder: Path) -> None:
    with FolderLock(folder / "a") as held:
        held.tell("process 1, Temporal UI http://127.0.0.1:9")
        with pytest.raises(Misconfigured, match="process 1, Temporal UI"):
            FolderLock(folder / "a").__enter__()
        with FolderLock(folder / "b"):
            pass
    with FolderLock(folder / "a"):
        pass


@pytest.mark.parametrize(
    ("users", "chosen"), [(["root", "nobody"], "nobody"), (["root", "postgres"], "postgres")]
)
def test_as_root_without_useradd_another_user_serves(
    folder: Path, monkeypatch: pytest.MonkeyPatch, users: list[str], chosen: str
) -> None:
    assert _user_among(users, folder, monkeypatch) == chosen


def test_as_root_without_any_other_user_it_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Misconfigured, match="install useradd"):
        _user_among(["root"], folder, monkeypatch)


def _user_among(users: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str | None:
    entries = [_Entry(name, number) for number, name in enumerate(users)]
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("pwd.getpwall", lambda: entries)
    monkeypatch.setenv("PATH", str(folder))
    return LocalPostgres(folder / "postgres")._user()


class _Entry:
    def __init__(self, name: str, number: int) -> None:
        self.pw_name, self.pw_uid = name, number
