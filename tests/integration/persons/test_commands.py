"""The commands as an operator runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.settings import ROOT
from store.database import Pool
from tests.integration.persons.person import add_person
from tests.integration.persons.rows import MAIL, PHONE, SECRET


@pytest.fixture
def run(database_url: str) -> Any:
    def command(*words: str) -> tuple[int, str, str]:
        kept = {name: value for name, value in os.environ.items() if "CONTRAPUNTO" not in name}
        done = subprocess.run(
            [sys.executable, "-m", "workers", "customer", *words],
            env={**kept, "CONTRAPUNTO_DATABASE_URL": database_url, "COLUMNS": "300"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return command


async def test_a_person_is_exported_and_then_erased(pool: Pool, run: Any, tmp_path: Path) -> None:
    await add_person(pool)
    file = tmp_path / "c1.json"
    status, _, said = run("export", "C1", "--out", str(file), "--by", "eva")
    assert (status, "eva exported customer C1" in said) == (0, True), said
    told = json.loads(file.read_text("utf-8"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert PHONE in str(told["tables"]["contact_points"])
    places = {one["where"]: one["todo"] for one in told["elsewhere"]}
    assert "account/bank/A1" in places["Temporal"]
    assert f"{SECRET}.pdf" in places["files that went with messages"]
    assert "twilio (1)" in places["providers"]
    assert run("export", "C1", "--out", str(file))[0] == 2  # it is there

    dry = run("erase", "C1", "--reason", "asked", "--dry-run")
    assert (dry[0], "would be erased" in dry[1]) == (0, True), dry
    again = json.loads(run("export", "C1")[1])["tables"]
    assert len(again.pop("audit")) > len(told["tables"].pop("audit"))  # that it was exported
    assert again == told["tables"]
    status, said, _ = run("erase", "C1", "--reason", "asked")
    assert (status, "customer C1 is erased" in said) == (0, True)
    assert "stops and consents" in said and "Temporal" in said
    again = run("export", "C1")[1]
    assert not any(theirs in again for theirs in (SECRET, PHONE, MAIL))
    status, _, said = run("erase", "C1", "--reason", "asked")
    assert (status, "already" in said) == (2, True)


async def test_nobody_is_neither_exported_nor_erased(run: Any) -> None:
    assert run("export", "C404")[0] == 1
    assert run("erase", "C404", "--reason", "asked", "--json")[0] == 1
