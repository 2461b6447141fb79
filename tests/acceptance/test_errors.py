"""What an operator sees when something is wrong: one clear message, a status, no traceback."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from config.settings import ROOT
from domain.names import COLLECT_ACCOUNT, TASK_QUEUE, workflow_id
from domain.planning.touches import MAX_HELD_TRIES
from lab.builders.intake_files import rows, write_csv
from lab.builders.parts import SANDBOX
from lab.local.postgres import free_port
from lab.local.temporal import LocalTemporal
from lab.sandbox.app import create_app
from lab.sandbox.server import in_thread
from store.database import Pool
from tests.support.rows import add_account, add_customer, attempts
from tests.support.sandbox import ignoring
from workers.connection import fast_client

NOWHERE = "127.0.0.1:1"


def environment(**variables: str) -> dict[str, str]:
    """Nothing but what is needed."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "TEMPORAL_ADDRESS": NOWHERE, "COLUMNS": "400", **variables}


def run(*words: str, **variables: str) -> tuple[int, str]:
    """A command as a process: its exit status, and all it said."""
    done = subprocess.run(
        [sys.executable, "-m", "workers", *words],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def in_words(line: str) -> str:
    """A line for people; of those that processes log, what a person would be told."""
    logged = json.loads(line) if line.startswith("{") else None
    return f"{logged['level']}: {logged['message']}" if logged else line


def clear(status: int, said: str, *words: str) -> None:
    """One message, with these words in it, and no traceback."""
    assert status in (1, 2), said
    assert "Traceback" not in said
    lines = [line for line in said.splitlines() if "no provider is configured" not in line]
    said = "\n".join(map(in_words, lines))
    assert said.startswith("error: "), said
    for word in words:
        assert word in said, said
    assert said.count("\nerror: ") == 0, said


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of what operators edit."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


# --- nothing answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["worker", "gateway"])
def test_without_a_database_url_it_says_which_variable(command: str) -> None:
    status, said = run(command, TWILIO_AUTH_TOKEN="t")
    clear(status, said, "CONTRAPUNTO_DATABASE_URL is not set", "postgresql://")
    assert status == 2


def test_without_postgresql_it_says_where_it_looked_from() -> None:
    status, said = run("ledger", "export", CONTRAPUNTO_DATABASE_URL=f"postgresql://x@{NOWHERE}/y")
    clear(status, said, "PostgreSQL does not answer", "CONTRAPUNTO_DATABASE_URL")
    assert status == 1


def test_without_temporal_it_says_which_address(database_url: str, tmp_path: Path) -> None:
    file = str(write_csv(tmp_path / "portfolio.csv", rows(1)))
    status, said = run("intake", file, CONTRAPUNTO_DATABASE_URL=database_url)
    clear(status, said, f"Temporal does not answer at {NOWHERE}", "TEMPORAL_ADDRESS")
    assert status == 1


@pytest.mark.parametrize("missing", ["PostgreSQL", "Temporal"])
def test_a_worker_waits_for_servers_that_are_not_there_yet_and_says_so(
    database_url: str, missing: str
) -> None:
    url = database_url if missing == "Temporal" else f"postgresql://x@{NOWHERE}/y"
    told = environment(CONTRAPUNTO_DATABASE_URL=url)
    process = subprocess.Popen(
        [sys.executable, "-m", "workers", "worker"],
        cwd=ROOT,
        env=told,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    while "trying again in 2 s" not in said:
        assert process.poll() is None, said
        said += process.stderr.readline()
    assert f"{missing} does not answer" in said
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 143


def test_a_database_that_does_not_exist_is_told_from_one_that_does_not_answer(
    database_url: str,
) -> None:
    missing = database_url.rsplit("/", 1)[0] + "/nowhere"
    status, said = run("worker", CONTRAPUNTO_DATABASE_URL=missing)
    clear(status, said, 'database "nowhere" does not exist', "contrapunto migrate")


def test_what_was_typed_is_told_to_the_letter(database_url: str) -> None:
    status, said = run("account", "show", "[/bold]", CONTRAPUNTO_DATABASE_URL=database_url)
    clear(status, said, "no account '[/bold]' is known")


# --- wrong configuration --------------------------------------------------------------------------


def test_a_setting_that_is_no_number_is_named() -> None:
    status, said = run("worker", CONTRAPUNTO_SMS_PER_SECOND="many")
    clear(status, said, "CONTRAPUNTO_SMS_PER_SECOND")


def test_half_a_provider_is_named() -> None:
    url = f"postgresql://x@{NOWHERE}/y"
    status, said = run("worker", CONTRAPUNTO_DATABASE_URL=url, TWILIO_ACCOUNT_SID="AC1")
    clear(status, said, "TWILIO_")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: [default\n", ("default.yaml", "expected ',' or ']'")),
        (
            "id: default\nversion: 1\nphases:\n"
            "- {name: early, days_past_due: [1, 5], tone: shrill, purposes: [reminder],\n"
            "   cadence: {min_days: 1, max_touches: 1}, channels: {sms: 1}}\n",
            ("default.yaml", "tone"),
        ),
    ],
)
def test_a_strategy_that_breaks_a_rule_is_named(
    rules: Path, text: str, words: tuple[str, ...]
) -> None:
    (rules / "strategies" / "default.yaml").write_text(text, encoding="utf-8")
    url = f"postgresql://x@{NOWHERE}/y"
    status, said = run(
        "worker",
        CONTRAPUNTO_DATABASE_URL=url,
        CONTRAPUNTO_STRATEGIES=str(rules / "strategies"),
    )
    clear(status, said, *words)


def test_a_law_pack_that_breaks_a_rule_is_named(rules: Path) -> None:
    pack = rules / "law" / "co.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace('"19:00"', '"25:00"'), "utf-8")
    url = f"postgresql://x@{NOWHERE}/y"
    status, said = run("worker", CONTRAPUNTO_DATABASE_URL=url, CONTRAPUNTO_LAW=str(rules / "law"))
    clear(status, said, "co.yaml", "co.ley2300.hours")


def test_a_template_that_is_missing_is_found_before_a_message_is_due(rules: Path) -> None:
    (rules / "templates" / "pt" / "reminder.sms.j2").unlink()
    url = f"postgresql://x@{NOWHERE}/y"
    status, said = run(
        "worker", CONTRAPUNTO_DATABASE_URL=url, CONTRAPUNTO_TEMPLATES=str(rules / "templates")
    )
    clear(status, said, "reminder", "sms", "pt")


# --- wrong credentials ----------------------------------------------------------------------------


@pytest.fixture
async def temporal() -> AsyncIterator[LocalTemporal]:
    server = LocalTemporal(None, fast_time=True)
    await server.start()
    yield server
    server.stop()


async def test_wrong_credentials_are_recorded_as_ours_to_mend_and_the_worker_stays_up(
    pool: Pool, database_url: str, temporal: LocalTemporal, tmp_path: Path
) -> None:
    await add_customer(pool, points=(("sms", "mobile", "+573001234567"),))
    due = datetime.now(UTC).date() - timedelta(days=10)
    await add_account(pool, "WRONG", due=due)
    client = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
    skipper = fast_client(client)
    with in_thread(create_app(ignoring())) as sandbox_url:
        variables = environment(
            CONTRAPUNTO_DATABASE_URL=database_url,
            TEMPORAL_ADDRESS=temporal.address,
            TWILIO_ACCOUNT_SID=SANDBOX.twilio_account_sid,
            TWILIO_AUTH_TOKEN="wrong",
            TWILIO_FROM=SANDBOX.default_sender,
            TWILIO_BASE_URL=sandbox_url,
            CONTRAPUNTO_GATEWAY_PORT=str(free_port()),
        )
        log = (tmp_path / "worker.log").open("wb")
        process = subprocess.Popen(  # noqa: ASYNC220 - as anybody would start it
            [sys.executable, "-m", "workers", "worker"],
            cwd=ROOT,
            env=variables,
            stdout=log,
            stderr=log,
        )
        try:
            handle = await skipper.client.start_workflow(
                COLLECT_ACCOUNT,
                {"creditor": "bank", "account_id": "WRONG"},
                id=workflow_id("bank", "WRONG"),
                task_queue=TASK_QUEUE,
            )
            async with asyncio.timeout(60):
                await handle.query("state")  # answered by the worker, once it is up
                await skipper.fast_forward(handle, timedelta(days=9))
            made = await attempts(pool)
            step = await handle.query("next_step")
            assert process.poll() is None, "the worker stays up"
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 30) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            log.close()
    told = {(row["state"], row["refusal"], row["code"]) for row in made}
    assert told == {("refused", "configuration", "20003")}
    # The touch is held for who mends the key, and tried again, ever more seldom, for a week.
    tried = sorted(row["reserved_at"] for row in made)
    assert 1 < len(tried) <= MAX_HELD_TRIES + 1
    # The first wait is ten minutes from the step of the workflow, some milliseconds before the row.
    gaps = [b - a for a, b in pairwise(tried)]
    assert min(gaps) > timedelta(minutes=9), f"no loop: {gaps}"
    assert step["kind"] == "contact"
    assert "Traceback" not in (tmp_path / "worker.log").read_text(encoding="utf-8")
