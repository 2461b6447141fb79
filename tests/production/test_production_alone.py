"""A checkout with production's lock alone runs what a deployment runs, and says what it lacks.

It makes a fresh venv (about a minute), so it runs only where it is asked for.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import httpx
import pytest
from typer.main import get_command

from config.settings import ROOT
from lab.builders.intake_files import rows, write_csv
from lab.builders.parts import SANDBOX
from lab.local.postgres import LocalPostgres, free_port
from lab.local.temporal import LocalTemporal
from lab.reference.commands import commands
from lab.sandbox.app import create_app
from lab.sandbox.server import in_thread
from tests.support.imports import ASKS_FOR_MORE, imported, production_files
from tests.support.sandbox import ignoring
from workers.cli.main import app

pytestmark = [
    pytest.mark.skipif(
        "TEST_PRODUCTION" not in os.environ,
        reason="makes a venv of its own: `make test-production`",
    ),
    pytest.mark.timeout(600),
]

NO_DATABASE = "CONTRAPUNTO_DATABASE_URL is not set"
COMMANDS = {
    "--help": (0, "Conducts debt collection"),
    "--version": (0, "contrapunto 0."),
    "config check": (2, NO_DATABASE),
    "config ui": (0, "localStorage"),
    "doctor --skip webhooks": (2, NO_DATABASE),
    "status": (1, NO_DATABASE),
    "worker": (2, NO_DATABASE),
    "maintain": (2, NO_DATABASE),
    "retention plan": (2, NO_DATABASE),
    "retention run": (2, NO_DATABASE),
    "retention hold case-7 --why order --customer C1": (2, NO_DATABASE),
    "retention lift case-7": (2, NO_DATABASE),
    "retention holds": (2, NO_DATABASE),
    "gateway": (2, NO_DATABASE),
    "api": (2, NO_DATABASE),
    "migrate": (2, NO_DATABASE),
    "relay": (2, NO_DATABASE),
    "webhooks check": (0, "nobody is told"),
    "webhooks status": (2, NO_DATABASE),
    "webhooks failed": (2, NO_DATABASE),
    "webhooks redrive --all": (2, NO_DATABASE),
    "webhooks enable core": (2, "no endpoint of the file"),
    "webhooks send-test core": (2, "no endpoint of the file"),
    "audit show": (2, NO_DATABASE),
    "audit verify": (2, NO_DATABASE),
    "audit anchor": (2, NO_DATABASE),
    "bulk plan --kind hold --creditor andino": (2, NO_DATABASE),
    "bulk start --kind cease --creditor andino --reason sold --yes": (2, NO_DATABASE),
    "bulk status": (2, NO_DATABASE),
    "bulk lift 1 --reason back": (2, NO_DATABASE),
    "bulk resume": (2, NO_DATABASE),
    "codec": (2, "names no key"),
    "intake {folder}/accounts.csv": (1, "Temporal"),
    "parties {folder}/accounts.csv": (1, "Temporal"),
    "events {folder}/events.jsonl": (1, "Temporal"),
    "documents {folder}/documents.jsonl": (2, NO_DATABASE),
    "account refused": (2, NO_DATABASE),
    "account show andino/A1": (2, NO_DATABASE),
    "account hold andino/A1 --until 2030-01-01": (2, NO_DATABASE),
    "account resume andino/A1": (2, NO_DATABASE),
    "account plan andino/A1 --number 3 --first 2030-01-01": (2, NO_DATABASE),
    "account promise andino/A1 --amount 5 --date 2030-01-01": (2, NO_DATABASE),
    "account cancel-plan andino/A1": (2, NO_DATABASE),
    "account dispute andino/A1 --reason amount": (2, NO_DATABASE),
    "account resolve-dispute andino/A1 --outcome against": (2, NO_DATABASE),
    "account hardship andino/A1 --reason job_loss": (2, NO_DATABASE),
    "account extend-hardship andino/A1 --review 2030-01-01": (2, NO_DATABASE),
    "account end-hardship andino/A1": (2, NO_DATABASE),
    "account settlement offer andino/A1 --discount 20 --role agent": (2, NO_DATABASE),
    "account settlement approve andino/A1 s1 --role supervisor": (2, NO_DATABASE),
    "account settlement decline andino/A1 s1 --role supervisor": (2, NO_DATABASE),
    "account settlement accept andino/A1 s1 --how call": (2, NO_DATABASE),
    "account settlement withdraw andino/A1": (2, NO_DATABASE),
    "account close andino/A1": (2, NO_DATABASE),
    "account overdue": (2, NO_DATABASE),
    "account start --missing": (1, "Temporal"),
    "customer show C1": (2, NO_DATABASE),
    "customer timeline C1": (2, NO_DATABASE),
    "customer prefer C1 --channel sms": (1, "Temporal"),
    "customer vulnerable C1": (1, "Temporal"),
    "customer export C1": (2, NO_DATABASE),
    "customer erase C1 --reason asked": (2, NO_DATABASE),
    "database roles": (0, "CREATE ROLE"),
    "database grants --apply": (2, NO_DATABASE),
    "ledger export": (2, NO_DATABASE),
    "ledger decider 3fa2": (2, NO_DATABASE),
    "ledger unknown": (2, NO_DATABASE),
    "ledger settle 5d0c --refused --note none": (1, "Temporal"),
    "ledger resume --note compared": (1, "Temporal"),
    "restore status": (1, "Temporal"),
    "restore hold --reason r": (2, NO_DATABASE),
    "restore reconcile": (1, "Temporal"),
    "restore lift --reason r": (1, "Temporal"),
    "law explain andino/A1": (2, NO_DATABASE),
    "law week --jurisdiction US --jurisdiction US-MA --from 2026-11-02": (0, "2026"),
    "law check": (0, ""),
    "inbound check": (0, ""),
    "inbound list": (2, NO_DATABASE),
    "inbound correct twilio/SM1 --intents stop": (2, NO_DATABASE),
    "inbound export": (2, NO_DATABASE),
    "simulate {folder}/portfolio.csv --days 1 --cores 1": (0, "nothing of real debtors"),
    "simulate --live --days 1": (2, NO_DATABASE),
    "report --from 2026-11-01 --to 2026-11-30": (2, NO_DATABASE),
    "report schedule --at 06:00": (1, "Temporal"),
    "report findings": (2, NO_DATABASE),
    "report done 1": (2, NO_DATABASE),
    "strategy diff default default": (0, "both do the same"),
    "strategy check": (0, "nothing is wrong"),
    "strategy who": (2, NO_DATABASE),
    "strategy preview andino/A1": (2, NO_DATABASE),
    "experiment check": (0, "no experiment in"),
    "experiment status": (2, NO_DATABASE),
    "experiment evaluate": (2, NO_DATABASE),
    "learn key": (0, "CONTRAPUNTO_POLICY_KEYS="),
    "learn rows": (2, NO_DATABASE),
    "learn fit --out {folder}/p.json": (2, NO_DATABASE),
    "learn sign {folder}/none.json": (2, "cannot be read"),
    "learn show latam": (1, "there is none"),
    "learn evaluate latam": (1, "there is none"),
    "learn score fit {folder}/accounts.csv --mapping m.yaml --out s.json": (2, "learn.lock"),
    "learn score apply {folder}/accounts.csv --model s.json --out o.csv": (2, "cannot be read"),
    "work list": (2, NO_DATABASE),
    "work show 1": (2, NO_DATABASE),
    "work claim 1": (2, NO_DATABASE),
    "work release 1": (2, NO_DATABASE),
    "work done 1 --outcome handled": (1, "Temporal"),
    "work may-call 1": (2, NO_DATABASE),
    "contact may andino/A1": (2, NO_DATABASE),
    "contact begin andino/A1 --by ana": (1, "Temporal"),
    "contact end c1 --result no_answer": (1, "Temporal"),
    "contact record andino/A1 --result busy --at 2026-11-20T10:00:00-05:00": (1, "Temporal"),
    "contact list": (2, NO_DATABASE),
    "contact message andino/A1 --channel sms --template reminder": (1, "Temporal"),
    "contact show m1": (1, "Temporal"),
    "rollout build-id": (0, ""),
    "rollout status": (2, "TEMPORAL_DEPLOYMENT_NAME"),
    "rollout plan --deployment d": (1, "Temporal"),
    "rollout replay": (1, "Temporal"),
    "rollout ramp abc 10 --deployment d": (1, "Temporal"),
    "rollout set abc --deployment d": (1, "Temporal"),
    "rollout release abc --deployment d": (1, "Temporal"),
    "rollout drain abc --deployment d": (1, "Temporal"),
    "law docs --folder {folder}": (0, "files written"),
    "demo": (2, "requirements/local.lock"),
    "dev": (2, "requirements/local.lock"),
    "sandbox": (2, "requirements/local.lock"),
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a venv with production's lock and nothing else."""
    venv = tmp_path_factory.mktemp("production") / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    lock = ROOT / "requirements" / "production.lock"
    install = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*install, "-r", str(lock)], check=True)
    return Path(venv, "bin", "python")


