"""A mapped file goes through the same doors as a file in our own columns."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from config.intake.mapping_files import load_mapping
from config.settings import ROOT
from domain.entry.mapping.model import FileMapping
from domain.segments.attributes import ALWAYS
from lab.builders.intake_files import rows
from tests.integration.intake.desk import Desk
from workers.intake.command import intake
from workers.intake.mapping.mapped import MappedFile
from workers.intake.report import IntakeReport

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
SAMPLE = ROOT / "docs" / "samples" / "cartera-colombia.csv"
BY = load_mapping(ROOT / "config" / "intake" / "cartera-colombia.yaml")


async def take(
    desk: Desk, path: Path, by: FileMapping | None, *, check: bool = False, **more: Any
) -> IntakeReport:
    return await intake(
        path,
        as_of=AT,
        snapshot=more.pop("snapshot", False),
        pool=desk.pool,
        starter=None if check else desk.starter,
        console=Console(file=io.StringIO()),
        rejects_path=desk.folder / "rejects.csv",
        reading=None if by is None else MappedFile(path, by, ALWAYS),
        **more,
    )


async def test_a_mapped_file_is_taken_in_and_again_changes_nothing(desk: Desk) -> None:
    report = await take(desk, SAMPLE, BY)
    assert (report.read, report.refused, report.added, report.started) == (3, 0, 3, 3)
    account = await desk.account("0012345")
    assert (str(account["balance"]), str(account["oldest_due_date"])) == (
        "1250000.50",
        "2026-11-01",
    )
    assert ("sms", "+573001234567") in await desk.points("C-52001")
    again = await take(desk, SAMPLE, BY)
    assert (again.added, again.updated, again.run_id) == (0, 0, report.run_id)


async def test_a_check_says_what_the_run_says_and_keeps_nothing(desk: Desk) -> None:
    bad = desk.folder / "bad.csv"
    text = SAMPLE.read_bytes().decode("windows-1252")
    text = text.replace("48.000", "48,000.00").replace("30/09/2026", "30/09/2026")
    bad.write_bytes(text.replace("TOTAL", "0012345;C-9;;;1;01/11/2026;;;\nTOTAL").encode("cp1252"))
    checked = await take(desk, bad, BY, check=True)
    told = (desk.folder / "rejects.csv").read_text(encoding="utf-8")
    assert checked.checked and checked.refused and not desk.starter.calls
    for table in ("accounts", "customers", "intake_runs", "intake_pending", "contact_points"):
        assert await desk.count(table) == 0
    done = await take(desk, bad, BY)
    assert (done.read, done.refused) == (checked.read, checked.refused)
    assert (desk.folder / "rejects.csv").read_text(encoding="utf-8") == told
    assert "nothing is kept" in checked.lines()[0]


@pytest.mark.parametrize("snapshot", [False, True])
async def test_a_check_of_our_own_columns_keeps_nothing_either(desk: Desk, snapshot: bool) -> None:
    await desk.take(rows(3))
    before = await desk.account("A1"), await desk.count("accounts"), await desk.count("intake_runs")
    calls = list(desk.starter.calls)
    path = desk.file(rows(2))
    report = await take(desk, path, None, check=True, snapshot=snapshot)
    assert report.recalled == (1 if snapshot else 0)
    after = await desk.account("A1"), await desk.count("accounts"), await desk.count("intake_runs")
    assert before == after and desk.starter.calls == calls


async def test_a_snapshot_with_a_row_that_cannot_be_read_recalls_nothing(desk: Desk) -> None:
    await take(desk, SAMPLE, BY)
    text = SAMPLE.read_bytes().decode("windows-1252")
    cut = desk.folder / "cut.csv"
    kept = [line for line in text.splitlines() if "0012347" not in line]
    cut.write_bytes(("\r\n".join(kept).replace("0012346;", '"0012346;') + "\r\n").encode("cp1252"))
    report = await take(desk, cut, BY, snapshot=True)
    assert report.recalled == 0 and "do not say which account" in str(report.recall_refused)


async def test_another_mapping_of_one_file_is_another_file(desk: Desk) -> None:
    first = await take(desk, SAMPLE, BY, check=True)
    other = BY.model_copy(update={"phones": "MX"})
    assert (await take(desk, SAMPLE, other, check=True)).run_id != first.run_id
