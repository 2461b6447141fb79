"""The command as an operator types it."""

import asyncio
import csv
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from config.settings import ROOT
from domain.report.figures import COSTS, COUNTED, MONEY, RATES, Dimension, Figure
from domain.report.findings import FindingKind
from store.database import Pool
from store.report.findings import Findings
from tests.integration.api.test_findings import FELL, WEEK
from tests.integration.store.reports.ledger import Book, at
from tests.integration.store.reports.test_by_hand import written

Type = Callable[..., Awaitable["Done"]]
DAYS = ("--from", "2026-11-01", "--to", "2026-11-10")
GUIDE = (ROOT / "docs" / "guide" / "report.md").read_text(encoding="utf-8")


class Done(NamedTuple):
    """What a command said, and its status."""

    status: int
    out: str
    wrong: str


@pytest.fixture
def typed(database_url: str) -> Type:
    """Type words after ``contrapunto report``."""
    environment = {**os.environ, "CONTRAPUNTO_DATABASE_URL": database_url}

    async def type_them(*words: str) -> Done:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workers", "report", *words),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, wrong = await running.communicate()
        return Done(running.returncode or 0, out.decode(), wrong.decode())

    return type_them


async def test_every_form_says_the_same(pool: Pool, typed: Type, tmp_path: Path) -> None:
    await written(pool)
    files = {form: tmp_path / f"report.{form}" for form in ("html", "json", "csv")}
    words = [f"--{form}={file}" for form, file in files.items()]
    by = "--by=" + ",".join(Dimension)
    done = await typed(*DAYS, by, *words)
    assert done.status == 0, done.wrong
    assert "work items of reason dispute are late" in done.out
    told = json.loads(files["json"].read_text("utf-8"))
    assert set(told["by"]) == {one.value for one in Dimension}
    lines = list(csv.DictReader(files["csv"].read_text("utf-8").splitlines()))
    whole = {(one["figure"], one["currency"]): one for one in lines if one["dimension"] == "all"}
    for name in COUNTED:
        assert int(whole[name, ""]["period"]) == told["whole"]["period"]["counts"][name]
        assert int(whole[name, ""]["before"]) == told["whole"]["before"]["counts"][name]
    for name in MONEY:
        amount = told["whole"]["period"]["money"]["COP"].get(name, "0")
        assert whole[name, "COP"]["period"] == amount
    page = files["html"].read_text("utf-8")
    assert "work items of reason dispute are late" in page
    assert "By segment" in page


async def test_the_page_needs_no_script_and_no_connection_and_names_nobody(
    pool: Pool, typed: Type, tmp_path: Path
) -> None:
    await written(pool)
    page = tmp_path / "report.html"
    await typed(*DAYS, f"--html={page}", "--by=creditor")
    text = page.read_text("utf-8")
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?://|\bon\w+=", text)
    assert text.count("<svg") == 10, (
        "contacts a day, hours of four channels, lawful hours of five rows"
    )
    assert "Lawful hours used" in text
    for personal in ("Ana", "C1", "C2", "+57", "A1"):
        assert personal not in text.replace("A1:", ""), personal


async def test_a_name_from_outside_is_no_markup_and_no_formula(
    pool: Pool, typed: Type, tmp_path: Path
) -> None:
    book = Book(pool)
    await book.account("=1+1<b>/A1", "C1")
    await book.attempt("=1+1<b>/A1", "C1", at("05"))
    files = [tmp_path / "report.html", tmp_path / "report.csv"]
    await typed(*DAYS, "--by=creditor", f"--html={files[0]}", f"--csv={files[1]}")
    assert "=1+1&lt;b&gt;" in files[0].read_text("utf-8")
    assert "creditor,'=1+1<b>,contacts,,1,0" in files[1].read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ((), "say --from and --to"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "comes before"),
        (("--from", "2024-11-02", "--to", "2026-11-01"), "400 days at most"),
        ((*DAYS, "--zone", "America/Macondo"), "no time zone"),
        ((*DAYS, "--by", "weather"), "is none of segment, strategy"),
        ((*DAYS, "--html", "/nowhere/at/all.html"), "cannot be written"),
        (("schedule", "--every", "hour", "--at", "06:00"), "is none of day, weekday, week"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    typed: Type, words: tuple[str, ...], rule: str
) -> None:
    done = await typed(*words)
    assert done.status == 2, done.wrong
    assert rule in done.wrong


async def test_findings_are_listed_and_done(pool: Pool, typed: Type) -> None:
    nothing = await typed("findings")
    assert "no finding is open" in nothing.out
    await Findings(pool).keep([FELL], WEEK, at("11"))
    listed = await typed("findings", "--json")
    number = str(json.loads(listed.out)["finding_id"])
    done = await typed("done", number, "--by", "ana")
    assert done.status == 0, done.wrong
    assert "no finding is open" in (await typed("findings")).out


@pytest.mark.parametrize("figures", [COUNTED, RATES, MONEY, COSTS])
def test_the_guide_says_what_each_figure_means(figures: dict[str, Figure]) -> None:
    for one in figures.values():
        assert f"| {one.title} | {one.meaning} |" in GUIDE


@pytest.mark.parametrize("kind", FindingKind)
def test_the_guide_says_when_each_finding_is_told(kind: FindingKind) -> None:
    assert f"`{kind.value}`" in GUIDE
