"""The demo as a user runs it, with its worker killed on the way, judged by its record alone."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import ROOT
from lab.demo.desk import CLERK
from lab.proof.record import read_lines
from lab.proof.verdict import prove_folder


def wait_for(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.2)


@pytest.fixture
def folder(folder: Path) -> Path:
    """Of the demo, which makes it."""
    return folder / "demo"


@pytest.mark.timeout(400)
def test_a_demo_whose_worker_is_killed_contacts_nobody_unlawfully_or_twice(folder: Path) -> None:
    command = [sys.executable, "-m", "workers", "demo", "--accounts", "20", "--days", "70"]
    process = subprocess.Popen(
        [*command, "--folder", str(folder), "--seed", "3"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        received = folder / "received.jsonl"
        wait_for(lambda: received.exists() and len(received.read_text().splitlines()) > 3, 150)
        pids = json.loads((folder / "ready.json").read_text())["pids"]
        os.kill(pids["worker"], signal.SIGKILL)
        said, _ = process.communicate(timeout=240)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
    assert process.returncode == 0, said
    assert "worker died" in said

    proof = prove_folder(folder)
    assert proof.holds, [violation for check in proof.checks for violation in check.violations]
    ledger, record = read_lines(folder / "ledger.jsonl"), read_lines(received)
    assert len(record) > 10
    used = {row["channel"] for row in record}
    assert {"sms", "email"} <= used <= {"sms", "email", "whatsapp", "voice"}
    assert len({row["attempt"] for row in record if row.get("reached", True)}) == len(record)
    accounts = read_lines(folder / "accounts.jsonl")
    assert len(accounts) == 20
    assert all(row["status"] == "open" or row["close_reason"] for row in accounts)
    assert {row["attempt_id"] for row in ledger} >= {row["attempt"] for row in record}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert len(page) > 10_000
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["proof"]["holds"]

    # Customers wrote, were answered, and were handed to a person; one conversation is shown whole.
    talk = page[page.index('id="h-talk"') : page.index('id="h-life"')]
    assert re.search("One conversation across (three|four) channels", talk)
    assert {"SMS", "E-mail", "WhatsApp"} <= set(re.findall("</span><b>([^<]+)</b>", talk))
    assert re.search('<blockquote lang="(en|es|pt)">', talk)
    said = summary["conversations"]
    assert said["messages"] > 10
    assert said["answered"]["count"] > 0
    assert any(row["done_by"] == CLERK for row in read_lines(folder / "work.jsonl"))
    with (folder / "portfolio.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert not row["email"] or row["email"] not in page
            assert not row["mobile"] or row["mobile"] not in page