def environment(**variables: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "TEMPORAL_ADDRESS": "127.0.0.1:1", "COLUMNS": "400", **variables}


def run(python: Path, *words: str, given: str = "", **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [python, *words],
        cwd=ROOT,
        env=environment(**variables),
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_module_that_production_imports_is_there(python: Path) -> None:
    files = (path for path in production_files() if path != ASKS_FOR_MORE)
    wanted = sorted({name for path in files for name in imported(path)})
    ask = (
        "import sys, json, importlib.util\n"
        "names = json.load(sys.stdin)\n"
        "print(json.dumps([n for n in names if importlib.util.find_spec(n) is None]))"
    )
    status, said = run(python, "-c", ask, given=json.dumps(wanted))
    assert (status, said.strip()) == (0, "[]")


def test_no_command_is_left_out() -> None:
    known = {name.removeprefix("contrapunto ") for name, _ in commands(get_command(app))}
    assert {
        name for name in known if not any(f"{one} ".startswith(f"{name} ") for one in COMMANDS)
    } == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_a_deployment_runs(python: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "accounts.csv").write_text("", encoding="utf-8")
    write_csv(tmp_path / "portfolio.csv", rows(2))
    (tmp_path / "events.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "documents.jsonl").write_text("", encoding="utf-8")
    status, words = COMMANDS[command]
    done, said = run(python, "-m", "workers", *command.format(folder=tmp_path).split())
    assert done == status, said
    assert words in said
    assert "Traceback" not in said
    assert "unexpected" not in said
    if "lock" in words:
        assert said.count("\n") == 1, "one line says which lock to install"


async def test_a_deployment_takes_a_file_in_and_starts_its_accounts(
    python: Path, postgres: LocalPostgres, tmp_path: Path
) -> None:
    """Migrate, gateway, worker and intake as processes of production's lock, on real servers."""
    server = await asyncpg.connect(postgres.url)
    await server.execute("CREATE DATABASE production_alone")
    await server.close()
    temporal = LocalTemporal(None)
    port = free_port()
    with in_thread(create_app(ignoring())) as sandbox_url:
        given = {
            "CONTRAPUNTO_DATABASE_URL": postgres.database_url("production_alone"),
            "CONTRAPUNTO_GATEWAY_PORT": str(port),
            "TEMPORAL_ADDRESS": temporal.address,
            "TWILIO_ACCOUNT_SID": SANDBOX.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": SANDBOX.twilio_auth_token.get_secret_value(),
            "TWILIO_FROM": SANDBOX.default_sender,
            "TWILIO_BASE_URL": sandbox_url,
        }
        await temporal.start()
        processes: list[subprocess.Popen[bytes]] = []
        try:
            assert run(python, "-m", "workers", "migrate", **given)[0] == 0
            for name in ("worker", "gateway"):
                processes.append(started(python, name, tmp_path / f"{name}.log", given))
            for name, sign in (("worker", "worker ready"), ("gateway", "startup complete")):
                await said_in(tmp_path / f"{name}.log", sign)
            async with httpx.AsyncClient() as http:
                assert (await http.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
            file = write_csv(tmp_path / "accounts.csv", rows(3))
            status, said = run(python, "-m", "workers", "intake", str(file), **given)
            assert status == 0, said
            status, said = run(
                python, "-m", "workers", "account", "show", "banco-andino/A1", **given
            )
            assert status == 0, said
        finally:
            for process in processes:
                process.terminate()
            ended = [process.wait(timeout=30) for process in processes]
            temporal.stop()
        assert ended == [0, 0]


def started(
    python: Path, name: str, log: Path, given: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [python, "-m", "workers", name],
            cwd=ROOT,
            env=environment(**given),
            stdout=out,
            stderr=out,
        )


async def said_in(log: Path, words: str) -> None:
    for _ in range(600):
        if words in log.read_text(encoding="utf-8"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))
