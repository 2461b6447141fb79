"""``contrapunto experiment``: what an operator reads."""

import asyncio
import json
import os
import sys
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from config.settings import ROOT
from lab.local.postgres import LocalPostgres
from store.database import Pool
from tests.integration.store.experiments.test_reading import many, tried

OPEN = {"starts": "2026-01-01", "until": "2199-12-31"}
"""On whatever day the tests are begun, which the command knows nothing of."""


async def contrapunto(postgres: LocalPostgres, folder: Path, *arguments: str) -> tuple[int, str]:
    """A command with this folder of experiments; its exit status and all that it says."""
    settings = {
        "CONTRAPUNTO_DATABASE_URL": postgres.url,
        "CONTRAPUNTO_EXPERIMENTS": str(folder),
        "CONTRAPUNTO_STRATEGIES": str(folder / "strategies"),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers", "experiment", *arguments),
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One experiment, and the two strategies that it names."""
    said = tried(**OPEN).model_dump(mode="json")
    (tmp_path / "gentle.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    own = (ROOT / "config" / "strategies" / "default.yaml").read_text(encoding="utf-8")
    (tmp_path / "strategies").mkdir()
    for name in ("default", "gentle"):
        text = own.replace("id: default", f"id: {name}")
        (tmp_path / "strategies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


async def test_check_says_what_is_tried_and_how_many_people_it_needs(
    postgres: LocalPostgres, folder: Path
) -> None:
    status, said = await contrapunto(postgres, folder, "check")
    assert status == 0, said
    assert "gentle 50.00%: strategy gentle" in said
    assert "four times in five, that gentle is better by 3.0%: " in said


async def test_check_names_what_is_wrong_with_its_line(
    postgres: LocalPostgres, folder: Path
) -> None:
    text = (folder / "gentle.yaml").read_text(encoding="utf-8")
    wrong = text.replace("strategy: gentle", "strategy: unknown").replace("'0.03'", "'3'")
    (folder / "gentle.yaml").write_text(wrong, encoding="utf-8")
    status, said = await contrapunto(postgres, folder, "check")
    assert status != 0
    line = next(n for n, one in enumerate(wrong.splitlines(), 1) if one.startswith("margin"))
    assert f"gentle.yaml, line {line}: margin must be less than 1" in said
    assert "Traceback" not in said


async def test_status_shows_each_arm_for_people_and_for_programs(
    postgres: LocalPostgres, folder: Path, pool: Pool, now: datetime
) -> None:
    assert "nobody has been taken in yet" in (await contrapunto(postgres, folder, "status"))[1]
    await many(pool, "usual", now, 500, 220, stopped=3)
    await many(pool, "gentle", now, 500, 260, stopped=4)
    status, said = await contrapunto(postgres, folder, "status", "gentle-start")
    assert status == 0, said
    assert f"takes people in until {OPEN['until']}" in said
    assert "usual (champion): 500 drawn, 500 count, 44.0%" in said
    assert "not yet: +8.0% against the champion, certainly between -" in said
    assert "opt-outs within 10 days: 4 of 500, 0.80%" in said
    status, said = await contrapunto(postgres, folder, "status", "--json")
    told = json.loads(said)
    [usual, gentle] = told["arms"]
    assert (usual["counted"], gentle["verdict"]) == (500, "not_yet")
    assert gentle["difference"]["low"] < 0.08 < gentle["difference"]["high"]
    status, said = await contrapunto(postgres, folder, "status", "other")
    assert status != 0
    assert "no experiment 'other' is known; known is: gentle-start" in said
