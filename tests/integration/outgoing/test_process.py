"""The relay as a process: killed in the middle of its work, it has lost nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import yaml

from config.settings import ROOT
from store.database import Pool
from tests.integration.outgoing.conftest import SECRET, Receiver, promise
from tests.integration.outgoing.test_relaying import NO_LANES, until
from tests.support.rows import add_account

ACCOUNTS = range(2, 22)
EACH = 20


def file_for(folder: Path, url: str) -> Path:
    one = {"name": "core", "url": url, "creditors": ["bank"], "secrets": ["env:BANK_SECRET"]}
    file = folder / "webhooks.yaml"
    file.write_text(yaml.safe_dump({"endpoints": [{**one, "private": True}]}), encoding="utf-8")
    return file


@contextmanager
def process(database_url: str, file: Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    given = {
        "CONTRAPUNTO_DATABASE_URL": database_url,
        "CONTRAPUNTO_WEBHOOKS": str(file),
        "BANK_SECRET": SECRET,
    }
    with log.open("ab") as said:
        begun = subprocess.Popen(
            [sys.executable, "-m", "workers", "relay"],
            cwd=ROOT,
            env={**os.environ, **given},
            stdout=said,
            stderr=said,
        )
        try:
            yield begun
        finally:
            begun.kill()
            begun.wait()


async def test_a_relay_that_is_killed_loses_nothing_and_keeps_the_order(
    noted: Pool, database_url: str, receiver: Receiver, tmp_path: Path
) -> None:
    for number in ACCOUNTS:
        await add_account(noted, f"A{number}", due=date(2026, 11, 1))
    for number in range(EACH):
        for account in ACCOUNTS:
            await promise(noted, f"p{number:02}", f"A{account}")
    file, log = file_for(tmp_path, receiver.url), tmp_path / "relay.log"
    with process(database_url, file, log) as first:
        await receiver.until(lambda it: len(it.got) > 30)
        first.kill()
        first.wait()
    assert await noted.fetchval(NO_LANES) > 0, "it was killed in the middle"
    await noted.execute("UPDATE webhook_lanes SET due_at = now()")  # the lease is over
    with process(database_url, file, log) as second:
        await until(noted, "SELECT last FROM event_stream", len(ACCOUNTS) * EACH)
        await until(noted, NO_LANES, 0)
        second.send_signal(signal.SIGTERM)
        assert second.wait(60) == 0, log.read_text(encoding="utf-8")
    for account in ACCOUNTS:
        told = [e.data["promise"] for e in receiver.events if e.account == f"A{account}"]
        firsts = list(dict.fromkeys(told))
        assert firsts == [f"p{number:02}" for number in range(EACH)]
    assert SECRET not in log.read_text(encoding="utf-8")


async def test_the_commands_say_how_endpoints_stand(
    noted: Pool, database_url: str, receiver: Receiver, tmp_path: Path
) -> None:
    file = file_for(tmp_path, receiver.url)

    def said(*words: str) -> tuple[int, str]:
        given = {"CONTRAPUNTO_DATABASE_URL": database_url, "CONTRAPUNTO_WEBHOOKS": str(file)}
        done = subprocess.run(
            [sys.executable, "-m", "workers", "webhooks", *words],
            cwd=ROOT,
            env={**os.environ, **given, "BANK_SECRET": SECRET},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    assert said("check") == (0, f"core: {receiver.url}: bank; 38 types; 1 secrets\nfeed: nobody\n")
    await noted.execute(
        "INSERT INTO webhook_endpoints (endpoint, disabled_at, disabled_why) "
        "VALUES ('core', now(), 'answers 410'), ('former', NULL, NULL)"
    )
    status, words = said("status")
    assert status == 0
    assert "core: disabled (answers 410); 0 accounts wait" in words
    assert "former: not in the file" in words
    assert said("enable", "core")[1] == "core is told again\n"
    assert said("redrive", "--all")[0] == 2, "there has been no event"
    assert said("redrive")[0] == 2
    assert said("send-test", "nobody")[0] == 2
    assert SECRET not in words
